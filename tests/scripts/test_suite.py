# SPDX-License-Identifier: MIT
"""`r4 test`: which stages run, in which order, and that no failure gets lost. Tools are fakes."""

import subprocess
import sys
from types import SimpleNamespace

import pytest
from r4lib import build, suite, tools
from r4lib.problem import Problem

CTEST = """
case "$*" in
*json*) echo '{"tests": [{"name": "test_cap"}, {"name": "check_layers"}]}' ;;
*) exit ${FAKE_CTEST:-0} ;;
esac
"""
NINJA = """
case "$*" in
*targets*) printf 'test_cap: phony\\ntest_mem: phony\\n' ;;
*) exit ${FAKE_NINJA:-0} ;;
esac
"""
FORM = "exit ${FAKE_FORM:-0}"
PYTEST = 'case "$*" in *system*) exit ${FAKE_SYSTEM:-0} ;; *) exit ${FAKE_PYTEST:-0} ;; esac'


@pytest.fixture
def calls(tmp_path, fake_build, monkeypatch):
    """Fakes for all tools; the fixture returns the list of their calls so far."""
    log = tmp_path / "calls"
    fake_build.ninja.write_text("")
    for name, body in {"ctest": CTEST, "ninja": NINJA, "pytest": PYTEST, "cmake": "", "form": FORM}.items():
        path = tmp_path / name
        path.write_text(f'#!/bin/sh\necho "{name} $* $R4_THREAD" >> {log}\n{body}\n')
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("R4_THREAD", raising=False)
    monkeypatch.setattr(tools, "check", lambda: None)
    monkeypatch.setattr(build, "build_of_preset", lambda _: fake_build)
    monkeypatch.setattr(suite.style, "format_command", lambda: ["form", "format"])
    for module, name in (suite.style, "tidy"), (suite.fuzz, "run_all"):
        monkeypatch.setattr(module, name, lambda *_, name=name: subprocess.call(["form", name]) == 0)
    monkeypatch.setattr(suite, "_pytest", lambda arguments: ["pytest", *arguments])

    def read() -> list[str]:
        lines = log.read_text().splitlines() if log.exists() else []
        return [line.replace(str(fake_build.dir), "BUILD").strip() for line in lines]

    return read


def run(what="all", *arguments) -> int:
    return suite.command_test(SimpleNamespace(what=what, arguments=list(arguments)))


ALL = [
    "ninja -C BUILD",
    "ctest --test-dir BUILD --output-on-failure --no-tests=error -j 2",
    "pytest tests/abi tests/scripts",
    "pytest tests/system single",
    "pytest tests/system multi",
    "ninja -C BUILD machine",
    "pytest tests/system/test_ubsan.py tests/system/test_crash.py tests/system/test_shell.py single",
    "form format",
    "form tidy",
    "form run_all",
]


def test_all__stages_in_order(calls, capfd):
    assert run() == 0
    assert calls() == ALL
    closing = capfd.readouterr().out.splitlines()[-11:]
    assert closing[0] == "r4: stages:"
    assert all(" passed " in line and line.split()[3] == "s" for line in closing[1:])


@pytest.mark.parametrize("failing", ["FAKE_CTEST", "FAKE_PYTEST", "FAKE_SYSTEM", "FAKE_FORM"])
def test_all__a_failing_stage_does_not_stop_the_others(calls, monkeypatch, failing, capfd):
    monkeypatch.setenv(failing, "1")
    assert run() == 1
    assert calls() == ALL
    assert "FAILED" in capfd.readouterr().out.splitlines()[-1]


def test_all__no_stage_after_a_failed_build(calls, monkeypatch):
    monkeypatch.setenv("FAKE_NINJA", "1")
    assert run() == 1
    assert calls() == ALL[:1]


def test_all__configures_a_fresh_tree(calls, fake_build):
    fake_build.ninja.unlink()
    assert run() == 0
    assert calls() == ["cmake --preset default", *ALL[:-5], "cmake --preset ubsan", *ALL[-5:]]


def test_preset__builds_the_machine_side_and_runs_it_once(calls):
    assert run("clang-19", "-k", "boot") == 0
    assert calls() == ["ninja -C BUILD machine", "pytest tests/system -k boot single"]


def test_preset__failed_build_is_a_failure(calls, monkeypatch):
    monkeypatch.setenv("FAKE_NINJA", "1")
    assert run("ubsan") == 1
    assert calls() == ["ninja -C BUILD machine"]


def test_host__builds_only_what_it_runs(calls):
    assert run("host", "cap") == 0
    assert calls() == [
        "ninja -C BUILD build.ninja",
        "ninja -C BUILD -t targets all",
        "ctest --test-dir BUILD -R cap --show-only=json-v1",
        "ninja -C BUILD test_cap",
        "ctest --test-dir BUILD -R cap --output-on-failure --no-tests=error -j 2",
    ]


def test_host__unknown_module(calls, monkeypatch, tmp_path, capfd):
    (tmp_path / "ctest").write_text("#!/bin/sh\necho '{\"tests\": []}'\n")
    assert run("host", "nobody") == 1
    assert "there is no host test with nobody in its name" in capfd.readouterr().err


def test_system__passes_arguments_on(calls):
    assert run("system", "-k", "boot") == 0
    expected = "pytest tests/system -k boot"
    assert calls()[1:] == [f"{expected} single", f"{expected} multi"]


def test_system__named_tests_replace_the_folder(calls):
    assert run("system", "tests/system/test_boot.py::test_x") == 0
    assert calls()[1] == "pytest tests/system/test_boot.py::test_x single"


@pytest.mark.parametrize(("what", "arguments"), [("all", ["x"]), ("host", ["a", "b"])])
def test_bad_arguments(calls, what, arguments):
    with pytest.raises(Problem):
        run(what, *arguments)
    assert calls() == []


def test_stage__reads_no_stdin():
    code = "import sys; sys.exit(len(sys.stdin.read()))"
    assert suite.Stage("x", [sys.executable, "-c", code]).call()
