# SPDX-License-Identifier: MIT
"""`r4 run`: one machine, driven from this terminal or by a script.

With a script the console goes to a file that is copied to stdout while it grows. A file never
makes the guest wait, so that the run repeats exactly under --icount however slowly it is read.
What r4 itself has to say goes to stderr.
"""

import fcntl
import os
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import ModuleType

from r4lib import abi, accel, archive, build, channel, iso, process, program, qemu, topology
from r4lib import verdict
from r4lib.paths import Build, build_of_preset
from r4lib.problem import Problem

FOLLOW_SECONDS = 0.05
EMULATOR_VARIABLE = "R4_QEMU"

WAY_OUT = "leave with Ctrl-A X, or `quit` in the shell"


def command_run(options) -> int:
    tree = Build(options.build) if options.build else build_of_preset("default")
    if options.image:
        iso.check(options.image)
    planned = plan(options, tree.runs / "0", tree)
    if options.dry_run:
        print(shlex.join(qemu.command(planned)))
        return 0
    qemu.command(planned)  # a wrong combination of options is told before the build, not after
    script = read_script(options.script) if options.script else None
    if not options.no_build:
        build_tree(options, tree)
    with run_folder(tree) as folder:
        planned = plan(options, folder, tree)
        if options.accel == accel.AUTO:
            planned = replace(planned, accel=_choose(planned, tree))
        return _run(planned, options, script, tree)


def _choose(machine: qemu.Machine, tree: Build) -> str:
    if machine.icount:
        choice = accel.Choice("tcg", "instructions are counted under TCG only")
    else:
        choice = accel.choose(tree, machine.archive.parent, machine.emulator)
    _say(f"accel {choice.accel}: {choice.why}")
    return choice.accel


def build_tree(options, tree: Build) -> None:
    """A tree that was named is built as it is; the default one is configured if need be."""
    if options.build:
        if not tree.ninja.is_file():
            raise Problem(f"--build {tree.dir}: there is no configured build tree")
        build.call(["ninja", "-C", str(tree.dir)], sys.stderr)
    else:
        build.build(out=sys.stderr)


def plan(options, folder: Path, tree: Build) -> qemu.Machine:
    """The machine that the options describe, with its files in `folder`."""
    console = folder / "console.log"
    if options.script:
        port = qemu.Chardev("file", console)
    else:
        port = qemu.Chardev("terminal", log=console)
    return qemu.Machine(
        topology=topology.parse(options.topology),
        kernel=tree.kernel,
        archive=folder / "boot.cpio",
        console=port,
        channel=qemu.Chardev("file", folder / "channel.raw"),
        append=options.append,
        memory_mib=options.memory,
        accel="tcg" if options.accel == accel.AUTO else options.accel,
        icount=options.icount,
        log=folder / "qemu.log",
        emulator=os.environ.get(EMULATOR_VARIABLE, qemu.EMULATOR),
        disc=folder / "r4.iso" if options.image else None,
        firmware=iso.firmware_files(options.image, folder) if options.image else None,
    )


def read_script(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(f"--script {path}: {error.strerror}") from error


@contextmanager
def run_folder(tree: Build):
    """A folder for the files of one run; runs at the same time get different ones."""
    for number in count():
        folder = tree.runs / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield folder
            return


def _run(machine: qemu.Machine, options, script: bytes | None, tree: Build) -> int:
    constants = abi.load(tree.abi)
    if not machine.kernel.is_file():
        raise Problem(f"{machine.kernel} is missing: build first")
    folder = machine.archive.parent
    for path in (folder / "console.log", machine.channel.path, machine.log):
        path.write_bytes(b"")
    added = program.prepare(options.add, options.add_lab, tree, folder / "programs")
    machine.archive.write_bytes(archive.compose(tree.userland, added, script))
    if machine.disc:
        iso.make_for(machine)
    command = qemu.command(machine)
    _say(shlex.join(command))
    if script is None:
        _say(WAY_OUT)
        end = _interactive(command, options.timeout)
    else:
        end = _scripted(command, options.timeout, folder / "console.log")
    records = channel.read_file(machine.channel.path)
    if options.results:
        channel.write_lines(options.results, records)
    return _report(_judge(constants, end, records, machine), records, folder)


def _judge(constants: ModuleType, end: int | None, records: list[dict], machine: qemu.Machine):
    if end is None:
        return verdict.timeout()
    has_person = machine.console.kind == "terminal"
    if end == 0 and has_person and not verdict.has_triple_fault(machine.log):
        return verdict.left()
    return verdict.judge(constants, end, records)


def _report(result: verdict.Verdict, records: list[dict], folder: Path) -> int:
    lost = sum(record["skipped_bytes"] for record in records if record["type"] == "reader")
    if lost:
        _say(f"{lost} bytes of the machine channel were not part of a whole frame")
    _say(f"{result.name}: {result.sentence}")
    if not result.passed:
        _say(f"status {result.status}; console, channel and QEMU's log are in {folder}")
    return result.status


def _interactive(command: list[str], timeout: float | None) -> int | None:
    """QEMU's exit status, or None after a timeout. The terminal belongs to QEMU meanwhile."""
    running = process.start(command)
    try:
        return running.wait(timeout)
    except subprocess.TimeoutExpired:
        return None
    finally:
        process.stop(running)


def _scripted(command: list[str], timeout: float | None, console: Path) -> int | None:
    """The same for a run that nobody types into; its console is copied to stdout."""
    deadline = None if timeout is None else time.monotonic() + timeout
    how = {"stdin": subprocess.DEVNULL, "stdout": sys.stderr, "start_new_session": True}
    running = process.start(command, **how)
    try:
        with console.open("rb") as written:
            while running.poll() is None:
                _copy(written)
                if deadline is not None and time.monotonic() > deadline:
                    return None
                process.wait(running, FOLLOW_SECONDS)
            _copy(written)
        return running.returncode
    finally:
        process.stop(running)


def _copy(written) -> None:
    sys.stdout.buffer.write(written.read())
    sys.stdout.buffer.flush()


def _say(text: str) -> None:
    print(f"r4: {text}", file=sys.stderr, flush=True)
