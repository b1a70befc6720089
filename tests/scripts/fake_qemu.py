#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Stands in for QEMU and the guest in the tests of r4 and of the harness.

Opens the two serial ports as QEMU's command line says, "boots", and then runs console commands:
the lines of etc/script in the boot archive, or what is typed; see `COMMANDS`.
"""

import os
import re
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from r4lib import channel  # noqa: E402

PASS, FAIL, PANIC = 0x20, 0x21, 0x22  # those of the fake r4_abi in conftest.py


class Port:
    """One serial port."""

    def __init__(self, arguments: list[str], name: str):
        chardev = next(word for word in arguments if f",id={name}" in word)
        self._socket = None
        if chardev.startswith("stdio,"):
            self._out, self._in = sys.stdout.buffer, sys.stdin.buffer
            return
        path = re.search(r",path=([^,]+)", chardev)[1]
        if chardev.startswith("file,"):
            self._out, self._in = open(path, "wb"), None
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.connect(path)
        self._out = self._in = self._socket.makefile("rwb", buffering=0)

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self._out.flush()

    def lines(self):
        text = b""
        while byte := self._in.read(1):
            if byte in b"\r\n":
                yield text.decode()
                text = b""
            else:
                text += byte


def script_of(archive: bytes) -> list[str] | None:
    """The lines of etc/script, found by its name; the format is tested elsewhere."""
    at = archive.find(b"etc/script\0")
    if at < 0:
        return None
    header = archive[at - 110 : at]
    size = int(header[54:62], 16)
    start = at + len("etc/script\0")
    start += -(110 + len("etc/script\0")) % 4
    return archive[start : start + size].decode().splitlines()


class Guest:
    def __init__(self, arguments: list[str]):
        self.arguments = arguments
        self.console = Port(arguments, "console")
        self.channel = Port(arguments, "channel")

    def record(self, **members) -> None:
        self.channel.write(channel.encode(members))

    def run(self) -> None:
        archive = Path(self.arguments[self.arguments.index("-initrd") + 1]).read_bytes()
        self.console.write(b"R4 (fake)\r\n")
        self.record(type="boot", clusters=2, cores=4)
        script = script_of(archive)
        self.record(type="ready")
        for line in self.console.lines() if script is None else script:
            status = self.command(line)
            if status and script is not None:
                self.quit(status)
        if script is not None:
            self.quit(0)

    def command(self, line: str) -> int:
        word, *arguments = line.split() or [""]
        self.console.write(b"> " + line.encode() + b"\r\n")
        status, output = COMMANDS.get(word, unknown)(self, arguments)
        self.console.write(output.encode())
        self.record(type="command", line=line, status=status, output=output)
        return status

    def quit(self, status: int) -> None:
        self.record(type="exit", status=status)
        self.end(FAIL if status else PASS)

    def end(self, number: int) -> None:
        os._exit(2 * number + 1)


def unknown(_guest, _arguments):
    return 1, "no such command\n"


def hello(_guest, arguments):
    return 0, "hello " + " ".join(arguments) + "\n"


def quit_(guest, arguments):
    guest.quit(int(arguments[0]) if arguments else 0)


def panic(guest, _arguments):
    """Dies in mid-frame, as a kernel does that stops while it writes."""
    guest.channel.write(channel.encode({"type": "counter", "name": "x"})[:-4])
    guest.record(type="panic", where="fake.c:1", what="planted")
    guest.end(PANIC)


def reset(guest, _arguments):
    log = guest.arguments[guest.arguments.index("-D") + 1]
    Path(log).write_text("CPU Reset (CPU 0)\nTriple fault\n")
    os._exit(0)


def leave(_guest, _arguments):
    os._exit(0)


def die(_guest, _arguments):
    os.kill(os.getpid(), 11)


def hang(_guest, _arguments):
    time.sleep(1000)


def babble(guest, _arguments):
    while True:
        guest.console.write(b"." * 1000)


def arguments_(guest, _arguments):
    return 0, " ".join(guest.arguments)


def stdin(_guest, _arguments):
    return 0, sys.stdin.read()


COMMANDS = {
    "hello": hello,
    "quit": quit_,
    "panic": panic,
    "reset": reset,
    "leave": leave,
    "die": die,
    "hang": hang,
    "babble": babble,
    "arguments": arguments_,
    "stdin": stdin,
}

if __name__ == "__main__":
    if "refuse" in sys.argv:
        sys.exit("fake: cannot start")
    Guest(sys.argv[1:]).run()
