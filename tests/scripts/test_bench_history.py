# SPDX-License-Identifier: MIT
"""Results that are kept: what is appended, what is compared, what is plotted."""

import json
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from r4lib import bench_history, bench_rows
from r4lib.paths import ROOT
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


def matplotlib():
    return pytest.importorskip("matplotlib", reason="package python3-matplotlib is not installed")


BAD_LINES = [
    ("{", "not JSON: "),
    ("[1]", "not a result: expected an object"),
    ('{"name": "a", "revision": "r"}', "not a result: expected a member `median`, a number"),
    ('{"name": "a", "revision": "r", "median": "10"}', "not a result: expected a member `median`, a number"),
    ('{"revision": "r", "median": 10}', "not a result: expected a member `name`, a text"),
    ('{"name": "a", "revision": null, "median": 10}', "not a result: expected a member `revision`, a text"),
]


@pytest.mark.parametrize(("bad", "sentence"), BAD_LINES)
def test_read__says_which_line_is_wrong(tmp_path, bad, sentence):
    path = tmp_path / "history.jsonl"
    path.write_text(json.dumps(line("a", "r", 1)) + "\n\n" + bad + "\n")
    with pytest.raises(Problem) as caught:
        bench_history.read(path)
    assert str(caught.value).startswith(f"{path}:3: {sentence}")


def test_read__no_file_and_no_text(tmp_path):
    path = tmp_path / "history.jsonl"
    with pytest.raises(Problem, match="history.jsonl cannot be read as results: .*No such file"):
        bench_history.read(path)
    path.write_bytes(b"\xff\n")
    with pytest.raises(Problem, match="history.jsonl cannot be read as results: .*utf-8"):
        bench_history.read(path)


def test_read__what_is_recorded():
    assert len(bench_history.read(bench_history.HISTORY)) > 30


def test_plot__says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(Problem) as caught:
        bench_history.plot([], {}, tmp_path / "out.png")
    assert str(caught.value) == (
        "--plot needs matplotlib; package python3-matplotlib brings it"
    )


@pytest.mark.parametrize("lines", [[], [line("b", "r1", 10)]])
def test_plot__nothing_to_draw(tmp_path, lines):
    matplotlib()
    with pytest.raises(Problem, match="--plot: no recorded row has a goal: there is nothing to draw"):
        bench_history.plot(lines, {"a": 20}, tmp_path / "out.png")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "sentence"), [("out.txt", "not supported"), ("none/out.png", "No such file")])
def test_plot__says_why_it_cannot_write(tmp_path, name, sentence):
    matplotlib()
    path = tmp_path / name
    with pytest.raises(Problem, match=sentence) as caught:
        bench_history.plot([line("a", "r1", 10)], {"a": 20}, path)
    assert str(caught.value).startswith(f"--plot {path}: ")


def plot_with_command(path):
    command = [ROOT / "scripts" / "r4", "bench", "--plot", path]
    subprocess.run(command, check=True, timeout=120, stdin=subprocess.DEVNULL)


def test_plot__the_command_draws_the_history_as_png(tmp_path):
    image = pytest.importorskip("matplotlib.image", reason="package python3-matplotlib is not installed")
    path = tmp_path / "out.png"
    plot_with_command(path)
    assert path.read_bytes().startswith(b"\x89PNG\r\n")
    height, width, _ = image.imread(path).shape
    assert height > 400 and width > 800


def test_plot__the_command_draws_the_history_as_svg(tmp_path):
    """Every row with a goal, its figure and its revision are in the picture: as comments that matplotlib puts beside the shapes."""
    matplotlib()
    path = tmp_path / "out.svg"
    plot_with_command(path)
    root = ElementTree.parse(path).getroot()
    assert root.tag.endswith("svg") and float(root.get("height").removesuffix("pt")) > 300
    drawn = set(re.findall(r"<!-- (.*) -->", path.read_text()))
    lines = bench_history.read(bench_history.HISTORY)
    goals = {row.name: row.goal for row in bench_rows.read().values() if row.goal is not None}
    shown = [entry for entry in lines if entry["name"] in goals]
    assert shown
    assert {entry["name"] for entry in shown} <= drawn
    assert {entry["revision"] for entry in lines} <= drawn
    last = {entry["name"]: entry["median"] for entry in shown}
    assert {f"{median:,.6g} of {goals[name]:,}" for name, median in last.items()} <= drawn


def test_plot__later_revisions_are_darker(tmp_path):
    """Three revisions are three dots of a row in three shades, the last of them the darkest."""
    matplotlib()
    path = tmp_path / "out.svg"
    bench_history.plot([line("a", revision, 10) for revision in ("r1", "r2", "r3")], {"a": 20}, path)
    shades = re.findall(r'<use [^>]*style="fill: #([0-9a-f]{6})', path.read_text())[:3]
    brightness = [sum(bytes.fromhex(shade)) for shade in shades]
    assert len(set(shades)) == 3 and brightness[2] == min(brightness)


@pytest.mark.parametrize(("median", "goal", "share"), [(30, 60, 0.5), (60, 60, 1), (0, 0, 1), (2, 0, 3)])
def test_share__of_a_goal_that_may_be_nothing(median, goal, share):
    assert bench_history.share(median, goal) == share
