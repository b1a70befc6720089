# SPDX-License-Identifier: MIT
"""The kernel's protections of itself: each planted violation (`plant=NAME`) must end in a panic that says what stopped it."""

import re

import pytest

PAGE_FAULT = 14
DOUBLE_FAULT = 8
PRESENT, WRITE, USER, FETCH = 1, 2, 4, 16

# name: exception, page-fault error code
PLANTS = {
    "write-text": (PAGE_FAULT, PRESENT | WRITE),
    "write-rodata": (PAGE_FAULT, PRESENT | WRITE),
    "run-data": (PAGE_FAULT, PRESENT | FETCH),
    "read-user": (PAGE_FAULT, PRESENT),
    "run-user": (PAGE_FAULT, PRESENT | FETCH),
    "read-foreign": (PAGE_FAULT, 0),
    "overflow-stack": (DOUBLE_FAULT, 0),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_protections__violation_is_stopped(boot_script, plant):
    run = boot_script("echo unreachable\n", append=f"plant={plant}")
    assert run.verdict.name == "PANIC"
    vector, code = PLANTS[plant]
    said = re.search(r"exception (\d+) in kernel mode, .* code 0x([0-9a-f]+)", run.console.decode())
    assert said and (int(said[1]), int(said[2], 16)) == (vector, code)
    assert [record["type"] for record in run.records] == ["panic"]


@pytest.mark.parametrize(
    "plant, message",
    [
        ("foreign-core", "state of a cluster lies in memory that it does not own"),
        ("foreign-granule", "the kernel of a cluster sees memory that the cluster does not own"),
    ],
)
def test_protections__a_foreign_frame_ends_the_boot(boot_script, plant, message):
    run = boot_script("echo unreachable\n", append=f"plant={plant}")
    assert run.verdict.name == "BOOT"
    assert message in run.console.decode()


def test_protections__unknown_plant_is_refused(boot_script):
    run = boot_script("echo unreachable\n", append="plant=nothing-like-it")
    assert run.verdict.name == "BOOT"
    assert "nothing-like-it" in run.console.decode()
