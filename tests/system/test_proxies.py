# SPDX-License-Identifier: MIT
"""Proxies on the machine: program proxycheck, whose races must show each of their outcomes."""

import re

import pytest

def free_memory(shell) -> list[str]:
    """What the root task has left: memory and slots."""
    return [line for line in shell.command("mem").output.splitlines() if line.startswith(("free", "slots"))]


def run(machine, line: str, **settings) -> str:
    shell = machine(**settings)
    shell.command("run hello")
    before = free_memory(shell)
    result = shell.command(line)
    assert (result.status, result.output.endswith(" 0 wrong\n")) == (0, True), result.output
    assert shell.command("audit").status == 0
    assert free_memory(shell) == before
    return result.output


def both(output: str, race: str, pattern: str) -> None:
    """The line of a race, with two outcomes that were both seen."""
    found = re.search(f"^{race}: {pattern}", output, re.MULTILINE)
    assert found, output
    assert all(int(count) > 0 for count in found.groups()), found[0]


def test_D2_D6_D8_D9_D10_D11_P1_P2_P4_P5_P6_P8_P17_P18_P20_P23__every_result_is_exact(machine):
    """On one core, where there are no races."""
    output = run(machine, "run proxycheck", topology="1x1")
    assert "no races" in output


def test_D4_D24__pages_of_1_GiB_are_marked_and_unmarked(machine):
    output = run(machine, "run -m 1024 proxycheck", topology="1x1", memory=2560)
    assert "a page of 1 GiB was marked" in output


@pytest.mark.parametrize("where", ["", "on 1 "])
def test_P11_P13_P14_P16_P25_P26__each_outcome_of_a_race_is_seen(machine, thread_mode, where):
    if thread_mode == "single":
        pytest.skip("one host thread runs the cores by turns: a race need not show both of its outcomes")
    output = run(machine, f"{where}run proxycheck", topology="2x2")
    both(output, "once", r"\d+ rounds, this core (\d+), the other (\d+)")
    both(output, "flips", r"10000000, seen (\d+) and (\d+) times")
    both(output, "fence", r"(\d+) signals tried, (\d+) refused")
    both(output, "unmap", r"(\d+) done, (\d+) refused")
    both(output, "un-grant and link", r"(\d+) done, (\d+) refused")
    both(output, "revoke and link", r"(\d+) done, (\d+) refused")
