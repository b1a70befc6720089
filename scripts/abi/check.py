# SPDX-License-Identifier: MIT
"""What no single value can show: duplicates, references, overlaps, sizes."""

from abi import model

ANYTHING = ("NONE", "ANY")

# Tags that the generated headers and <r4/invoke.h> use themselves, without the prefix r4_.
OWN_ENUMS = ("err", "right", "type", "call", "exit", "counter", "fault_point", "trace_point")
OWN_STRUCTS = ("object_facts", "result")


def check(report, header, entries):
    """Adds every problem of the entries to the report. Each value by itself is right already."""
    for table, rows in entries.items():
        check_unique(report, table, rows)
    check_errors(report, entries)
    check_failures(report, entries, "[abi]", header.errors, 0)
    check_failures(report, entries, "[abi]", header.index_errors, 0)
    check_objects(report, entries)
    for call in live(entries["call"]):
        check_call(report, entries, call)
    for layout in entries["layout"]:
        check_layout(report, layout)
    for enum in entries["enum"]:
        check_enum(report, enum)
    check_structs(report, entries["struct"])


def live(rows):
    return [row for row in rows if not row.removed]


def where(table, row):
    return f"[[{table}]] {row.name}"


def number_key(row):
    return "bit" if hasattr(row, "bit") else "number" if hasattr(row, "number") else None


def check_unique(report, table, rows):
    """Names and numbers are used once in a table; removed entries keep theirs."""
    names, numbers = set(), {}
    for row in rows:
        if row.name in names:
            report.add(where(table, row), "name", "used twice in this table")
        names.add(row.name)
        which = number_key(row)
        if which is None:
            continue
        number = getattr(row, which)
        if number in numbers:
            first = numbers[number]
            note = " (removed: its number stays reserved)" if first.removed else ""
            report.add(where(table, row), which, f"{number} already belongs to {first.name}{note}")
        numbers.setdefault(number, row)


def reference(report, entries, place, path, table, name):
    """The live entry of that name, or None after a report."""
    for row in entries[table]:
        if row.name == name:
            if row.removed:
                report.add(place, path, f'{table} "{name}" is removed')
                return None
            return row
    report.add(place, path, f'unknown {table} "{name}"')
    return None


def check_errors(report, entries):
    for row in entries["error"]:
        if (row.number == 0) != (row.name == "OK"):
            report.add(where("error", row), "number", "0 is OK and OK is 0")
    if not any(row.name == "RANGE" for row in live(entries["error"])):
        report.problems.append(
            f'{report.file}: [[error]]: no entry "RANGE", which argument checks return')


def check_objects(report, entries):
    for row in live(entries["object"]):
        place = where("object", row)
        if row.name in ANYTHING:
            report.add(place, "name", f'"{row.name}" is not an object type: calls use the word')
        for right in row.rights:
            reference(report, entries, place, "rights", "right", right)
        check_object_size(report, place, row)


def check_object_size(report, place, row):
    """A fixed size is given three times; a caller's is a range; no memory is three times 0."""
    if row.size_bits != 0:
        for which in ("min_bits", "max_bits"):
            if getattr(row, which) != row.size_bits:
                report.add(place, which,
                           f"{getattr(row, which)} differs from the fixed size_bits "
                           f"{row.size_bits}")
    elif row.min_bits > row.max_bits:
        report.add(place, "max_bits", f"{row.max_bits} is below min_bits {row.min_bits}")
    elif row.min_bits == 0 and row.max_bits != 0:
        report.add(place, "min_bits", "0 where max_bits is not: no object is one byte large")
    elif row.retype and row.max_bits == 0:
        report.add(place, "retype", "true for an object without memory")


def check_call(report, entries, call):
    place = where("call", call)
    target = None
    if call.object not in ANYTHING:
        target = reference(report, entries, place, "object", "object", call.object)
    for right in call.rights:
        known = reference(report, entries, place, "rights", "right", right)
        if known and call.object == "NONE":
            report.add(place, "rights", f'"{right}" is asked of a call without a capability')
        elif known and target and right not in target.rights:
            report.add(place, "rights", f'object {target.name} does not list right "{right}"')
    check_words(report, place, call)
    check_failures(report, entries, place, call.errors, len(call.args))


def check_failures(report, entries, place, failures, arguments):
    """Known errors, details that name an argument, and one text for each code and detail."""
    seen = set()
    for failure in failures:
        path = f"errors[{failure.error}]"
        reference(report, entries, place, f"{path}.error", "error", failure.error)
        if failure.error == "OK":
            report.add(place, f"{path}.error", "OK is not a failure")
        if failure.argument > arguments:
            report.add(place, f"{path}.detail",
                       f"{failure.detail} is beyond the {arguments} arguments")
        cause = (failure.error, failure.detail)
        if cause in seen:
            report.add(place, f"{path}.detail",
                       f"{failure.error} with detail {failure.detail} is given twice")
        seen.add(cause)


def check_words(report, place, call):
    for path, words in (("args", call.args), ("results", call.results)):
        names = set()
        for word in words:
            if word.name in names:
                report.add(place, f"{path}[{word.name}].name", "used twice in this call")
            names.add(word.name)


def check_layout(report, layout):
    place = where("layout", layout)
    if layout.bits not in (8, 16, 32, 64):
        report.add(place, "bits", f"{layout.bits} is not 8, 16, 32 or 64")
    names, used = set(), {}
    for part in layout.fields:
        path = f"fields[{part.name}]"
        if part.name in names:
            report.add(place, f"{path}.name", "used twice in this layout")
        names.add(part.name)
        if part.lo + part.bits > layout.bits:
            report.add(place, f"{path}.bits",
                       f"bits {part.lo}..{part.lo + part.bits - 1} do not fit {layout.bits} bits")
        for bit in range(part.lo, part.lo + part.bits):
            if bit in used:
                report.add(place, f"{path}.lo", f"bit {bit} already belongs to {used[bit]}")
                break
            used[bit] = part.name


def check_enum(report, enum):
    place = where("enum", enum)
    if enum.name in OWN_ENUMS:
        report.add(place, "name", f'"{enum.name}" is an enum of the generator')
    names, numbers = set(), {}
    for member in enum.members:
        path = f"members[{member.name}]"
        if member.name in names:
            report.add(place, f"{path}.name", "used twice in this enum")
        names.add(member.name)
        if member.number in numbers:
            report.add(place, f"{path}.number",
                       f"{member.number} already belongs to {numbers[member.number]}")
        numbers.setdefault(member.number, member.name)


def check_structs(report, structs):
    """Structs in file order; a nested struct must stand before the one that holds it."""
    shapes = {name: (size, size) for name, (_, size, _) in model.SCALARS.items()}
    for struct in structs:
        place = where("struct", struct)
        if struct.name in model.SCALARS:
            report.add(place, "name", f'"{struct.name}" is a scalar type')
        if struct.name in OWN_STRUCTS:
            report.add(place, "name", f'"{struct.name}" is a struct of the generator')
        align = check_struct_fields(report, place, struct, shapes)
        if struct.size % align:
            report.add(place, "size", f"{struct.size} is not a multiple of the alignment {align}")
        shapes.setdefault(struct.name, (struct.size, align))


def check_struct_fields(report, place, struct, shapes):
    """Checks each field's place; returns the alignment of the whole."""
    names, end, largest, previous = set(), 0, 1, None
    if not struct.fields:
        report.add(place, "fields", "must not be empty")
    for part in struct.fields:
        path = f"fields[{part.name}]"
        if part.name in names:
            report.add(place, f"{path}.name", "used twice in this struct")
        names.add(part.name)
        if part.type not in shapes:
            report.add(place, f"{path}.type", f'unknown type "{part.type}"')
            continue
        size, align = shapes[part.type]
        if part.offset % align:
            report.add(place, f"{path}.offset",
                       f"{part.offset} is not a multiple of the alignment {align}")
        if part.offset < end:
            report.add(place, f"{path}.offset", f"{part.offset} overlaps {previous}")
        end = max(end, part.offset + size * (part.count or 1))
        if part.offset + size * (part.count or 1) > struct.size:
            report.add(place, f"{path}.offset",
                       f"ends at {part.offset + size * (part.count or 1)}, "
                       f"beyond the size {struct.size}")
        largest, previous = max(largest, align), part.name
    return largest
