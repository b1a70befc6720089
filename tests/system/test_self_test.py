# SPDX-License-Identifier: MIT
"""The self-test of `--accel auto`, on the real kernel: under the emulator, since few hosts have a KVM to trust."""

import os

import pytest
from r4lib import accel, qemu

EMULATOR = os.environ.get("R4_QEMU", qemu.EMULATOR)
ACCELERATOR = {"single": "tcg", "multi": "mttcg"}


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Here it is the test that counts, not how long a busy host takes."""
    monkeypatch.setattr(accel, "SELF_TEST_SECONDS", 120.0)


def test_self_test__passes_where_r4_works(build, tmp_path, thread_mode):
    assert accel.self_test(build, tmp_path, EMULATOR, ACCELERATOR[thread_mode]) is None


def test_self_test__fails_if_a_program_does(build, tmp_path, thread_mode, monkeypatch):
    monkeypatch.setattr(accel, "SELF_TEST", accel.SELF_TEST + b"run crash divide\n")
    why = accel.self_test(build, tmp_path, EMULATOR, ACCELERATOR[thread_mode])
    assert why.startswith(f"R4's self-test under {ACCELERATOR[thread_mode]} failed: ")
