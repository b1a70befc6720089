# SPDX-License-Identifier: MIT
"""r4lib/accel.py: KVM is chosen only after R4 has passed under it, and it is said why."""

import os

import pytest
from r4lib import accel, process
from r4lib.problem import Problem


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host that looks as if KVM were usable."""
    monkeypatch.delenv(accel.VARIABLE, raising=False)
    (tmp_path / "kvm").write_bytes(b"")
    (tmp_path / "module" / "kvm_amd").mkdir(parents=True)
    return {"device": tmp_path / "kvm", "modules": tmp_path / "module"}


def choose(build, folder, emulator, host):
    return accel.choose(build, folder, emulator, **host)


@pytest.mark.parametrize("module", accel.HARDWARE)
def test_choose__kvm_after_the_self_test(fake_build, fake_qemu, tmp_path, host, monkeypatch, module):
    (host["modules"] / "kvm_amd").rename(host["modules"] / module)
    monkeypatch.setattr(accel, "SELF_TEST", b"hello\n")
    monkeypatch.setattr(accel, "SELF_TEST_SECONDS", 60.0)
    choice = choose(fake_build, tmp_path, fake_qemu, host)
    assert choice == accel.Choice("kvm", "R4 passed its self-test under KVM within 60 s")


def test_self_test__runs_under_kvm(fake_build, fake_qemu, tmp_path, host, monkeypatch):
    monkeypatch.setattr(accel, "SELF_TEST", b"arguments\n")
    monkeypatch.setattr(accel, "SELF_TEST_SECONDS", 60.0)
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


def test_choose__tcg_if_the_self_test_ends_without_a_word(fake_build, tmp_path, host, monkeypatch):
    """As QEMU does that cannot open the device after all."""
    emulator = tmp_path / "emulator"
    emulator.write_text("#!/bin/sh\necho could not access KVM >&2\nexit 1\n")
    emulator.chmod(0o755)
    monkeypatch.setattr(accel, "SELF_TEST_SECONDS", 60.0)
    choice = choose(fake_build, tmp_path, str(emulator), host)
    assert (choice.accel, "self-test under kvm failed" in choice.why) == ("tcg", True)
    assert "could not access KVM" in (tmp_path / "self-test.qemu").read_text()


def test_self_test__leaves_no_process_behind(fake_build, fake_qemu, tmp_path, host, monkeypatch):
    started = []
    start = process.start
    monkeypatch.setattr(process, "start", lambda *words, **how: started.append(start(*words, **how)) or started[0])
    monkeypatch.setattr(accel, "SELF_TEST", b"hang\n")
    monkeypatch.setattr(accel, "SELF_TEST_SECONDS", 1.0)
    choice = choose(fake_build, tmp_path, fake_qemu, host)
    assert choice == accel.Choice("tcg", "R4's self-test under kvm did not end within 1 s")
    (machine,) = started
    assert machine.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(machine.pid, 0)


def test_choose__no_emulator_is_a_problem(fake_build, tmp_path, host):
    with pytest.raises(Problem, match="none cannot be started: No such file"):
        choose(fake_build, tmp_path, "none", host)


def test_choose__device_that_this_user_may_not_open(fake_build, tmp_path, host, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (host["device"], os.R_OK | os.W_OK))
    choice = choose(fake_build, tmp_path, "never started", host)
    assert choice == accel.Choice("tcg", f"{host['device']} may not be opened by this user")


def test_choose__no_device(fake_build, tmp_path, host):
    host["device"].unlink()
    choice = choose(fake_build, tmp_path, "never started", host)
    assert choice == accel.Choice("tcg", f"there is no {host['device']}")


def test_choose__kvm_without_hardware(fake_build, tmp_path, host):
    """A host whose only KVM is a paravirtual one, although its device can be opened."""
    (host["modules"] / "kvm_amd").rename(host["modules"] / "kvm_pvm")
    choice = choose(fake_build, tmp_path, "never started", host)
    why = f"{host['device']} is there, but neither kvm_intel nor kvm_amd is loaded"
    assert choice == accel.Choice("tcg", why)


@pytest.mark.parametrize("named", ["tcg", "mttcg", "kvm"])
def test_choose__variable(fake_build, tmp_path, host, monkeypatch, named):
    monkeypatch.setenv(accel.VARIABLE, named)
    choice = choose(fake_build, tmp_path, "never started", host)
    assert choice == accel.Choice(named, "R4_ACCEL says so")


def test_choose__variable_that_leaves_it_open(fake_build, tmp_path, host, monkeypatch):
    monkeypatch.setenv(accel.VARIABLE, "auto")
    host["device"].unlink()
    assert choose(fake_build, tmp_path, "never started", host).why.startswith("there is no")


def test_choose__variable_that_means_nothing(fake_build, tmp_path, host, monkeypatch):
    monkeypatch.setenv(accel.VARIABLE, "fast")
    with pytest.raises(Problem) as caught:
        choose(fake_build, tmp_path, "never started", host)
    assert str(caught.value) == "R4_ACCEL=fast: expected one of tcg, mttcg, kvm, auto"
