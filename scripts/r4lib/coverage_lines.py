# SPDX-License-Identifier: MIT
"""Which lines of the source there are and which were executed: from llvm-cov for host tests, and from the
kernel image's line table and the addresses that a run of it executed. Pure: text in, lines out.

A report is {file: {line: whether it was executed}}, the file as it is called in the source tree.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from pathlib import Path

FOLDERS = ("kernel", "cluster", "arch")
FILE_NAME = re.compile(r"file_names\[ *(\d+)\]:")
TEXT = re.compile(r'"(.*)"')
INCLUDE = re.compile(r'include_directories\[ *(\d+)\] = "(.*)"')
ROW = re.compile(r"(0x[0-9a-f]+) +(\d+) +\d+ +(\d+) ")

Report = dict[str, dict[int, bool]]


def source_name(name: str, roots: tuple[Path, ...]) -> str | None:
    """The name inside the source tree; None for a file that is not of the kernel."""
    for root in roots:
        name = name.removeprefix(f"{root}/")
    name = name.removeprefix("./")
    return name if name.split("/")[0] in FOLDERS else None


def of_lcov(text: str, roots: tuple[Path, ...]) -> Report:
    """What `llvm-cov export -format=lcov` has written."""
    report: Report = defaultdict(dict)
    name = None
    for line in text.splitlines():
        if line.startswith("SF:"):
            name = source_name(line[3:], roots)
        elif line.startswith("DA:") and name:
            number, count = line[3:].split(",")[:2]
            known = report[name].get(int(number), False)
            report[name][int(number)] = known or int(count) > 0
    return dict(report)


def of_image(line_table: str, executed: list[int], roots: tuple[Path, ...]) -> Report:
    """`llvm-dwarfdump --debug-line` of the image, and the addresses that were executed, ascending."""
    report: Report = defaultdict(dict)
    for unit in line_table.split("debug_line[")[1:]:
        names = _file_names(unit, roots)
        rows = [(int(row[1], 16), int(row[2]), int(row[3])) for row in ROW.finditer(unit)]
        for (address, line, file), (end, _, _) in zip(rows, rows[1:]):
            name = names.get(file)
            if name is None or line == 0 or end <= address:
                continue
            at = bisect_left(executed, address)
            hit = at < len(executed) and executed[at] < end
            report[name][line] = report[name].get(line, False) or hit
    return dict(report)


def _file_names(unit: str, roots: tuple[Path, ...]) -> dict[int, str | None]:
    folders = {int(number): folder for number, folder in INCLUDE.findall(unit)}
    names = {}
    for found in FILE_NAME.finditer(unit):
        lines = unit[found.end() :].split("\n", 3)
        name, folder = TEXT.search(lines[1])[1], folders.get(int(lines[2].split(":")[1]), "")
        # The compiler's own folder (the build tree) stands before names that are whole already.
        names[int(found[1])] = source_name(name, roots) or source_name(f"{folder}/{name}", roots)
    return names


def join(*reports: Report) -> Report:
    """A line was executed if it was anywhere."""
    joined: Report = defaultdict(dict)
    for report in reports:
        for name, lines in report.items():
            for line, hit in lines.items():
                joined[name][line] = joined[name].get(line, False) or hit
    return dict(joined)


def by_folder(report: Report) -> dict[str, tuple[int, int]]:
    """Lines that were executed and lines that there are, for each folder and for `all`."""
    sums = defaultdict(lambda: [0, 0])
    for name, lines in report.items():
        for folder in (str(Path(name).parent), "all"):
            sums[folder][0] += sum(lines.values())
            sums[folder][1] += len(lines)
    return {folder: (hit, count) for folder, (hit, count) in sums.items()}


def table(columns: dict[str, Report]) -> list[str]:
    """For people: a row a folder, a column a report."""
    counts = {title: by_folder(report) for title, report in columns.items()}
    folders = sorted({folder for column in counts.values() for folder in column} - {"all"})
    lines = [f"{'lines executed':<34}" + "".join(f"{title:>22}" for title in columns)]
    for folder in [*folders, "all"]:
        cells = "".join(f"{_cell(counts[title].get(folder)):>22}" for title in columns)
        lines.append(f"{folder:<34}{cells}")
    return lines


def _cell(count: tuple[int, int] | None) -> str:
    return f"{count[0]} of {count[1]} {100 * count[0] / count[1]:5.1f} %" if count else "-"
