# SPDX-License-Identifier: MIT
"""A small client of QEMU's control socket: the registers of a machine that hangs.

Never used under --icount, where a request from outside would land at some instruction.
"""

import json
import socket
from pathlib import Path

GRACE_SECONDS = 5.0


def registers(path: Path) -> str:
    """All cores' registers, or a sentence that says why there are none."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as monitor:
            monitor.settimeout(GRACE_SECONDS)
            monitor.connect(str(path))
            with monitor.makefile("rw", encoding="utf-8", errors="replace") as lines:
                return _ask(lines)
    except (OSError, ValueError) as error:
        return f"QEMU's monitor does not answer: {error}\n"


def _ask(lines) -> str:
    lines.readline()  # the greeting
    _execute(lines, "qmp_capabilities", {})
    text = _execute(lines, "human-monitor-command", {"command-line": "info registers -a"})
    return text or "QEMU's monitor gave no registers\n"


def _execute(lines, name: str, arguments: dict):
    lines.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
    lines.flush()
    for line in lines:
        message = json.loads(line)
        if "return" in message or "error" in message:
            return message.get("return")
    return None
