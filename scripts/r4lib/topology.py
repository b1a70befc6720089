# SPDX-License-Identifier: MIT
"""The machine's shape as it is written on the command line: SOCKETSxCORES[:OPTION,OPTION...].

Every socket is one NUMA node. Options: `nomem=1+3` leaves nodes 1 and 3 without memory,
`dist=line` makes distances grow with |i-j| (the default `flat` makes all other nodes equally far).
"""

import re
from dataclasses import dataclass

from r4lib.problem import Problem

DISTANCE_LOCAL = 10
DISTANCE_STEP = 10
DISTANCE_MAX = 254
SOCKETS_MAX = 64
CORES_MAX = 254
MANY_NODES = 8


@dataclass(frozen=True)
class Topology:
    sockets: int
    cores: int
    nomem: frozenset[int] = frozenset()
    dist: str = "flat"

    @property
    def cpus(self) -> int:
        return self.sockets * self.cores

    def distance(self, a: int, b: int) -> int:
        hops = abs(a - b) if self.dist == "line" else int(a != b)
        return DISTANCE_LOCAL + DISTANCE_STEP * hops

    def default_memory_mib(self) -> int:
        """Memory of each node: enough for every program, and little in all on a small host."""
        return 256 if self.sockets <= MANY_NODES else 128

    def __str__(self) -> str:
        options = []
        if self.nomem:
            options.append("nomem=" + "+".join(str(node) for node in sorted(self.nomem)))
        if self.dist != "flat":
            options.append(f"dist={self.dist}")
        return f"{self.sockets}x{self.cores}" + (":" + ",".join(options) if options else "")


def parse(text: str) -> Topology:
    shape = re.fullmatch(r"([0-9]{1,3})x([0-9]{1,3})(?::(.+))?", text, re.ASCII)
    if shape is None:
        raise Problem(f"--topology {text}: write SOCKETSxCORES, for instance 2x2 or 4x1:nomem=3")
    topology = Topology(int(shape[1]), int(shape[2]), **_parse_options(text, shape[3]))
    _check(text, topology)
    return topology


def _parse_options(text: str, options: str | None) -> dict:
    values = {}
    for option in options.split(",") if options else []:
        name, _, value = option.partition("=")
        if name in values:
            raise Problem(f"--topology {text}: {name} is given twice")
        if name == "nomem" and re.fullmatch(r"[0-9]+(\+[0-9]+)*", value, re.ASCII):
            values[name] = frozenset(int(node) for node in value.split("+"))
        elif name == "dist" and value in ("flat", "line"):
            values[name] = value
        else:
            choices = "nomem=NODE+NODE.. nor dist=flat|line"
            raise Problem(f"--topology {text}: {option} is neither {choices}")
    return values


def _check(text: str, topology: Topology) -> None:
    if not 1 <= topology.sockets <= SOCKETS_MAX or not 1 <= topology.cores <= CORES_MAX:
        raise Problem(f"--topology {text}: 1..{SOCKETS_MAX} sockets of 1..{CORES_MAX} cores")
    if topology.cpus > CORES_MAX:
        raise Problem(f"--topology {text}: {topology.cpus} cores, but xAPIC ids allow {CORES_MAX}")
    absent = [node for node in topology.nomem if node >= topology.sockets]
    if absent:
        raise Problem(f"--topology {text}: there is no node {min(absent)}")
    if len(topology.nomem) == topology.sockets:
        raise Problem(f"--topology {text}: one node must have memory")
    if topology.distance(0, topology.sockets - 1) > DISTANCE_MAX:
        raise Problem(f"--topology {text}: distances of a line end at {DISTANCE_MAX}")
