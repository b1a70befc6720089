# SPDX-License-Identifier: MIT
"""`--accel auto`: whether this host can run R4 under KVM, found out by running R4 under KVM.

A writable /dev/kvm is not enough: some hosts offer a KVM that emulates kernel mode badly, where
system calls or interrupts fail or the machine stops for ever. So the self-test boots the very
kernel, runs programs on two clusters and asks for the invariants, within a time limit.
"""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from r4lib import abi, archive, channel, process, qemu, topology, verdict
from r4lib.paths import Build
from r4lib.problem import Problem

AUTO = "auto"
VARIABLE = "R4_ACCEL"  # what auto shall mean, without a probe
SELF_TEST = b"run hello\non 1 run hello\naudit\n"
SELF_TEST_SECONDS = 5.0
DEVICE = Path("/dev/kvm")
MODULES = Path("/sys/module")
HARDWARE = ("kvm_intel", "kvm_amd")


@dataclass(frozen=True)
class Choice:
    accel: str
    why: str


def choose(tree: Build, folder: Path, emulator: str, device=DEVICE, modules=MODULES) -> Choice:
    """What `auto` means here. The files of the self-test are written into `folder`."""
    named = os.environ.get(VARIABLE, AUTO)
    if named in qemu.ACCELERATORS:
        return Choice(named, f"{VARIABLE} says so")
    if named != AUTO:
        raise Problem(f"{VARIABLE}={named}: expected one of {', '.join(qemu.ACCELERATORS)}, {AUTO}")
    reason = _host_lacks(device, modules) or self_test(tree, folder, emulator)
    if reason:
        return Choice("tcg", reason)
    return Choice("kvm", f"R4 passed its self-test under KVM within {SELF_TEST_SECONDS:g} s")


def _host_lacks(device: Path, modules: Path) -> str | None:
    """Why a self-test is not worth its time, or None."""
    if not device.exists():
        return f"there is no {device}"
    if not os.access(device, os.R_OK | os.W_OK):
        return f"{device} may not be opened by this user"
    if not any((modules / name).is_dir() for name in HARDWARE):
        return f"{device} is there, but neither {' nor '.join(HARDWARE)} is loaded"
    return None


def self_test(tree: Build, folder: Path, emulator: str, accel: str = "kvm") -> str | None:
    """Boots two clusters under the accelerator and runs programs. None if all went well, else
    what did not."""
    files = {name: folder / f"self-test.{name}" for name in ("cpio", "console", "channel", "qemu")}
    for path in files.values():
        path.write_bytes(b"")
    files["cpio"].write_bytes(archive.compose(tree.userland, {}, SELF_TEST))
    machine = qemu.Machine(
        topology=topology.parse("2x2"),
        kernel=tree.kernel,
        archive=files["cpio"],
        console=qemu.Chardev("file", files["console"]),
        channel=qemu.Chardev("file", files["channel"]),
        accel=accel,
        emulator=emulator,
    )
    status = _run(machine, files["qemu"])
    if status is None:
        return f"R4's self-test under {accel} did not end within {SELF_TEST_SECONDS:g} s"
    end = verdict.judge(abi.load(tree.abi), status, channel.read_file(files["channel"]))
    return None if end.passed else f"R4's self-test under {accel} failed: {end.sentence}"


def _run(machine: qemu.Machine, output: Path) -> int | None:
    """QEMU's exit status, or None if the time was not enough."""
    with output.open("wb") as out:
        how = {"stdin": subprocess.DEVNULL, "stdout": out, "stderr": out, "start_new_session": True}
        running = process.start(qemu.command(machine), **how)
        try:
            return running.returncode if process.wait(running, SELF_TEST_SECONDS) else None
        finally:
            process.stop(running)
