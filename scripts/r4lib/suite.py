# SPDX-License-Identifier: MIT
"""`r4 test`: builds and runs the tests in stages, each with its time and its runner's own words.

A stage that fails does not keep the next ones from running; only a failed build does.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field

from r4lib import build, fuzz, style, tools
from r4lib.paths import ROOT, Build
from r4lib.problem import Problem

STATUS_FAILED = 1
WORKERS = "2"
PYTHON = "/usr/bin/python3"  # Debian's: another python3 earlier in PATH does not see its pytest
THREAD_MODES = ("single", "multi")
PRESETS = ("ubsan", "clang-19")
WHAT = ("all", "host", "system", *PRESETS)
MACHINE_TARGETS = ("machine",)
UBSAN_SMOKE = [f"tests/system/test_{name}.py" for name in ("ubsan", "crash", "shell")]
FUZZ_SECONDS = 3
PYTHON_TESTS = ("tests/abi", "tests/scripts")


@dataclass(frozen=True)
class Stage:
    """One runner. `call` returns whether it passed."""

    name: str
    command: list[str]
    variables: dict[str, str] = field(default_factory=dict)

    def call(self, out=None) -> bool:
        how = {"cwd": ROOT, "env": {**os.environ, **self.variables}, "stdin": subprocess.DEVNULL}
        how["stdout"] = out
        return subprocess.run(self.command, check=False, **how).returncode == 0


@dataclass(frozen=True)
class PresetStage:
    """System tests on the machine side of another preset's build, with one thread for all cores."""

    preset: str
    arguments: list[str]

    @property
    def name(self) -> str:
        return f"system tests of preset {self.preset}"

    def call(self) -> bool:
        tree = _or_none(lambda: build.build(self.preset, MACHINE_TARGETS))
        variables = {"R4_THREAD": THREAD_MODES[0], "R4_BUILD": str(tree.dir if tree else "")}
        return bool(tree) and Stage(self.name, _system_command(self.arguments), variables).call()


@dataclass(frozen=True)
class WorkStage:
    """Something that is done in this process."""

    name: str
    call: object


@dataclass(frozen=True)
class Outcome:
    name: str
    passed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'FAILED'}  {self.seconds:7.1f} s  {self.name}"


def command_test(options) -> int:
    _check_arguments(options)
    tools.check()
    if options.what == "host":
        module = options.arguments[0] if options.arguments else ""
        return _run(lambda: _build_host(module), lambda tree: [_host(tree, module)])
    if options.what == "system":
        return _run(build.build, lambda _: _system(options.arguments))
    if options.what in PRESETS:
        return _stages([PresetStage(options.what, options.arguments)], [])
    return _run(build.build, _all)


def _all(tree: Build) -> list:
    form = [Stage("clang-format", style.format_command()), WorkStage("clang-tidy", lambda: style.tidy(tree))]
    fuzzing = WorkStage("fuzz targets, briefly", lambda: fuzz.run_all(tree, FUZZ_SECONDS))
    smoke = PresetStage("ubsan", UBSAN_SMOKE)
    return [_host(tree), _python(), *_system([]), smoke, *form, fuzzing]


def _check_arguments(options) -> None:
    if options.arguments and options.what == "all":
        raise Problem(f"test all takes no arguments, not {options.arguments[0]}; see `r4 help`")
    if len(options.arguments) > 1 and options.what == "host":
        raise Problem("test host takes at most one MODULE; see `r4 help`")


def _run(build_, stages_of) -> int:
    outcomes = []
    tree = _timed(outcomes, "build", lambda: _or_none(build_))
    return _stages(stages_of(tree) if tree else [], outcomes)


def _stages(stages, outcomes: list[Outcome]) -> int:
    began = time.monotonic() - sum(outcome.seconds for outcome in outcomes)
    for stage in stages:
        _timed(outcomes, stage.name, stage.call)
    passed = all(outcome.passed for outcome in outcomes)
    total = Outcome("all stages", passed, time.monotonic() - began)
    _say("stages:")
    for outcome in (*outcomes, total):
        _say(f"  {outcome}")
    return 0 if total.passed else STATUS_FAILED


def _timed(outcomes: list[Outcome], name: str, work):
    _say(f"== {name}")
    began = time.monotonic()
    result = work()
    outcomes.append(Outcome(name, bool(result), time.monotonic() - began))
    _say(f"== {outcomes[-1]}")
    return result


def _or_none(build_) -> Build | None:
    try:
        return build_()
    except Problem as problem:
        print(f"r4: {problem}", file=sys.stderr)
        return None


def _say(text: str) -> None:
    print(f"r4: {text}", flush=True)


# ------------------------------------------------------------------------------------------- host


def _build_host(module: str) -> Build:
    """Builds the host tests whose names contain `module` and nothing else."""
    tree = build.build(targets=("build.ninja",))
    targets = build.output(["ninja", "-C", str(tree.dir), "-t", "targets", "all"])
    known = {line.partition(":")[0] for line in targets}
    listing = json.loads("\n".join(build.output([*_ctest(tree, module), "--show-only=json-v1"])))
    names = {test["name"] for test in listing["tests"]}
    if not names:
        which = f"with {module} in its name" if module else "at all"
        raise Problem(f"there is no host test {which}")
    return build.build(targets=tuple(sorted(names & known)))


def _ctest(tree: Build, module: str) -> list[str]:
    return ["ctest", "--test-dir", str(tree.dir), *(["-R", module] if module else [])]


def _host(tree: Build, module: str = "") -> Stage:
    options = ["--output-on-failure", "--no-tests=error", "-j", WORKERS]
    return Stage("host unit tests", [*_ctest(tree, module), *options])


# ----------------------------------------------------------------------------------------- pytest


def _pytest(arguments: list[str]) -> list[str]:
    return [PYTHON, "-m", "pytest", "-n", WORKERS, *arguments]


def _python() -> Stage:
    return Stage("tests of the ABI generator and of r4", _pytest(list(PYTHON_TESTS)))


def _system(arguments: list[str]) -> list[Stage]:
    command = _system_command(arguments)
    return [
        Stage(f"system tests, thread={mode}", command, {"R4_THREAD": mode})
        for mode in THREAD_MODES
    ]


def _system_command(arguments: list[str]) -> list[str]:
    """The arguments may name tests of their own; without them, all of tests/system is meant."""
    named = any(argument.split("::")[0].endswith(".py") for argument in arguments)
    return _pytest(arguments if named else ["tests/system", *arguments])
