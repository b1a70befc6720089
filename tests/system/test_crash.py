# SPDX-License-Identifier: MIT
"""Programs that crash: the report says why and where, and the system goes on."""

import pytest

# Kind of crash: the cause that the report must name.
CAUSES = {
    "pagefault": "PAGE",
    "jump": "PAGE",
    "undefined": "UNDEFINED",
    "divide": "DIVIDE",
    "privileged": "PROTECTION",
    "umip": "PROTECTION",
    "stack": "PAGE",
    "kernel": "PAGE",
}


@pytest.fixture
def shell(machine):
    return machine(topology="2x2")


def check_goes_on(shell) -> None:
    assert shell.command("run hello").status == 0
    assert shell.command("audit").status == 0


@pytest.mark.parametrize("kind", CAUSES)
def test_crash__is_reported_and_the_system_goes_on(shell, constants, kind):
    result = shell.command(f"run crash {kind}")
    assert result.status != 0
    fault = shell.wait_record("fault")
    assert constants.FaultCause(fault["cause"]).name == CAUSES[kind]
    assert isinstance(fault["address"], int) and isinstance(fault["ip"], int)
    check_goes_on(shell)


def test_crash__page_fault_names_the_address_it_touched(shell):
    shell.command("run crash kernel")
    assert shell.wait_record("fault")["address"] >> 47 != 0


def test_crash__bad_jump_is_where_it_jumped_to(shell):
    shell.command("run crash jump")
    fault = shell.wait_record("fault")
    assert fault["address"] == fault["ip"]


def test_crash__mapped_kernel_memory_is_protected(shell):
    shell.command("run crash kernel")
    assert shell.wait_record("fault")["code"] == 5, "a protection fault in user mode, not an absent page"


def test_crash__registers_are_shown(shell, constants):
    output = shell.command("run crash pagefault").output
    assert [r.name for r in constants.Register if r.name.lower() not in output.lower()] == []


def test_crash__bad_arguments_are_errors_not_faults(shell):
    """The kernel refuses each bad call with its exact error; the program compares and ends with 0."""
    assert shell.command("run crash syscall").status == 0
    check_goes_on(shell)
    assert "fault" not in [record["type"] for record in shell.records]


def test_crash__unknown_kind(shell):
    assert shell.command("run crash nonsense").status != 0


def test_crash__on_another_cluster(shell):
    assert shell.command("on 1 run crash pagefault").status != 0
    assert shell.command("on 1 run hello").status == 0
    check_goes_on(shell)


def test_crash__all_kinds_one_after_the_other(shell):
    for kind in CAUSES:
        assert shell.command(f"run crash {kind}").status != 0
    check_goes_on(shell)
