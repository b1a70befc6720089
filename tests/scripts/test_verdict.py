# SPDX-License-Identifier: MIT
"""r4lib/verdict.py: which end of QEMU means what. The fake ABI has other numbers than R4's."""

import pytest
from r4lib import abi, verdict
from r4lib.problem import Problem


@pytest.fixture
def judge(fake_build):
    module = abi.load(fake_build.abi)
    return lambda status, *records: verdict.judge(module, status, list(records))


def test_judge__pass(judge):
    result = judge(2 * 0x20 + 1)
    assert result == verdict.Verdict("PASS", 0, "Passed.")
    assert result.passed


def test_judge__fail_without_a_record_keeps_qemus_status(judge):
    assert judge(2 * 0x21 + 1).status == 2 * 0x21 + 1


def test_judge__fail_with_its_commands_status(judge):
    result = judge(2 * 0x21 + 1, {"type": "exit", "status": 7})
    assert (result.name, result.status) == ("FAIL", 7)


@pytest.mark.parametrize("status", [0, -1, 256, "7", None])
def test_judge__fail_is_never_a_pass(judge, status):
    assert judge(2 * 0x21 + 1, {"type": "exit", "status": status}).status == 2 * 0x21 + 1


def test_judge__pass_that_contradicts_its_record_fails(judge):
    assert judge(2 * 0x20 + 1, {"type": "exit", "status": 7}).status == 7


def test_judge__panic_says_where(judge):
    panic = {"type": "panic", "where": "a.c:1", "what": "b"}
    result = judge(2 * 0x22 + 1, {"type": "exit", "status": 0}, panic)
    assert (result.name, result.status) == ("PANIC", 2 * 0x22 + 1)
    assert result.sentence == "Panicked. a.c:1: b"


def test_judge__status_zero_is_a_reset(judge):
    result = judge(0, {"type": "exit", "status": 0})
    assert (result.name, result.status, result.passed) == ("RESET", 3, False)


@pytest.mark.parametrize("status", [1, 2, 33, -11])
def test_judge__other_ends_are_qemus(judge, status):
    result = judge(status)
    assert (result.name, result.passed) == ("QEMU", False)


def test_load__needs_a_build(tmp_path):
    with pytest.raises(Problem, match="build first"):
        abi.load(tmp_path / "r4_abi.py")


def test_has_triple_fault(tmp_path):
    log = tmp_path / "log"
    assert not verdict.has_triple_fault(log)
    log.write_text("CPU Reset (CPU 0)\n")
    assert not verdict.has_triple_fault(log)
    log.write_text("CPU Reset (CPU 0)\nTriple fault\n")
    assert verdict.has_triple_fault(log)
