# SPDX-License-Identifier: MIT
"""Layouts and records: the C accessors and the Python decoders agree on every bit."""

import ctypes
import random

import pytest
from abi.emit_records import field_type

C_TYPES = {"bool": ctypes.c_bool, "uint8_t": ctypes.c_uint8, "uint16_t": ctypes.c_uint16,
           "uint32_t": ctypes.c_uint32, "uint64_t": ctypes.c_uint64}


@pytest.fixture(scope="module")
def accessors(generated, tmp_path_factory):
    """The inline accessors as functions get_<word>_<field> and with_<word>_<field>."""
    lines = ["#include <r4/abi/layout.h>"]
    for row in generated.abi.layout:
        word = f"uint{row.bits}_t"
        lines.append(f"{word} mbz_{row.name}(void) {{ return ({word})"
                     f"R4_{row.name.upper()}_MBZ_MASK; }}")
        for part in row.fields:
            value = field_type(part.bits)
            name = f"{row.name}_{part.name}"
            lines += [f"{value} get_{name}({word} w) {{ return r4_{name}(w); }}",
                      f"{word} with_{name}({word} w, {value} v)",
                      f"{{ return r4_{row.name}_with_{part.name}(w, v); }}"]
    library = generated.library(tmp_path_factory.mktemp("layout"), "\n".join(lines) + "\n")
    for row in generated.abi.layout:
        word = C_TYPES[f"uint{row.bits}_t"]
        getattr(library, f"mbz_{row.name}").restype = word
        for part in row.fields:
            value = C_TYPES[field_type(part.bits)]
            get, put = (getattr(library, f"{kind}_{row.name}_{part.name}")
                        for kind in ("get", "with"))
            get.restype, get.argtypes = value, [word]
            put.restype, put.argtypes = word, [word, value]
    return library


def values(part, dice):
    top = (1 << part.bits) - 1
    return {0, 1, top, top >> 1, dice.getrandbits(part.bits)}


def test_setters_change_their_field_only(generated, accessors):
    dice = random.Random(4)
    for row in generated.abi.layout:
        for part in row.fields:
            get, put = (getattr(accessors, f"{kind}_{row.name}_{part.name}")
                        for kind in ("get", "with"))
            for before in (0, (1 << row.bits) - 1, dice.getrandbits(row.bits)):
                for value in values(part, dice):
                    after = put(before, value)
                    assert get(after) == value
                    assert after & ~part.mask == before & ~part.mask
                    assert after >> part.lo & ((1 << part.bits) - 1) == value


def test_setters_drop_bits_that_do_not_fit(generated, accessors):
    for row in generated.abi.layout:
        for part in row.fields:
            put = getattr(accessors, f"with_{row.name}_{part.name}")
            assert put(0, 2**64 - 1) == part.mask


def test_python_reads_and_writes_the_same_words(generated, accessors):
    dice = random.Random(9)
    for row in generated.abi.layout:
        layout = generated.python.LAYOUTS[row.name]
        assert layout.mbz_mask == getattr(accessors, f"mbz_{row.name}")()
        wanted = {part.name: dice.getrandbits(part.bits) for part in row.fields}
        word = 0
        for name, value in wanted.items():
            word = getattr(accessors, f"with_{row.name}_{name}")(word, value)
        assert layout.encode(**wanted) == word
        assert layout.decode(word) == wanted


def test_python_refuses_bad_words(sample):
    word8 = sample.python.LAYOUTS["word8"]
    for bad in (0x20, 0x100, -1):
        with pytest.raises(ValueError):
            word8.decode(bad)
    with pytest.raises(ValueError, match="rest: 0x20 does not fit 5 bits"):
        word8.encode(rest=0x20)
    with pytest.raises(ValueError, match="no such field: other"):
        word8.encode(other=1)


FILL = """
#include <r4/abi/structs.h>
#include <string.h>
void fill(struct r4_record *r)
{
    memset(r, 0xee, sizeof(*r));
    r->id = 0x1122334455667788;
    memcpy(r->name, "ab\\0cd", 5);
    r->points[0].x = 1;
    r->points[0].y = 2;
    r->points[1].x = 3;
    r->points[1].y = 4;
    r->origin.x = 5;
    r->origin.y = 0xffffffff;
    r->bytes[0] = 7;
    r->bytes[1] = 8;
    r->bytes[2] = 9;
    r->mask = 0xabc;
    r->place = 0x7fffffffe000;
}
"""


def test_python_reads_a_record_that_c_wrote(sample, tmp_path):
    buffer = ctypes.create_string_buffer(64)
    sample.library(tmp_path, FILL).fill(buffer)
    record = sample.python.STRUCTS["record"]
    assert record.size == 64
    assert record.decode(b"xyz" + buffer.raw, 3) == {
        "id": 0x1122334455667788, "name": "ab",
        "points": [{"x": 1, "y": 2}, {"x": 3, "y": 4}], "origin": {"x": 5, "y": 0xFFFFFFFF},
        "bytes": [7, 8, 9], "mask": 0xABC, "place": 0x7FFFFFFFE000,
    }


def test_python_refuses_a_short_record(sample):
    for size, offset in ((63, 0), (64, 1), (64, -1)):
        with pytest.raises(ValueError):
            sample.python.STRUCTS["record"].decode(bytes(size), offset)


def test_every_record_of_zeroes_decodes(generated):
    for row in generated.abi.struct:
        fields = generated.python.STRUCTS[row.name].decode(bytes(row.size))
        assert list(fields) == [part.name for part in row.fields]
