# SPDX-License-Identifier: MIT
"""Out-of-tree user programs: how someone tries an idea without touching the source tree.

The build writes user-flags.json for this: {"cc": .., "cflags": [..], "ldflags": [..],
"objects": [..]}, with which any one C file becomes a program like those in userland/.
"""

import json
import re
import subprocess
from pathlib import Path

from r4lib.paths import Build
from r4lib.problem import Problem

STATUS_COMPILE = 1
ELF_MAGIC = b"\x7fELF"
MEMBERS = ("cc", "cflags", "ldflags", "objects")


def prepare(sources: list[Path], build: Build, folder: Path) -> dict[str, Path]:
    """The programs by name; compiled ones are put into `folder`."""
    programs = {}
    for source in sources:
        name = source.stem
        if re.fullmatch(r"[A-Za-z0-9_-]+", name, re.ASCII) is None:
            raise Problem(f"--add {source}: a program's name has letters, digits, - and _ only")
        if name in programs:
            raise Problem(f"--add {source}: two programs are called {name}")
        if not source.is_file():
            raise Problem(f"--add {source}: there is no such file")
        programs[name] = _prepare(source, build, folder)
    return programs


def _prepare(source: Path, build: Build, folder: Path) -> Path:
    if source.suffix == ".c":
        return _compile(source, build, folder)
    if source.suffix != ".elf":
        raise Problem(f"--add {source}: neither a .c nor an .elf file")
    with source.open("rb") as file:
        if file.read(len(ELF_MAGIC)) != ELF_MAGIC:
            raise Problem(f"--add {source}: not an ELF file")
    return source


def _compile(source: Path, build: Build, folder: Path) -> Path:
    try:
        flags = json.loads(build.user_flags.read_text())
        compiler, cflags, ldflags, objects = (flags[member] for member in MEMBERS)
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"{build.user_flags} cannot be read ({error}): build first") from error
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / source.stem
    compiled = folder / f"{source.stem}.o"
    _call(source, [compiler, *cflags, "-c", str(source), "-o", str(compiled)], build)
    _call(source, [compiler, *ldflags, str(compiled), *objects, "-o", str(program)], build)
    return program


def _call(source: Path, command: list[str], build: Build) -> None:
    """Runs in the build tree: the flags may have paths relative to it."""
    if subprocess.run(command, cwd=build.dir, check=False).returncode != 0:
        raise Problem(f"--add {source}: does not compile", STATUS_COMPILE)
