# SPDX-License-Identifier: MIT
"""Form: clang-format on every source file, clang-tidy on the kernel's own sources."""

import json
import subprocess
import sys

from r4lib.paths import ROOT, Build

FOLDERS = ("kernel", "cluster", "arch", "libr4", "userland", "tests", "scripts")
TIDY_FOLDERS = ("kernel/", "cluster/", "arch/", "libr4/", "userland/")
WORKERS = "2"


def sources() -> list[str]:
    """Every C file and header that is written by hand."""
    found = (file for folder in FOLDERS for pattern in ("*.c", "*.h") for file in (ROOT / folder).rglob(pattern))
    return sorted(str(file.relative_to(ROOT)) for file in found if "golden" not in file.parts)


def format_command() -> list[str]:
    return ["clang-format", "--dry-run", "-Werror", *sources()]


def tidy_files(tree: Build) -> list[str]:
    """Files of the machine side in the compilation database, each once; generated ones are not ours to style."""
    entries = json.loads((tree.dir / "compile_commands.json").read_text())
    names = {entry["file"] for entry in entries if "-fsanitize=address" not in entry["command"]}
    return sorted(name for name in names if name.startswith(tuple(f"{ROOT}/{folder}" for folder in TIDY_FOLDERS)) and name.endswith(".c"))


def tidy(tree: Build) -> bool:
    """All files, two at a time."""
    listing = "\0".join(tidy_files(tree))
    command = ["xargs", "-0", "-n", "8", "-P", WORKERS, "clang-tidy", "-p", str(tree.dir), "--quiet", "--extra-arg=-Wno-unknown-warning-option"]
    result = subprocess.run(command, input=listing, text=True, check=False, cwd=ROOT, capture_output=True)
    sys.stdout.write("".join(line + "\n" for line in result.stdout.splitlines() if line))
    return result.returncode == 0
