# SPDX-License-Identifier: MIT
"""What moves between sockets: nothing while clusters work for themselves, and a planted line does."""

import pytest
from r4lib import topology, traffic


@pytest.fixture
def measure(machine, build, tmp_path):
    """measure(program, shape): the plugin's figures."""

    def run(program: str, shape: str) -> dict:
        out = tmp_path / "traffic.json"
        plugin = traffic.plugin(build, topology.parse(shape), out)
        append = traffic.boot_options(program, [])
        m = machine(topology=shape, append=append, icount=True, plugin=plugin, ready=False)
        assert m.wait_exit().name == "PASS"
        return traffic.read(out)

    return run


@pytest.mark.parametrize("shape", ["2x2", "4x1"])
def test_local_work__moves_no_cache_line(measure, shape):
    figures = measure("local-work", shape)
    assert (figures["moved"], figures["shared"]) == ([], [])
    assert (figures["moved_lines"], sum(figures["invalidations"])) == (0, 0)


def test_local_work__every_core_works_in_its_own_memory(measure):
    for core in measure("local-work", "2x2")["cores"]:
        own = core["accesses"].pop(core["socket"])
        assert core["rounds"] >= 900
        assert own > 100 * core["rounds"]
        assert core["accesses"] == [0]


def test_false_sharing__is_seen(measure):
    figures = measure("false-sharing", "2x2")
    assert figures["shared_lines"] == 1
    assert figures["migrations"][0][1] >= 900 and figures["migrations"][1][0] >= 900
    assert figures["shared"][0]["pc"] < traffic.KERNEL_FIRST
