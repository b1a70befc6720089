# SPDX-License-Identifier: MIT
"""Two clean clones in different folders: the same kernel, the same programs, the same results, byte by byte."""

import json
import subprocess
from pathlib import Path

import pytest
from r4lib.paths import ROOT

TARGETS = ("r4.elf", "bench.program")
ROWS = ("null_call", "yield_other", "xsignal", "kernel_text", "kernel_rodata")
FOLDERS = ("one", "and/another/whose-name-is-longer")


def call(folder: Path, *command) -> bytes:
    run = subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=600, check=False)
    assert run.returncode == 0, (run.stdout + run.stderr).decode()[-2000:]
    return run.stdout


@pytest.fixture
def revision(thread_mode) -> str:
    if thread_mode != "single":
        pytest.skip("-icount always runs all cores in one thread")
    run = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        pytest.skip("the tree is no clone")
    return run.stdout.strip()


@pytest.fixture
def clones(tmp_path, revision) -> list[Path]:
    """Of the revision that is checked out; what is built is what the rows below need."""
    folders = [tmp_path / name for name in FOLDERS]
    for folder in folders:
        call(tmp_path, "git", "clone", "--quiet", ROOT, folder)
        call(folder, "cmake", "--preset", "default")
        call(folder, "ninja", "-C", "build", *TARGETS)
    return folders


def bench(folder: Path) -> bytes:
    call(folder, "scripts/r4", "bench", "--no-build", "--json", "results.jsonl", *ROWS)
    return (folder / "results.jsonl").read_bytes()


def loadable(folder: Path, name: str) -> bytes:
    """What of an image reaches memory: without its debugging information."""
    call(folder, "llvm-objcopy", "-O", "binary", f"build/{name}", "image.bin")
    return (folder / "image.bin").read_bytes()


def test_clones__the_same_bytes_in_every_folder(clones, revision):
    one, another = clones
    for name in ("r4.elf", "userland/sys/bench"):
        assert loadable(one, name) == loadable(another, name), name
    results = bench(one)
    assert results == bench(another)
    lines = [json.loads(line) for line in results.splitlines()]
    assert [line["name"] for line in lines] == list(ROWS)
    assert {line["revision"] for line in lines} == {revision}
