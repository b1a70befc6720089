# SPDX-License-Identifier: MIT
"""The build whose kernel checks itself for undefined behaviour: a check that fails is a panic that
says which. That nothing else fails is shown by the other tests, run on this build."""

import pytest

IMAGE = "r4-undefined.elf"


@pytest.fixture(autouse=True)
def ubsan_build(build):
    if not (build.dir / IMAGE).is_file():
        pytest.skip("this build's kernel does not check for undefined behaviour (preset ubsan)")


def test_ubsan__planted_bug_panics_and_is_named(machine):
    m = machine(topology="1x1", kernel=IMAGE, ready=False)
    end = m.wait_exit()
    assert end.name == "PANIC"
    assert "undefined behaviour: shift out of bounds in kernel mode" in end.sentence


def test_ubsan__kernel_without_it_passes(machine):
    m = machine(topology="1x1")
    m.type("quit")
    assert m.wait_exit().name == "PASS"
