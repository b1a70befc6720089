# SPDX-License-Identifier: MIT
"""A machine that runs a script from its boot archive and ends: nothing is typed, so it can repeat.

Both serial ports go to files, which never make the guest wait.
"""

from launch import Launch
from r4lib import channel, process, qemu, qmp


class ScriptedMachine(Launch):
    """After `run`: `verdict`, `records`, `commands`, and the bytes of `console` and `channel`."""

    def run(self) -> None:
        """Starts QEMU and waits until it has ended."""
        ports = {name: self.folder / name for name in ("console.log", "channel.raw")}
        monitor = None if self.settings.icount else self.folder / "monitor"
        console, channel_ = (qemu.Chardev("file", path) for path in ports.values())
        for path in ports.values():
            path.write_bytes(b"")
        self._start(console, channel_, monitor)
        ended = process.wait(self._process, self.settings.timeout)
        self.console += ports["console.log"].read_bytes()
        self.channel += ports["channel.raw"].read_bytes()
        self.records = channel.read_file(ports["channel.raw"])
        if not ended:
            self._registers = qmp.registers(monitor) if monitor else ""
            raise self._error(f"waited {self.settings.timeout:g} s in vain for the script's end")
        self._judge()

    @property
    def commands(self) -> list[dict]:
        """The records of the script's commands, in their order."""
        return [record for record in self.records if record["type"] == "command"]
