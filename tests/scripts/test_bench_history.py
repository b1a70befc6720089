# SPDX-License-Identifier: MIT
"""Results that are kept: what is appended, what is compared, what is plotted."""

import json
import sys

import pytest
from r4lib import bench_history
from r4lib.problem import Problem


def line(name, revision, median):
    return {"name": name, "revision": revision, "median": median}


def test_append__once_for_a_row_and_revision(tmp_path):
    path = tmp_path / "results" / "history.jsonl"
    bench_history.append([line("a", "r1", 10), line("b", "r1", 20)], path)
    bench_history.append([line("a", "r2", 9)], path)
    bench_history.append([line("a", "r1", 11)], path)
    kept = [json.loads(text) for text in path.read_text().splitlines()]
    assert kept == [line("b", "r1", 20), line("a", "r2", 9), line("a", "r1", 11)]


def test_write_table__says_what_it_was_made_with(tmp_path):
    path = tmp_path / "table.md"
    made = {**line("a", "r1", 10), "qemu": "7.2", "compiler": "clang 14"}
    bench_history.write_table("| a |", "Work, not time.", [made], path)
    written = path.read_text()
    assert "QEMU 7.2, clang 14, revision r1." in written
    assert written.endswith("| a |\n\nWork, not time.\n")


def test_find__file_or_revision(tmp_path):
    path = tmp_path / "history.jsonl"
    bench_history.append([line("a", "abc123", 10)], path)
    assert bench_history.find("abc", path) == {"a": line("a", "abc123", 10)}
    assert bench_history.find(str(path), tmp_path / "none") == {"a": line("a", "abc123", 10)}
    with pytest.raises(Problem, match="--compare xyz: neither a file nor a revision"):
        bench_history.find("xyz", path)


def test_compare__rows_of_either_side():
    a = {"a": line("a", "1", 100), "gone": line("gone", "1", 5)}
    b = {"a": line("a", "2", 90.5), "new": line("new", "2", 1000)}
    rows = [text.split() for text in bench_history.compare(a, b).splitlines()[1:]]
    assert rows == [["a", "100", "90.5", "-9.5"], ["gone", "5", "-"], ["new", "-", "1,000"]]


def test_plot__says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(Problem) as caught:
        bench_history.plot([], {}, tmp_path / "out.png")
    assert str(caught.value) == (
        "--plot needs matplotlib; package python3-matplotlib brings it"
    )


def test_plot__writes_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="package python3-matplotlib is not installed")
    out = tmp_path / "out.png"
    bench_history.plot([line("a", "r1", 10), line("a", "r2", 12)], {"a": 20}, out)
    assert out.read_bytes().startswith(b"\x89PNG")
