# SPDX-License-Identifier: MIT
"""Words with bit fields and records in shared memory: layout.h and structs.h."""

from abi import model, text


def layout(abi):
    body = []
    for row in abi.layout:
        body += layout_section(row)
    return text.header(abi.source, "r4/abi/layout.h",
                       "Words with bit fields: masks, getters r4_<word>_<field>(w) and setters "
                       "r4_<word>_with_<field>(w, v), which drop bits that do not fit. A word "
                       "is valid only if it has no bit of its MBZ_MASK.",
                       ["stdbool.h", "stdint.h"], body)


def layout_section(row):
    upper, word = row.name.upper(), f"uint{row.bits}_t"
    lines = [*text.section(f"{row.name}: {text.flat(row.doc)}"), ""]
    used = 0
    for part in row.fields:
        name = f"R4_{upper}_{part.name.upper()}"
        used |= part.mask
        lines += [
            *text.comment(f"Bits {part.lo}..{part.lo + part.bits - 1}: {text.flat(part.doc)}"
                          if part.bits > 1 else f"Bit {part.lo}: {text.flat(part.doc)}"),
            f"#define {name}_LO {part.lo}u",
            f"#define {name}_BITS {part.bits}u",
            f"#define {name}_MASK {text.c_mask(part.mask, row.bits)}",
        ]
    free = ((1 << row.bits) - 1) & ~used
    lines += [*text.comment("Bits that must be zero."),
              f"#define R4_{upper}_MBZ_MASK {text.c_mask(free, row.bits)}"]
    for part in row.fields:
        lines += accessors(row, part, word)
    return lines


def field_type(bits):
    """The narrowest C type that holds so many bits."""
    return "bool" if bits == 1 else next(f"uint{n}_t" for n in (8, 16, 32, 64) if bits <= n)


def accessors(row, part, word):
    mask = f"R4_{row.name.upper()}_{part.name.upper()}_MASK"
    value = field_type(part.bits)
    get = f"(w & {mask}) >> {part.lo}"
    get = f"({get}) != 0" if value == "bool" else f"({value})({get})"
    bits, joined = f"(({word})v << {part.lo}) & {mask}", f"(w & ~{mask}) | bits"
    if word in ("uint8_t", "uint16_t"):  # these would be shifted as int
        bits = f"({word})(((uint32_t)v << {part.lo}) & {mask})"
        joined = f"({word})({joined})"
    return [
        "",
        f"static inline {value} r4_{row.name}_{part.name}({word} w)",
        "{",
        f"    return {get};",
        "}",
        "",
        f"static inline {word} r4_{row.name}_with_{part.name}({word} w, {value} v)",
        "{",
        f"    const {word} bits = {bits};",
        "",
        f"    return {joined};",
        "}",
    ]


def structs(abi):
    body = []
    for row in abi.struct:
        body += struct_section(abi, row)
    return text.header(abi.source, "r4/abi/structs.h",
                       "Records in memory that kernel and user share. Padding is written out, so "
                       "that a zeroed record has no indeterminate byte.", ["stddef.h", "stdint.h"],
                       body)


def struct_section(abi, row):
    lines = [*text.section(row.doc), f"struct r4_{row.name} {{"]
    for what in with_padding(abi, row):
        if isinstance(what, tuple):
            start, end = what
            lines.append(f"    uint8_t padding_{start}[{end - start}];")
            continue
        count = f"[{what.count}]" if what.count is not None else ""
        lines += text.comment(what.doc, "    ")
        lines.append(f"    {c_type(what.type)} {what.name}{count};")
    lines += ["};", f'_Static_assert(sizeof(struct r4_{row.name}) == {row.size}, "size of '
              f'r4_{row.name}");']
    for part in row.fields:
        lines.append(f"_Static_assert(offsetof(struct r4_{row.name}, {part.name}) == "
                     f'{part.offset}, "offset of {part.name}");')
    return lines


def c_type(name):
    return model.SCALARS[name][0] if name in model.SCALARS else f"struct r4_{name}"


def type_size(abi, name):
    return model.SCALARS[name][1] if name in model.SCALARS else abi.named("struct", name).size


def with_padding(abi, row):
    """The fields in order, with (start, end) pairs of bytes where nothing is listed."""
    at = 0
    for part in row.fields:
        if part.offset > at:
            yield at, part.offset
        yield part
        at = part.offset + type_size(abi, part.type) * (part.count or 1)
    if at < row.size:
        yield at, row.size
