# SPDX-License-Identifier: MIT
"""Boot: every topology to the shell, and every broken machine to a message and exit status BOOT."""

import pytest

TOPOLOGIES = ["1x1", "1x4", "2x1", "2x2", "2x3", "4x4", "8x4", "16x4"]


def shape(topology: str) -> tuple[int, int]:
    """Nodes and cores in all."""
    sockets, cores = (int(number) for number in topology.split(":")[0].split("x"))
    return sockets, sockets * cores


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_boot__clusters_and_cores(machine, topology):
    m = machine(topology=topology)
    boot = m.wait_record("boot")
    assert (boot["clusters"], boot["cores"]) == shape(topology)
    m.type("quit")
    assert m.wait_exit().name == "PASS"


@pytest.mark.parametrize(
    ("policy", "clusters"), [("numa", 2), ("package", 2), ("single", 1), ("core", 4)]
)
def test_boot__policy(machine, policy, clusters):
    boot = machine(topology="2x2", append=f"clusters={policy}").wait_record("boot")
    assert (boot["clusters"], boot["cores"]) == (clusters, 4)


@pytest.mark.parametrize(
    ("topology", "clusters"),
    [("2x2:nomem=1", 1), ("2x2:nomem=0", 1), ("4x1:nomem=1+3,dist=line", 2)],
)
def test_boot__node_without_memory_is_merged_with_a_message(machine, topology, clusters):
    m = machine(topology=topology)
    boot = m.wait_record("boot")
    assert (boot["clusters"], boot["cores"]) == (clusters, shape(topology)[1])
    assert b"A NUMA node has no memory" in m.console


def test_boot__all_nodes_with_memory_need_no_message(machine):
    assert b"warning" not in machine(topology="2x2").console


CORRUPTIONS = [
    *(f"{table}:{kind}" for table in ("rsdp", "xsdt", "madt", "srat", "slit")
      for kind in ("checksum", "length", "truncate")),
    *(f"{table}:{kind}" for table in ("madt", "srat") for kind in ("overlap", "toomany")),
    "slit:toomany",
    *(f"{table}:{kind}" for table in ("memmap", "module")
      for kind in ("length", "truncate", "overlap", "toomany")),
]


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_boot__broken_table_ends_with_a_message(machine, corruption):
    m = machine(append=f"corrupt={corruption}", ready=False)
    assert m.wait_exit().name == "BOOT"
    assert b"boot: " in m.console


@pytest.mark.parametrize("option", ["clusters=many", "colour=red", "clusters=numa clusters=core"])
def test_boot__bad_option_ends_with_a_message(machine, option):
    m = machine(append=option, ready=False)
    assert m.wait_exit().name == "BOOT"
    assert b"boot: " in m.console


def test_boot__missing_root_task_ends_with_a_message(machine):
    m = machine(append="root=nobody", ready=False)
    assert m.wait_exit().name == "BOOT"
    assert b"boot: " in m.console
