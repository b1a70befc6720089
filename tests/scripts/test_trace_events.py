# SPDX-License-Identifier: MIT
"""What viewers get out of the kernel's trace records."""

import json
from enum import IntEnum
from types import SimpleNamespace

import pytest
from r4lib import trace_events


# Not the numbers of the real ABI.
class TracePoint(IntEnum):
    CALL = 11
    SWITCH = 12
    FAULT = 13
    DOORBELL = 14


ABI = SimpleNamespace(
    TracePoint=TracePoint,
    TRACE_ARGS={
        TracePoint.CALL: ("thread", "call"),
        TracePoint.SWITCH: ("from", "to"),
        TracePoint.FAULT: ("thread", "cause"),
        TracePoint.DOORBELL: ("peer", "bits"),
    },
    Call=IntEnum("Call", {"CAP_COPY": 77}),
    FaultCause=IntEnum("FaultCause", {"DIVIDE": 33}),
)


def record(number, ns, point, first, second, cluster=0, core=0) -> dict:
    where = {"type": "trace", "cluster": cluster, "core": core, "number": number}
    return {**where, "ns": ns, "point": int(point), "first": first, "second": second}


def events(records, phase) -> list[dict]:
    document = trace_events.convert(records, ABI)
    assert json.loads(json.dumps(document)) == document
    return [event for event in document["traceEvents"] if event["ph"] == phase]


def slices(records) -> list[tuple]:
    return [(e["name"], e["pid"], e["tid"], e["ts"], e["dur"]) for e in events(records, "X")]


def test_nothing_recorded():
    other = [{"type": "ready"}]
    assert trace_events.convert(other, ABI) == {"displayTimeUnit": "ns", "traceEvents": []}


def test_tracks_are_named():
    found = events([record(0, 1, TracePoint.CALL, 1, 77, 2, 3)], "M")
    named = [(event["name"], event["pid"], event["tid"], event["args"]["name"]) for event in found]
    assert named == [("process_name", 2, 0, "cluster 2"), ("thread_name", 2, 3, "core 3")]


def test_switches_are_slices():
    switch = TracePoint.SWITCH
    records = [record(0, 1000, switch, 0, 5), record(1, 3500, switch, 5, 6), record(2, 4001, switch, 6, 0)]
    assert slices(records) == [("thread 5", 0, 0, 1.0, 2.5), ("thread 6", 0, 0, 3.5, 0.501)]


def test_the_first_and_the_last_slice_are_open():
    """The thread of the first record ran before; the last one runs until the end of all records."""
    records = [
        record(4, 1000, TracePoint.CALL, 3, 77),
        record(5, 2000, TracePoint.SWITCH, 3, 9),
        record(0, 7000, TracePoint.DOORBELL, 1, 1, cluster=1),
    ]
    assert slices(records) == [("thread 3", 0, 0, 1.0, 1.0), ("thread 9", 0, 0, 2.0, 5.0)]


def test_records_are_ordered_by_number_and_core():
    records = [
        record(1, 3000, TracePoint.SWITCH, 5, 0),
        record(0, 2000, TracePoint.SWITCH, 0, 8, core=1),
        record(0, 1000, TracePoint.SWITCH, 0, 5),
    ]
    assert slices(records) == [("thread 5", 0, 0, 1.0, 2.0), ("thread 8", 0, 1, 2.0, 1.0)]


@pytest.mark.parametrize(
    ("point", "second", "name", "category", "args"),
    [
        (TracePoint.CALL, 77, "cap_copy", "call", {"thread": 1, "call": 77}),
        (TracePoint.CALL, 78, "78", "call", {"thread": 1, "call": 78}),
        (TracePoint.FAULT, 33, "fault divide", "fault", {"thread": 1, "cause": 33}),
        (TracePoint.DOORBELL, 6, "doorbell", "doorbell", {"peer": 1, "bits": 6}),
        (99, 6, "point 99", "unknown", {"first": 1, "second": 6}),
    ],
)
def test_the_rest_are_instants_with_their_time(point, second, name, category, args):
    (event,) = events([record(0, 1234567, point, 1, second)], "i")
    assert (event["name"], event["cat"], event["ts"]) == (name, category, 1234.567)
    assert event["args"] == {**args, "ns": 1234567}


def test_lost_records_are_told():
    first = events([record(100, 1, TracePoint.DOORBELL, 1, 1)], "i")[0]
    assert first["name"] == "100 records before this are lost"
