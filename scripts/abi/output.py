# SPDX-License-Identifier: MIT
"""What is written, and where: the list of outputs and the writing of changed files only."""

import re

from abi import (emit_calls, emit_headers, emit_names, emit_pages, emit_python, emit_records,
                 emit_tables)
from abi.load import AbiError

OUTPUTS = {
    "include/r4/abi/errors.h": emit_headers.errors,
    "include/r4/abi/rights.h": emit_headers.rights,
    "include/r4/abi/objects.h": emit_headers.objects,
    "include/r4/abi/calls.h": emit_headers.calls,
    "include/r4/abi/limits.h": emit_headers.limits,
    "include/r4/abi/enums.h": emit_headers.enums,
    "include/r4/abi/points.h": emit_headers.points,
    "include/r4/abi/counters.h": emit_headers.counters,
    "include/r4/abi/exits.h": emit_headers.exits,
    "include/r4/abi/layout.h": emit_records.layout,
    "include/r4/abi/structs.h": emit_records.structs,
    "include/r4/abi/names.h": emit_names.names_h,
    "include/r4/abi/stubs.h": emit_calls.stubs,
    "include/kernel/abi/calls.h": emit_calls.kernel_calls,
    "src/abi_names.c": emit_names.names_c,
    "src/abi_objects.c": emit_headers.object_table,
    "src/dispatch.c": emit_calls.dispatch,
    "python/r4_abi.py": emit_python.python,
}

PAGES = {
    "README.md": emit_tables.index,
    "calls.md": emit_pages.calls,
    "objects.md": emit_pages.objects,
    "rights.md": emit_pages.rights,
    "errors.md": emit_pages.errors,
    "limits.md": emit_tables.limits,
    "enums.md": emit_tables.enums,
    "layouts.md": emit_tables.layouts,
    "structs.md": emit_tables.structs,
    "points.md": emit_tables.points,
    "counters.md": emit_tables.counters,
    "exits.md": emit_tables.exits,
}

IDENTIFIER = re.compile(r"^(?:#define (R4_\w+)|    (R4_\w+) = |(?:static inline .*?|const char \*)"
                        r"\b(r4_\w+)\()", re.MULTILINE)


def generate(abi):
    """All files as {relative path: text}."""
    files = {path: emit(abi) for path, emit in OUTPUTS.items()}
    refuse_clashes(files)
    return files


def generate_pages(abi):
    """All reference pages as {file name: text}."""
    return {path: emit(abi) for path, emit in PAGES.items()}


def refuse_clashes(files):
    """Two entries of different tables may not end up under one C identifier."""
    first = {}
    problems = []
    for path, content in files.items():
        if not path.startswith("include/r4/"):
            continue
        for match in IDENTIFIER.finditer(content):
            name = next(group for group in match.groups() if group)
            if name in first and name != "R4_MUST_USE":
                problems.append(f"{name} would be defined twice: in {first[name]} and in {path}")
            first.setdefault(name, path)
    if problems:
        raise AbiError(problems)


def write(directory, files):
    """Writes what changed, so that a build system sees no change where there is none."""
    changed = []
    for path, content in files.items():
        target = directory / path
        data = content.encode("utf-8")
        if target.is_file() and target.read_bytes() == data:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        changed.append(path)
    return changed


def update_golden(directory, files):
    """Makes `directory` hold these files and nothing else."""
    changed = write(directory, files)
    for path in sorted(directory.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
        elif path.is_file() and path.relative_to(directory).as_posix() not in files:
            path.unlink()
            changed.append(path.relative_to(directory).as_posix())
    return changed
