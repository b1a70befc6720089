# SPDX-License-Identifier: MIT
"""`r4 fuzz`: runs the libFuzzer targets of tests/fuzz, for a time or for a number of inputs.

Interesting inputs collect in build/fuzz/NAME; those in tests/fuzz/corpus/NAME are where it starts.
An input that fails is left in build/fuzz/NAME.failed-*; the target's own report names it.
"""

import subprocess
import sys

from r4lib import build
from r4lib.paths import ROOT, Build
from r4lib.problem import Problem

STATUS_FAILED = 1
TARGETS = "tests/fuzz/"  # in the build tree
SECONDS_DEFAULT = 10
LONGER = {"fuzz_call": 5, "fuzz_resolve": 5}  # in the suite: so many times as long as the others


def command_fuzz(options) -> int:
    tree = build.build(targets=("build.ninja",), out=sys.stderr)
    names = find(tree)
    if options.name and options.name not in names:
        raise Problem(f"there is no fuzz target {options.name}; there are {', '.join(names)}")
    chosen = [options.name] if options.name else names
    build.build(targets=tuple(TARGETS + name for name in chosen), out=sys.stderr)
    failed = [name for name in chosen if not run(tree, name, options.runs, options.seconds)]
    for name in failed:
        print(f"r4: fuzz target {name} failed", file=sys.stderr)
    return STATUS_FAILED if failed else 0


def run_all(tree: Build, seconds: int) -> bool:
    """Every target for so long, those that reach the whole kernel for longer; False if one fails."""
    names = find(tree)
    build.build(targets=tuple(TARGETS + name for name in names))
    return all([run(tree, name, None, seconds * LONGER.get(name, 1)) for name in names])


def find(tree: Build) -> list[str]:
    """The names of the fuzz targets that the build knows."""
    targets = build.output(["ninja", "-C", str(tree.dir), "-t", "targets", "all"])
    found = {line.partition(":")[0] for line in targets if line.startswith(TARGETS)}
    names = sorted(name.removeprefix(TARGETS) for name in found)
    return [name for name in names if name.startswith("fuzz_") and name.isidentifier()]


def run(tree: Build, name: str, runs: int | None, seconds: int | None) -> bool:
    corpus = tree.dir / "fuzz" / name
    corpus.mkdir(parents=True, exist_ok=True)
    given = ROOT / TARGETS / "corpus" / name
    limit = f"-runs={runs}" if runs else f"-max_total_time={seconds or SECONDS_DEFAULT}"
    command = [str(tree.dir / TARGETS / name), limit, "-seed=1", "-print_final_stats=1"]
    command += [f"-artifact_prefix={corpus}.failed-", str(corpus)]
    command += [str(given)] if given.is_dir() else []
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0
