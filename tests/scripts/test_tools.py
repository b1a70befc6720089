# SPDX-License-Identifier: MIT
"""r4lib/tools.py: a tool that is missing, too old or strange is named with its package."""

import pytest
from r4lib import tools
from r4lib.problem import Problem

VERSIONS = {
    "qemu-system-x86_64": "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)",
    "clang": "Debian clang version 14.0.6\nTarget: x86_64-pc-linux-gnu",
    "ld.lld": "Debian LLD 14.0.6 (compatible with GNU linkers)",
    "cmake": "cmake version 3.25.1",
    "ninja": "1.11.1",
}


@pytest.fixture
def install(tmp_path, monkeypatch):
    """install(tool=output of --version): a PATH with exactly the tools above, changed so."""

    def make(**changes):
        for command, output in {**VERSIONS, **changes}.items():
            if output is not None:
                (tmp_path / command).write_text(f"#!/bin/sh\nprintf '%s\\n' '{output}'\n")
                (tmp_path / command).chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))

    return make


def test_check__debian_12(install):
    install()
    tools.check()


def test_check__newer(install):
    install(clang="clang version 19.1.7", ninja="2.0")
    tools.check()


def test_check__too_old(install, tmp_path):
    install(clang="clang version 11.0.1")
    with pytest.raises(Problem) as problem:
        tools.check()
    assert str(problem.value) == (
        f"{tmp_path}/clang is version 11.0.1; R4 needs 14 or newer; package clang brings it"
    )


def test_check__names_all_that_are_wrong(install):
    install(cmake="cmake version 3.5", ninja=None, clang="hello")
    with pytest.raises(Problem) as problem:
        tools.check()
    lines = str(problem.value).splitlines()
    assert "does not tell its version" in lines[0]
    assert "package cmake brings it" in lines[1]
    assert lines[2] == "ninja is not in PATH; package ninja-build brings it"
