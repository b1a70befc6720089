# SPDX-License-Identifier: MIT
"""How a run of the machine ended, and what r4 says and returns for it.

The guest ends the machine by writing one of the ABI's exit numbers to isa-debug-exit; QEMU's status
is made of that number. Status 0 of QEMU is never a pass: that is how a triple fault ends.
"""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

STATUS_PASS = 0
STATUS_RESET = 3
STATUS_TIMEOUT = 124
STATUS_MAX = 255

# Ends that no guest can ask for; their names are not in the ABI.
RESET = "RESET"
QEMU = "QEMU"
LEFT = "LEFT"
TIMEOUT = "TIMEOUT"


@dataclass(frozen=True)
class Verdict:
    """`name` is that of the ABI's exit, or one of the four above; `status` is r4's exit status."""

    name: str
    status: int
    sentence: str

    @property
    def passed(self) -> bool:
        return self.status == STATUS_PASS


def judge(abi: ModuleType, qemu_status: int, records: list[dict]) -> Verdict:
    """What QEMU's exit status (negative: killed by that signal) and the channel's records mean."""
    if qemu_status == 0:
        sentence = "machine reset: a triple fault, or the guest asked for it"
        return Verdict(RESET, STATUS_RESET, sentence)
    for end in abi.Exit:
        if qemu_status == abi.exit_status(end):
            return _guest_verdict(end.name, qemu_status, abi.EXIT_TEXT[end], records)
    if qemu_status < 0:
        return Verdict(QEMU, -qemu_status, f"QEMU was killed by signal {-qemu_status}")
    sentence = f"QEMU ended with status {qemu_status}, which is none of R4's"
    return Verdict(QEMU, qemu_status, sentence)


def timeout() -> Verdict:
    return Verdict(TIMEOUT, STATUS_TIMEOUT, "the machine did not end in time and was stopped")


def left() -> Verdict:
    return Verdict(LEFT, STATUS_PASS, "the machine was left from the console")


def has_triple_fault(log: Path) -> bool:
    """Whether QEMU's log says so: tells a reset from a person who left with Ctrl-A X."""
    return log.is_file() and b"Triple fault" in log.read_bytes()


def _guest_verdict(name: str, qemu_status: int, sentence: str, records: list[dict]) -> Verdict:
    """PASS and FAIL carry the status of the exit record; the other ends mean what they are."""
    status = STATUS_PASS if name == "PASS" else qemu_status
    shown = _last(records, "exit").get("status")
    if name in ("PASS", "FAIL") and isinstance(shown, int) and 0 < shown <= STATUS_MAX:
        status = shown
    panic = _last(records, "panic")
    if name == "PANIC" and panic:
        sentence = f"{sentence} {panic.get('where')}: {panic.get('what')}"
    return Verdict(name, status, sentence)


def _last(records: list[dict], kind: str) -> dict:
    return next((record for record in reversed(records) if record["type"] == kind), {})
