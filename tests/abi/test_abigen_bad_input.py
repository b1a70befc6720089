# SPDX-License-Identifier: MIT
"""Every way in which the ABI file can be wrong, with the exact message.

A case replaces one piece of sample.toml; `messages` are all problems that must be reported.
"""

from pathlib import Path

import pytest

from abi import load, output

SAMPLE = Path(__file__).with_name("sample.toml").read_text()


def problems(text):
    with pytest.raises(load.AbiError) as caught:
        output.generate(load.load_text(text, "r4.toml"))
    return caught.value.problems


def case(name, old, new, *messages):
    return pytest.param(old, new, messages, id=name)


CASES = [
    # The file and its tables
    case("not-toml", "[abi]", "[abi", "r4.toml: not TOML: Expected ']' at the end of a table "
         "declaration (at line 3, column 5)"),
    case("no-version", "version = 7\n", "", 'r4.toml: [abi]: key "version": missing'),
    case("version-zero", "version = 7", "version = 0",
         'r4.toml: [abi]: key "version": 0 is outside 1..65535'),
    case("abi-unknown-key", "version = 7", "version = 7\nauthor = 1",
         'r4.toml: [abi]: key "author": unknown key'),
    case("abi-check-unknown-error", 'error = "EMPTY", when = "the index',
         'error = "LOST", when = "the index',
         'r4.toml: [abi]: key "errors[LOST].error": unknown error "LOST"'),
    case("abi-check-detail", 'when = "the index names an empty slot" }',
         'when = "the index names an empty slot", detail = 1 }',
         'r4.toml: [abi]: key "errors[EMPTY].detail": 1 is beyond the 0 arguments'),
    case("unknown-table", "[[limit]]\nname = \"SMALL\"", "[[limits]]\nname = \"SMALL\"",
         'r4.toml: unknown table "limits"'),
    case("table-not-array", '[[fault_point]]\nname = "half_way"\nnumber = 1\ndoc = "In the middle '
         'of something."\n[[fault_point]]\nname = "old"\nnumber = 2\nremoved = true\n',
         '[fault_point]\nname = "half_way"\n',
         'r4.toml: "fault_point" must be written as [[fault_point]]'),
    # Keys and the kinds of their values
    case("unknown-key", 'sentence = "Done."', 'sentence = "Done."\ntext = "x"',
         'r4.toml: [[error]] OK: key "text": unknown key'),
    case("missing-key", 'sentence = "Done."\n', "",
         'r4.toml: [[error]] OK: key "sentence": missing'),
    case("missing-name", 'name = "PASS"\n', "", 'r4.toml: [[exit]] #1: key "name": missing'),
    case("name-not-string", 'name = "PASS"', "name = 1",
         'r4.toml: [[exit]] #1: key "name": must be a string'),
    case("name-lower", 'name = "PASS"', 'name = "Pass"',
         'r4.toml: [[exit]] Pass: key "name": "Pass" is not UPPER_SNAKE'),
    case("name-upper", 'name = "nothing"', 'name = "noThing"',
         'r4.toml: [[call]] noThing: key "name": "noThing" is not lower_snake'),
    case("name-double-underscore", 'name = "nothing"', 'name = "no__thing"',
         'r4.toml: [[call]] no__thing: key "name": "no__thing" is not lower_snake'),
    case("name-c-word", 'name = "middle"', 'name = "short"',
         'r4.toml: [[call]] words: key "args[short].name": "short" is a word of the C language'),
    case("number-not-integer", "number = 0x10\n", 'number = "16"\n',
         'r4.toml: [[exit]] PASS: key "number": must be an integer'),
    case("number-boolean", "number = 0x10\n", "number = true\n",
         'r4.toml: [[exit]] PASS: key "number": must be an integer'),
    case("bool-not-boolean", "lock = false", "lock = 0",
         'r4.toml: [[call]] nothing: key "lock": must be true or false'),
    case("doc-not-string", 'doc = "Does nothing."', "doc = 1",
         'r4.toml: [[call]] nothing: key "doc": must be a string'),
    case("doc-empty", 'doc = "Does nothing."', 'doc = " "',
         'r4.toml: [[call]] nothing: key "doc": must not be empty'),
    case("doc-ends-comment", 'doc = "Does nothing."', 'doc = "Does */ nothing."',
         'r4.toml: [[call]] nothing: key "doc": must not contain "*/"'),
    case("when-empty", 'when = "the box is empty"', 'when = ""',
         'r4.toml: [[call]] words: key "errors[EMPTY].when": must not be empty'),
    case("rights-not-array", 'rights = ["READ"]\ndoc = "Its', 'rights = "READ"\ndoc = "Its',
         'r4.toml: [[call]] register_of: key "rights": must be an array'),
    case("rights-twice", 'rights = ["READ"]\ndoc = "Its', 'rights = ["READ", "READ"]\ndoc = "Its',
         'r4.toml: [[call]] register_of: key "rights": names "READ" twice'),
    case("scope", 'scope = "core"', 'scope = "thread"',
         'r4.toml: [[counter]] waits: key "scope": must be one of cluster, core'),
    case("args-not-tables", 'args = ["from", "to"]', "args = [1]",
         'r4.toml: [[trace_point]] switch: key "args": must be a string'),
    # Names and numbers are used once
    case("duplicate-name", 'name = "EMPTY"\nnumber = 5', 'name = "RANGE"\nnumber = 5',
         'r4.toml: [[error]] RANGE: key "name": used twice in this table',
         'r4.toml: [abi]: key "errors[EMPTY].error": unknown error "EMPTY"',
         'r4.toml: [[call]] words: key "errors[EMPTY].error": unknown error "EMPTY"'),
    case("duplicate-number", 'name = "EMPTY"\nnumber = 5', 'name = "EMPTY"\nnumber = 3',
         'r4.toml: [[error]] EMPTY: key "number": 3 already belongs to RANGE'),
    case("duplicate-bit", "bit = 11", "bit = 0",
         'r4.toml: [[right]] WRITE: key "bit": 0 already belongs to READ'),
    case("removed-name", 'name = "wide"\nnumber', 'name = "old"\nnumber',
         'r4.toml: [[call]] old: key "name": used twice in this table'),
    case("removed-number", 'name = "waits"\nnumber = 9\n', 'name = "waits"\nnumber = 0\n',
         'r4.toml: [[counter]] waits: key "number": 0 already belongs to takes'),
    case("number-of-removed", '[[call]]\nname = "old"\nnumber = 0x012\nremoved = true\n',
         '[[call]]\nname = "old"\nnumber = 0x012\nremoved = true\n[[call]]\nname = "new"\n'
         'number = 0x012\nobject = "NONE"\ndoc = "New."\n',
         'r4.toml: [[call]] new: key "number": 18 already belongs to old (removed: its number '
         "stays reserved)"),
    case("removed-without-number", 'name = "old"\nnumber = 0x012\n', 'name = "old"\n',
         'r4.toml: [[call]] old: key "number": missing'),
    # Ranges
    case("error-range", 'name = "EMPTY"\nnumber = 5', 'name = "EMPTY"\nnumber = 256',
         'r4.toml: [[error]] EMPTY: key "number": 256 is outside 0..255'),
    case("error-zero", 'name = "OK"', 'name = "FINE"',
         'r4.toml: [[error]] FINE: key "number": 0 is OK and OK is 0'),
    case("ok-not-zero", 'name = "OK"\nnumber = 0', 'name = "OK"\nnumber = 9',
         'r4.toml: [[error]] OK: key "number": 0 is OK and OK is 0'),
    case("right-bit", "bit = 11", "bit = 12",
         'r4.toml: [[right]] WRITE: key "bit": 12 is outside 0..11'),
    case("object-range", 'name = "CLOCK"\nnumber = 9', 'name = "CLOCK"\nnumber = 64',
         'r4.toml: [[object]] CLOCK: key "number": 64 is outside 1..63'),
    case("object-zero", 'name = "CLOCK"\nnumber = 9', 'name = "CLOCK"\nnumber = 0',
         'r4.toml: [[object]] CLOCK: key "number": 0 is outside 1..63'),
    case("call-range", "number = 0x3ff", "number = 0x400",
         'r4.toml: [[call]] register_of: key "number": 1024 is outside 1..1023'),
    case("call-zero", 'name = "nothing"\nnumber = 0x001', 'name = "nothing"\nnumber = 0',
         'r4.toml: [[call]] nothing: key "number": 0 is outside 1..1023'),
    case("exit-zero", "number = 0x10\n", "number = 0\n",
         'r4.toml: [[exit]] PASS: key "number": 0 is outside 2..127'),
    case("exit-one", "number = 0x10\n", "number = 1\n",
         'r4.toml: [[exit]] PASS: key "number": 1 is outside 2..127'),
    case("limit-negative", "value = 15", "value = -1",
         f'r4.toml: [[limit]] SMALL: key "value": -1 is outside 0..{2**64 - 1}'),
    # Errors and objects
    case("no-range", 'name = "RANGE"\nnumber = 3', 'name = "FAR"\nnumber = 3',
         'r4.toml: [[error]]: no entry "RANGE", which argument checks return',
         'r4.toml: [[call]] words: key "errors[RANGE].error": unknown error "RANGE"'),
    case("object-named-any", 'name = "CLOCK"', 'name = "ANY"',
         'r4.toml: [[object]] ANY: key "name": "ANY" is not an object type: calls use the word'),
    case("object-unknown-right", 'rights = ["READ"]\ndoc = "Of', 'rights = ["FLY"]\ndoc = "Of',
         'r4.toml: [[object]] REGISTER: key "rights": unknown right "FLY"',
         'r4.toml: [[call]] register_of: key "rights": object REGISTER does not list right '
         '"READ"'),
    case("object-removed-right", 'rights = []\ndoc = "Without', 'rights = ["OLD"]\ndoc = "Without',
         'r4.toml: [[object]] CLOCK: key "rights": right "OLD" is removed'),
    case("object-fixed-size", "min_bits = 12\nmax_bits = 12", "min_bits = 4\nmax_bits = 12",
         'r4.toml: [[object]] REGISTER: key "min_bits": 4 differs from the fixed size_bits 12'),
    case("object-size-order", "min_bits = 4\nmax_bits = 12", "min_bits = 13\nmax_bits = 12",
         'r4.toml: [[object]] BOX: key "max_bits": 12 is below min_bits 13'),
    case("object-size-zero", "min_bits = 4\nmax_bits = 12", "min_bits = 0\nmax_bits = 12",
         'r4.toml: [[object]] BOX: key "min_bits": 0 where max_bits is not: no object is one byte '
         "large"),
    case("object-retype-nothing", "max_bits = 0\nretype = false", "max_bits = 0\nretype = true",
         'r4.toml: [[object]] CLOCK: key "retype": true for an object without memory'),
    # Calls
    case("call-unknown-object", 'object = "BOX"', 'object = "BAG"',
         'r4.toml: [[call]] words: key "object": unknown object "BAG"'),
    case("call-removed-object", 'object = "BOX"', 'object = "OLD"',
         'r4.toml: [[call]] words: key "object": object "OLD" is removed'),
    case("call-unknown-right", 'rights = ["READ"]\ndoc = "Its', 'rights = ["FLY"]\ndoc = "Its',
         'r4.toml: [[call]] register_of: key "rights": unknown right "FLY"'),
    case("call-unlisted-right", 'rights = ["READ"]\ndoc = "Its', 'rights = ["WRITE"]\ndoc = "Its',
         'r4.toml: [[call]] register_of: key "rights": object REGISTER does not list right '
         '"WRITE"'),
    case("call-right-on-nothing", "lock = false", 'lock = false\nrights = ["READ"]',
         'r4.toml: [[call]] nothing: key "rights": "READ" is asked of a call without a capability'),
    case("call-seven-args", '  { name = "mask", type = "rights", doc = "rights" },\n]\nerrors',
         '  { name = "mask", type = "rights", doc = "rights" },\n'
         '  { name = "more", type = "u8", doc = "too much" },\n]\nerrors',
         'r4.toml: [[call]] words: key "args": has 7 entries, at most 6 are possible'),
    case("call-arg-type", 'name = "small", type = "u8", doc = "eight bits" },\n  { name = "middle"',
         'name = "small", type = "i8", doc = "eight bits" },\n  { name = "middle"',
         'r4.toml: [[call]] words: key "args[small].type": must be one of u8, u16, u32, u64, bool, '
         "index, rights, vaddr, paddr"),
    case("call-arg-key", 'name = "middle", type = "u16"', 'name = "middle", size = 2, type = "u16"',
         'r4.toml: [[call]] words: key "args[middle].size": unknown key'),
    case("call-arg-doc", 'name = "middle", type = "u16", doc = "sixteen bits"',
         'name = "middle", type = "u16"',
         'r4.toml: [[call]] words: key "args[middle].doc": missing'),
    case("call-arg-twice", 'name = "middle"', 'name = "small"',
         'r4.toml: [[call]] words: key "args[small].name": used twice in this call'),
    case("call-result-twice", '"u64", doc = "the value" },\n  { name = "small"',
         '"u64", doc = "the value" },\n  { name = "value"',
         'r4.toml: [[call]] wide: key "results[value].name": used twice in this call'),
    case("call-unknown-error", 'error = "EMPTY", when = "the box',
         'error = "LOST", when = "the box',
         'r4.toml: [[call]] words: key "errors[LOST].error": unknown error "LOST"'),
    case("call-removed-error", 'error = "EMPTY", when = "the box', 'error = "OLD", when = "the box',
         'r4.toml: [[call]] words: key "errors[OLD].error": error "OLD" is removed'),
    case("call-error-ok", 'error = "EMPTY", when = "the box', 'error = "OK", when = "the box',
         'r4.toml: [[call]] words: key "errors[OK].error": OK is not a failure'),
    case("call-detail-beyond", 'name = "register_cap", type = "u64", doc = "takes a name that the '
         'stub would have liked" },\n]',
         'name = "register_cap", type = "u64", doc = "takes a name" },\n]\n'
         'errors = [{ error = "RANGE", when = "far", detail = 2 }]',
         'r4.toml: [[call]] register_of: key "errors[RANGE].detail": 2 is beyond the 1 arguments'),
    case("call-cause-twice", 'error = "EMPTY", when = "the box is empty"',
         'error = "RANGE", when = "`small` is even", detail = 1',
         'r4.toml: [[call]] words: key "errors[RANGE].detail": RANGE with detail 1 is given twice'),
    # Layouts
    case("layout-bits", 'name = "word32"\nbits = 32', 'name = "word32"\nbits = 48',
         'r4.toml: [[layout]] word32: key "bits": 48 is not 8, 16, 32 or 64'),
    case("layout-overlap", 'name = "wide", lo = 8', 'name = "wide", lo = 31',
         'r4.toml: [[layout]] word64: key "fields[wide].lo": bit 63 already belongs to high'),
    case("layout-beyond", 'name = "all", lo = 0', 'name = "all", lo = 1',
         'r4.toml: [[layout]] word32: key "fields[all].bits": bits 1..32 do not fit 32 bits'),
    case("layout-name-twice", 'name = "rest"', 'name = "flag"',
         'r4.toml: [[layout]] word8: key "fields[flag].name": used twice in this layout'),
    # Enumerations
    case("enum-name-twice", 'name = "BUSY"', 'name = "IDLE"',
         'r4.toml: [[enum]] state: key "members[IDLE].name": used twice in this enum'),
    case("enum-number-twice", 'name = "BUSY", number = 7', 'name = "BUSY", number = 3',
         'r4.toml: [[enum]] state: key "members[OLD].number": 3 already belongs to BUSY'),
    case("enum-own-name", 'name = "state"', 'name = "call"',
         'r4.toml: [[enum]] call: key "name": "call" is an enum of the generator'),
    # Records
    case("struct-overlap", "offset = 32", "offset = 28",
         'r4.toml: [[struct]] record: key "fields[origin].offset": 28 overlaps points'),
    case("struct-misaligned", "offset = 44", "offset = 45",
         'r4.toml: [[struct]] record: key "fields[mask].offset": 45 is not a multiple of the '
         "alignment 2"),
    case("struct-nested-misaligned", "offset = 32", "offset = 34",
         'r4.toml: [[struct]] record: key "fields[origin].offset": 34 is not a multiple of the '
         "alignment 4",
         'r4.toml: [[struct]] record: key "fields[bytes].offset": 41 overlaps origin'),
    case("struct-too-small", "size = 64", "size = 48",
         'r4.toml: [[struct]] record: key "fields[place].offset": ends at 56, beyond the size 48'),
    case("struct-size-alignment", "size = 64", "size = 60",
         'r4.toml: [[struct]] record: key "size": 60 is not a multiple of the alignment 8'),
    case("struct-unknown-type", 'type = "char"', 'type = "later"',
         'r4.toml: [[struct]] record: key "fields[name].type": unknown type "later"'),
    case("struct-itself", 'type = "char"', 'type = "record"',
         'r4.toml: [[struct]] record: key "fields[name].type": unknown type "record"'),
    case("struct-name-twice", 'name = "origin"', 'name = "points"',
         'r4.toml: [[struct]] record: key "fields[points].name": used twice in this struct'),
    case("struct-count-zero", "count = 5", "count = 0",
         f'r4.toml: [[struct]] record: key "fields[name].count": 0 is outside 1..{2**31 - 1}'),
    case("struct-scalar-name", '[[struct]]\nname = "point"', '[[struct]]\nname = "u8"',
         'r4.toml: [[struct]] u8: key "name": "u8" is a scalar type',
         'r4.toml: [[struct]] record: key "fields[points].type": unknown type "point"',
         'r4.toml: [[struct]] record: key "fields[origin].type": unknown type "point"'),
    case("struct-own-name", '[[struct]]\nname = "record"', '[[struct]]\nname = "result"',
         'r4.toml: [[struct]] result: key "name": "result" is a struct of the generator'),
    # Different tables, one C identifier
    case("clash", 'name = "SMALL"', 'name = "TYPE_BOX"',
         "R4_TYPE_BOX would be defined twice: in include/r4/abi/objects.h and in "
         "include/r4/abi/limits.h"),
]


@pytest.mark.parametrize("old, new, messages", CASES)
def test_refused(old, new, messages):
    assert SAMPLE.count(old) == 1, "the case must change exactly one place"
    assert problems(SAMPLE.replace(old, new)) == list(messages)


def test_sample_itself_is_accepted():
    assert load.load_text(SAMPLE, "r4.toml").version == 7


def test_all_problems_are_reported_at_once():
    text = SAMPLE.replace("bit = 11", "bit = 12").replace("number = 0x10\n", "number = 1\n")
    assert problems(text) == [
        'r4.toml: [[right]] WRITE: key "bit": 12 is outside 0..11',
        'r4.toml: [[exit]] PASS: key "number": 1 is outside 2..127',
    ]
