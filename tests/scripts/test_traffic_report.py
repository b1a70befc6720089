# SPDX-License-Identifier: MIT
"""r4lib/traffic.py: what is refused, what the plugin is told, how the figures are shown."""

import json
from pathlib import Path

import pytest
from r4lib import topology, traffic
from r4lib.problem import Problem

ACCESS = {"node": 1, "offset": 64, "readers": 3, "writers": 1, "socket": 0, "is_store": True}
CORE = {"socket": 0, "instructions": 10, "rounds": 2, "device_accesses": 1, "accesses": [7, 0]}
FIGURES = {
    "begun": 2,
    "ended": True,
    "failed": False,
    "cores": [CORE, {**CORE, "socket": 1, "accesses": [0, 8]}],
    "migrations": [[0, 5], [6, 0]],
    "invalidations": [3, 1],
    "cold": [0, 2],
    "moved_lines": 11,
    "moved": [{**ACCESS, "pc": 0x400010}],
    "shared_lines": 1,
    "shared": [{**ACCESS, "pc": 0x400010, "where": "run at x.c:1"}],
}


@pytest.mark.parametrize("shape", ["2x2:nomem=1", "17x1", "16x5"])
def test_check__what_the_plugin_cannot_tell_apart(shape):
    with pytest.raises(Problem, match="^traffic: "):
        traffic.check(topology.parse(shape))


def test_plugin__is_told_the_machine(fake_build):
    words = traffic.plugin(fake_build, topology.parse("4x2"), Path("/a,b")).split(",")
    assert words[0].endswith("plugin/traffic.so")
    assert words[1:] == ["out=/a", "", "b", "sockets=4", "cores=2", "node_mib=256", "parties=4"]


def test_boot_options():
    assert traffic.boot_options("p", []).split()[0] == "root=traffic/p"
    assert traffic.boot_options("p", ["a", "b"]).endswith(" -- a b")


def test_experiment__only_those_of_its_folder(fake_build):
    with pytest.raises(Problem, match="are not built"):
        traffic.experiment(fake_build, "hello")
    folder = fake_build.userland / "traffic"
    folder.mkdir()
    for name in ("two", "one"):
        (folder / name).write_bytes(b"\x7fELF")
    assert traffic.experiment(fake_build, "one") == folder / "one"
    with pytest.raises(Problem, match="must be one of one, two; hello is not"):
        traffic.experiment(fake_build, "hello")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"failed": True}, "found a wrong result"),
        ({"ended": False}, "nothing was measured; 2 clusters have begun"),
        ({"cores": [{**CORE, "instructions": 0}]}, "nothing was measured"),
    ],
)
def test_read__an_incomplete_measurement_is_refused(tmp_path, change, says):
    (tmp_path / "report").write_text(json.dumps({**FIGURES, **change}))
    with pytest.raises(Problem, match=says):
        traffic.read(tmp_path / "report")


def test_read__no_report(tmp_path):
    with pytest.raises(Problem, match="has left no report"):
        traffic.read(tmp_path / "report")


def test_table__says_everything(tmp_path):
    lines = traffic.table({"program": "p", "topology": "2x1", **FIGURES})
    text = "\n".join(lines)
    assert lines[0] == "p on 2x1"
    assert " 0       0       2            10           7           0         1" in text
    assert " from socket 0         0         5" in lines
    assert "11 migrations, 4 invalidations, 2 cold lines" in lines
    assert "1 shared lines" in lines
    assert lines[-1] == "  node 1 + 0x40: socket 0 stored to it at run at x.c:1"
