# SPDX-License-Identifier: MIT
"""No kernel entry is long: the longest stretch with interrupts off, in instructions."""

from pathlib import Path

import pytest

BOUND = 20_000
PROGRAM = Path(__file__).parent / "programs" / "bounds.c"

# What the suite runs, in short; programs whose cores race have more cores elsewhere, where the count
# of one is also that of the others.
EVERYTHING = [
    "run hello",
    "run fpu",
    "run spin 20 3",
    "run syscheck",
    "run stress 20",
    "run proxycheck",
    "run churn 20000",
    "run proxy-chain 4",
    "run proxy-vs-copy",
    "run proxy-storm 2 200",
    "run revoke-tree 1000",
    "proxy demo",
    "proxies",
    "resolve w0",
    "proxy undo",
    "caps",
    "derive 1",
    "threads",
    "mem",
    "trace on",
    "trace dump 10",
]
FAULTS = ["run crash divide", "run crash stack", "run crash pagefault"]


def longest(shell) -> list[int]:
    row = shell.command("counters longest_irqs_off").output.split()
    return [int(word) for word in row if word.isdigit()]


def test_bounds__the_longest_calls_that_there_are(machine):
    shell = machine(topology="1x2", icount=True, add=[str(PROGRAM)])
    result = shell.command("run bounds")
    assert result.status == 0, result.output
    cycles = longest(shell)
    assert len(cycles) == 2
    assert 0 < max(cycles) <= BOUND, cycles


def test_bounds__every_program_of_the_suite(machine, thread_mode):
    if thread_mode == "multi":
        pytest.skip("-icount always runs all cores in one thread")
    shell = machine(topology="1x1", icount=True, append="slice_us=100")
    for line in EVERYTHING:
        result = shell.command(line)
        assert result.status == 0, result.output
        assert 0 < max(longest(shell)) <= BOUND, line
    for line in FAULTS:
        assert shell.command(line).status > 127
        assert 0 < max(longest(shell)) <= BOUND, line


@pytest.mark.parametrize("cores", [8, 16])
def test_bounds__a_revoke_of_what_all_cores_have_mapped(machine, cores):
    """The count of one core is also that of those that it asks. Others have waited for the lock behind each other."""
    shell = machine(topology=f"1x{cores}", icount=True, add=[str(PROGRAM.parent / "bounds_cores.c")])
    result = shell.command("run bounds_cores")
    assert result.status == 0, result.output
    cycles = longest(shell)
    own = int(result.output.split()[-1])
    assert 0 < cycles[own] <= BOUND, cycles
    assert max(cycles) <= cores * BOUND, cycles


def test_P19_bounds__a_core_waits_for_each_other_core_at_most_once(machine):
    """The lock is first come, first served: all that wait count, and the one that works (docs/locking.md)."""
    cores = 8
    shell = machine(topology=f"1x{cores}", icount=True, add_lab=[str(PROGRAM.parent / "lock_wait.c")])
    result = shell.command("run lock_wait")
    assert result.status == 0, result.output
    cycles = longest(shell)
    assert BOUND < max(cycles) <= cores * BOUND, cycles
