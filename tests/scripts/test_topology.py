# SPDX-License-Identifier: MIT
"""r4lib/topology.py: what may be written after --topology."""

import pytest
from r4lib import topology
from r4lib.problem import Problem


@pytest.mark.parametrize("text", ["1x1", "2x2", "16x4", "2x2:nomem=1", "8x4:nomem=1+3,dist=line"])
def test_parse__is_undone_by_str(text):
    assert str(topology.parse(text)) == text


def test_parse__fields():
    parsed = topology.parse("4x3:nomem=3,dist=line")
    assert (parsed.sockets, parsed.cores, parsed.cpus) == (4, 3, 12)
    assert parsed.nomem == {3}
    assert [parsed.distance(0, node) for node in range(4)] == [10, 20, 30, 40]


def test_distance__flat():
    parsed = topology.parse("3x1")
    assert [parsed.distance(1, node) for node in range(3)] == [20, 10, 20]


@pytest.mark.parametrize(("text", "mib"), [("2x2", 256), ("8x4", 256), ("16x4", 128)])
def test_default_memory(text, mib):
    assert topology.parse(text).default_memory_mib() == mib


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write SOCKETSxCORES"),
        ("2", "write SOCKETSxCORES"),
        ("2X2", "write SOCKETSxCORES"),
        ("-1x2", "write SOCKETSxCORES"),
        ("2x2 ", "write SOCKETSxCORES"),
        ("\u0662x2", "write SOCKETSxCORES"),
        ("2x2:", "write SOCKETSxCORES"),
        ("0x2", "1..64 sockets"),
        ("2x0", "1..64 sockets"),
        ("65x1", "1..64 sockets"),
        ("64x4", "256 cores"),
        ("2x2:nomem=2", "there is no node 2"),
        ("2x2:nomem=0+1", "one node must have memory"),
        ("2x2:nomem=", "nomem= is neither"),
        ("2x2:nomem=1,nomem=0", "nomem is given twice"),
        ("2x2:dist=ring", "dist=ring is neither"),
        ("2x2:colour=red", "colour=red is neither"),
        ("30x1:dist=line", "end at 254"),
    ],
)
def test_parse__refuses(text, says):
    with pytest.raises(Problem, match=says):
        topology.parse(text)
