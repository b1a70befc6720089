# SPDX-License-Identifier: MIT
"""`r4 bench`: measures rows in instructions, each on a machine of its own shape, and says what they mean.

The machine counts: under -icount shift=0 the time-stamp counter advances by one for each instruction, of
whichever core. Only userland/experiments runs, as root task; idle cores are halted, and the slice is so long
that no timer comes due. Nothing here depends on the host's time, the folder or the user.
"""

import os
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from r4lib import (
    archive,
    bench_history,
    bench_rows,
    channel,
    qemu,
    run,
    topology,
    verdict,
)
from r4lib.bench_rows import Row
from r4lib.image import Image
from r4lib.paths import ROOT, Build, build_of_preset
from r4lib.problem import Problem

STATUS_FAILED = 1
TIMEOUT_SECONDS = 120.0
OPTIONS = "root=sys/bench slice_us=1000000"
BOOT_TOPOLOGY = "2x2"
NOT_WORK = ("arch_boot_calibrate",)  # takes as long as the clock takes that it measures


def command_bench(options) -> int:
    if options.compare:
        print(bench_history.compare(*map(bench_history.find, options.compare)))
        return 0
    rows = bench_rows.read()
    if options.plot:
        goals = {row.name: row.goal for row in rows.values() if row.goal is not None}
        bench_history.plot(bench_history.read(bench_history.HISTORY), goals, options.plot)
        return 0
    if options.record and options.rows:
        raise Problem("--record keeps all rows together; name none")
    chosen = bench_rows.choose(rows, options.rows)
    tree = Build(options.build) if options.build else build_of_preset("default")
    if not options.no_build:
        run.build_tree(options, tree)
    lines = Bench(tree, options.image).measure(rows, chosen)
    _show(rows, lines, options)
    return 0


def _show(rows: dict[str, Row], lines: list[dict], options) -> None:
    if options.json:
        options.json.write_text(bench_history.text(lines))
    else:
        sys.stdout.write(bench_history.text(lines))
    shown = bench_rows.table(rows, lines)
    print(shown, bench_rows.NOTE, sep="\n\n", file=sys.stderr)
    if options.record:
        bench_history.append(lines)
        bench_history.write_table(shown, bench_rows.NOTE, lines)


class Bench:
    """One build tree and image; keeps what it measured, since rows share sources."""

    def __init__(self, tree: Build, image: str = "r4.elf"):
        self._tree = tree
        self._kernel = tree.dir / image
        self._emulator = os.environ.get(run.EMULATOR_VARIABLE, qemu.EMULATOR)

    def measure(self, rows: dict[str, Row], chosen: list[Row]) -> list[dict]:
        """One line for each chosen row."""
        needed = {name for row in chosen for name in row.sources}
        samples = self._run_all([row for row in rows.values() if row.name in needed])
        counted = self._count_boot() if any(row.plugin for row in chosen) else {}
        lines = []
        for row in chosen:
            line = bench_rows.summary(row, self._samples_of(row, samples, counted))
            shape = row.topology or (rows[row.sources[0]].topology if row.sources else None)
            lines.append({**line, **self._configuration(shape)})
        return lines

    def _samples_of(self, row: Row, samples: dict, counted: dict) -> list:
        if row.plugin:
            return [counted[row.plugin]]
        if row.size:
            kind, name = row.size.split()
            image = Image(self._kernel)
            return [image.section_bytes(name) if kind == "section" else image.struct_bytes(name)]
        return samples[row.name] if row.is_measured else bench_rows.derive(row, samples)

    def _run_all(self, rows: list[Row]) -> dict[str, list[int]]:
        """One machine for each shape."""
        samples = {}
        by_shape = sorted(rows, key=lambda row: row.topology)
        for shape, group in groupby(by_shape, key=lambda row: row.topology):
            names = [row.name for row in group]
            records = self._boot(shape, names)
            got = {r["name"]: r["samples"] for r in records if r["type"] == "result"}
            if list(got) != names:
                raise Problem(f"the machine measured {list(got)} instead of {names}", STATUS_FAILED)
            samples |= got
        return samples

    def _boot(self, shape: str, names: list[str], plugin: tuple[str, ...] = ()) -> list[dict]:
        with run.run_folder(self._tree) as folder:
            machine = self._machine(shape, names, folder)
            console, raw = folder / "console.log", machine.channel.path
            for path in (console, raw):
                path.write_bytes(b"")
            machine.archive.write_bytes(archive.compose(self._tree.userland, {}, None))
            command = qemu.command(machine)
            if plugin:
                command += ["-plugin", ",".join([*plugin, f"out={folder / 'boot'}"])]
            status = self._wait(command)
            records = channel.read_file(raw)
            _check(status, records, console, names)
            if plugin:
                counts = (folder / "boot").read_text().split()
                records.append({"type": "boot", "counts": list(map(int, counts[1::2]))})
            return records

    def _machine(self, shape: str, names: list[str], folder: Path) -> qemu.Machine:
        return qemu.Machine(
            topology=topology.parse(shape),
            kernel=self._kernel,
            archive=folder / "boot.cpio",
            console=qemu.Chardev("file", folder / "console.log"),
            channel=qemu.Chardev("file", folder / "channel.raw"),
            append=" ".join([OPTIONS, "--", *names]),
            icount=True,
            emulator=self._emulator,
        )

    def _wait(self, command: list[str]) -> int:
        how = {"stdin": subprocess.DEVNULL, "stdout": sys.stderr, "check": False}
        try:
            return subprocess.run(command, timeout=TIMEOUT_SECONDS, **how).returncode
        except subprocess.TimeoutExpired as error:
            raise Problem(verdict.timeout().sentence, verdict.STATUS_TIMEOUT) from error

    def _count_boot(self) -> dict[str, int]:
        """The instructions of all cores until each cluster is in user mode, waiting excluded."""
        shape = topology.parse(BOOT_TOPOLOGY)
        plugin = self._tree.dir / "plugin" / "boot_count.so"
        if not plugin.is_file():
            raise Problem(f"{plugin} is missing: build first")
        kernel = Image(self._kernel)
        skips = ("skip={:x}-{:x}".format(*kernel.function(name)) for name in NOT_WORK)
        records = self._boot(BOOT_TOPOLOGY, [], (str(plugin), f"cores={shape.cores}", *skips))
        counts = records[-1]["counts"]
        return {"total": sum(counts) // shape.sockets, "longest": max(counts)}

    def _configuration(self, shape: str | None) -> dict:
        emulator = _version([self._emulator, "--version"])
        return {
            "topology": shape,
            "qemu": emulator,
            "compiler": compiler(self._tree),
            "revision": _revision(),
        }


def _check(status: int, records: list[dict], console: Path, names: list[str]) -> None:
    failures = [record for record in records if record["type"] == "failure"]
    if failures:
        what = "{what}: got {got}, expected {wanted}".format(**failures[0])
        raise Problem(f"an iteration went wrong: {what}", STATUS_FAILED)
    ends = [record for record in records if record["type"] == "exit"]
    if not ends or ends[-1].get("status") != 0:
        tail = console.read_text(errors="replace").splitlines()[-5:]
        rows = " ".join(names)
        raise Problem("\n".join([f"QEMU ended with {status} measuring {rows}", *tail]), STATUS_FAILED)


def compiler(tree: Build) -> str:
    """Name and version of what compiled the tree."""
    found = re.search(r'"cc": "([^"]+)"', tree.user_flags.read_text())
    return f"clang {_version([found[1] if found else 'clang', '--version'])}"


def _version(command: list[str]) -> str:
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError as error:
        raise Problem(f"{command[0]} cannot be run: {error.strerror}") from error
    found = re.search(r"version ([0-9.]+)", shown)
    return found[1] if found else "unknown"


def _revision() -> str:
    """The commit, marked if tracked files differ from it; `unknown` outside of a clone."""
    git = ["git", "-C", str(ROOT)]
    how = {"capture_output": True, "text": True, "check": False}
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], **how)
        changed = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no"], **how)
    except OSError:
        return "unknown"
    if head.returncode != 0:
        return "unknown"
    return head.stdout.strip() + ("+changes" if changed.stdout.strip() else "")
