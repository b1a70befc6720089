# SPDX-License-Identifier: MIT
"""Starting and surely ending one QEMU. Nothing here ever ends a process that it did not start."""

import ctypes
import signal
import subprocess

from r4lib.problem import Problem

GRACE_SECONDS = 5.0
PR_SET_PDEATHSIG = 1


def start(command: list[str], **how) -> subprocess.Popen:
    """Like Popen; the process is killed when the thread that called this ends, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        return subprocess.Popen(
            command, preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL), **how
        )
    except OSError as error:
        raise Problem(f"{command[0]} cannot be started: {error.strerror}") from error


def wait(process: subprocess.Popen, seconds: float) -> bool:
    """Whether the process has ended within that time."""
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def stop(process: subprocess.Popen) -> None:
    """Ends it if it still runs: first so that it can put the terminal right, then for sure."""
    if process.poll() is None:
        process.terminate()
        if not wait(process, GRACE_SECONDS):
            process.kill()
            process.wait()
