# SPDX-License-Identifier: MIT
"""The rows of the bench as data (bench_rows.toml), their statistics and their table."""

import statistics
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from r4lib.problem import Problem

FILE = Path(__file__).with_name("bench_rows.toml")
SEL4_COLUMNS = ("seL4", "seL4 default", "seL4 MCS", "seL4 SMP")
NOTE = (
    "Guest instructions, kernel and user, counted under -icount shift=0: work, not time. They hide the\n"
    "price of a CR3 write or a cache miss. seL4: newest of August 2026, sel4bench, same emulator."
)


@dataclass(frozen=True)
class Row:
    name: str
    operation: str
    sel4: list
    topology: str | None = None
    unit: str = "instructions"
    of: dict | None = None
    size: str | None = None
    plugin: str | None = None
    goal: int | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The measured rows that this one is made of: itself, if it is measured."""
        if self.of is None:
            return (self.name,) if self.is_measured else ()
        return tuple(self.of[part] for part in ("row", "minus") if part in self.of)

    @property
    def is_measured(self) -> bool:
        return self.of is None and self.size is None and self.plugin is None


def read(path: Path = FILE) -> dict[str, Row]:
    """All rows in the order of the file."""
    rows = [Row(**entry) for entry in tomllib.loads(path.read_text())["row"]]
    return {row.name: row for row in rows}


def choose(rows: dict[str, Row], names: list[str]) -> list[Row]:
    """The named rows, or all, in the order of the file."""
    unknown = [name for name in names if name not in rows]
    if unknown:
        raise Problem(f"bench {unknown[0]}: there is no such row; there are {', '.join(rows)}")
    return [row for row in rows.values() if not names or row.name in names]


def derive(row: Row, samples: dict[str, list[int]]) -> list[Fraction]:
    """The samples of a row that is made of others."""
    values = [Fraction(value) for value in samples[row.of["row"]]]
    if "minus" in row.of:
        less = samples[row.of["minus"]]
        values = [value - other for value, other in zip(values, less, strict=True)]
    return [value / row.of.get("per", 1) for value in values]


def _number(value) -> int | float:
    """Whole where it is whole; else two digits, so that a line does not depend on binary fractions."""
    return int(value) if value == int(value) else round(float(value), 2)


def summary(row: Row, samples: list) -> dict:
    """One JSON line without the configuration."""
    values = sorted(samples)
    whole = len(values) > 1
    quarters = statistics.quantiles(values, n=4, method="inclusive") if whole else values * 3
    numbers = {
        "min": values[0],
        "q1": quarters[0],
        "median": quarters[1],
        "mean": sum(values, Fraction(0)) / len(values),
        "q3": quarters[2],
        "max": values[-1],
        "sd": statistics.stdev(values) if whole else 0,
    }
    shown = {name: _number(value) for name, value in numbers.items()}
    return {"name": row.name, "unit": row.unit, "n": len(values), **shown}


def verdict(row: Row, median: float) -> str:
    if row.goal is None:
        return ""
    return "met" if median <= row.goal else f"missed by {_number(Fraction(str(median)) - row.goal)}"


def _grouped(value) -> str:
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def table(rows: dict[str, Row], lines: list[dict]) -> str:
    """The results beside seL4's and the goals, as a Markdown table."""
    heads = ["row", "operation", "R4", *SEL4_COLUMNS, "goal", "verdict"]
    body = []
    for line in lines:
        row = rows[line["name"]]
        bytes_ = " B" if row.unit == "bytes" else ""
        goal = "" if row.goal is None else f"≤ {_grouped(row.goal)}"
        numbers = [_grouped(line["median"]) + bytes_, *map(_grouped, row.sel4), goal]
        body.append([row.name, row.operation, *numbers, verdict(row, line["median"])])
    widths = [max(len(cells[i]) for cells in [heads, *body]) for i in range(len(heads))]
    right = range(2, 2 + len(SEL4_COLUMNS) + 2)

    def line_of(cells: list[str]) -> str:
        aligned = (
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join(aligned) + " |"

    rule = ["-" * (w - 1) + (":" if i in right else "-") for i, w in enumerate(widths)]
    return "\n".join([line_of(heads), line_of(rule), *map(line_of, body)])
