# SPDX-License-Identifier: MIT
"""`r4 run` from the command line to the exit status, with a QEMU and a guest that are fakes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAIN = ROOT / "scripts" / "r4lib" / "main.py"
FAIL, PANIC = 2 * 0x21 + 1, 2 * 0x22 + 1


@pytest.fixture
def r4(fake_build, fake_qemu, tmp_path):
    """r4("run", ...) on the fake build; r4(..., script=TEXT) writes the script and names it."""

    def call(*arguments: str, script: str | None = None, typed: str | None = None):
        words = [sys.executable, str(MAIN), *arguments]
        if arguments[:1] == ("run",):
            words += ["--build", str(fake_build.dir), "--no-build"]
        if script is not None:
            (tmp_path / "script").write_text(script)
            words += ["--script", "script"]
        how = {"capture_output": True, "text": True, "timeout": 60}
        return subprocess.run(words, cwd=tmp_path, input=typed, check=False, **how)

    return call


def test_script__passes(r4):
    run = r4("run", script="hello world\n")
    assert (run.returncode, run.stderr.splitlines()[-1]) == (0, "r4: PASS: Passed.")
    assert run.stdout == "R4 (fake)\n> hello world\nhello world\n"


def test_script__status_of_the_first_failing_command(r4):
    run = r4("run", script="hello\nnonsense\nquit 9\n")
    assert run.returncode == 1
    assert "FAIL: Failed." in run.stderr
    assert "quit 9" not in run.stdout


def test_script__quit_with_status(r4):
    assert r4("run", script="quit 7\n").returncode == 7


@pytest.mark.parametrize(
    "words",
    [
        ["bench", "null_call", "--json", "none/x"],
        ["bench", "--plot", "none/x"],
        ["trace", "hello", "--out", "none/x"],
        ["traffic", "local-work", "--json", "none/x"],
        ["coverage", "--json", "none/x"],
        ["run", "--results", "none/x"],
    ],
)
def test_output__that_cannot_be_written_is_told_at_once(r4, words):
    """Before anything is built or measured."""
    run = r4(*words)
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert line.startswith(f"r4: {words[-2]} ") and line.endswith("none/x: No such file or directory")


def test_output__a_folder(r4, tmp_path):
    run = r4("run", "--results", ".")
    assert (run.returncode, run.stderr.splitlines()) == (2, [f"r4: --results {tmp_path}: Is a directory"])


def test_output__looking_leaves_no_file(r4, tmp_path):
    assert r4("run", "--results", "kept", "--topology", "nonsense").returncode == 2
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("words", [["bench", "null_call"], ["trace", "hello", "--out", "x"], ["traffic", "local-work"]])
def test_build__that_is_none(r4, tmp_path, words):
    run = r4(*words, "--build", "none")
    said = f"r4: --build {tmp_path / 'none'}: there is no configured build tree"
    assert (run.returncode, run.stderr.splitlines()) == (2, [said])


def test_script__does_not_read_stdin(r4):
    assert "typed" not in r4("run", script="stdin\n", typed="typed\n").stdout


@pytest.mark.parametrize(
    ("named", "options", "argument", "said"),
    [
        ("kvm", [], "-accel kvm", "accel kvm: R4_ACCEL says so"),
        ("mttcg", [], "-accel tcg,thread=multi", "accel mttcg: R4_ACCEL says so"),
        ("kvm", ["--icount"], "-icount shift=0", "accel tcg: instructions are counted under TCG only"),
    ],
)
def test_auto__takes_what_it_says(r4, monkeypatch, named, options, argument, said):
    monkeypatch.setenv("R4_ACCEL", named)
    run = r4("run", "--accel", "auto", *options, script="arguments\n")
    assert run.returncode == 0
    assert argument in run.stdout
    assert f"r4: {said}" in run.stderr.splitlines()


def test_script__reset_is_no_pass(r4):
    run = r4("run", script="leave\n")
    assert run.returncode == 3
    assert "RESET: machine reset" in run.stderr


def test_script__panic_in_mid_frame(r4):
    run = r4("run", script="panic\n")
    assert run.returncode == PANIC
    assert "PANIC: Panicked. fake.c:1: planted" in run.stderr
    assert "bytes of the machine channel were not part of a whole frame" in run.stderr


def test_script__qemu_dies(r4):
    run = r4("run", script="die\n")
    assert run.returncode == 11
    assert "QEMU was killed by signal 11" in run.stderr


def test_script__timeout_ends_qemu(r4):
    run = r4("run", "--timeout", "0.5", script="hello\nhang\n")
    assert run.returncode == 124
    assert "hello" in run.stdout


def test_script__missing_file(r4):
    run = r4("run", "--script", "nowhere")
    assert run.returncode == 2
    assert "nowhere: No such file" in run.stderr


def test_results__are_the_channels_records(r4, tmp_path):
    r4("run", "--results", "out.jsonl", script="hello\npanic\n")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [record["type"] for record in records] == ["boot", "ready", "command", "reader", "panic"]


def test_interactive__says_the_way_out_and_quits(r4):
    run = r4("run", typed="hello\nquit 5\n")
    assert run.returncode == 5
    assert "leave with Ctrl-A X, or `quit` in the shell" in run.stderr
    assert "hello" in run.stdout


def test_interactive__left_by_the_user(r4):
    run = r4("run", typed="leave\n")
    assert run.returncode == 0
    assert "LEFT: the machine was left from the console" in run.stderr


def test_interactive__triple_fault_is_no_leaving(r4):
    assert r4("run", typed="reset\n").returncode == 3


def test_interactive__timeout(r4):
    assert r4("run", "--timeout", "0.5", typed="hang\n").returncode == 124


def test_screen_is_never_cleared(r4):
    run = r4("run", typed="hello\nquit\n")
    assert "\x1b" not in run.stdout + run.stderr


def test_command_line__is_always_printed_and_used(r4):
    run = r4("run", "--topology", "1x3", "--append", "a b", script="arguments\n")
    printed = next(line for line in run.stderr.splitlines() if "-nodefaults" in line)
    assert "-smp 3,sockets=1,cores=3" in printed and "-append 'a b'" in printed
    assert "-smp 3,sockets=1,cores=3" in run.stdout and "-append a b" in run.stdout


def test_dry_run__only_the_command(r4, fake_build):
    run = r4("run", "--dry-run", "--icount", "--topology", "4x4", script="hello\n")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("\n") == 1 and "-icount shift=0,align=off,sleep=off" in run.stdout
    assert not fake_build.runs.exists()


def test_no_kernel(r4, fake_build):
    fake_build.kernel.unlink()
    run = r4("run", script="hello\n")
    assert run.returncode == 2
    assert "r4.elf is missing: build first" in run.stderr


def test_no_qemu(r4, monkeypatch):
    monkeypatch.setenv("R4_QEMU", "no-such-qemu")
    run = r4("run", script="hello\n")
    assert run.returncode == 2
    assert "no-such-qemu cannot be started" in run.stderr


def test_two_runs_at_once__have_their_own_files(r4, fake_build, fake_qemu, tmp_path):
    words = [sys.executable, str(MAIN), "run", "--build", str(fake_build.dir), "--no-build"]
    how = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": tmp_path}
    with subprocess.Popen(words, **how) as first:
        assert first.stdout.readline() == b"R4 (fake)\r\n"
        assert r4("run", "--results", "out", script="quit 4\n").returncode == 4
        first.stdin.write(b"quit 6\n")
        first.stdin.close()
        assert first.wait(60) == 6
    assert sorted(path.name for path in fake_build.runs.iterdir()) == ["0", "1"]


def test_termination__takes_qemu_along(fake_build, fake_qemu, tmp_path):
    script = tmp_path / "script"
    script.write_text("hang\n")
    words = [sys.executable, str(MAIN), "run", "--build", str(fake_build.dir), "--no-build"]
    words += ["--script", "script"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, cwd=tmp_path) as run:
        assert run.stdout.readline()
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        run.terminate()
        assert run.wait(60) == 128 + signal.SIGTERM
    assert children and not any(os.path.exists(f"/proc/{child}") for child in children)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["run", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["run", "--topo", "2x2"], "unrecognized arguments: --topo 2x2"),
        (["run", "--topology"], "--topology: expected one argument"),
        (["run", "--topology", "2"], "write SOCKETSxCORES"),
        (["run", "--accel", "xen"], "--accel: invalid choice: 'xen'"),
        (["run", "--accel", "kvm", "--icount"], "under TCG only"),
        (["run", "--image", "coreboot"], "--image: invalid choice: 'coreboot'"),
        (["run", "--memory", "0"], "0 is not a positive number"),
        (["run", "--memory", "much"], "--memory: invalid number value: 'much'"),
        (["run", "--timeout", "-1"], "-1 is not a positive number"),
        (["run", "--timeout", "nan"], "nan is not a positive number"),
        (["run", "--icount", "--accel", "mttcg"], "cannot be combined"),
        (["run", "--add", "x.py"], "x.py: there is no such file"),
        (["run", "--add-lab", "x.py"], "x.py: there is no such file"),
        (["test", "nonsense"], "invalid choice: 'nonsense'"),
        (["test", "host", "a", "b"], "at most one MODULE"),
        (["test", "all", "x"], "takes no arguments, not x"),
    ],
)
def test_bad_usage__one_sentence_and_status_2(r4, arguments, says):
    run = r4(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert says in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr


def test_help(r4):
    run = r4("help")
    assert run.returncode == 0 and run.stdout.startswith("r4: build, run and test R4")
