# SPDX-License-Identifier: MIT
"""The rows of the bench: what they are made of, their statistics, their table."""

from fractions import Fraction

import pytest
from r4lib import bench_rows
from r4lib.bench_rows import Row
from r4lib.problem import Problem

ROWS = bench_rows.read()


def test_read__every_row_can_be_got():
    for row in ROWS.values():
        ways = [row.of, row.size, row.plugin, row.topology if row.is_measured else None]
        assert sum(way is not None for way in ways) >= 1, row.name
        assert len(row.sel4) == len(bench_rows.SEL4_COLUMNS), row.name
        for source in row.sources:
            assert ROWS[source].is_measured, f"{row.name} is made of {source}"


def test_read__the_goals_of_the_issue():
    goals = {"null_call": 60, "lock_uncontended": 25, "signal_no_waiter": 120, "signal_waiter": 260,
             "yield_other": 200, "irq_user": 250, "map_4k": 350, "unmap_4k": 250,
             "retype_frame": 300, "retype_64_frames": 50, "untyped_reset_4k": 530,
             "shootdown_1": 600, "shootdown_2": 750, "shootdown_3": 900, "boot_per_cluster": 2000000,
             "kernel_text": 96000}
    assert {name: ROWS[name].goal for name in goals} == goals


def test_choose__in_the_order_of_the_file():
    names = [row.name for row in bench_rows.choose(ROWS, ["unmap_4k", "null_call"])]
    assert names == ["null_call", "unmap_4k"]
    assert len(bench_rows.choose(ROWS, [])) == len(ROWS)


def test_choose__unknown():
    with pytest.raises(Problem, match="bench nothing: there is no such row; there are null_call,"):
        bench_rows.choose(ROWS, ["null_call", "nothing"])


def test_derive__difference_and_share():
    row = Row("x", "", [], of={"row": "a", "minus": "b", "per": 4})
    assert bench_rows.derive(row, {"a": [10, 11], "b": [2, 4]}) == [2, Fraction(7, 4)]


def test_summary__by_hand():
    line = bench_rows.summary(Row("x", "", []), [4, 1, 2, 3])
    expected = {"name": "x", "unit": "instructions", "n": 4, "min": 1, "q1": 1.75, "median": 2.5,
                "mean": 2.5, "q3": 3.25, "max": 4, "sd": 1.29}
    assert line == expected


def test_summary__one_sample():
    line = bench_rows.summary(Row("x", "", [], unit="bytes"), [7])
    assert (line["n"], line["min"], line["q1"], line["median"], line["sd"]) == (1, 7, 7, 7, 0)


@pytest.mark.parametrize("median, said", [(60, "met"), (60.5, "missed by 0.5"), (81, "missed by 21")])
def test_verdict__goal(median, said):
    assert bench_rows.verdict(ROWS["null_call"], median) == said


def test_table__beside_sel4():
    line = {"name": "map_4k", "median": 1234}
    shown = bench_rows.table(ROWS, [line]).splitlines()
    cells = [cell.strip() for cell in shown[2].strip("|").split("|")]
    assert cells == ["map_4k", "map a 4K page", "1,234", "718", "729", "806", "834", "≤ 350",
                     "missed by 884"]
    assert len({len(text) for text in shown}) == 1
