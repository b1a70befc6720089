# SPDX-License-Identifier: MIT
"""`r4 trace`: runs a program or a script with tracing on and writes what the cores did to a file
for a viewer of trace events (trace_events.py).
"""

import json
import subprocess
import sys
from pathlib import Path

from r4lib import abi, archive, channel, process, qemu, run, topology, trace_events, verdict
from r4lib.paths import Build, build_of_preset
from r4lib.problem import Problem

TIMEOUT_SECONDS = 120.0


def command_trace(options) -> int:
    if bool(options.script) == bool(options.program):
        raise Problem("trace: expected either --script FILE or a PROGRAM; see `r4 help`")
    tree = Build(options.build) if options.build else build_of_preset("default")
    text = script(options)
    if not options.no_build:
        run.build_tree(options, tree)
    with run.run_folder(tree) as folder:
        records = _collect(options, tree, folder, text)
    document = trace_events.convert(records, abi.load(tree.abi))
    options.out.write_text(json.dumps(document) + "\n")
    count = sum(record["type"] == "trace" for record in records)
    print(f"r4: {count} records; open {options.out} in Perfetto or chrome://tracing", file=sys.stderr)
    return 0


def script(options) -> bytes:
    """What the shell runs. A command that fails ends it, and nothing is recorded then."""
    if options.script:
        lines = run.read_script(options.script).rstrip(b"\n")
    else:
        lines = " ".join(["run", options.program, *options.arguments]).encode()
    most = f" {options.last}" if options.last else ""
    return lines + f"\non all trace dump{most}\n".encode()


def _collect(options, tree: Build, folder: Path, text: bytes) -> list[dict]:
    """The records of the machine channel. Raises Problem if the run or a command of it fails."""
    console = folder / "console.log"
    machine = qemu.Machine(
        topology=topology.parse(options.topology),
        kernel=tree.kernel,
        archive=folder / "boot.cpio",
        console=qemu.Chardev("file", console),
        channel=qemu.Chardev("file", folder / "channel.raw"),
        append=f"trace=on {options.append}".strip(),
        icount=options.icount,
        log=folder / "qemu.log",
    )
    for path in (console, machine.channel.path, machine.log):
        path.write_bytes(b"")
    machine.archive.write_bytes(archive.compose(tree.userland, {}, text))
    running = process.start(qemu.command(machine), stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        if not process.wait(running, TIMEOUT_SECONDS):
            raise Problem(verdict.timeout().sentence, verdict.STATUS_TIMEOUT)
    finally:
        process.stop(running)
    records = channel.read_file(machine.channel.path)
    end = verdict.judge(abi.load(tree.abi), running.returncode, records)
    if not end.passed:
        tail = console.read_text(errors="replace").splitlines()[-10:]
        raise Problem("\n".join([*tail, f"{end.name}: {end.sentence}"]), end.status)
    return records
