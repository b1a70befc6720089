# SPDX-License-Identifier: MIT
"""Checks that the tools found in PATH are new enough. That they are there, the first stage saw."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from r4lib.problem import Problem


@dataclass(frozen=True)
class Tool:
    command: str
    package: str
    least: tuple[int, ...]  # the oldest version that R4 is known to work with
    pattern: str  # finds the version in the output of --version


TOOLS = (
    Tool("qemu-system-x86_64", "qemu-system-x86", (7, 2), r"version ([0-9.]+)"),
    Tool("clang", "clang", (14,), r"clang version ([0-9.]+)"),
    Tool("ld.lld", "lld", (14,), r"LLD ([0-9.]+)"),
    Tool("cmake", "cmake", (3, 25), r"version ([0-9.]+)"),
    Tool("ninja", "ninja-build", (1, 11), r"([0-9.]+)"),
)
PYTHON_LEAST = (3, 11)
TIMEOUT_SECONDS = 20.0


def check() -> None:
    """Raises Problem that names every tool that is missing or too old, and its package."""
    complaints = [complaint for tool in TOOLS if (complaint := _complaint(tool))]
    if sys.version_info[:2] < PYTHON_LEAST:
        complaints.append(f"{sys.executable} is older than 3.11; package python3 brings it")
    if complaints:
        raise Problem("\n".join(complaints))


def _complaint(tool: Tool) -> str | None:
    brings = f"package {tool.package} brings it"
    path = shutil.which(tool.command)
    if path is None:
        return f"{tool.command} is not in PATH; {brings}"
    least = ".".join(map(str, tool.least))
    version = _version(path, tool.pattern)
    if version is None:
        return f"{path} does not tell its version; R4 needs {least} or newer; {brings}"
    if version < tool.least:
        found = ".".join(map(str, version))
        return f"{path} is version {found}; R4 needs {least} or newer; {brings}"
    return None


def _version(path: str, pattern: str) -> tuple[int, ...] | None:
    try:
        how = {"capture_output": True, "text": True, "timeout": TIMEOUT_SECONDS}
        run = subprocess.run([path, "--version"], check=True, **how)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(pattern, run.stdout)
    return tuple(int(part) for part in found[1].split(".") if part) if found else None
