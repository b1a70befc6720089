# SPDX-License-Identifier: MIT
"""scripts/r4 before Python: what it finds missing, what it installs, what it says.

All commands that it calls are fakes in a PATH of their own; nothing is installed.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
R4 = ROOT / "scripts" / "r4"
PACKAGES = (
    "qemu-system-x86 clang lld llvm cmake ninja-build libcmocka-dev python3 python3-pytest "
    "python3-pytest-xdist clang-format clang-tidy libclang-rt-14-dev"
).split()
TOOLS = (
    "qemu-system-x86_64 clang ld.lld llvm-nm cmake ninja python3 clang-format clang-tidy"
).split()
OTHER_NAMES = {
    "qemu-system-x86_64": "qemu-system-x86",
    "ld.lld": "lld",
    "llvm-nm": "llvm",
    "ninja": "ninja-build",
}
INSTALL = "apt-get install --yes --no-install-recommends"
DPKG_QUERY = """
shift 3
for package; do
    grep -qx "$package" {0} && echo "$package installed"
done
true
"""
APT_GET = """
echo "apt-get $*" >> {0}
test "$1" != install || exit $APT_STATUS
"""


class FreshMachine:
    """A PATH with these packages installed and these tools present; apt-get installs the rest."""

    def __init__(self, folder: Path):
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.state = folder / "installed"
        self.bin.mkdir()
        for name in ("sh", "cat", "dirname", "grep"):
            (self.bin / name).symlink_to(shutil.which(name))
        self.fake("dpkg-query", DPKG_QUERY.format(self.state))
        self.fake("apt-get", APT_GET.format(self.log))
        self.set_root(True)
        self.install(PACKAGES, TOOLS)

    def fake(self, name: str, body: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)

    def set_root(self, is_root: bool) -> None:
        self.fake("id", f"echo {0 if is_root else 1000}")

    def install(self, packages: list[str], tools: list[str]) -> None:
        self.state.write_text("".join(f"{package}\n" for package in packages))
        for tool in TOOLS:
            (self.bin / tool).unlink(missing_ok=True)
        for tool in tools:
            self.fake(tool, "exit 0")

    def run(self, *arguments: str, apt_status: int = 0) -> subprocess.CompletedProcess:
        environment = {"PATH": str(self.bin), "APT_STATUS": str(apt_status)}
        how = {"capture_output": True, "text": True, "timeout": 60}
        return subprocess.run([R4, *arguments], env=environment, check=False, **how)

    def apt_calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def fresh(tmp_path) -> FreshMachine:
    return FreshMachine(tmp_path)


# A command line that is refused by the second stage: proof that the first one let it through.
PASSED_ON = ("run", "--nonsense")
REFUSAL = "unrecognized arguments: --nonsense"


def test_everything_there__apt_is_not_called(fresh):
    run = fresh.run(*PASSED_ON)
    assert fresh.apt_calls() == []
    assert (run.returncode, run.stdout) == (2, "")
    assert REFUSAL in run.stderr


def test_missing__root_installs_exactly_those(fresh):
    fresh.install([name for name in PACKAGES if name not in ("lld", "libcmocka-dev")], TOOLS)
    run = fresh.run(*PASSED_ON)
    assert fresh.apt_calls() == [
        "apt-get update",
        f"{INSTALL} lld libcmocka-dev",
    ]
    assert run.stdout == ""
    assert REFUSAL in run.stderr


def test_missing__everything(fresh):
    fresh.install([], TOOLS)
    fresh.run(*PASSED_ON)
    assert fresh.apt_calls()[1] == " ".join([INSTALL, *PACKAGES])


def test_missing__user_gets_the_exact_command(fresh):
    fresh.set_root(False)
    fresh.install([name for name in PACKAGES if name not in ("clang", "python3-pytest")], TOOLS)
    run = fresh.run(*PASSED_ON)
    assert run.returncode == 2
    assert fresh.apt_calls() == []
    assert f"sudo {INSTALL} clang python3-pytest" in run.stderr.splitlines()


def test_missing__prefix_of_another_name_does_not_count(fresh):
    fresh.set_root(False)
    fresh.install([name for name in PACKAGES if name not in ("clang", "python3")], TOOLS)
    assert fresh.run(*PASSED_ON).stderr.rstrip().endswith(" clang python3")


def test_missing__apt_fails(fresh):
    fresh.install(PACKAGES[1:], TOOLS)
    run = fresh.run(*PASSED_ON, apt_status=100)
    assert run.returncode == 2
    assert "could not install: qemu-system-x86" in run.stderr


@pytest.mark.parametrize("tool", [tool for tool in TOOLS if tool != "python3"])
def test_tool_not_in_path__is_named_with_its_package(fresh, tool):
    fresh.install(PACKAGES, [name for name in TOOLS if name != tool])
    run = fresh.run(*PASSED_ON)
    package = OTHER_NAMES.get(tool, tool)
    assert run.returncode == 2
    assert f"r4: {tool} is not in PATH; package {package} brings it" in run.stderr


def test_no_dpkg__tools_are_enough(fresh):
    (fresh.bin / "dpkg-query").unlink()
    assert REFUSAL in fresh.run(*PASSED_ON).stderr


@pytest.mark.parametrize("arguments", [(), ("help",), ("--help",), ("-h",)])
def test_help__needs_nothing(fresh, arguments):
    fresh.install([], [])
    run = fresh.run(*arguments)
    assert run.returncode == 0
    assert run.stdout == (ROOT / "scripts" / "r4lib" / "help.txt").read_text()
    assert fresh.apt_calls() == []


def test_called_through_another_folder(fresh, tmp_path):
    words = [os.path.relpath(R4, tmp_path), "help"]
    run = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and run.stdout
