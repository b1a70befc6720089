# SPDX-License-Identifier: MIT
"""The QEMU command line, built by one pure function that `r4 run` and the tests share.

Each option is here because of a measured fact of QEMU 7.2; scripts/README.md has them.
"""

from dataclasses import dataclass
from pathlib import Path

from r4lib.problem import Problem
from r4lib.topology import Topology

EMULATOR = "qemu-system-x86_64"
ACCELERATORS = ("tcg", "mttcg", "kvm")
EXIT_PORT = 0xF4
MEMORY_MIN_MIB = 32


@dataclass(frozen=True)
class Chardev:
    """Where a serial port goes: a file, a unix socket that someone listens on, the terminal, or a new
    pseudo-terminal whose name QEMU prints."""

    kind: str  # "file", "socket", "terminal" or "pty"
    path: Path | None = None
    log: Path | None = None

    def arguments(self, name: str) -> list[str]:
        log = f",logfile={_escape(self.log)}" if self.log else ""
        if self.kind == "terminal":
            # What `-serial mon:stdio` stands for, with a log.
            chardev = f"stdio,id={name},mux=on,signal=off{log}"
            return ["-chardev", chardev, "-serial", f"chardev:{name}", "-mon", f"chardev={name}"]
        path = f",path={_escape(self.path)}" if self.path else ""
        chardev = f"{self.kind},id={name}{path}{log}"
        return ["-chardev", chardev, "-serial", f"chardev:{name}"]


@dataclass(frozen=True)
class Machine:
    topology: Topology
    kernel: Path
    archive: Path
    console: Chardev
    channel: Chardev
    append: str = ""
    memory_mib: int | None = None  # of each node; None takes the topology's default
    accel: str = "tcg"  # or "mttcg" or "kvm"
    icount: bool = False
    seed: int | None = None
    monitor: Path | None = None  # unix socket of a QMP server
    log: Path | None = None  # QEMU's own log: CPU resets and triple faults
    emulator: str = EMULATOR
    disc: Path | None = None  # boots from it, instead of kernel, archive and append
    firmware: tuple[Path, Path] | None = None  # UEFI code and variables; None is QEMU's BIOS
    plugin: str | None = None  # a TCG plugin with its arguments
    debugger: Path | None = None  # unix socket at which QEMU waits for gdb
    waits: bool = False  # does nothing until the debugger or the monitor says so


def command(machine: Machine) -> list[str]:
    """The whole command line. Raises Problem for a combination that QEMU cannot run."""
    arguments = [machine.emulator, "-nodefaults", "-no-user-config", "-display", "none"]
    arguments += ["-no-reboot", "-machine", "q35", "-cpu", "max,la57=off"]
    arguments += _accelerator(machine)
    arguments += _nodes(machine)
    arguments += ["-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=0x04"]
    arguments += machine.console.arguments("console")
    arguments += machine.channel.arguments("channel")
    if machine.monitor:
        arguments += ["-qmp", f"unix:{_escape(machine.monitor)},server=on,wait=off"]
    if machine.debugger:
        arguments += ["-gdb", f"unix:{_escape(machine.debugger)},server=on,wait=off"]
    if machine.waits:
        arguments += ["-S"]
    if machine.log:
        arguments += ["-d", "cpu_reset", "-D", str(machine.log)]
    if machine.plugin:
        arguments += ["-plugin", machine.plugin]
    return arguments + _boot(machine)


def _boot(machine: Machine) -> list[str]:
    if machine.disc is None:
        files = ["-kernel", str(machine.kernel), "-initrd", str(machine.archive)]
        return [*files, "-append", machine.append]
    arguments = []
    if machine.firmware:
        code, variables = (_escape(path) for path in machine.firmware)
        arguments += ["-drive", f"if=pflash,format=raw,readonly=on,file={code}"]
        arguments += ["-drive", f"if=pflash,format=raw,file={variables}"]
    return [*arguments, "-cdrom", str(machine.disc)]


def _escape(path: Path | None) -> str:
    """A comma ends a value in QEMU's option syntax unless it is doubled."""
    return str(path).replace(",", ",,")


def _accelerator(machine: Machine) -> list[str]:
    if machine.accel not in ACCELERATORS:
        raise Problem(f"--accel {machine.accel}: one of {', '.join(ACCELERATORS)}")
    seed = machine.seed
    if machine.accel == "kvm":
        return _kvm(machine)
    if not machine.icount:
        thread = "single" if machine.accel == "tcg" else "multi"
        arguments = ["-accel", f"tcg,thread={thread}"]
        return arguments + (["-seed", str(seed)] if seed is not None else [])
    if machine.accel == "mttcg":
        raise Problem("--icount has one thread for all cores; it cannot be combined with mttcg")
    # An idle machine warps its clock instead of sleeping, but with a person at the console it
    # sleeps: that run cannot be repeated anyway and should not heat the host.
    sleep = "on" if machine.console.kind == "terminal" else "off"
    arguments = ["-icount", f"shift=0,align=off,sleep={sleep}", "-rtc", "base=2020-01-01,clock=vm"]
    return arguments + ["-seed", str(1 if seed is None else seed)]


def _kvm(machine: Machine) -> list[str]:
    if machine.icount or machine.plugin:
        raise Problem("instructions can be counted and plugins work under TCG only, not under kvm")
    return ["-accel", "kvm"]


def _nodes(machine: Machine) -> list[str]:
    topology = machine.topology
    memory_mib = machine.memory_mib or topology.default_memory_mib()
    if memory_mib < MEMORY_MIN_MIB:
        raise Problem(f"--memory {memory_mib}: a node has at least {MEMORY_MIN_MIB} MiB")
    total_mib = memory_mib * (topology.sockets - len(topology.nomem))
    shape = f"sockets={topology.sockets},cores={topology.cores},threads=1"
    arguments = ["-m", f"{total_mib}M", "-smp", f"{topology.cpus},{shape}"]
    for node in range(topology.sockets):
        memory = ""
        if node not in topology.nomem:
            arguments += ["-object", f"memory-backend-ram,id=m{node},size={memory_mib}M"]
            memory = f",memdev=m{node}"
        arguments += ["-numa", f"node,nodeid={node}{memory}"]
        arguments += ["-numa", f"cpu,node-id={node},socket-id={node}"]
    # QEMU mirrors a distance, but wants all pairs once there is one.
    for low in range(topology.sockets):
        for high in range(low + 1, topology.sockets):
            distance = topology.distance(low, high)
            arguments += ["-numa", f"dist,src={low},dst={high},val={distance}"]
    return arguments
