# SPDX-License-Identifier: MIT
"""The headers that hold numbers: errors, rights, objects, calls, limits, enums, points, counters,
exits. Each function takes the model and returns the text of one file."""

from abi import model, text


def table_size(rows):
    """One past the highest number: the length of an array with the numbers as index."""
    return rows[-1].number + 1 if rows else 0


def errors(abi):
    rows = [(error_constant(row.name), row.number, row.sentence) for row in abi.error]
    if not any(row.number == 0 for row in abi.error):
        rows.insert(0, ("R4_OK", 0, "The operation was done."))
    body = [
        *text.comment("A function that returns enum r4_err can fail, so its result must be used."),
        "#if defined(__clang__)",
        "#define R4_MUST_USE __attribute__((warn_unused_result))",
        "#else",
        "#define R4_MUST_USE",
        "#endif",
        "",
        *text.enum("r4_err", rows, "R4_MUST_USE "),
        "",
        *text.comment("Length of an array indexed by error number."),
        f"#define R4_ERR_TABLE_SIZE {table_size(abi.error) or 1}u",
    ]
    return text.header(abi.source, "r4/abi/errors.h", "Error numbers: one for each cause.", [],
                       body)


def error_constant(name):
    return "R4_OK" if name == "OK" else f"R4_E_{name}"


def right_mask(rights):
    """A mask of rights as a C expression."""
    return " | ".join(f"R4_RIGHT_{name}" for name in rights) or "0u"


def rights(abi):
    body = []
    for row in abi.right:
        body += [*text.comment(row.sentence), f"#define R4_RIGHT_{row.name} (1u << {row.bit})", ""]
    defined = 0
    for row in abi.right:
        defined |= 1 << row.bit
    body += [
        *text.comment("The bits that a mask of rights may have, and those that mean something."),
        f"#define R4_RIGHTS_MASK {text.c_number((1 << model.RIGHT_BITS) - 1)}",
        f"#define R4_RIGHTS_DEFINED 0x{defined:03x}u",
        f"#define R4_RIGHT_BITS {model.RIGHT_BITS}u",
    ]
    return text.header(abi.source, "r4/abi/rights.h",
                       "Rights of a capability, one bit each, in a mask of 12 bits.", [], body)


def objects(abi):
    rows = [("R4_TYPE_NONE", 0, "No object: an empty slot, or a call without a capability.")]
    rows += [(f"R4_TYPE_{row.name}", row.number, row.doc) for row in abi.object]
    body = [
        *text.enum("r4_type", rows),
        "",
        *text.comment("In the table of calls only: an operation of every type."),
        "#define R4_TYPE_ANY 0xffu",
        "",
        *text.comment("How many object types there are: assert it where code must know them all."),
        f"#define R4_OBJECT_COUNT {len(abi.object)}u",
        *text.comment("Length of an array indexed by object type."),
        f"#define R4_TYPE_TABLE_SIZE {table_size(abi.object) or 1}u",
        "",
        *text.comment("Sizes in log2 of bytes. SIZE_BITS 0 with MAX_BITS above 0: the caller gives "
                      "the size. RIGHTS are those of a fresh capability."),
    ]
    for row in abi.object:
        body += [
            f"#define R4_{row.name}_SIZE_BITS {row.size_bits}u",
            f"#define R4_{row.name}_MIN_BITS {row.min_bits}u",
            f"#define R4_{row.name}_MAX_BITS {row.max_bits}u",
            *text.macro(f"R4_{row.name}_RIGHTS", f"({right_mask(row.rights)})"),
        ]
    body += [
        "",
        *text.comment("The same for code that has the type in a variable."),
        "struct r4_object_facts {",
        "    uint8_t size_bits;",
        "    uint8_t min_bits;",
        "    uint8_t max_bits;",
        "    bool retype; /* can be made from untyped */",
        "    uint16_t rights;",
        "};",
        "",
        *text.comment("By type; rows of numbers that are no type are zero. In abi_objects.c."),
        "extern const struct r4_object_facts r4_object_facts[R4_TYPE_TABLE_SIZE];",
    ]
    return text.header(abi.source, "r4/abi/objects.h", "Object types, their sizes and rights.",
                       ["r4/abi/rights.h", "stdbool.h", "stdint.h"], body)


def object_table(abi):
    body = ["const struct r4_object_facts r4_object_facts[R4_TYPE_TABLE_SIZE] = {"]
    for row in abi.object:
        body += [
            f"    [R4_TYPE_{row.name}] = {{",
            f"        .size_bits = R4_{row.name}_SIZE_BITS,",
            f"        .min_bits = R4_{row.name}_MIN_BITS,",
            f"        .max_bits = R4_{row.name}_MAX_BITS,",
            f"        .retype = {str(row.retype).lower()},",
            f"        .rights = R4_{row.name}_RIGHTS,",
            "    },",
        ]
    body.append("};")
    return text.source_file(abi.source, "Facts of each object type, for kernel, host and user.",
                            ["r4/abi/objects.h"], body)


def calls(abi):
    rows = [(f"R4_CALL_{row.name.upper()}", f"0x{row.number:03x}", row.doc) for row in abi.call]
    body = [
        *(text.enum("r4_call", rows) if rows else []),
        "",
        *text.comment("Length of an array indexed by call number; no call has this number or a "
                      "larger one."),
        f"#define R4_CALL_TABLE_SIZE 0x{table_size(abi.call) or 1:x}u",
        *text.comment("How many numbers a call register can hold."),
        f"#define R4_CALL_NUMBERS {model.CALL_LIMIT}u",
    ]
    return text.header(abi.source, "r4/abi/calls.h", "Call numbers.", [], body)


def limits(abi):
    body = [*text.comment("Version of the ABI."), f"#define R4_ABI_VERSION {abi.version}u", ""]
    for row in abi.limit:
        body += [*text.comment(f"{text.flat(row.doc)} Unit: {row.unit}."),
                 f"#define R4_{row.name} {text.c_number(row.value)}"]
    return text.header(abi.source, "r4/abi/limits.h", "Limits and magic numbers.", ["stdint.h"],
                       body)


def enums(abi):
    body = []
    for enum in abi.enum:
        prefix = f"R4_{enum.name.upper()}"
        rows = [(f"{prefix}_{row.name}", row.number, row.doc) for row in live_members(enum)]
        body += [*text.section(enum.doc), *text.enum(f"r4_{enum.name}", rows)]
    return text.header(abi.source, "r4/abi/enums.h", "Enumerations of words and records.", [], body)


def live_members(enum):
    return sorted((row for row in enum.members if not row.removed), key=model.position)


def points(abi):
    body = []
    for rows, tag, what in ((abi.fault_point, "fault_point", "fault point"),
                            (abi.trace_point, "trace_point", "trace point")):
        prefix = f"R4_{tag.upper()}"
        listed = [(f"{prefix}_{row.name.upper()}", row.number, point_doc(row)) for row in rows]
        if listed:
            body += ["", *text.enum(f"r4_{tag}", listed)]
        body += ["", *text.comment(f"Length of an array indexed by {what}."),
                 f"#define {prefix}_TABLE_SIZE {table_size(rows)}u"]
    return text.header(abi.source, "r4/abi/points.h", "Fault points and trace points.", [], body)


def point_doc(row):
    args = getattr(row, "args", ())
    return f"{text.flat(row.doc)} Arguments: {', '.join(args)}." if args else row.doc


def counters(abi):
    rows = [(f"R4_COUNTER_{row.name.upper()}", row.number,
             f"{text.flat(row.doc)} Per {row.scope}, in {row.unit}.") for row in abi.counter]
    body = [
        *(text.enum("r4_counter", rows) if rows else []),
        "",
        *text.comment("Length of an array indexed by counter."),
        f"#define R4_COUNTER_TABLE_SIZE {table_size(abi.counter)}u",
    ]
    return text.header(abi.source, "r4/abi/counters.h",
                       "Counters. Those of a cluster and those of a core share one number space.",
                       [], body)


def exits(abi):
    rows = [(f"R4_EXIT_{row.name}", f"0x{row.number:02x}",
             f"{text.flat(row.sentence)} Process status {row.status}.") for row in abi.exit]
    body = [
        *(text.enum("r4_exit", rows) if rows else []),
        "",
        *text.comment("The status with which the emulator ends for a value."),
        "#define R4_EXIT_PROCESS_STATUS(value) (2u * (unsigned)(value) + 1u)",
    ]
    return text.header(abi.source, "r4/abi/exits.h", "Values for the isa-debug-exit device.", [],
                       body)
