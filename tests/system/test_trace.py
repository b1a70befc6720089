# SPDX-License-Identifier: MIT
"""Tracing on a machine: what is recorded, by whom, and that `r4 trace` makes a file of it."""

import json
import subprocess

from r4lib.paths import ROOT


QUIET_FAULT = ROOT / "tests" / "system" / "programs" / "quiet_fault.c"


def traced(machine) -> list[dict]:
    return [record for record in machine.records if record["type"] == "trace"]


def test_trace__off_by_default(machine):
    shell = machine(topology="1x1")
    assert shell.command("trace dump").output == "core 0: 0 records, 0 before them left out\n"


def test_trace__calls_faults_and_switches(machine, constants):
    """The program says nothing: what the console's driver does for each byte would fill the ring."""
    shell = machine(topology="1x1", add=[str(QUIET_FAULT)])
    assert shell.command("trace on").status == 0
    assert shell.command("run quiet_fault").status == 0
    assert shell.command("trace dump").status == 0
    records = traced(shell)
    point = constants.TracePoint
    assert {point.CALL, point.SWITCH, point.FAULT} <= {record["point"] for record in records}
    (fault,) = [record for record in records if record["point"] == point.FAULT]
    assert fault["second"] == constants.FaultCause.DIVIDE
    numbers = [record["number"] for record in records]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    times = [record["ns"] for record in records]
    assert times == sorted(times)


def test_trace__switches_are_a_chain(machine, constants):
    """Who is left was there: each switch begins with the thread that the one before ended with."""
    shell = machine(topology="1x2", append="trace=on")
    assert shell.command("run spin 100000 4").status == 0
    assert shell.command("trace dump").status == 0
    for core in (0, 1):
        mine = [r for r in traced(shell) if r["core"] == core]
        switches = [r for r in mine if r["point"] == constants.TracePoint.SWITCH]
        assert switches
        for before, after in zip(switches, switches[1:]):
            assert before["second"] == after["first"] != after["second"]


def test_trace__every_cluster_for_itself(machine, constants):
    shell = machine(topology="2x1", append="trace=on")
    assert shell.command("on all trace dump 50").status == 0
    records = traced(shell)
    assert {record["cluster"] for record in records} == {0, 1}
    assert all(sum(r["cluster"] == cluster for r in records) <= 50 for cluster in (0, 1))
    rings = [r for r in records if r["point"] == constants.TracePoint.DOORBELL]
    assert {(r["cluster"], r["first"]) for r in rings} <= {(0, 1), (1, 0)}
    assert rings


def test_trace__bad_arguments(machine):
    shell = machine(topology="1x1")
    for line in ("trace", "trace up", "trace on now", "trace dump x", "trace dump 1 2"):
        assert shell.command(line).status == 2


def test_r4_trace__writes_a_file_for_viewers(build, tmp_path):
    out = tmp_path / "trace.json"
    command = [ROOT / "scripts" / "r4", "trace", "--build", build.dir, "--no-build", "--topology", "2x1"]
    subprocess.run([*command, "--out", out, "hello"], check=True, timeout=120)
    events = json.loads(out.read_text())["traceEvents"]
    assert {(event["pid"], event["tid"]) for event in events if event["ph"] == "X"} == {(0, 0), (1, 0)}
    assert "monitor_channel_write" in {event["name"] for event in events}
