# SPDX-License-Identifier: MIT
"""What is done with results: kept in docs/results/history.jsonl, compared, plotted."""

import json
from pathlib import Path

from r4lib.paths import ROOT
from r4lib.problem import Problem

HISTORY = ROOT / "docs" / "results" / "history.jsonl"
TABLE = HISTORY.with_name("table.md")


def read(path: Path) -> list[dict]:
    try:
        return [json.loads(line) for line in path.read_text().splitlines() if line]
    except (OSError, ValueError) as error:
        raise Problem(f"{path} cannot be read as results: {error}") from error


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
    """The rows that have a goal, each as a share of its goal, over the revisions."""
    try:
        import matplotlib
    except ImportError as error:
        raise Problem("--plot needs matplotlib; package python3-matplotlib brings it") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot

    revisions = list(dict.fromkeys(line["revision"] for line in lines))
    figure, axes = pyplot.subplots(figsize=(10, 6))
    for name in dict.fromkeys(line["name"] for line in lines if line["name"] in goals):
        points = [line for line in lines if line["name"] == name]
        across = [revisions.index(line["revision"]) for line in points]
        axes.plot(across, [line["median"] / goals[name] for line in points], "o-", label=name)
    axes.axhline(1.0, color="black", linewidth=0.8)
    axes.set_xticks(range(len(revisions)), revisions, rotation=45, ha="right")
    axes.set_ylabel("median / goal (instructions or bytes: work, not time)")
    axes.legend(fontsize="x-small", ncol=2)
    figure.tight_layout()
    figure.savefig(path)
