# SPDX-License-Identifier: MIT
"""The boot archive: a cpio in the "newc" format, the same bytes for the same input."""

import stat
from pathlib import Path

from r4lib.problem import Problem

MAGIC = b"070701"
HEADER_BYTES = 110
TRAILER = "TRAILER!!!"
NAME_MAX_BYTES = 255


def _pad(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def _entry(number: int, name: str, mode: int, data: bytes) -> bytes:
    encoded = name.encode("ascii") + b"\0"
    # ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor,
    # namesize, check; no clock and no owner, so that an archive can be compared.
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = MAGIC + b"".join(b"%08x" % value for value in fields)
    return _pad(header + encoded) + _pad(data)


def pack(files: dict[str, bytes]) -> bytes:
    """The archive of `files`, by name. Names below bin/ are executable."""
    entries = []
    for number, name in enumerate(sorted(files), start=1):
        if not name.isascii() or not name.isprintable() or len(name) > NAME_MAX_BYTES:
            raise Problem(f"{name!r} cannot be a name in the boot archive")
        mode = stat.S_IFREG | (0o755 if name.startswith("bin/") else 0o644)
        entries.append(_entry(number, name, mode, files[name]))
    return b"".join(entries) + _entry(0, TRAILER, 0, b"")


def compose(programs: Path, added: dict[str, Path], script: bytes | None) -> bytes:
    """The archive of one run: built programs, added ones, and the script if there is one."""
    if not programs.is_dir():
        raise Problem(f"{programs} is missing: the user programs are not built")
    files = {f"bin/{path.name}": path.read_bytes() for path in programs.iterdir() if path.is_file()}
    for name, path in added.items():
        if f"bin/{name}" in files:
            raise Problem(f"--add {path.name}: there is already a program called {name}")
        files[f"bin/{name}"] = path.read_bytes()
    if script is not None:
        files["etc/script"] = script
    return pack(files)
