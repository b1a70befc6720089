#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Checks which folder may include what, and that headers include each other without cycles.

The table below is the one of ARCHITECTURE.md. A file belongs to the first row whose prefix matches.
Usage: check_layers.py ROOT; prints each violation and exits with status 1 if there is one.
"""
import re
import sys
from pathlib import Path

FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "string.h"}

# prefix of the file -> prefixes of what it may include in angle brackets
RULES = [
    ("kernel/lib/", ("lib/",)),
    ("kernel/include/lib/", ("lib/",)),
    ("kernel/boot/", ("kernel/boot/", "lib/", "r4/abi/")),
    ("kernel/include/kernel/boot/", ("kernel/boot/", "lib/", "r4/abi/")),
    ("kernel/", ("kernel/", "lib/", "arch/", "r4/abi/")),
    ("cluster/topology.c", ("cluster/", "kernel/boot/", "r4/abi/")),
    ("cluster/granule.c", ("cluster/", "kernel/boot/", "r4/abi/")),
    ("cluster/partition.c", ("cluster/", "kernel/boot/", "r4/abi/")),
    ("cluster/", ("cluster/", "kernel/", "lib/", "arch/", "r4/abi/")),
    ("arch/include/", ("arch/", "kernel/types.h", "lib/", "r4/abi/")),
    ("arch/x86_64/", ("x86/", "arch/", "lib/", "kernel/", "r4/abi/")),
    ("arch/host/", ("host/", "arch/", "lib/", "kernel/", "r4/abi/", "*")),
    ("libr4/", ("r4/", "lib/")),
    ("userland/", ("r4/", "lib/", "root/")),
]
# Generic code never names an architecture's own headers, and nothing but cluster/ names cluster/.
FORBIDDEN = [
    ("arch/x86_64/", ("cluster/",)),
    ("arch/host/", ("cluster/",)),
    ("kernel/", ("cluster/", "arch/impl/")),
    ("cluster/", ("arch/impl/",)),
]
ARCH_CONDITIONAL = re.compile(r"^\s*#\s*(if|ifdef|elif).*(__x86_64__|__aarch64__|CONFIG_)")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def rule_for(path, table):
    return next((allowed for prefix, allowed in table if path.startswith(prefix)), None)


def check_file(path, text):
    """Violations of one file: (line number, sentence)."""
    allowed = rule_for(path, RULES)
    forbidden = rule_for(path, FORBIDDEN) or ()
    for number, line in enumerate(text.splitlines(), 1):
        if path.startswith(("kernel/", "cluster/")) and ARCH_CONDITIONAL.match(line):
            yield number, "a condition on architecture or configuration in generic code"
        match = INCLUDE.match(line)
        if not match or match.group(1) == '"' or allowed is None:
            continue
        name = match.group(2)
        if name.startswith(forbidden) if forbidden else False:
            yield number, f"must not include <{name}>"
        elif name not in FREESTANDING and "*" not in allowed and not name.startswith(allowed):
            yield number, f"must not include <{name}>"


def header_graph(root):
    """Header name as included -> names that it includes, for headers of the tree."""
    graph = {}
    for base in ("kernel/include", "cluster/include", "arch/include", "libr4/include"):
        for header in sorted((root / base).rglob("*.h")):
            names = [m.group(2) for m in map(INCLUDE.match, header.read_text().splitlines()) if m]
            graph[str(header.relative_to(root / base))] = names
    return graph


def find_cycle(graph):
    """One cycle of headers as a list of names, or None."""
    done, trail = set(), []

    def visit(name):
        if name in trail:
            return trail[trail.index(name):] + [name]
        if name in done or name not in graph:
            return None
        trail.append(name)
        for other in graph[name]:
            cycle = visit(other)
            if cycle:
                return cycle
        trail.pop()
        done.add(name)
        return None

    for name in graph:
        cycle = visit(name)
        if cycle:
            return cycle
    return None


def violations(root):
    for pattern in ("*.c", "*.h", "*.S"):
        for file in sorted(root.rglob(pattern)):
            path = str(file.relative_to(root))
            if not path.startswith(("kernel/", "cluster/", "arch/", "libr4/", "userland/")):
                continue
            for number, sentence in check_file(path, file.read_text()):
                yield f"{path}:{number}: {sentence}"
    cycle = find_cycle(header_graph(root))
    if cycle:
        yield "headers include each other: " + " -> ".join(cycle)


def main():
    found = list(violations(Path(sys.argv[1])))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
