# SPDX-License-Identifier: MIT
"""r4lib/accel.py: KVM is chosen only after R4 has passed under it, and it is said why."""

import pytest
from r4lib import accel


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host that looks as if KVM were usable."""
    monkeypatch.delenv(accel.VARIABLE, raising=False)
    (tmp_path / "kvm").write_bytes(b"")
    (tmp_path / "module" / "kvm_amd").mkdir(parents=True)
    return {"device": tmp_path / "kvm", "modules": tmp_path / "module"}


def choose(build, folder, emulator, host):
    return accel.choose(build, folder, emulator, **host)


def test_choose__kvm_after_the_self_test(fake_build, fake_qemu, tmp_path, host, monkeypatch):
    monkeypatch.setattr(accel, "SELF_TEST", b"hello\n")
    choice = choose(fake_build, tmp_path, fake_qemu, host)
    assert (choice.accel, "passed its self-test" in choice.why) == ("kvm", True)


def test_self_test__runs_under_kvm(fake_build, fake_qemu, tmp_path, host, monkeypatch):
    monkeypatch.setattr(accel, "SELF_TEST", b"arguments\n")
    choose(fake_build, tmp_path, fake_qemu, host)
    assert "-accel kvm" in (tmp_path / "self-test.console").read_text()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (b"nonsense\n", "Failed."),
        (b"panic\n", "Panicked."),
        (b"leave\n", "machine reset"),
        (b"die\n", "signal 11"),
        (b"hang\n", "did not end within"),
    ],
)
def test_choose__tcg_if_the_self_test_fails(
    fake_build, fake_qemu, tmp_path, host, monkeypatch, script, why
):
    monkeypatch.setattr(accel, "SELF_TEST", script)
    monkeypatch.setattr(accel, "SELF_TEST_SECONDS", 60.0 if script != b"hang\n" else 1.0)
    choice = choose(fake_build, tmp_path, fake_qemu, host)
    assert choice.accel == "tcg"
    assert why in choice.why


def test_choose__no_device(fake_build, tmp_path, host):
    host["device"].unlink()
    choice = choose(fake_build, tmp_path, "never started", host)
    assert choice == accel.Choice("tcg", f"there is no {host['device']}")


def test_choose__kvm_without_hardware(fake_build, tmp_path, host):
    (host["modules"] / "kvm_amd").rmdir()
    choice = choose(fake_build, tmp_path, "never started", host)
    assert (choice.accel, "neither kvm_intel nor kvm_amd" in choice.why) == ("tcg", True)


def test_choose__variable(fake_build, tmp_path, host, monkeypatch):
    monkeypatch.setenv(accel.VARIABLE, "mttcg")
    choice = choose(fake_build, tmp_path, "never started", host)
    assert choice == accel.Choice("mttcg", "R4_ACCEL says so")
