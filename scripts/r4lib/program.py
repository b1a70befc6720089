# SPDX-License-Identifier: MIT
"""Out-of-tree user programs: how someone tries an idea without touching the source tree.

The build writes user-flags.json for this: {"cc": .., "cflags": [..], "ldflags": [..],
"objects": [..], "lab_cflags": [..], "lab_objects": [..]}, with which any one C file becomes a program
like those in userland/, or with --add-lab like those that build on userland/experiments/lab.h.
"""

import json
import re
import subprocess
from pathlib import Path

from r4lib import archive
from r4lib.paths import Build
from r4lib.problem import Problem

STATUS_COMPILE = 1
ELF_MAGIC = b"\x7fELF"
MEMBERS = ("cc", "cflags", "ldflags", "objects", "lab_cflags", "lab_objects")


def prepare(plain: list[Path], lab: list[Path], build: Build, folder: Path) -> dict[str, Path]:
    """The programs by their name in the boot archive; compiled ones are put into `folder`."""
    programs = {}
    known = set()
    for source, place in [(s, archive.BIN) for s in plain] + [(s, archive.LAB) for s in lab]:
        name = source.stem
        if re.fullmatch(r"[A-Za-z0-9_-]+", name, re.ASCII) is None:
            raise Problem(f"{source}: a program's name has letters, digits, - and _ only")
        if name in known:
            raise Problem(f"{source}: two programs are called {name}")
        if not source.is_file():
            raise Problem(f"{source}: there is no such file")
        known.add(name)
        programs[f"{place}/{name}"] = _prepare(source, build, folder, is_lab=place == archive.LAB)
    return programs


def _prepare(source: Path, build: Build, folder: Path, *, is_lab: bool) -> Path:
    if source.suffix == ".c":
        return _compile(source, build, folder, is_lab=is_lab)
    if source.suffix != ".elf":
        raise Problem(f"{source}: neither a .c nor an .elf file")
    with source.open("rb") as file:
        if file.read(len(ELF_MAGIC)) != ELF_MAGIC:
            raise Problem(f"{source}: not an ELF file")
    return source


def _compile(source: Path, build: Build, folder: Path, *, is_lab: bool) -> Path:
    try:
        flags = json.loads(build.user_flags.read_text())
        compiler, cflags, ldflags, objects, lab_cflags, lab_objects = (
            flags[member] for member in MEMBERS
        )
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"{build.user_flags} cannot be read ({error}): build first") from error
    if is_lab:
        cflags = cflags + lab_cflags
        objects = lab_objects + objects
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / source.stem
    compiled = folder / f"{source.stem}.o"
    _call(source, [compiler, *cflags, "-c", str(source), "-o", str(compiled)], build)
    _call(source, [compiler, *ldflags, str(compiled), *objects, "-o", str(program)], build)
    return program


def _call(source: Path, command: list[str], build: Build) -> None:
    """Runs in the build tree: the flags may have paths relative to it."""
    if subprocess.run(command, cwd=build.dir, check=False).returncode != 0:
        raise Problem(f"{source}: does not compile", STATUS_COMPILE)
