# SPDX-License-Identifier: MIT
"""The boot archive: a cpio in the "newc" format, the same bytes for the same input.

Programs are in bin/; in lab/ those that the shell gives the means of a laboratory; in sys/ and traffic/ those that it
does not start (userland/README.md).
"""

import stat
from pathlib import Path

from r4lib.problem import Problem

MAGIC = b"070701"
HEADER_BYTES = 110
TRAILER = "TRAILER!!!"
NAME_MAX_BYTES = 255
BIN = "bin"
LAB = "lab"
SYS = "sys"
TRAFFIC = "traffic"
FOLDERS = (BIN, LAB, SYS, TRAFFIC)


def _pad(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def _entry(number: int, name: str, mode: int, data: bytes) -> bytes:
    encoded = name.encode("ascii") + b"\0"
    # ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor,
    # namesize, check; no clock and no owner, so that an archive can be compared.
    fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = MAGIC + b"".join(b"%08x" % value for value in fields)
    return _pad(header + encoded) + _pad(data)


def _folder(name: str) -> str:
    return name.partition("/")[0]


def pack(files: dict[str, bytes]) -> bytes:
    """The archive of `files`, by name. What is in a folder of programs is executable."""
    entries = []
    for number, name in enumerate(sorted(files), start=1):
        if not name.isascii() or not name.isprintable() or len(name) > NAME_MAX_BYTES:
            raise Problem(f"{name!r} cannot be a name in the boot archive")
        mode = stat.S_IFREG | (0o755 if _folder(name) in FOLDERS else 0o644)
        entries.append(_entry(number, name, mode, files[name]))
    return b"".join(entries) + _entry(0, TRAILER, 0, b"")


def compose(userland: Path, added: dict[str, Path], script: bytes | None) -> bytes:
    """The archive of one run: built programs, added ones, and the script if there is one.

    `userland` has the folders; `added` is by name in the archive.
    """
    if not (userland / BIN).is_dir():
        raise Problem(f"{userland / BIN} is missing: the user programs are not built")
    files = {
        f"{folder}/{path.name}": path.read_bytes()
        for folder in FOLDERS
        for path in (userland / folder).glob("*")
        if path.is_file()
    }
    taken = {Path(name).name for name in files}
    if len(taken) < len(files):
        raise Problem(f"{userland} has programs of an older build in two folders: remove them")
    for name, path in added.items():
        if Path(name).name in taken:
            raise Problem(f"{path.name}: there is already a program called {Path(name).name}")
        files[name] = path.read_bytes()
    if script is not None:
        files["etc/script"] = script
    return pack(files)
