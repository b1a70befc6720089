# SPDX-License-Identifier: MIT
"""Reference pages of calls, objects, rights and errors: what can be done, with what, and what can
go wrong. The pages of plain numbers and records are in emit_tables.py."""

from abi import model
from abi.emit_headers import error_constant
from abi.markdown import cell, code, codes, link, page, prose, reserved, table


def call_link(call):
    return link(code(call.name), "calls.md", call.name)


def object_link(name):
    return link(code(name), "objects.md", name.lower())


def error_link(name):
    constant = error_constant(name)
    return link(code(constant), "errors.md", constant.lower())


def calls_of(abi, name):
    return [call for call in abi.call if call.object == name]


def errors(abi):
    lines = [
        "Every call returns one of these in its error word, and the detail word says what it is "
        "about: 0 is the invoked capability, 1 the first argument, and so on. There is one code "
        "for each cause; nothing is done when a call fails.",
        "",
        *table(["number", "error", "meaning"],
               [[row.number, code("R4_OK") if row.number == 0 else error_link(row.name),
                 row.sentence] for row in abi.error]),
        *reserved(abi, "error"),
    ]
    for row in abi.error:
        if row.name == "OK":
            continue
        lines += ["", f"## {error_constant(row.name)}", "", prose(row.sentence)]
        raised = [["every call", str(check.detail), check.when] for check in abi.checks
                  if check.error == row.name]
        raised += [["every argument of type `index`", "its number", check.when]
                   for check in abi.index_checks if check.error == row.name]
        raised += [[call_link(call), about(call, failure.detail), failure.when]
                  for call in abi.call for failure in call.errors if failure.error == row.name]
        if row.name == "RANGE":
            lines += ["", "Also every argument whose word does not fit its type: see "
                      + link("types of arguments", "calls.md", "types-of-arguments") + "."]
        if raised:
            lines += ["", *table(["call", "about", "when"], raised)]
    return page(abi, "Errors", lines)


def about(call, detail):
    if detail:
        return f"{detail}: `{call.args[detail - 1].name}`"
    return "0" if call.object == "NONE" else "0: the capability"


def rights(abi):
    columns = [code(row.name) for row in abi.object]
    matrix = [[code(right.name), *("x" if right.name in row.rights else "" for row in abi.object)]
              for right in abi.right]
    lines = [
        "A capability carries a mask of 12 rights. A call names the rights that it needs on the "
        "invoked capability; all of them must be there, or the call fails with "
        + error_or_name(abi, "RIGHTS") + ". A capability derived from another never has more "
        "rights than that one.",
        "",
        *table(["bit", "right", "allows to"],
               [[row.bit, code(row.name), row.sentence] for row in abi.right]),
        *reserved(abi, "right", "bit"),
        "",
        "## Rights of each type",
        "",
        "A fresh capability has every right marked in its column.",
        "",
        *table(["right", *columns], matrix),
    ]
    for title, name in [*((row.name, row.name) for row in abi.object),
                        ("Every type", "ANY"), ("No capability", "NONE")]:
        lines += right_matrix(abi, title, name)
    return page(abi, "Rights", lines)


def error_or_name(abi, name):
    return error_link(name) if any(row.name == name for row in abi.error) else code(name)


def right_matrix(abi, title, name):
    """Operations of one type against the rights that they need."""
    calls = calls_of(abi, name)
    if not calls:
        return []
    lines = ["", f"## {title}", ""]
    if name == "NONE":
        return [*lines, "These calls invoke nothing and need no right: "
                + ", ".join(call_link(call) for call in calls) + "."]
    columns = [right.name for right in abi.right
               if any(right.name in call.rights for call in calls)
               or name != "ANY" and right.name in abi.named("object", name).rights]
    return [*lines, *table(["operation", *map(code, columns)],
                           [[call_link(call), *("x" if right in call.rights else ""
                                                for right in columns)] for call in calls])]


def size_words(row):
    if row.size_bits:
        return f"{size(row.size_bits)}, fixed"
    if row.max_bits == 0:
        return "no memory of its own"
    if row.min_bits == row.max_bits:
        return f"{size(row.min_bits)}, to be given"
    return f"{size(row.min_bits)} to {size(row.max_bits)}, given by the caller"


def size(bits):
    unit, shift = next((unit, shift) for unit, shift in
                       (("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("bytes", 0))
                       if bits >= shift)
    return f"{1 << (bits - shift)} {unit} (2^{bits})"


def objects(abi):
    lines = [
        "What a capability can refer to. All kernel memory of an object comes from untyped memory.",
        "",
        *table(["number", "type", "size", "made by retype"],
               [[row.number, object_link(row.name), size_words(row),
                 "yes" if row.retype else "no"] for row in abi.object]),
        *reserved(abi, "object"),
        "",
        "Number 0 is `NONE`: an empty slot.",
    ]
    anywhere = ", ".join(call_link(call) for call in calls_of(abi, "ANY"))
    if anywhere:
        lines += ["", f"Every type has the operations {anywhere}."]
    for row in abi.object:
        lines += ["", f"## {row.name}", "", prose(row.doc), "", f"- Size: {size_words(row)}.",
                  f"- Rights of a fresh capability: {codes(row.rights)}."]
        if calls := calls_of(abi, row.name):
            lines += ["", *table(["operation", "rights", "what it does"], [
                [call_link(call), codes(call.rights), call.doc] for call in calls])]
    return page(abi, "Object types", lines)


def calls(abi):
    lines = [
        "A call names an operation and a capability index, carries up to six message words, and "
        "returns an error, a detail word and up to six result words, the first of which is the "
        "value. After an error no result means anything, unless the error's sentence says what the "
        "value is.",
        "",
        *table(["number", "call", "on", "rights"],
               [[code(f"0x{call.number:03x}"), link(code(call.name), "", call.name),
                 target_words(call), codes(call.rights)] for call in abi.call]),
        *reserved(abi, "call"),
        "",
        *checks(abi),
        "## Types of arguments",
        "",
        "The kernel refuses a word with bits above the width of its type with "
        + error_link("RANGE") + " and the argument's number as detail, before it looks at anything "
        "else that the arguments say.",
        "",
        *table(["type", "in C", "width", "meaning"],
               [[code(name), code(c_type), f"{bits} bits" if bits > 1 else "1 bit", meaning]
                for name, (c_type, bits, meaning) in model.WORD_TYPES.items()]),
        *index_checks(abi),
    ]
    for call in abi.call:
        lines += call_section(call)
    return page(abi, "Calls", lines)


def checks(abi):
    """The errors of every call, before its own ones; nothing if the file lists none."""
    if not abi.checks:
        return []
    return [
        "## Errors of every call", "",
        "The kernel looks at these in this order, before the call's own errors; along a chain of "
        "proxies, in the order in which a walk from the caller meets them. The detail word is 0"
        + peer_note(abi.checks) + ".", "",
        *table(["error", "when"], [[error_link(row.error), row.when] for row in abi.checks]),
        "",
    ]


def peer_note(rows):
    if not any(row.is_about_peer for row in rows):
        return ""
    return f", or {model.DETAIL_PEER} where it is about the slot of a peer"


def index_checks(abi):
    """The errors of every argument that names a capability; nothing if the file lists none."""
    if not abi.index_checks:
        return []
    return [
        "",
        "An argument of type `index` may name a word of the proxy window. Besides the errors that "
        "its call lists, these come about then, with the argument's number as detail. Errors about "
        f"the slot of the peer that the word names have {model.DETAIL_PEER} more.", "",
        *table(["error", "when"],
               [[error_link(row.error), row.when] for row in abi.index_checks]),
    ]


def target_words(call):
    if call.object == "NONE":
        return "no capability"
    return "every type" if call.object == "ANY" else object_link(call.object)


def chain_note(call):
    return f"; through a chain also {code('MODIFY')}" if call.modifies else ""


def call_section(call):
    lines = ["", f"## {call.name}", "", prose(call.doc), "",
             f"- Number: `0x{call.number:03x}`", f"- Invoked: {target_words(call)}",
             f"- Rights needed: {codes(call.rights)}{chain_note(call)}",
             f"- Takes the cluster's lock: {'yes' if call.lock else 'no'}"]
    if call.blocks:
        lines.append("- Blocks: the caller may have to wait")
    if call.restarts:
        lines.append("- Long operation: keeps its progress and is restarted after interrupts")
    for title, words in (("Arguments", call.args), ("Results", call.results)):
        if words:
            lines += ["", f"**{title}**", "", *table(
                ["word", "name", "type", "meaning"],
                [[nth, code(word.name), code(word.type), word.doc]
                 for nth, word in enumerate(words, start=title == "Arguments")])]
    if call.errors:
        lines += ["", "**Errors**", "", *table(
            ["error", "about", "when"],
            [[error_link(row.error), about(call, row.detail), cell(row.when)]
             for row in call.errors])]
    return lines
