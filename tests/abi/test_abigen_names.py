# SPDX-License-Identifier: MIT
"""Numbers, names and sentences: C and Python agree, and C answers every number."""

import ctypes
from enum import IntFlag

import pytest
from abi.emit_python import camel

SOURCES = ("src/abi_names.c", "src/abi_objects.c")


class Facts(ctypes.Structure):
    _fields_ = [("size_bits", ctypes.c_uint8), ("min_bits", ctypes.c_uint8),
                ("max_bits", ctypes.c_uint8), ("retype", ctypes.c_bool),
                ("rights", ctypes.c_uint16)]


def constants(generated):
    """(C constant, Python value) of every number of the ABI."""
    python = generated.python
    groups = {"R4_RIGHT_": python.Right, "R4_TYPE_": python.Type, "R4_CALL_": python.Call,
              "R4_EXIT_": python.Exit, "R4_COUNTER_": python.Counter,
              "R4_FAULT_POINT_": python.FaultPoint, "R4_TRACE_POINT_": python.TracePoint}
    for enum in generated.abi.enum:
        groups[f"R4_{enum.name.upper()}_"] = getattr(python, camel(enum.name))
    for prefix, members in groups.items():
        for member in members:
            yield prefix + member.name, int(member)
    for member in python.Err:
        yield ("R4_OK" if member == 0 else f"R4_E_{member.name}"), int(member)
    for name, value in vars(python.Limit).items():
        if not name.startswith("_"):
            yield f"R4_{name}", value
    for prefix, members in (("ERR", python.Err), ("COUNTER", python.Counter),
                            ("FAULT_POINT", python.FaultPoint),
                            ("TRACE_POINT", python.TracePoint), ("CALL", python.Call),
                            ("TYPE", python.OBJECTS)):
        yield f"R4_{prefix}_TABLE_SIZE", max(members) + 1
    yield "R4_OBJECT_COUNT", len(python.OBJECTS)
    yield "R4_RIGHTS_DEFINED", sum(python.Right)
    for number, facts in python.OBJECTS.items():
        name = python.Type(number).name
        for nth, fact in enumerate(("SIZE_BITS", "MIN_BITS", "MAX_BITS")):
            yield f"R4_{name}_{fact}", facts[nth]
        yield f"R4_{name}_RIGHTS", int(facts.rights)
    yield "R4_ABI_VERSION", python.ABI_VERSION
    yield "R4_EXIT_PROCESS_STATUS(0x10)", python.exit_status(0x10)


@pytest.fixture(scope="module")
def names(generated, tmp_path_factory):
    headers = ("calls", "counters", "enums", "errors", "exits", "limits", "objects", "points",
               "rights")
    lines = [f"#include <r4/abi/{name}.h>" for name in headers]
    lines.append("const uint64_t numbers[] = {")
    lines += [f"    (uint64_t)({constant})," for constant, _ in constants(generated)]
    lines.append("};")
    return generated.library(tmp_path_factory.mktemp("names"), "\n".join(lines) + "\n",
                             *(generated.out / path for path in SOURCES))


def test_c_and_python_have_the_same_numbers(generated, names):
    wanted = list(constants(generated))
    numbers = (ctypes.c_uint64 * len(wanted)).in_dll(names, "numbers")
    assert list(zip([name for name, _ in wanted], numbers)) == wanted


def test_nothing_is_missing_in_python(generated):
    abi, python = generated.abi, generated.python
    for table, group in (("right", "Right"), ("exit", "Exit"), ("call", "Call"),
                         ("counter", "Counter"), ("fault_point", "FaultPoint"),
                         ("trace_point", "TracePoint")):
        assert [member.name for member in getattr(python, group)] == [
            row.name.upper() for row in getattr(abi, table)]
    assert [member.name for member in python.Err] == [row.name for row in abi.error]
    assert [member.name for member in python.Type] == [
        "NONE", *(row.name for row in abi.object), "ANY"]
    assert issubclass(python.Right, IntFlag)


def text_of(names, function, number):
    call = getattr(names, function)
    call.restype = ctypes.c_char_p
    return call(ctypes.c_uint32(number)).decode()


def test_every_number_has_its_name_and_every_other_a_question_mark(generated, names):
    abi = generated.abi
    lookups = {
        "r4_err_name": {row.number: row.name for row in abi.error},
        "r4_err_text": {row.number: row.sentence for row in abi.error},
        "r4_type_name": {0: "NONE"} | {row.number: row.name for row in abi.object},
        "r4_right_name": {row.bit: row.name for row in abi.right},
        "r4_call_name": {row.number: row.name for row in abi.call},
        "r4_exit_name": {row.number: row.name for row in abi.exit},
        "r4_exit_text": {row.number: row.sentence for row in abi.exit},
        "r4_counter_name": {row.number: row.name for row in abi.counter},
        "r4_counter_unit": {row.number: row.unit for row in abi.counter},
        "r4_fault_point_name": {row.number: row.name for row in abi.fault_point},
        "r4_trace_point_name": {row.number: row.name for row in abi.trace_point},
    }
    for enum in abi.enum:
        lookups[f"r4_{enum.name}_name"] = {row.number: row.name for row in enum.members
                                           if not row.removed}
    for function, wanted in lookups.items():
        for number in (*range(0x400), 2**31, 2**32 - 1):
            assert text_of(names, function, number) == wanted.get(number, "?"), function


def test_scope_of_counters(generated, names):
    names.r4_counter_is_per_core.restype = ctypes.c_bool
    per_core = {row.number for row in generated.abi.counter if row.scope == "core"}
    for number in range(64):
        assert names.r4_counter_is_per_core(number) == (number in per_core)


def test_facts_of_objects(generated, names):
    python = generated.python
    size = max(python.OBJECTS) + 1
    table = (Facts * size).in_dll(names, "r4_object_facts")
    for number in range(size):
        row = table[number]
        wanted = python.OBJECTS.get(number, (0, 0, 0, False, 0))
        assert (row.size_bits, row.min_bits, row.max_bits, row.retype, row.rights) == wanted


def test_explain_tells_the_cause(sample):
    explain, call = sample.python.explain, sample.python.Call
    assert explain(3) == 'R4_E_RANGE: A "number" is out of range.'
    assert explain(3, call.WORDS, 1) == "R4_E_RANGE (words, small): `small` is odd"
    assert explain(5, call.WORDS, 0) == "R4_E_EMPTY (words, the capability): the box is empty"
    assert explain(5, call.WIDE) == (
        "R4_E_EMPTY (wide, the capability): the index names an empty slot")
    assert explain(3, call.WORDS, 2) == (
        'R4_E_RANGE (words, middle): A "number" is out of range.')
    assert explain(0) == "R4_OK: Done."
    assert explain(77) == "error 77: not of this ABI"
