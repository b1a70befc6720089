# SPDX-License-Identifier: MIT
"""What every machine under test has in common: its settings, its files, its QEMU process.

Owns one folder, in which the boot archive and QEMU's output are, and at most one QEMU process.
Not here: waiting for the guest (machine.py, scripted.py); the QEMU command line (r4lib/qemu.py).
"""

import json
import shlex
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

from r4lib import abi, archive, channel, iso, process, program, qemu, topology, verdict
from r4lib.paths import Build

TIMEOUT_SECONDS = 120.0
TAIL_LINES = 25
QEMU_FILES = ("qemu.out", "qemu.log", "boot.cpio")


@dataclass(frozen=True)
class Settings:
    """What a test may choose about its machine."""

    topology: str = "2x2"
    append: str = ""
    script: str | None = None
    accel: str = "tcg"
    icount: bool = False
    memory: int | None = None
    add: list[str] = field(default_factory=list)
    add_lab: list[str] = field(default_factory=list)
    seed: int | None = None
    kernel: str = "r4.elf"  # an image in the build tree
    plugin: str | None = None  # a TCG plugin with its arguments
    image: str = ""  # "bios" or "uefi": boots from a disc through GRUB
    timeout: float = TIMEOUT_SECONDS

    def repeat(self) -> str:
        """The command that boots the same machine by hand."""
        words = ["./scripts/r4", "run", "--topology", self.topology, "--accel", self.accel]
        words += ["--append", self.append] if self.append else []
        words += ["--script", "script"] if self.script is not None else []
        words += ["--icount"] if self.icount else []
        words += ["--memory", str(self.memory)] if self.memory else []
        words += ["--image", self.image] if self.image else []
        for path in self.add:
            words += ["--add", str(path)]
        for path in self.add_lab:
            words += ["--add-lab", str(path)]
        return shlex.join(words)


class MachineError(AssertionError):
    """The machine did not do what the test waits for."""


class Launch:
    """Subclasses fill `console`, `channel` and `records` while the machine runs."""

    def __init__(self, settings: Settings, folder: Path, build: Build, emulator: str):
        self.settings = settings
        self.folder = folder
        self.abi = abi.load(build.abi)
        self.console = bytearray()
        self.channel = bytearray()
        self.records: list[dict] = []
        self.verdict: verdict.Verdict | None = None
        self.command_line: list[str] = []
        self.debugger: Path | None = None  # set before the start: where QEMU listens for gdb
        self._build = build
        self._emulator = emulator
        self._process: subprocess.Popen | None = None
        self._registers = ""
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, folder: Path) -> None:
        """Keeps what is needed to understand and repeat this run."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "console.log").write_bytes(self.console)
        (folder / "channel.raw").write_bytes(self.channel)
        channel.write_lines(folder / "channel.jsonl", self.records)
        settings = json.dumps(asdict(self.settings), default=str, indent=2)
        (folder / "settings.json").write_text(settings + "\n")
        (folder / "command").write_text(shlex.join(self.command_line) + "\n")
        (folder / "repeat").write_text(self.settings.repeat() + "\n")
        if self.settings.script is not None:
            (folder / "script").write_text(self.settings.script)
        if self._registers:
            (folder / "registers").write_text(self._registers)
        for name in QEMU_FILES:
            if (self.folder / name).is_file():
                shutil.copy(self.folder / name, folder / name)

    def stop(self) -> None:
        """Ends QEMU if it still runs; may be called at any time."""
        if self._process:
            process.stop(self._process)

    def _start(self, console: qemu.Chardev, channel_: qemu.Chardev, monitor: Path | None) -> None:
        self._compose_archive()
        machine_ = self._machine(console, channel_, monitor)
        if machine_.disc:
            iso.make_for(machine_)
        self.command_line = qemu.command(machine_)
        how = {"stdin": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "start_new_session": True}
        with (self.folder / "qemu.out").open("wb") as out:
            self._process = process.start(self.command_line, stdout=out, **how)

    def _machine(self, console, channel_, monitor: Path | None) -> qemu.Machine:
        settings = self.settings
        return qemu.Machine(
            topology=topology.parse(settings.topology),
            kernel=self._build.dir / settings.kernel,
            archive=self.folder / "boot.cpio",
            console=console,
            channel=channel_,
            append=settings.append,
            memory_mib=settings.memory,
            accel=settings.accel,
            icount=settings.icount,
            seed=settings.seed,
            monitor=monitor,
            log=self.folder / "qemu.log",
            emulator=self._emulator,
            plugin=settings.plugin,
            disc=self.folder / "r4.iso" if settings.image else None,
            firmware=iso.firmware_files(settings.image, self.folder),
            debugger=self.debugger,
        )

    def _compose_archive(self) -> None:
        settings = self.settings
        plain = [Path(path).absolute() for path in settings.add]
        lab = [Path(path).absolute() for path in settings.add_lab]
        added = program.prepare(plain, lab, self._build, self.folder / "programs")
        script = None if settings.script is None else settings.script.encode()
        data = archive.compose(self._build.userland, added, script)
        (self.folder / "boot.cpio").write_bytes(data)

    def _judge(self) -> verdict.Verdict:
        """What the end of QEMU means; it has ended."""
        self.verdict = verdict.judge(self.abi, self._process.returncode, self.records)
        return self.verdict

    def _error(self, what: str) -> MachineError:
        text = self.console.decode("ascii", "backslashreplace")
        tail = "\n".join(text.splitlines()[-TAIL_LINES:])
        said = (self.folder / "qemu.out").read_text(errors="replace").strip()
        return MachineError(
            f"{what}\n-- the console's last lines:\n{tail}\n-- QEMU said: {said or 'nothing'}"
        )
