# SPDX-License-Identifier: MIT
"""Readable capabilities: a program finds its own capability table in its address space, and can do nothing but read it."""

import pytest

VIEWS = 0x3FEC0000  # R4_PROGRAM_VIEWS
PAGE = 4096
USER_STORE = 0b00111  # present, write, user
USER_FETCH = 0b10101  # present, user, instruction fetch


@pytest.fixture
def shell(machine):
    return machine(topology="2x2")


@pytest.mark.parametrize("where", ["", "on 1 "])
@pytest.mark.parametrize("kind, code", [("view", USER_STORE), ("viewjump", USER_FETCH)])
def test_P28_views_fault_unless_they_are_read(shell, constants, where, kind, code):
    assert shell.command(f"{where}run crash {kind}").status != 0
    fault = shell.wait_record("fault")
    assert constants.FaultCause(fault["cause"]).name == "PAGE"
    assert fault["code"] == code
    assert VIEWS <= fault["address"] < VIEWS + PAGE
    assert shell.command("run hello").status == 0
    assert shell.command(where + "audit").status == 0


@pytest.mark.parametrize("topology", ["1x1", "1x4"])
def test_D1_view_is_what_the_kernel_says_while_the_table_changes(machine, topology):
    """syscheck compares all views with cap_table_identify after each change; a second thread watches one."""
    result = machine(topology=topology).command("run syscheck")
    assert (result.status, result.output.endswith(" 0 wrong\n")) == (0, True), result.output


def calls(shell) -> int:
    row = next(line for line in shell.command("counters").output.splitlines() if line.startswith("calls "))
    return sum(int(word) for word in row.split() if word.isdigit())


def test_D1_caps_reads_its_table_without_calls(machine):
    """Looking through the whole table for one capability costs a few calls, for its line, and none for a slot."""
    shell = machine(topology="1x1")
    assert int(shell.command("caps").output.split()[-2]) > 4000, "slots in the table"
    start = calls(shell)
    shell.command("caps nothing_of_this_name")
    without = calls(shell)
    assert shell.command("caps monitor").output.count("MONITOR") == 1
    looked = calls(shell) - without
    assert looked < without - start + 1000
