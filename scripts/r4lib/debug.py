# SPDX-License-Identifier: MIT
"""`r4 debug`: a machine that waits at its first instruction, and gdb connected to it, which knows the
kernel's structures (scripts/gdb/r4.py). This terminal is gdb's; the guest's console is a pty whose
name QEMU prints, or a file if a script drives it.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from r4lib import archive, process, qemu, run, topology
from r4lib.paths import ROOT, Build, build_of_preset
from r4lib.problem import Problem

GDB = "gdb"
COMMANDS = ROOT / "scripts" / "gdb" / "r4.py"
START_SECONDS = 20.0
LOOK_SECONDS = 0.02


def check() -> None:
    """Raises Problem that names the package if gdb is missing."""
    if shutil.which(GDB) is None:
        raise Problem(f"{GDB} is not in PATH; package {GDB} brings it")


def _sources(kernel: Path) -> list[str]:
    """Clang 19 names assembly's folder from the source tree's: without this, gdb looks for it in the build tree."""
    if not kernel.is_relative_to(ROOT):
        return []
    return [f"set substitute-path {kernel.parent.relative_to(ROOT)} {ROOT}"]


def gdb_command(kernel: Path, port: Path, commands: list[str], batch: bool) -> list[str]:
    """gdb on a machine that listens at the socket `port`; `commands` are executed first."""
    words = [GDB, "--quiet", "--nx", *(["--batch"] if batch else []), str(kernel)]
    setup = ["set confirm off", "set pagination off", *_sources(kernel)]
    setup += [f"target remote {port}", f"source {COMMANDS}"]
    for each in (*setup, *commands):
        words += ["-ex", each]
    return words


def command_debug(options) -> int:
    check()
    tree = Build(options.build) if options.build else build_of_preset("default")
    script = run.read_script(options.script) if options.script else None
    if not options.no_build:
        run.build_tree(options, tree)
    with run.run_folder(tree) as folder, tempfile.TemporaryDirectory(prefix="r4-") as name:
        port = Path(name) / "gdb"  # the path of a socket must be short
        machine = _machine(options, tree, folder, port)
        machine.archive.write_bytes(archive.compose(tree.userland, {}, script))
        machine.channel.path.write_bytes(b"")
        how = {"stdin": subprocess.DEVNULL, "stdout": sys.stderr, "start_new_session": True}
        running = process.start(qemu.command(machine), **how)
        try:
            _wait(running, port)
            gdb = gdb_command(tree.kernel, port, options.execute, options.batch)
            return subprocess.run(gdb, check=False).returncode
        finally:
            process.stop(running)


def _machine(options, tree: Build, folder: Path, port: Path) -> qemu.Machine:
    log = folder / "console.log"
    return qemu.Machine(
        topology=topology.parse(options.topology),
        kernel=tree.kernel,
        archive=folder / "boot.cpio",
        console=qemu.Chardev("file", log) if options.script else qemu.Chardev("pty", log=log),
        channel=qemu.Chardev("file", folder / "channel.raw"),
        append=options.append,
        log=folder / "qemu.log",
        debugger=port,
        waits=True,
    )


def _wait(running: subprocess.Popen, port: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not port.exists():
        if process.wait(running, LOOK_SECONDS) or time.monotonic() > deadline:
            raise Problem(f"QEMU did not start: status {running.poll()}")
