# SPDX-License-Identifier: MIT
"""No kernel entry is long: the longest stretch with interrupts off, in instructions."""

from pathlib import Path

BOUND = 20_000
PROGRAM = Path(__file__).parent / "programs" / "bounds.c"


def test_bounds__longest_stretch_with_interrupts_off(machine):
    shell = machine(topology="1x2", icount=True, add=[str(PROGRAM)])
    result = shell.command("run bounds")
    assert result.status == 0, result.output
    counters = shell.command("counters").output
    row = next(line.split() for line in counters.splitlines() if line.startswith("longest_irqs_off"))
    cycles = [int(word) for word in row if word.isdigit()]
    assert len(cycles) == 2
    assert 0 < max(cycles) <= BOUND, counters
