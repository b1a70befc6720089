# SPDX-License-Identifier: MIT
"""Interrupt lines of a real device, served by a program: level-triggered ones, and how they differ from edges."""

from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "programs" / "level.c"


@pytest.mark.parametrize("topology", ["1x1", "2x2"])
def test_level__held_until_served_masked_until_acknowledged(machine, topology):
    m = machine(topology=topology, append="root=bin/level", add=[str(PROGRAM)], ready=False)
    assert m.wait_exit().name == "PASS", m.console.decode()
