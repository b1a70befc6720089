# SPDX-License-Identifier: MIT
"""`r4 debug` and `r4 trace` up to where a machine is needed."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from r4lib import debug, trace
from r4lib.problem import Problem


def test_gdb_is_missing(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="gdb is not in PATH; package gdb brings it"):
        debug.check()


def test_gdb_command__commands_come_after_the_connection():
    words = debug.gdb_command(Path("r4.elf"), Path("port"), ["r4 lock"], batch=True)
    assert words[:4] == ["gdb", "--quiet", "--nx", "--batch"]
    executed = [after for word, after in zip(words, words[1:]) if word == "-ex"]
    assert executed[-3:] == ["target remote port", f"source {debug.COMMANDS}", "r4 lock"]
    assert debug.COMMANDS.is_file()
    assert "--batch" not in debug.gdb_command(Path("r4.elf"), Path("port"), [], batch=False)


def options(**members) -> SimpleNamespace:
    return SimpleNamespace(**{"script": None, "program": None, "arguments": [], "last": None, **members})


def test_trace_script__of_a_program():
    text = trace.script(options(program="spin", arguments=["10", "4"], last=7))
    assert text == b"run spin 10 4\non all trace dump 7\n"


def test_trace_script__of_a_file(tmp_path):
    file = tmp_path / "script"
    file.write_text("run hello\nthreads\n")
    assert trace.script(options(script=file)) == b"run hello\nthreads\non all trace dump\n"


@pytest.mark.parametrize("members", [{}, {"script": Path("s"), "program": "p"}])
def test_trace__either_a_script_or_a_program(members):
    with pytest.raises(Problem, match="either --script FILE or a PROGRAM"):
        trace.command_trace(options(**members))
