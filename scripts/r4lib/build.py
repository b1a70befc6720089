# SPDX-License-Identifier: MIT
"""Configures and builds through CMake and Ninja. Their output goes where `out` says."""

import subprocess
import sys

from r4lib import tools
from r4lib.paths import PRESETS, ROOT, Build, build_of_preset
from r4lib.problem import Problem

STATUS_BUILD = 1


def call(command: list[str], out=None) -> None:
    """Runs one step of the build; raises Problem if it fails."""
    how = {"cwd": ROOT, "stdin": subprocess.DEVNULL, "stdout": out}
    status = subprocess.run(command, check=False, **how).returncode
    if status != 0:
        raise Problem(f"`{' '.join(command)}` failed with status {status}", STATUS_BUILD)


def output(command: list[str]) -> list[str]:
    """The lines that one step of the build prints; raises Problem if it fails."""
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        raise Problem(f"`{' '.join(command)}` failed with status {run.returncode}", STATUS_BUILD)
    return run.stdout.splitlines()


def configure(preset: str = "default", out=None) -> Build:
    """The build tree of the preset, configured if it has not been yet."""
    if not PRESETS.is_file():
        raise Problem(f"{PRESETS} is missing")
    build = build_of_preset(preset)
    if not build.ninja.is_file():
        tools.check()
        call(["cmake", "--preset", preset], out)
    return build


def build(preset: str = "default", targets: tuple[str, ...] = (), out=None) -> Build:
    """Builds the targets (all, if none is named) and returns the build tree."""
    tree = configure(preset, out)
    call(["ninja", "-C", str(tree.dir), *targets], out)
    return tree


def command_build(options) -> int:
    tree = build(options.preset)
    print(f"r4: built {tree.dir}", file=sys.stderr)
    return 0
