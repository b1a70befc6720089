# SPDX-License-Identifier: MIT
"""Experiments that the shell starts: what they count, and that their results are records of the channel."""

import re

import pytest
from r4lib import bench
from r4lib.paths import ROOT

HOPS = range(1, 16)


def run(machine, line: str, **settings) -> list[dict]:
    """The results of a run that succeeded."""
    shell = machine(**settings)
    result = shell.command(line)
    assert result.status == 0, result.output
    assert shell.command("audit").status == 0
    name = line.removeprefix("on 1 ").split()[1]
    return [record for record in shell.records if record["type"] == "result" and record["name"] == name]


def test_proxy_chain__each_length_kept_and_walked(machine):
    """Under icount the figures are instructions: each hop behind the second costs the same, and less where the chain is kept."""
    results = run(machine, "run proxy-chain 4", topology="1x1", icount=True)
    cost = {(r["hops"], r["chain"]): r["median"] for r in results}
    assert set(cost) == {(hops, chain) for hops in HOPS for chain in ("kept", "walked")}
    assert all(r["n"] == 4 for r in results)
    for chain in ("kept", "walked"):
        steps = {cost[hops + 1, chain] - cost[hops, chain] for hops in HOPS[1:-1]}
        assert len(steps) == 1, steps
    assert all(cost[hops, "kept"] < cost[hops, "walked"] for hops in HOPS)


def test_proxy_vs_copy__taking_back_by_a_word_costs_the_same_for_all(machine):
    results = run(machine, "run proxy-vs-copy", topology="1x1", icount=True)
    cost = {(r["way"], r["holders"], r["depth"], r["step"]): r["median"] for r in results}
    assert {key[1] for key in cost} == {1, 4, 16, 64}
    revoke = {key[:3]: value for key, value in cost.items() if key[3] == "revoke"}
    words = {value for key, value in revoke.items() if key[0] == "words"}
    assert len(words) == 1 and words.pop() < 10
    assert revoke["copies", 64, 1] > revoke["copies", 16, 1] > revoke["copies", 1, 1]
    assert cost["words", 64, 1, "delegate"] < cost["copies", 64, 1, "delegate"]


def test_revoke_tree__costs_by_the_number_of_children(machine):
    results = run(machine, "run revoke-tree", topology="1x1", icount=True)
    cost = {(r["shape"], r["children"]): r["median"] for r in results}
    assert set(cost) == {(shape, 10**n) for shape in ("flat", "deep") for n in range(4)}
    for shape in ("flat", "deep"):
        assert cost[shape, 1] < cost[shape, 10] < cost[shape, 100] < cost[shape, 1000]


@pytest.mark.parametrize("where", ["", "on 1 "])
def test_P26_proxy_storm__every_outcome_is_explained(machine, seed, where):
    results = run(machine, f"{where}run proxy-storm 4 1000 {seed}", topology="2x2")
    assert results[0]["odd"] == 0
    outcomes = {r["outcome"]: r["count"] for r in results[1:]}
    assert {"OK", "PROXY", "RIGHTS", "ONCE"} <= set(outcomes)
    assert sum(outcomes.values()) > 1000


def test_P25_P26_link_race__each_outcome_is_seen_and_nothing_is_left(machine):
    (result,) = run(machine, "run link-race", topology="2x2")
    assert (result["left"], result["odd"]) == (0, 0)
    assert min(result["linked"], result["proxy"], result["revoking"]) > 0


BAD = """
proxy-chain 0, proxy-chain 65, proxy-chain x, proxy-chain 1 2
proxy-storm 0, proxy-storm 17, proxy-storm x, proxy-storm 4 0, proxy-storm 4 1 x, proxy-storm 4 1 1 1
proxy-vs-copy 0, proxy-vs-copy 65, proxy-vs-copy 64 64, revoke-tree 0, revoke-tree 4001, revoke-tree 4000 5,
lib-costs 1
link-race 0, link-race 1 1, churn 0, churn 1 1, proxycheck 0, proxycheck 1 1
stress 0, stress revoke 0, stress 1 1, fpu 0, fpu 1 1, spin 0, spin 1 1 1, syscheck 1
"""
BAD_LINES = [line.strip() for line in BAD.replace(",", "\n").splitlines() if line.strip()]


def test_bad_arguments__a_sentence_and_status_2(machine):
    """Too little to find anything wrong, too much, no number, and one argument more than there is."""
    shell = machine(topology="1x2")
    results = {line: shell.command(f"run {line}") for line in BAD_LINES}
    assert {line: result.status for line, result in results.items() if result.status != 2} == {}
    for line, result in results.items():
        assert result.output.startswith(line.split()[0] + ": expected "), result.output
        assert result.output.count("\n") == 1, result.output


def test_arguments__the_largest_number_that_was_asked_for_is_measured(machine):
    shell = machine(topology="1x1")
    for line in ("run revoke-tree 4000", "run proxy-vs-copy 50"):
        assert shell.command(line).status == 0
    results = [record for record in shell.records if record["type"] == "result"]
    assert {r["children"] for r in results if r["name"] == "revoke-tree"} == {1, 10, 100, 1000, 4000}
    assert {r["holders"] for r in results if r["name"] == "proxy-vs-copy"} == {1, 4, 16, 50}


def test_link_race__needs_two_cores(machine):
    assert machine(topology="1x1").command("run link-race").status == 2


def test_T4_D18_churn__a_million_objects_leave_the_memory_as_it_was(machine, thread_mode):
    if thread_mode == "multi":
        pytest.skip("one core does it all: the other mode shows the same")
    (result,) = run(machine, "run churn 1000000", topology="1x1")
    assert (result["pairs"], result["used"]) == (1_000_000, 1_000)


def stated_costs() -> dict[str, int]:
    """What the headers of libr4 say of each function: the first number of instructions in its comment."""
    stated = {}
    for header in ("window.h", "caretaker.h", "tree.h"):
        text = (ROOT / "libr4" / "include" / "r4" / header).read_text()
        for comment, name in re.findall(r"/\*((?:(?!\*/).)*)\*/\n[^;{]*?(r4_\w+)\(", text, re.DOTALL):
            cost = re.search(r"(\d+)\s+(?:\*\s+)?instructions", comment)
            if cost:
                stated[name] = int(cost[1])
    return stated


def test_lib_costs__are_what_the_headers_say(machine, build):
    if not bench.compiler(build).startswith("clang 14."):
        pytest.skip("the headers state what the code of clang 14 costs")
    results = run(machine, "run lib-costs", topology="1x1", icount=True)
    assert {r["call"]: r["median"] for r in results} == stated_costs()
