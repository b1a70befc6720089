# SPDX-License-Identifier: MIT
"""A build tree and a QEMU that are not real, for the tests of r4 and of the system-test harness."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "system")]

from r4lib.paths import Build  # noqa: E402

FAKE_QEMU = Path(__file__).with_name("fake_qemu.py")

# Not the numbers of the real ABI: whoever has those written into the code fails here.
FAKE_ABI = '''
from enum import IntEnum

class Exit(IntEnum):
    PASS = 0x20
    FAIL = 0x21
    PANIC = 0x22

EXIT_TEXT = {Exit.PASS: "Passed.", Exit.FAIL: "Failed.", Exit.PANIC: "Panicked."}

def exit_status(value):
    return 2 * value + 1
'''


@pytest.fixture
def fake_build(tmp_path) -> Build:
    """What a build leaves behind, as far as r4 looks at it."""
    build = Build(tmp_path / "build")
    build.programs.mkdir(parents=True)
    (build.programs / "root").write_bytes(b"\x7fELF root")
    (build.programs / "hello").write_bytes(b"\x7fELF hello")
    build.kernel.write_bytes(b"\x7fELF kernel")
    build.abi.parent.mkdir(parents=True)
    build.abi.write_text(FAKE_ABI)
    return build


@pytest.fixture
def fake_qemu(monkeypatch) -> str:
    """The stand-in's path; r4 and the harness take it instead of QEMU."""
    monkeypatch.setenv("R4_QEMU", str(FAKE_QEMU))
    return str(FAKE_QEMU)
