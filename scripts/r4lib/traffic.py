# SPDX-License-Identifier: MIT
"""`r4 traffic`: what an experiment costs between the sockets, counted by a plugin of QEMU.

The program is a root task of its own (userland/experiments/traffic.h) that works on every cluster
at once. Runs under -icount, so the figures repeat exactly; docs/traffic.md says what they mean.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from r4lib import abi, archive, channel, process, qemu, run, topology, verdict
from r4lib.paths import Build, build_of_preset
from r4lib.problem import Problem

PLUGIN = "plugin/traffic.so"
SOCKETS_MAX = 16
CORES_MAX = 64
SHOWN_MAX = 12
KERNEL_FIRST = 1 << 63
STATUS_INCOMPLETE = 1
SLICE_US = 200
TIMEOUT_SECONDS = 120.0


def command_traffic(options) -> int:
    tree = Build(options.build) if options.build else build_of_preset("default")
    check(topology.parse(options.topology))
    if not options.no_build:
        run.build_tree(options, tree)
    program = experiment(tree, options.program)
    with run.run_folder(tree) as folder:
        figures = _measure(options, tree, folder)
    figures = {"program": options.program, "topology": options.topology, **figures}
    for line in figures["moved"] + figures["shared"]:
        line["where"] = symbol(tree, program, line["pc"])
    print("\n".join(table(figures)))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


def experiment(tree: Build, name: str) -> Path:
    """The experiment of that name. Raises Problem if there is none: nothing else would ever begin to measure."""
    folder = tree.userland / archive.TRAFFIC
    names = sorted(path.name for path in folder.glob("*") if path.is_file())
    if not names:
        raise Problem(f"{folder} is missing: the user programs are not built")
    if name not in names:
        raise Problem(f"traffic: PROGRAM must be one of {', '.join(names)}; {name} is not")
    return folder / name


def check(shape: topology.Topology) -> None:
    """Raises Problem for a machine whose parts the plugin cannot tell apart."""
    if shape.nomem:
        raise Problem("traffic: every node has memory; leave out nomem=")
    if shape.sockets > SOCKETS_MAX or shape.cpus > CORES_MAX:
        raise Problem(f"traffic: at most {SOCKETS_MAX} sockets and {CORES_MAX} cores")


def boot_options(program: str, arguments: list[str]) -> str:
    """The kernel's command line. Slices are short, so that some end in every measurement."""
    words = [f"root={archive.TRAFFIC}/{program}", f"slice_us={SLICE_US}"]
    return " ".join(words + (["--", *arguments] if arguments else []))


def plugin(tree: Build, shape: topology.Topology, out: Path) -> str:
    """QEMU's -plugin argument; the report is written to `out` when QEMU ends."""
    values = {
        "out": str(out).replace(",", ",,"),
        "sockets": shape.sockets,
        "cores": shape.cores,
        "node_mib": shape.default_memory_mib(),
        "parties": shape.sockets,
    }
    pairs = (f"{name}={value}" for name, value in values.items())
    return ",".join([str(tree.dir / PLUGIN), *pairs])


def read(report: Path) -> dict:
    """The figures. Raises Problem if the program did not get through its measurement."""
    try:
        figures = json.loads(report.read_text())
    except (OSError, ValueError) as error:
        raise Problem(f"the plugin has left no report: {error}", STATUS_INCOMPLETE) from error
    if figures["failed"]:
        raise Problem("the program found a wrong result", STATUS_INCOMPLETE)
    if not figures["ended"] or not any(core["instructions"] for core in figures["cores"]):
        begun = figures["begun"]
        raise Problem(f"nothing was measured; {begun} clusters have begun", STATUS_INCOMPLETE)
    return figures


def _measure(options, tree: Build, folder: Path) -> dict:
    shape = topology.parse(options.topology)
    out, console = folder / "traffic.json", folder / "console.log"
    machine = qemu.Machine(
        topology=shape,
        kernel=tree.kernel,
        archive=folder / "boot.cpio",
        console=qemu.Chardev("file", console),
        channel=qemu.Chardev("file", folder / "channel.raw"),
        append=boot_options(options.program, options.arguments),
        icount=True,
        plugin=plugin(tree, shape, out),
        emulator=os.environ.get(run.EMULATOR_VARIABLE, qemu.EMULATOR),
    )
    for path in (console, machine.channel.path):
        path.write_bytes(b"")
    out.unlink(missing_ok=True)
    machine.archive.write_bytes(archive.compose(tree.userland, {}, None))
    status = _run(qemu.command(machine))
    end = verdict.judge(abi.load(tree.abi), status, channel.read_file(machine.channel.path))
    if not end.passed:
        tail = console.read_text(errors="replace").splitlines()[-5:]
        raise Problem("\n".join([*tail, f"{end.name}: {end.sentence}"]), end.status)
    return read(out)


def _run(command: list[str]) -> int:
    """QEMU's exit status."""
    running = process.start(command, stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        if not process.wait(running, TIMEOUT_SECONDS):
            raise Problem(verdict.timeout().sentence, verdict.STATUS_TIMEOUT)
        return running.returncode
    finally:
        process.stop(running)


# ------------------------------------------------------------------------------------------- table


def symbol(tree: Build, program: Path, pc: int) -> str:
    """Function and line of an instruction, of the kernel or of the program."""
    image = tree.kernel if pc >= KERNEL_FIRST else program
    command = ["llvm-symbolizer", "--pretty-print", "--no-inlines", f"--obj={image}", hex(pc)]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return hex(pc)
    return found.stdout.strip() or hex(pc)


def table(figures: dict) -> list[str]:
    """The figures for people."""
    nodes = range(len(figures["migrations"]))
    lines = [f"{figures['program']} on {figures['topology']}", "", "accesses to memory"]
    head = "".join(f"{f'of node {node}':>12}" for node in nodes)
    lines.append(f"{'core':>6}{'socket':>8}{'rounds':>8}{'instructions':>14}{head}{'devices':>10}")
    for number, core in enumerate(figures["cores"]):
        counts = "".join(f"{count:>12}" for count in core["accesses"])
        start = f"{number:>6}{core['socket']:>8}{core['rounds']:>8}{core['instructions']:>14}"
        lines.append(f"{start}{counts}{core['device_accesses']:>10}")
    lines += ["", "cache lines that moved"]
    lines.append(f"{'':>14}" + "".join(f"{f'to {node}':>10}" for node in nodes))
    for node, row in enumerate(figures["migrations"]):
        lines.append(f"{f'from socket {node}':>14}" + "".join(f"{count:>10}" for count in row))
    lost = sum(figures["invalidations"])
    cold = sum(figures["cold"])
    lines += ["", f"{figures['moved_lines']} migrations, {lost} invalidations, {cold} cold lines"]
    lines += [_access(line) for line in figures["moved"][:SHOWN_MAX]]
    lines.append(f"{figures['shared_lines']} shared lines")
    return lines + [_access(line) for line in figures["shared"][:SHOWN_MAX]]


def _access(line: dict) -> str:
    did = "stored to" if line["is_store"] else "loaded from"
    place = f"node {line['node']} + {line['offset']:#x}"
    return f"  {place}: socket {line['socket']} {did} it at {line.get('where', hex(line['pc']))}"
