# SPDX-License-Identifier: MIT
"""From TOML text to the model: every key known, every value of the right kind.

All problems of the file are collected, so that one run shows them all. A removed entry needs only
its name and its number.
"""

import tomllib
from pathlib import Path

from abi import check, kinds, model


class AbiError(Exception):
    """The file is refused. `problems` are complete messages, each naming file, table and key."""

    def __init__(self, problems):
        super().__init__("\n".join(problems))
        self.problems = problems


class Report:
    """Collects problems. `where` is a table and entry, `path` the key inside it."""

    def __init__(self, file):
        self.file = file
        self.problems = []

    def add(self, where, path, words):
        self.problems.append(f'{self.file}: {where}: key "{path}": {words}')

    def finish(self):
        if self.problems:
            raise AbiError(self.problems)


def load(path, shown_as=None):
    """Reads and checks one file; raises AbiError. `shown_as` replaces the path in messages."""
    path = Path(path)
    return load_text(path.read_text(encoding="utf-8"), shown_as or str(path), path.name)


def load_text(text, shown_as, source="r4.toml"):
    report = Report(shown_as)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise AbiError([f"{shown_as}: not TOML: {error}"]) from error
    header = read_header(report, document)
    entries = {table: read_table(report, document, table) for table in model.TABLES}
    for table in document:
        if table != "abi" and table not in model.TABLES:
            report.problems.append(f'{shown_as}: unknown table "{table}"')
    report.finish()
    check.check(report, header, entries)
    report.finish()
    return model.Abi(source, header, entries)


def read_header(report, document):
    header = document.get("abi", {})
    if not isinstance(header, dict):
        report.problems.append(f'{report.file}: "abi" must be written as [abi]')
        header = {"version": 1}
    return read_row(report, "[abi]", "", model.Header, header)


def read_table(report, document, table):
    rows = document.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        report.problems.append(f'{report.file}: "{table}" must be written as [[{table}]]')
        return []
    entries = []
    for nth, row in enumerate(rows, start=1):
        name = row.get("name")
        where = f"[[{table}]] {name}" if isinstance(name, str) and name else f"[[{table}]] #{nth}"
        entries.append(read_row(report, where, "", model.TABLES[table], row))
    return entries


def read_row(report, where, prefix, cls, row):
    """One table as an object of `cls`. Values that failed are replaced by the kind's empty one."""
    specs = kinds.keys_of(cls)
    removed = row.get("removed") is True and "removed" in specs
    for name in row:
        if name not in specs:
            report.add(where, prefix + name, "unknown key")
    values = {}
    for name, spec in specs.items():
        kind = spec.metadata["kind"]
        needed = kinds.is_required(spec) and (not removed or name in ("name", "number", "bit"))
        if name not in row:
            if needed:
                report.add(where, prefix + name, "missing")
            values[name] = kind.empty if kinds.is_required(spec) else spec.default
        elif words := kind.complaint(row[name]):
            report.add(where, prefix + name, words)
            values[name] = kind.empty
        elif isinstance(kind, kinds.Tables):
            values[name] = read_rows(report, where, prefix + name, kind.row, row[name])
        else:
            values[name] = row[name]
    return cls(**values)


def read_rows(report, where, prefix, cls, rows):
    result = []
    for nth, row in enumerate(rows, start=1):
        result.append(read_row(report, where, f"{prefix}[{label(row, nth)}].", cls, row))
    return result


def label(row, nth):
    name = row.get("name", row.get("error"))
    return name if isinstance(name, str) and name else f"#{nth}"
