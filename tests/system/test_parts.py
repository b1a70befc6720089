# SPDX-License-Identifier: MIT
"""User parts while another core writes into them: what is loaded is what was checked."""

from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "parts.c"


def test_D22_D45_parts__scribbled_while_loaded(machine):
    """Of two cores, one loads and saves 10,000 times or more, the other writes allowed and forbidden values into the record."""
    shell = machine(topology="1x2", add=[str(PROGRAM)])
    result = shell.command("run parts")
    assert result.status == 0, result.output
    assert shell.command("audit").status == 0
