# SPDX-License-Identifier: MIT
"""A bootable disc: kernel and boot archive behind GRUB, for a BIOS and for UEFI firmware.

GRUB loads the kernel by multiboot2 (arch/x86_64/boot/entry.S, kernel/boot/mb2.c), so a machine that
boots from the disc takes another way into the kernel than `-kernel` does.
"""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from r4lib import qemu
from r4lib.problem import Problem

FIRMWARES = ("bios", "uefi")
OVMF_CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Need:
    """What a package brings: a command in PATH or a file."""

    package: str
    what: str

    def is_there(self) -> bool:
        return Path(self.what).exists() if "/" in self.what else bool(shutil.which(self.what))


NEEDS = (
    Need("grub-common", "grub-mkrescue"),
    Need("xorriso", "xorriso"),
    Need("mtools", "mformat"),
    Need("grub-pc-bin", "/usr/lib/grub/i386-pc/multiboot2.mod"),
    Need("grub-efi-amd64-bin", "/usr/lib/grub/x86_64-efi/multiboot2.mod"),
)
NEEDS_OF_UEFI = (Need("ovmf", str(OVMF_CODE)), Need("ovmf", str(OVMF_VARIABLES)))


def missing(firmware: str = "bios") -> list[str]:
    """The Debian packages that are missing to make a disc and to boot it by that firmware."""
    needs = NEEDS + (NEEDS_OF_UEFI if firmware == "uefi" else ())
    return sorted({need.package for need in needs if not need.is_there()})


def check(firmware: str = "bios") -> None:
    """Raises Problem that names the missing packages."""
    packages = missing(firmware)
    if packages:
        raise Problem(f"a bootable disc needs the missing packages {' '.join(packages)}")


def configuration(append: str) -> str:
    """GRUB's, without a menu and on the serial port. Raises Problem for what it cannot quote."""
    if "'" in append or "\n" in append:
        raise Problem(f"--append {append!r}: neither ' nor a line end can be put on a disc")
    quoted = " ".join(f"'{word}'" for word in append.split())
    return (
        "set timeout=0\n"
        "serial --unit=0 --speed=115200\n"
        "terminal_output serial\n"
        "menuentry R4 {\n"
        f"    multiboot2 /boot/r4.elf {quoted}\n"
        "    module2 /boot/r4.cpio\n"
        "}\n"
    )


def make(kernel: Path, archive: Path, append: str, out: Path) -> None:
    """Writes the disc. Raises Problem if a package is missing or GRUB's tool fails."""
    check()
    with tempfile.TemporaryDirectory(prefix="r4-iso-") as name:
        boot = Path(name) / "boot"
        (boot / "grub").mkdir(parents=True)
        shutil.copy(kernel, boot / "r4.elf")
        shutil.copy(archive, boot / "r4.cpio")
        (boot / "grub" / "grub.cfg").write_text(configuration(append))
        command = ["grub-mkrescue", "--output", str(out), name]
        how = {"capture_output": True, "text": True, "timeout": TIMEOUT_SECONDS}
        run = subprocess.run(command, check=False, **how)
    if run.returncode != 0:
        raise Problem(f"grub-mkrescue failed with status {run.returncode}:\n{run.stderr.strip()}")


def firmware_files(firmware: str, folder: Path) -> tuple[Path, Path] | None:
    """What QEMU needs besides the disc: UEFI code, and variables of this machine's own."""
    return (OVMF_CODE, folder / "uefi-variables.fd") if firmware == "uefi" else None


def make_for(machine: qemu.Machine) -> None:
    """Writes the disc that the machine boots from, and fresh variables if it has UEFI."""
    make(machine.kernel, machine.archive, machine.append, machine.disc)
    if machine.firmware:
        shutil.copyfile(OVMF_VARIABLES, machine.firmware[1])
