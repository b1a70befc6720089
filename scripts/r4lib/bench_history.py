# SPDX-License-Identifier: MIT
"""What is done with results: kept in docs/results/history.jsonl, compared, plotted."""

import json
from pathlib import Path

from r4lib.paths import ROOT
from r4lib.problem import Problem

HISTORY = ROOT / "docs" / "results" / "history.jsonl"
TABLE = HISTORY.with_name("table.md")
MEMBERS = {  # that every result has
    "name": (str, "a text"),
    "revision": (str, "a text"),
    "median": ((int, float), "a number"),
}


def read(path: Path) -> list[dict]:
    """The results in a file of JSON lines; raises Problem that names the line where one is wrong."""
    try:
        texts = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{path} cannot be read as results: {error}") from error
    return [_result(f"{path}:{number}", text) for number, text in enumerate(texts, 1) if text]


def _result(where: str, text: str) -> dict:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise Problem(f"{where}: not JSON: {error}") from error
    if not isinstance(line, dict):
        raise Problem(f"{where}: not a result: expected an object")
    for member, (kind, what) in MEMBERS.items():
        if not isinstance(line.get(member), kind):
            raise Problem(f"{where}: not a result: expected a member `{member}`, {what}")
    return line


def text(lines: list[dict]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def append(lines: list[dict], path: Path = HISTORY) -> None:
    """On purpose only. A row and revision stands there once: the newer measurement replaces it."""
    measured = {(line["name"], line["revision"]) for line in lines}
    kept = read(path) if path.is_file() else []
    kept = [line for line in kept if (line["name"], line["revision"]) not in measured]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(kept + lines))


def write_table(shown: str, note: str, lines: list[dict], path: Path = TABLE) -> None:
    """The page with the last recorded results."""
    first = lines[0]
    made_by = f"QEMU {first['qemu']}, {first['compiler']}, revision {first['revision']}"
    head = "# Results of the bench\n\nWritten by `scripts/r4 bench --record`; how: [bench.md](../bench.md)."
    path.write_text(f"{head}\n{made_by}.\n\n{shown}\n\n{note}\n")


def find(name: str, path: Path = HISTORY) -> dict[str, dict]:
    """The results by row: of a JSON file, or of a revision in the history."""
    if Path(name).is_file():
        return {line["name"]: line for line in read(Path(name))}
    lines = read(path) if path.is_file() else []
    found = {line["name"]: line for line in lines if line["revision"].startswith(name)}
    if not found:
        raise Problem(f"--compare {name}: neither a file nor a revision in {path.name}")
    return found


def compare(a: dict[str, dict], b: dict[str, dict]) -> str:
    """The medians of both, row by row, and by how much the second is higher."""
    out = [f"{'row':24} {'A':>12} {'B':>12} {'B - A':>10}"]
    for name in [*a, *(name for name in b if name not in a)]:
        both = [side.get(name, {}).get("median") for side in (a, b)]
        change = "" if None in both else f"{both[1] - both[0]:+g}"
        shown = ["-" if value is None else f"{value:g}" for value in both]
        shown = [f"{value:,}" if isinstance(value, int) else cell
                 for value, cell in zip(both, shown, strict=True)]
        out.append(f"{name:24} {shown[0]:>12} {shown[1]:>12} {change:>10}")
    return "\n".join(out)


def plot(lines: list[dict], goals: dict[str, int], path: Path) -> None:
    """A picture of the rows that have a goal: each a way of dots, one for a revision, as shares of the goal."""
    pyplot = _pyplot()
    rows = list(dict.fromkeys(line["name"] for line in lines if line["name"] in goals))
    if not rows:
        raise Problem("--plot: no recorded row has a goal: there is nothing to draw")
    revisions = list(dict.fromkeys(line["revision"] for line in lines))
    shades = [pyplot.get_cmap("viridis_r")(0.1 + 0.9 * (i + 1) / len(revisions)) for i in range(len(revisions))]
    height = 1.8 + 0.3 * len(rows)
    figure, axes = pyplot.subplots(figsize=(10, height), layout="constrained")
    for place, name in enumerate(rows):
        points = [line for line in lines if line["name"] == name]
        _draw_row(axes, place, points, goals[name], [shades[revisions.index(p["revision"])] for p in points])
    _label(axes, rows)
    handles = [pyplot.Line2D([], [], marker="o", linestyle="", color=shade) for shade in shades]
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.7 / height)}
    axes.legend(handles, revisions, title="revision, oldest first", ncols=4, fontsize="small", **below)
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise Problem(f"--plot {path}: {error}") from error
    finally:
        pyplot.close(figure)


def _pyplot():
    try:
        import matplotlib
    except ImportError as error:
        raise Problem("--plot needs matplotlib; package python3-matplotlib brings it") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def share(median: float, goal: int) -> float:
    """What is measured as a share of its goal; where nothing is the goal, each one counts as whole."""
    return median / goal if goal else 1 + median


def _draw_row(axes, place: int, points: list[dict], goal: int, shades: list) -> None:
    """The newest is on top; what it is and what it should be stand at the right."""
    shares = [share(point["median"], goal) for point in points]
    across = [place] * len(points)
    axes.plot(shares, across, color="0.8", zorder=1)
    axes.scatter(shares, across, c=shades, s=40, zorder=2)
    said = f"{points[-1]['median']:,.6g} of {goal:,}"
    axes.annotate(said, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize="small")


def _label(axes, rows: list[str]) -> None:
    axes.set_title("Medians as shares of their goals: green is met", loc="left")
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("median / goal (guest instructions or bytes: work, not time)")
    axes.axvspan(0, 1, color="tab:green", alpha=0.1, linewidth=0)
    axes.axvline(1, color="tab:green", linewidth=1)
    axes.grid(axis="y", color="0.92")
    axes.set_axisbelow(True)
