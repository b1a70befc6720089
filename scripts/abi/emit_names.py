# SPDX-License-Identifier: MIT
"""Names and sentences for people: names.h and abi_names.c, linked into kernel, host and user."""

from abi import text
from abi.emit_headers import error_constant, live_members


def lookups(abi):
    """(function, contract, rows of (constant, string)) of each table of names."""
    yield "err_name", "Name of an error, without its prefix.", [
        (error_constant(row.name), row.name) for row in abi.error]
    yield "err_text", "Sentence of an error.", [
        (error_constant(row.name), row.sentence) for row in abi.error]
    yield "type_name", "Name of an object type.", [
        ("R4_TYPE_NONE", "NONE"), *((f"R4_TYPE_{row.name}", row.name) for row in abi.object)]
    yield "right_name", "Name of the right with this bit number.", [
        (str(row.bit), row.name) for row in abi.right]
    yield "call_name", "Name of a call.", [
        (f"R4_CALL_{row.name.upper()}", row.name) for row in abi.call]
    yield "exit_name", "Name of an exit value.", [
        (f"R4_EXIT_{row.name}", row.name) for row in abi.exit]
    yield "exit_text", "Sentence of an exit value.", [
        (f"R4_EXIT_{row.name}", row.sentence) for row in abi.exit]
    yield "counter_name", "Name of a counter.", [
        (f"R4_COUNTER_{row.name.upper()}", row.name) for row in abi.counter]
    yield "counter_unit", "Unit of a counter.", [
        (f"R4_COUNTER_{row.name.upper()}", row.unit) for row in abi.counter]
    yield "fault_point_name", "Name of a fault point.", [
        (f"R4_FAULT_POINT_{row.name.upper()}", row.name) for row in abi.fault_point]
    yield "trace_point_name", "Name of a trace point.", [
        (f"R4_TRACE_POINT_{row.name.upper()}", row.name) for row in abi.trace_point]
    for enum in abi.enum:
        yield f"{enum.name}_name", f"Name of a member of enum r4_{enum.name}.", [
            (f"R4_{enum.name.upper()}_{row.name}", row.name) for row in live_members(enum)]


def names_h(abi):
    body = []
    for function, contract, _ in lookups(abi):
        body += [*text.comment(contract), f"const char *r4_{function}(uint32_t number);"]
    body += [*text.comment("Whether a counter is kept per core; otherwise per cluster."),
             "bool r4_counter_is_per_core(uint32_t number);"]
    return text.header(abi.source, "r4/abi/names.h",
                       "Names and sentences of the ABI's numbers. Every function accepts any "
                       "number: one that means nothing gives \"?\", never NULL. The strings are "
                       "constant and live for ever.", ["stdbool.h", "stdint.h"], body)


def names_c(abi):
    body = []
    for function, _, rows in lookups(abi):
        body += switch(f"const char *r4_{function}(uint32_t number)", '"?"',
                       [(constant, text.c_string(string)) for constant, string in rows])
    body += switch("bool r4_counter_is_per_core(uint32_t number)", "false",
                   [(f"R4_COUNTER_{row.name.upper()}", "true") for row in abi.counter
                    if row.scope == "core"])
    includes = ["calls", "counters", "enums", "errors", "exits", "names", "objects", "points"]
    return text.source_file(abi.source, "Names and sentences of the ABI's numbers.",
                            [f"r4/abi/{name}.h" for name in includes], body)


def switch(signature, otherwise, rows):
    lines = ["", signature, "{"]
    if not rows:
        return [*lines, "    (void)number;", f"    return {otherwise};", "}"]
    lines.append("    switch (number) {")
    for constant, value in rows:
        lines += [f"    case {constant}:", f"        return {value};"]
    return [*lines, "    default:", f"        return {otherwise};", "    }", "}"]
