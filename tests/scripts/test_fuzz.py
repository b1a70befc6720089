# SPDX-License-Identifier: MIT
"""`r4 fuzz`: finds the targets, passes the limit on, and reports each that fails."""

from types import SimpleNamespace

import pytest
from r4lib import build, fuzz
from r4lib.problem import Problem

TARGETS = "printf 'all: phony\\ntests/fuzz/fuzz_good: LINK\\ntests/fuzz/fuzz_bad: LINK\\n'"
TARGETS += "; printf 'tests/fuzz/all: phony\\ntests/fuzz/edit_cache.util: X\\ntests/fuzz/a/b.o: X\\n'"


@pytest.fixture
def tree(tmp_path, fake_build, monkeypatch):
    """A build tree with a fuzz target that passes and one that fails; both keep their arguments."""
    fake_build.ninja.write_text("")
    folder = fake_build.dir / "tests" / "fuzz"
    folder.mkdir(parents=True)
    programs = {
        tmp_path / "ninja": f'case "$*" in *targets*) {TARGETS} ;; esac',
        folder / "fuzz_good": 'echo "$*" > "$0.called"',
        folder / "fuzz_bad": 'echo "$*" > "$0.called"; exit 77',
    }
    for path, body in programs.items():
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(build, "build_of_preset", lambda _: fake_build)
    return fake_build


def run(name=None, runs=None, seconds=None) -> int:
    return fuzz.command_fuzz(SimpleNamespace(name=name, runs=runs, seconds=seconds))


def test_find__only_programs(tree):
    assert fuzz.find(tree) == ["fuzz_bad", "fuzz_good"]


def test_all__each_is_run_and_the_failing_one_named(tree, capfd):
    assert run(runs=5) == 1
    assert capfd.readouterr().err.splitlines()[-1] == "r4: fuzz target fuzz_bad failed"
    for name in ("fuzz_bad", "fuzz_good"):
        called = (tree.dir / "tests" / "fuzz" / f"{name}.called").read_text()
        assert called.startswith("-runs=5 ") and str(tree.dir / "fuzz" / name) in called


def test_one__with_a_time(tree):
    assert run("fuzz_good", seconds=3) == 0
    called = (tree.dir / "tests" / "fuzz" / "fuzz_good.called").read_text()
    assert called.startswith("-max_total_time=3 ")
    assert not (tree.dir / "tests" / "fuzz" / "fuzz_bad.called").exists()


def test_run_all__what_reaches_the_kernel_runs_longer(tree, monkeypatch):
    monkeypatch.setattr(fuzz, "LONGER", {"fuzz_good": 5})
    monkeypatch.setattr(build, "build", lambda **_: tree)
    assert not fuzz.run_all(tree, 2)
    called = {name: (tree.dir / "tests" / "fuzz" / f"fuzz_{name}.called").read_text() for name in ("bad", "good")}
    assert called["good"].startswith("-max_total_time=10 ") and called["bad"].startswith("-max_total_time=2 ")


def test_unknown(tree):
    with pytest.raises(Problem, match="no fuzz target nobody; there are fuzz_bad, fuzz_good"):
        run("nobody")
