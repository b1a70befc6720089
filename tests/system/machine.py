# SPDX-License-Identifier: MIT
"""A machine that a test talks to: types at its console, waits for records of its machine channel.

Owns two unix sockets that QEMU connects to. Everything is read in the waiting functions, by the one
thread that calls them; a machine whose test does not wait just stands still when the sockets are
full. Timeouts guard against hangs; no test depends on how long anything takes.
"""

import selectors
import shutil
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from launch import Launch
from r4lib import channel, process, qmp, qemu, verdict

RECEIVE_BYTES = 65536
ACCEPT_SECONDS = 0.2


@dataclass(frozen=True)
class Result:
    """What the shell did with one command."""

    status: int
    output: str
    record: dict


class Machine(Launch):
    """Start with `boot`; wait with `command`, `wait_record` and `wait_exit`; always `stop`."""

    def __init__(self, *arguments, **how):
        super().__init__(*arguments, **how)
        self._reader = channel.Reader()
        self._next: dict[str, int] = {}
        self._sockets = Path(tempfile.mkdtemp(prefix="r4-"))  # the path of a socket must be short
        self._selector = selectors.DefaultSelector()
        self._console_port: socket.socket | None = None

    def boot(self) -> None:
        """Starts QEMU and connects to it; does not wait for the guest."""
        monitor = None if self.settings.icount else self._sockets / "monitor"
        with self._listen("console") as console, self._listen("channel") as channel_:
            self._start(self._port("console"), self._port("channel"), monitor)
            self._console_port = self._accept(console, self._read_console)
            self._accept(channel_, self._read_channel)

    def stop(self) -> None:
        super().stop()
        for key in list((self._selector.get_map() or {}).values()):
            key.fileobj.close()
        self._selector.close()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def wait_ready(self) -> None:
        """Waits until the shell takes commands."""
        self.wait_record("ready")

    def wait_record(self, kind: str, **members) -> dict:
        """The next record of this type with these members; each record is returned only once."""
        deadline = self._deadline()
        wanted = f"a {kind} record" + (f" with {members}" if members else "")
        while True:
            record = self._take(kind, members)
            if record is not None:
                return record
            if not self._pump(deadline, wanted):
                end = self._end()
                raise self._error(f"the machine ended before {wanted}: {end.name}: {end.sentence}")

    def type(self, line: str) -> None:
        """Types a line at the console, as a terminal would send it."""
        self._console_port.sendall(line.encode("ascii") + b"\r")

    def command(self, line: str) -> Result:
        """Types a command and waits until the shell has reported its end on the machine channel."""
        self.type(line)
        record = self.wait_record("command", line=line)
        return Result(record["status"], record["output"], record)

    def wait_exit(self) -> verdict.Verdict:
        """Waits until the machine has ended and says how."""
        deadline = self._deadline()
        while self._pump(deadline, "the machine's end"):
            pass
        return self._end()

    def _port(self, name: str) -> qemu.Chardev:
        return qemu.Chardev("socket", self._sockets / name)

    def _listen(self, name: str) -> socket.socket:
        """We listen and QEMU connects when it starts, so that no early byte is lost."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._sockets / name))
        listener.listen(1)
        listener.settimeout(ACCEPT_SECONDS)
        return listener

    def _accept(self, listener: socket.socket, reader) -> socket.socket:
        """Looks at QEMU too while it waits: one that does not start costs no whole timeout."""
        deadline = self._deadline()
        while True:
            try:
                port, _ = listener.accept()
                break
            except TimeoutError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise self._error("QEMU did not start") from None
        port.settimeout(self.settings.timeout)
        self._selector.register(port, selectors.EVENT_READ, reader)
        return port

    def _deadline(self) -> float:
        return time.monotonic() + self.settings.timeout

    def _take(self, kind: str, members: dict) -> dict | None:
        for index in range(self._next.get(kind, 0), len(self.records)):
            record = self.records[index]
            if record["type"] == kind and members.items() <= record.items():
                self._next[kind] = index + 1
                return record
        return None

    def _pump(self, deadline: float, wanted: str) -> bool:
        """Waits for bytes and reads them. False once both ports are at their end."""
        if not self._selector.get_map():
            return False
        remaining = deadline - time.monotonic()
        ready = self._selector.select(remaining) if remaining > 0 else []
        if not ready:
            if not self.settings.icount:
                self._registers = qmp.registers(self._sockets / "monitor")
            raise self._error(f"waited {self.settings.timeout:g} s in vain for {wanted}")
        for key, _ in ready:
            self._receive(key)
        return True

    def _receive(self, key: selectors.SelectorKey) -> None:
        try:
            data = key.fileobj.recv(RECEIVE_BYTES)
        except ConnectionResetError:
            data = b""
        key.data(data)
        if not data:
            self._selector.unregister(key.fileobj)
            key.fileobj.close()

    def _read_console(self, data: bytes) -> None:
        self.console += data

    def _read_channel(self, data: bytes) -> None:
        self.channel += data
        self.records += self._reader.feed(data) if data else self._reader.finish()

    def _end(self) -> verdict.Verdict:
        if not process.wait(self._process, process.GRACE_SECONDS):
            raise self._error("QEMU closed its ports but does not end")
        return self._judge()
