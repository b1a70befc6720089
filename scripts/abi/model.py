# SPDX-License-Identifier: MIT
"""The grammar of r4.toml as data: one dataclass a table, one field a key.

Each field carries a Kind, which says what a value must look like. Nothing here knows about other
entries of the file: references, duplicates and overlaps are the business of check.py.
"""

from abi.kinds import BARE, BOOL, LOWER, TEXT, U64, UPPER, Choice, Int, Names, Tables, entry, key

RIGHT_BITS = 12
ERROR_LIMIT = 256
OBJECT_LIMIT = 64
CALL_LIMIT = 0x400
WORDS_MAX = 6
DETAIL_PEER = 0x100  # in a detail: it is about the peer that the argument names
INDEX_BITS = 24


@entry
class Error:
    name: str = key(UPPER)
    number: int = key(Int(0, ERROR_LIMIT - 1))
    sentence: str = key(TEXT)
    removed: bool = key(BOOL, False)


@entry
class Right:
    name: str = key(UPPER)
    bit: int = key(Int(0, RIGHT_BITS - 1))
    sentence: str = key(TEXT)
    removed: bool = key(BOOL, False)


@entry
class Object:
    """An object type. Sizes are log2 of bytes: `size_bits` is 0 where the caller gives the size
    (min_bits..max_bits) or where there is no memory at all (all three are 0)."""

    name: str = key(UPPER)
    number: int = key(Int(1, OBJECT_LIMIT - 1))
    size_bits: int = key(Int(0, 63))
    min_bits: int = key(Int(0, 63))
    max_bits: int = key(Int(0, 63))
    retype: bool = key(BOOL)
    rights: list = key(Names("UPPER_SNAKE", RIGHT_BITS))
    doc: str = key(TEXT)
    removed: bool = key(BOOL, False)


# The types of arguments and results: C type, width in bits, what the page says.
WORD_TYPES = {
    "u8": ("uint8_t", 8, "8-bit number"),
    "u16": ("uint16_t", 16, "16-bit number"),
    "u32": ("uint32_t", 32, "32-bit number"),
    "u64": ("uint64_t", 64, "64-bit number"),
    "bool": ("bool", 1, "0 or 1"),
    "index": ("uint32_t", INDEX_BITS, "capability index, 24 bits"),
    "rights": ("uint16_t", RIGHT_BITS, "mask of rights, 12 bits"),
    "vaddr": ("uint64_t", 64, "user virtual address"),
    "paddr": ("uint64_t", 64, "physical address"),
}


@entry
class Word:
    """One argument or one result of a call."""

    name: str = key(BARE)
    type: str = key(Choice(*WORD_TYPES))
    doc: str = key(TEXT)

    @property
    def c_type(self):
        return WORD_TYPES[self.type][0]

    @property
    def bits(self):
        return WORD_TYPES[self.type][1]


@entry
class Failure:
    """One way in which a call fails."""

    error: str = key(UPPER)
    when: str = key(TEXT)
    detail: int = key(Int(0, DETAIL_PEER + WORDS_MAX), 0)

    @property
    def argument(self):
        return self.detail % DETAIL_PEER

    @property
    def is_about_peer(self):
        return self.detail >= DETAIL_PEER


@entry
class Header:
    """The table [abi]. `errors` are those of every call, in the order of the kernel's checks;
    `index_errors` those that every argument of type index has besides its call's own."""

    version: int = key(Int(1, 0xFFFF))
    errors: list = key(Tables(Failure), ())
    index_errors: list = key(Tables(Failure), ())


@entry
class Call:
    name: str = key(LOWER)
    number: int = key(Int(1, CALL_LIMIT - 1))  # the kernel's row 0 is nobody's
    object: str = key(UPPER)
    rights: list = key(Names("UPPER_SNAKE", RIGHT_BITS), ())
    lock: bool = key(BOOL, True)
    blocks: bool = key(BOOL, False)
    restarts: bool = key(BOOL, False)
    modifies: bool = key(BOOL, False)  # changes the capability itself: a chain needs MODIFY
    doc: str = key(TEXT)
    args: list = key(Tables(Word, WORDS_MAX), ())
    results: list = key(Tables(Word, WORDS_MAX), ())
    errors: list = key(Tables(Failure), ())
    removed: bool = key(BOOL, False)


@entry
class Limit:
    name: str = key(UPPER)
    value: int = key(U64)
    unit: str = key(TEXT)
    doc: str = key(TEXT)


@entry
class BitField:
    name: str = key(LOWER)
    lo: int = key(Int(0, 63))
    bits: int = key(Int(1, 64))
    doc: str = key(TEXT)

    @property
    def mask(self):
        return ((1 << self.bits) - 1) << self.lo


@entry
class Layout:
    name: str = key(LOWER)
    bits: int = key(Int(8, 64))
    fields: list = key(Tables(BitField))
    doc: str = key(TEXT)


@entry
class Member:
    name: str = key(UPPER)
    number: int = key(Int(0, 2**31 - 1))
    doc: str = key(TEXT)
    removed: bool = key(BOOL, False)


@entry
class Enum:
    name: str = key(LOWER)
    members: list = key(Tables(Member))
    doc: str = key(TEXT)


@entry
class StructField:
    name: str = key(BARE)
    type: str = key(LOWER)
    offset: int = key(Int(0, 2**31 - 1))
    count: int | None = key(Int(1, 2**31 - 1), None)
    doc: str = key(TEXT)


@entry
class Struct:
    name: str = key(LOWER)
    size: int = key(Int(1, 2**31 - 1))
    fields: list = key(Tables(StructField))
    doc: str = key(TEXT)


# Scalar types of struct fields: C type, size in bytes (also the alignment), Python struct code.
SCALARS = {
    "u8": ("uint8_t", 1, "B"),
    "u16": ("uint16_t", 2, "H"),
    "u32": ("uint32_t", 4, "I"),
    "u64": ("uint64_t", 8, "Q"),
    "char": ("char", 1, "c"),
    "index": ("uint32_t", 4, "I"),
    "rights": ("uint16_t", 2, "H"),
    "vaddr": ("uint64_t", 8, "Q"),
    "paddr": ("uint64_t", 8, "Q"),
}


@entry
class Exit:
    name: str = key(UPPER)
    number: int = key(Int(2, 127))
    sentence: str = key(TEXT)
    removed: bool = key(BOOL, False)

    @property
    def status(self):
        return 2 * self.number + 1


@entry
class FaultPoint:
    name: str = key(LOWER)
    number: int = key(Int(0, 0xFFFF))
    doc: str = key(TEXT)
    removed: bool = key(BOOL, False)


@entry
class TracePoint:
    name: str = key(LOWER)
    number: int = key(Int(0, 0xFFFF))
    doc: str = key(TEXT)
    args: list = key(Names("lower_snake", WORDS_MAX), ())
    removed: bool = key(BOOL, False)


@entry
class Counter:
    name: str = key(LOWER)
    number: int = key(Int(0, 0xFFF))
    scope: str = key(Choice("cluster", "core"))
    unit: str = key(TEXT)
    doc: str = key(TEXT)
    removed: bool = key(BOOL, False)


# The tables of the file in the order of the pages.
TABLES = {
    "error": Error,
    "right": Right,
    "object": Object,
    "call": Call,
    "limit": Limit,
    "layout": Layout,
    "enum": Enum,
    "struct": Struct,
    "exit": Exit,
    "fault_point": FaultPoint,
    "trace_point": TracePoint,
    "counter": Counter,
}


class Abi:
    """A read file: one list of live entries a table, sorted by number where there is one.

    `source` is the file's base name (outputs must not depend on where the file lies), `checks` are
    the failures that every call has, `index_checks` those of every index argument, and `reserved[table]` holds the removed entries.
    """

    def __init__(self, source, header, entries):
        self.source = source
        self.version = header.version
        self.checks = header.errors
        self.index_checks = header.index_errors
        self.reserved = {}
        for table, rows in entries.items():
            live = [row for row in rows if not getattr(row, "removed", False)]
            self.reserved[table] = [row for row in rows if getattr(row, "removed", False)]
            setattr(self, table, sorted(live, key=position))

    def named(self, table, name):
        return next(row for row in getattr(self, table) if row.name == name)


def position(row):
    """Where an entry stands among its kind: by number or bit; file order where there is none."""
    return getattr(row, "number", getattr(row, "bit", 0))
