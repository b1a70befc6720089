# SPDX-License-Identifier: MIT
"""Reference pages of plain numbers and of records, and the index of all pages."""

from abi import model, text
from abi.emit_headers import live_members
from abi.emit_records import type_size, with_padding
from abi.markdown import code, link, page, prose, reserved, table


def limits(abi):
    rows = [[code(f"R4_{row.name}"),
             f"{row.value}" if row.value < 0x10000 else code(hex(row.value)), row.unit, row.doc]
            for row in abi.limit]
    return page(abi, "Limits", [
        f"Fixed numbers of this version of the ABI ({abi.version}).", "",
        *table(["name", "value", "unit", "meaning"], rows)])


def layouts(abi):
    lines = ["Words with bit fields, highest bits first. Bits without a field must be zero: a word "
             "in which they are not is refused."]
    for row in abi.layout:
        lines += ["", f"## {row.name}", "", f"{prose(row.doc)} {row.bits} bits.", "",
                  *table(["bits", "field", "meaning"], bit_rows(row))]
    return page(abi, "Layouts of words", lines)


def bit_rows(row):
    """All bits of a layout from the top, with the gaps."""
    rows, at = [], 0
    for part in sorted(row.fields, key=lambda part: part.lo):
        if part.lo > at:
            rows.append([bit_range(at, part.lo - 1), "", "must be zero"])
        at = part.lo + part.bits
        rows.append([bit_range(part.lo, at - 1), code(part.name), part.doc])
    if at < row.bits:
        rows.append([bit_range(at, row.bits - 1), "", "must be zero"])
    return rows[::-1]


def bit_range(low, high):
    return f"{low}" if low == high else f"{high}..{low}"


def structs(abi):
    lines = ["Records in memory that kernel and user share. Numbers are little-endian; offsets and "
             "sizes are in bytes."]
    for row in abi.struct:
        lines += ["", f"## {row.name}", "", f"{prose(row.doc)} {row.size} bytes.", "",
                  *table(["offset", "size", "type", "field", "meaning"], record_rows(abi, row))]
    return page(abi, "Records in shared memory", lines)


def record_rows(abi, row):
    for part in with_padding(abi, row):
        if isinstance(part, tuple):
            yield [part[0], part[1] - part[0], "", "", "padding"]
            continue
        size = type_size(abi, part.type) * (part.count or 1)
        name = code(part.type) if part.type in model.SCALARS else link(
            code(part.type), "", part.type)
        yield [part.offset, size, name + (f" × {part.count}" if part.count else ""),
               code(part.name), part.doc]


def enums(abi):
    lines = ["Values of words and of fields."]
    for enum in abi.enum:
        lines += ["", f"## {enum.name}", "", prose(enum.doc), "", *table(
            ["number", "name", "meaning"],
            [[row.number, code(f"R4_{enum.name.upper()}_{row.name}"), row.doc]
             for row in live_members(enum)])]
        removed = [f"{row.number} ({row.name})" for row in enum.members if row.removed]
        if removed:
            lines += ["", f"Removed, and never to be used again: {', '.join(removed)}."]
    return page(abi, "Enumerations", lines)


def points(abi):
    lines = [
        "Fault points are places where a test can make something go wrong; trace points are places "
        "that leave a record. Both have the same names in the host build and on the machine.",
        "", "## Fault points", "",
        "Armed by the boot option `fault=POINT:NTH:ACTION`.", "",
        *table(["number", "point", "meaning"],
               [[row.number, code(row.name), row.doc] for row in abi.fault_point]),
        *reserved(abi, "fault_point"),
        "", "## Trace points", "",
        *table(["number", "point", "arguments", "meaning"],
               [[row.number, code(row.name), ", ".join(map(code, row.args)), row.doc]
                for row in abi.trace_point]),
        *reserved(abi, "trace_point"),
    ]
    return page(abi, "Fault and trace points", lines)


def counters(abi):
    lines = ["Numbers that the kernel keeps about itself. They start at 0 at boot and never fall."]
    for scope in ("cluster", "core"):
        lines += ["", f"## Per {scope}", "", *table(
            ["number", "counter", "unit", "meaning"],
            [[row.number, code(row.name), row.unit, row.doc]
             for row in abi.counter if row.scope == scope])]
    return page(abi, "Counters", [*lines, *reserved(abi, "counter")])


def exits(abi):
    return page(abi, "Exit values", [
        "What the kernel writes to the isa-debug-exit device to end the machine, and the status "
        "with which the emulator's process then ends: twice the value plus one. Values 0 and 1 are "
        "never used, so that statuses 1 and 3, and an emulator that ends by itself with 0, can "
        "never look like a verdict.", "",
        *table(["value", "process status", "name", "meaning"],
               [[code(f"0x{row.number:02x}"), row.status, code(f"R4_EXIT_{row.name}"),
                 row.sentence] for row in abi.exit]),
        *reserved(abi, "exit")])


def index(abi):
    pages = [
        ("calls", "what a program can ask of the kernel", text.plural(len(abi.call), "call")),
        ("objects", "what capabilities refer to", text.plural(len(abi.object), "type")),
        ("rights", "what a capability allows; right × type × operation",
         text.plural(len(abi.right), "right")),
        ("errors", "what a call answers, and every cause", text.plural(len(abi.error), "error")),
        ("limits", "fixed numbers", text.plural(len(abi.limit), "limit")),
        ("enums", "values of words and fields", text.plural(len(abi.enum), "enumeration")),
        ("layouts", "words with bit fields", text.plural(len(abi.layout), "layout")),
        ("structs", "records in shared memory", text.plural(len(abi.struct), "record")),
        ("points", "fault and trace points",
         f"{len(abi.fault_point)} fault, {len(abi.trace_point)} trace"),
        ("counters", "what the kernel counts", text.plural(len(abi.counter), "counter")),
        ("exits", "how the machine ends", text.plural(len(abi.exit), "value")),
    ]
    return page(abi, "The ABI of R4", [
        f"Version {abi.version}. Everything here is generated from `{abi.source}`, from which the "
        "headers, the stubs, the kernel's dispatch table and the Python constants come as well, so "
        "that they cannot disagree.", "",
        *table(["page", "content", ""], [[link(f"{name}.md", f"{name}.md"), what, count]
                                         for name, what, count in pages])])
