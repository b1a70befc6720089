# Err, Call, CALLS, CHECKS, STRUCTS and ERR_TEXT, which this half looks up, stand below.

import struct as _struct
from enum import IntEnum, IntFlag
from typing import NamedTuple


class Word(NamedTuple):
    """One argument or result of a call."""

    name: str
    type: str


class Failure(NamedTuple):
    """One way in which a call fails. `detail` 0 is the invoked capability, 1 the first argument."""

    error: int
    detail: int
    when: str


class CallFacts(NamedTuple):
    object: int
    rights: int
    needs_lock: bool
    blocks: bool
    restarts: bool
    modifies: bool
    args: tuple
    results: tuple
    errors: tuple


class ObjectFacts(NamedTuple):
    size_bits: int
    min_bits: int
    max_bits: int
    retype: bool
    rights: int


class CounterFacts(NamedTuple):
    scope: str
    unit: str
    doc: str


class Layout:
    """A word with bit fields; `fields` are (name, lowest bit, width)."""

    def __init__(self, bits, *fields):
        self.bits, self.fields = bits, fields
        used = sum(((1 << width) - 1) << low for _, low, width in fields)
        self.mbz_mask = ((1 << bits) - 1) & ~used

    def decode(self, word):
        """The fields by name. Raises ValueError for a word with bits that must be zero."""
        if word < 0 or word >> self.bits or word & self.mbz_mask:
            raise ValueError(f"{word:#x} has bits that must be zero")
        return {name: word >> low & ((1 << width) - 1) for name, low, width in self.fields}

    def encode(self, **values):
        """The word with these fields, the others 0. Raises ValueError if a value does not fit."""
        word = 0
        for name, low, width in self.fields:
            value = values.pop(name, 0)
            if value < 0 or value >> width:
                raise ValueError(f"{name}: {value:#x} does not fit {width} bits")
            word |= value << low
        if values:
            raise ValueError(f"no such field: {', '.join(values)}")
        return word


class Record:
    """A record in shared memory; `fields` are (name, offset, code or name of a record, count).

    A count of None is a single value. An array of `c` is text up to its first zero byte.
    """

    def __init__(self, size, *fields):
        self.size, self.fields = size, fields

    def decode(self, data, offset=0):
        """The fields by name. Raises ValueError if `data` ends before the record does."""
        if offset < 0 or len(data) - offset < self.size:
            raise ValueError(f"{len(data) - offset} bytes are no record of {self.size}")
        return {name: self._field(data, offset + at, code, count)
                for name, at, code, count in self.fields}

    def _field(self, data, at, code, count):
        if code in STRUCTS:
            record = STRUCTS[code]
            items = [record.decode(data, at + nth * record.size) for nth in range(count or 1)]
            return items[0] if count is None else items
        if code == "c":
            text = bytes(data[at:at + (count or 1)])
            return text.split(b"\0", 1)[0].decode("utf-8", "replace")
        items = list(_struct.unpack_from(f"<{count or 1}{code}", data, at))
        return items[0] if count is None else items


def explain(error, call=None, detail=0):
    """What an error means; with the call and the detail word, what it means there."""
    if error not in ERR_TEXT:
        return f"error {error}: not of this ABI"
    name = "R4_OK" if error == 0 else f"R4_E_{Err(error).name}"
    facts = CALLS.get(call)
    if facts is None:
        return f"{name}: {ERR_TEXT[error]}"
    where = facts.args[detail - 1].name if 0 < detail <= len(facts.args) else "the capability"
    causes = [row.when for row in (*facts.errors, *CHECKS)
              if (row.error, row.detail) == (error, detail)]
    cause = causes[0] if causes else ERR_TEXT[error]
    return f"{name} ({Call(call).name.lower()}, {where}): {cause}"
