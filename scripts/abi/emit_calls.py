# SPDX-License-Identifier: MIT
"""Both ends of a call: the user's stubs and the kernel's argument views and dispatch table."""

from abi import kinds, text
from abi.emit_headers import error_constant, right_mask


def stubs(abi):
    body = []
    for call in abi.call:
        body += ["", *text.comment(stub_contract(call)), *stub(call)]
    return text.header(abi.source, "r4/abi/stubs.h",
                       "A typed function for each call, over the raw calls of <r4/invoke.h>. "
                       "Results are written only on success; a NULL pointer drops one.",
                       ["r4/abi/calls.h", "r4/abi/errors.h", "r4/invoke.h", "stdbool.h",
                        "stddef.h", "stdint.h"], body)


def capability_name(call):
    """What the stub calls the invoked capability; None for a call without one."""
    if call.object == "NONE":
        return None
    taken = {word.name for word in call.args}
    wanted = "cap" if call.object == "ANY" else call.object.lower()
    return next(name for name in (wanted, "cap", "invoked", f"{wanted}_cap", "invoked_cap")
                if name not in taken and name not in kinds.C_KEYWORDS)


def stub_contract(call):
    cap = capability_name(call)
    lines = [text.flat(call.doc)]
    if cap:
        rights = ", ".join(call.rights) or "none"
        kind = "any type" if call.object == "ANY" else f"type {call.object}"
        lines.append(f"- {cap}: capability of {kind}. Rights needed: {rights}.")
    lines += [f"- {word.name}: {text.flat(word.doc)}" for word in call.args]
    lines += [f"- out_{word.name}: {text.flat(word.doc)}" for word in call.results]
    if call.blocks:
        lines.append("Blocks the calling thread.")
    if call.restarts:
        lines.append("A long operation: the kernel may interrupt and restart it.")
    if call.errors:
        lines.append("Errors:")
    lines += [f"- {error_constant(row.error)} ({detail_name(call, row.detail)}): "
              f"{text.flat(row.when)}" for row in call.errors]
    return lines


def detail_name(call, detail):
    if detail == 0:
        return "detail 0"
    return f"detail {detail}, {call.args[detail - 1].name}"


def stub(call):
    cap = capability_name(call)
    parameters = [f"r4_cap {cap}"] if cap else []
    parameters += [f"{word.c_type} {word.name}" for word in call.args]
    parameters += [f"{word.c_type} *out_{word.name}" for word in call.results]
    words = "".join(f", {word.name}" for word in call.args)
    invoke = f"r4_invoke{len(call.args)}({cap or '0'}, R4_CALL_{call.name.upper()}{words})"
    reply = "reply" if any(word.name == "r" for word in call.args) else "r"
    lines = [*signature(f"static inline enum r4_err r4_{call.name}", parameters), "{"]
    if not call.results:
        return [*lines, *wrapped(f"    return (enum r4_err){invoke}.err;"), "}"]
    lines += [*wrapped(f"    const struct r4_result {reply} = {invoke};"), ""]
    lines += [f"    if ({reply}.err != R4_OK) {{", f"        return (enum r4_err){reply}.err;",
              "    }"]
    for nth, word in enumerate(call.results):
        value = narrowed(word, f"{reply}.m[{nth}]")
        lines += [f"    if (out_{word.name} != NULL) {{", f"        *out_{word.name} = {value};",
                  "    }"]
    return [*lines, "    return R4_OK;", "}"]


def narrowed(word, expression):
    if word.c_type == "bool":
        return f"{expression} != 0"
    return expression if word.c_type == "uint64_t" else f"({word.c_type}){expression}"


def signature(start, parameters):
    """A function's head, its parameters aligned under each other where one line is too short."""
    lines, line = [], f"{start}("
    indent = " " * len(line)
    for nth, parameter in enumerate(parameters or ["void"]):
        piece = parameter + (")" if nth == max(len(parameters), 1) - 1 else ",")
        if len(line) + len(piece) + 1 > text.WIDTH:
            lines.append(line.rstrip())
            line = indent
        line += piece + " "
    return [*lines, line.rstrip()]


def wrapped(line):
    """A statement with one call, broken after a comma where it is too long."""
    indent = " " * (line.index("(", line.rindex("r4_invoke")) + 1)
    lines = []
    while len(line) > text.WIDTH:
        cut = line.rindex(", ", 0, text.WIDTH) + 1
        lines.append(line[:cut])
        line = indent + line[cut:].lstrip()
    return [*lines, line]


def kernel_calls(abi):
    body = [
        *text.comment("One call in progress; owned by <kernel/call.h>."),
        "struct call;",
        "",
        *text.comment([
            "One row of the table of calls.",
            "- object: the type that the invoked capability must have; R4_TYPE_NONE where there is "
            "none, R4_TYPE_ANY for every type",
            "- rights: all of them are needed on the invoked capability",
            "- chain_rights: all of them are needed where it is invoked through a chain",
            "- thunk: checks the widths of the message words and decodes; changes nothing",
            "- commit: cannot fail; only after thunk returned R4_OK",
            "A row without thunk is a number without a call."]),
        "struct call_desc {",
        "    enum r4_err (*thunk)(struct call *c);",
        "    void (*commit)(struct call *c);",
        "    const char *name;",
        "    uint16_t rights;",
        "    uint16_t chain_rights;",
        "    uint8_t object;",
        "    bool needs_lock; /* takes the cluster's lock around thunk and commit */",
        "    bool blocks;     /* may leave the caller waiting */",
        "    bool restarts;   /* a long operation that keeps its progress and is entered again */",
        "};",
        "",
        *text.comment("By call number, in dispatch.c. Row 0 is nobody's: its thunk is NULL."),
        "extern const struct call_desc call_table[R4_CALL_TABLE_SIZE];",
        *text.comment("The row of each number that fits into a call register, 0 for one that is no "
                      "call: looked up without a comparison that a processor could run ahead of."),
        "extern const uint16_t call_row[R4_CALL_NUMBERS];",
        "",
        *text.comment("The arguments of each call, already checked for their widths, and its two "
                      "halves. decode_ may fail and changes nothing; commit_ cannot fail."),
    ]
    for call in abi.call:
        body += ["", *argument_view(call), *prototypes(call)]
    return text.header(abi.source, "kernel/abi/calls.h",
                       "The kernel's side of the calls: argument views, handlers, dispatch table. "
                       "A call without arguments has no view.",
                       ["r4/abi/calls.h", "r4/abi/errors.h", "r4/abi/objects.h",
                        "r4/abi/rights.h", "stdbool.h", "stdint.h"], body)


def argument_view(call):
    if not call.args:
        return []
    lines = [f"struct args_{call.name} {{"]
    for word in call.args:
        lines += text.comment(word.doc, "    ")
        lines.append(f"    {word.c_type} {word.name};")
    return [*lines, "};"]


def prototypes(call):
    parameters = ["struct call *c"]
    if call.args:
        parameters.append(f"const struct args_{call.name} *a")
    head = signature(f"enum r4_err decode_{call.name}", parameters)
    return [*head[:-1], head[-1] + ";", f"void commit_{call.name}(struct call *c);"]


def dispatch(abi):
    body = []
    for call in abi.call:
        body += ["", *thunk(call)]
    body += ["", "const struct call_desc call_table[R4_CALL_TABLE_SIZE] = {"]
    for call in abi.call:
        body += table_row(call)
    body += ["};", "", "const uint16_t call_row[R4_CALL_NUMBERS] = {"]
    for call in abi.call:
        name = f"R4_CALL_{call.name.upper()}"
        body.append(f"    [{name}] = {name},")
    body.append("};")
    return text.source_file(abi.source,
                            "From message words to typed arguments, and the table of calls. "
                            "<kernel/call.h> gives uint64_t call_word(const struct call *, "
                            "unsigned) and enum r4_err call_fail(struct call *, enum r4_err, "
                            "uint32_t detail).",
                            ["kernel/abi/calls.h", "kernel/call.h"], body)


def thunk(call):
    lines = [f"static enum r4_err thunk_{call.name}(struct call *c)", "{"]
    if not call.args:
        return [*lines, f"    return decode_{call.name}(c);", "}"]
    for nth, word in enumerate(call.args):
        lines.append(f"    const uint64_t word{nth} = call_word(c, {nth});")
    lines += [f"    struct args_{call.name} a;", ""]
    for nth, word in enumerate(call.args):
        if word.bits < 64:
            lines += [f"    if (word{nth} > {text.c_mask(2**word.bits - 1, 32)}) {{"
                      if word.bits > 1 else f"    if (word{nth} > 1) {{",
                      f"        return call_fail(c, R4_E_RANGE, {nth + 1});", "    }"]
    for nth, word in enumerate(call.args):
        lines.append(f"    a.{word.name} = {narrowed(word, f'word{nth}')};")
    return [*lines, f"    return decode_{call.name}(c, &a);", "}"]


def chain_rights(call):
    """What a chain must let through. A call that changes the capability itself needs MODIFY."""
    return [*call.rights] + (["MODIFY"] if call.modifies and "MODIFY" not in call.rights else [])


def table_row(call):
    lines = [
        f"    [R4_CALL_{call.name.upper()}] = {{",
        f"        .thunk = thunk_{call.name},",
        f"        .commit = commit_{call.name},",
        f'        .name = "{call.name}",',
        f"        .rights = {right_mask(call.rights)},",
        f"        .chain_rights = {right_mask(chain_rights(call))},",
        f"        .object = R4_TYPE_{call.object},",
    ]
    for flag, field in ((call.lock, "needs_lock"), (call.blocks, "blocks"),
                        (call.restarts, "restarts")):
        lines.append(f"        .{field} = {str(flag).lower()},")
    return [*lines, "    },"]
