# SPDX-License-Identifier: MIT
"""tests/system/conftest.py as a whole: a pytest of its own, over tests that boot the fake QEMU."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEM = Path(__file__).resolve().parents[1] / "system"


@pytest.fixture
def run_pytest(fake_build, fake_qemu, tmp_path):
    """run_pytest(TEXT, option..): runs the tests in TEXT with the system tests' fixtures."""

    def run(text: str, *options: str) -> subprocess.CompletedProcess:
        folder = tmp_path / "inner"
        folder.mkdir()
        (folder / "test_inner.py").write_text(text)
        (folder / "pytest.ini").write_text("[pytest]\n")
        words = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider"]
        words += ["--rootdir=.", "-rs", "--r4-build", str(fake_build.dir), *options]
        environment = {**os.environ, "PYTHONPATH": str(SYSTEM)}
        for name in ("R4_THREAD", "R4_SEED", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER"):
            environment.pop(name, None)
        how = {"capture_output": True, "text": True, "timeout": 120}
        return subprocess.run(words, cwd=folder, env=environment, check=False, **how)

    return run


def test_failure__artifacts_are_kept_and_named(run_pytest, fake_build):
    run = run_pytest(
        "def test_it(machine):\n"
        "    m = machine(topology='1x2')\n"
        "    assert m.command('nonsense').status == 0\n"
        "def test_good(machine):\n"
        "    assert machine().command('hello').status == 0\n"
    )
    folder = fake_build.artifacts / "test_inner.py-test_it-single" / "0"
    assert "1 failed, 1 passed" in run.stdout
    assert f"kept in {folder}" in run.stdout
    assert "> nonsense" in (folder / "console.log").read_text()
    assert list(fake_build.artifacts.iterdir()) == [folder.parent]


def test_boot_failure__artifacts_are_kept(run_pytest, fake_build):
    run = run_pytest("def test_it(machine):\n    machine(append='refuse')\n")
    assert "QEMU did not start" in run.stdout
    assert (fake_build.artifacts / "test_inner.py-test_it-single" / "0" / "command").is_file()


def test_script__is_run(run_pytest):
    text = "def test_it(boot_script):\n    assert boot_script('hello\\n').verdict.passed\n"
    run = run_pytest(text)
    assert "1 passed" in run.stdout


@pytest.mark.parametrize("mode", ["single", "multi"])
def test_thread_mode__reaches_qemu(run_pytest, mode):
    words = f"thread={mode}"
    text = f"def test_it(machine):\n    assert {words!r} in machine().command('arguments').output\n"
    run = run_pytest(text, "--r4-thread", mode)
    assert "1 passed" in run.stdout and f"r4: {words}" in run.stdout


def test_icount__is_skipped_with_its_reason_under_multi(run_pytest):
    text = "def test_it(boot_script):\n    boot_script('hello\\n', icount=True)\n"
    run = run_pytest(text, "--r4-thread", "multi")
    assert "1 skipped" in run.stdout and "covered by thread=single" in run.stdout


def test_seed__is_chosen_once_for_all_workers(run_pytest):
    text = "def test_it(pytestconfig):\n    assert pytestconfig.option.r4_seed == 5\n"
    run = run_pytest(text, "--r4-seed", "5", "-n", "2")
    assert "1 passed" in run.stdout and "seed=5" in run.stdout


def test_seed__differs_between_tests_and_is_in_the_artifacts(run_pytest, fake_build):
    text = (
        "import pytest\n"
        "@pytest.mark.parametrize('n', [0, 1])\n"
        "def test_it(machine, n):\n    machine()\n    assert False\n"
    )
    run_pytest(text, "--r4-seed", "5")
    kept = sorted(fake_build.artifacts.glob("*/0/settings.json"))
    seeds = {json.loads(path.read_text())["seed"] for path in kept}
    assert len(kept) == len(seeds) == 2
