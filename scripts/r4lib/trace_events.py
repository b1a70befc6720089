# SPDX-License-Identifier: MIT
"""Turns the kernel's trace records into Chrome's trace-event JSON, which Perfetto and
chrome://tracing open: a process is a cluster, a track is a core, a slice is a thread that runs.
"""

from itertools import groupby
from types import ModuleType

NS_PER_US = 1000


def convert(records: list[dict], abi: ModuleType) -> dict:
    """The whole file. `records` are those of the machine channel; others than `trace` are skipped."""
    kept = [record for record in records if record["type"] == "trace"]
    kept.sort(key=lambda record: (_core(record), record["number"]))
    end = max((record["ns"] for record in kept), default=0)
    events = []
    for core, group in groupby(kept, key=_core):
        events += _track(core, list(group), end, abi)
    return {"displayTimeUnit": "ns", "traceEvents": _names(kept) + events}


def _core(record: dict) -> tuple[int, int]:
    return record["cluster"], record["core"]


def _names(records: list[dict]) -> list[dict]:
    cores = sorted({_core(record) for record in records})
    clusters = sorted({cluster for cluster, _ in cores})
    named = [_name("process_name", cluster, 0, f"cluster {cluster}") for cluster in clusters]
    return named + [_name("thread_name", cluster, core, f"core {core}") for cluster, core in cores]


def _name(what: str, cluster: int, core: int, name: str) -> dict:
    return {"ph": "M", "name": what, "pid": cluster, "tid": core, "args": {"name": name}}


def _track(core: tuple[int, int], records: list[dict], end: int, abi: ModuleType) -> list[dict]:
    """The events of one core. `end` closes the slice of the thread that runs last."""
    events = []
    first = records[0]
    if first["number"] > 0:
        lost = f"{first['number']} records before this are lost"
        events.append(_instant(first, lost, "trace", {}))
    running, since = _first_thread(records, abi), first["ns"]
    for record in records:
        if record["point"] == abi.TracePoint.SWITCH:
            events += _slice(core, running, since, record["ns"])
            running, since = record["second"], record["ns"]
        else:
            events.append(_point(record, abi))
    return events + _slice(core, running, since, end)


def _first_thread(records: list[dict], abi: ModuleType) -> int:
    """Who ran when the records begin: whom the first switch leaves, or who made the first call."""
    with_thread = (abi.TracePoint.SWITCH, abi.TracePoint.CALL, abi.TracePoint.FAULT)
    return next((record["first"] for record in records if record["point"] in with_thread), 0)


def _slice(core: tuple[int, int], thread: int, since: int, until: int) -> list[dict]:
    if thread == 0:
        return []
    start, length = since / NS_PER_US, (until - since) / NS_PER_US
    place = {"pid": core[0], "tid": core[1], "ts": start, "dur": length}
    return [{"ph": "X", "name": f"thread {thread}", "cat": "thread", **place}]


def _point(record: dict, abi: ModuleType) -> dict:
    point, values = record["point"], (record["first"], record["second"])
    if point not in set(abi.TracePoint):
        unnamed = {"first": values[0], "second": values[1]}
        return _instant(record, f"point {point}", "unknown", unnamed)
    kind = abi.TracePoint(point)
    name = kind.name.lower()
    if kind == abi.TracePoint.CALL:
        name = _member(abi.Call, values[1])
    elif kind == abi.TracePoint.FAULT:
        name = f"fault {_member(abi.FaultCause, values[1])}"
    return _instant(record, name, kind.name.lower(), dict(zip(abi.TRACE_ARGS[kind], values)))


def _member(enum, number: int) -> str:
    return enum(number).name.lower() if number in set(enum) else str(number)


def _instant(record: dict, name: str, category: str, args: dict) -> dict:
    cluster, core = _core(record)
    place = {"pid": cluster, "tid": core, "ts": record["ns"] / NS_PER_US}
    event = {"ph": "i", "s": "t", "name": name, "cat": category, **place}
    return {**event, "args": {**args, "ns": record["ns"]}}
