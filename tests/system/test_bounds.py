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


def longest(counters: str) -> list[int]:
    row = next(line.split() for line in counters.splitlines() if line.startswith("longest_irqs_off"))
    return [int(word) for word in row if word.isdigit()]


def test_bounds__the_longest_calls_that_there_are(machine):
    shell = machine(topology="1x2", icount=True, add=[str(PROGRAM)])
    result = shell.command("run bounds")
    assert result.status == 0, result.output
    cycles = longest(shell.command("counters").output)
    assert len(cycles) == 2
    assert 0 < max(cycles) <= BOUND, cycles


def test_bounds__every_program_of_the_suite(boot_script, thread_mode):
    """Its serial ports go to files: where the console is a socket, time passes at an access to the port."""
    if thread_mode == "multi":
        pytest.skip("-icount always runs all cores in one thread")
    script = "".join(f"{line}\ncounters\n" for line in EVERYTHING)
    commands = boot_script(script, topology="1x1", icount=True, append="slice_us=100").commands
    assert [c["line"] for c in commands[::2]] == EVERYTHING, commands[-1]
    for command, counters in zip(commands[::2], commands[1::2], strict=True):
        assert command["status"] == 0, command
        assert 0 < max(longest(counters["output"])) <= BOUND, command["line"]
