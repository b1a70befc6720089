# SPDX-License-Identifier: MIT
"""Reader of the machine channel: framed lines of JSON on the second serial port.

A frame is  RS "R4 " LLLL " " CCCCCCCC " " JSON "\\n"  where RS is byte 0x1e, LLLL is the length of
JSON in bytes and CCCCCCCC its CRC-32, both in hexadecimal. JSON is one object in printable ASCII
with a string member "type".

Invariants:
 (1) No byte of a frame but its first is RS, and none but its last is a newline. So a reader that
     lost its place (the writer was cut off by a panic, another writer got in between) finds it
     again at the next RS, and never waits longer than until then for the rest of a frame.
 (2) Every byte fed is either part of a returned record or counted in a "reader" record.
"""

import json
import re
import zlib
from pathlib import Path

RS = 0x1E
HEADER = re.compile(rb"\x1eR4 ([0-9a-fA-F]{4}) ([0-9a-fA-F]{8}) ")
HEADER_BYTES = 18
PRINTABLE = re.compile(rb"[ -~]*")
JSON_MAX_BYTES = 0xFFFF


def encode(record: dict) -> bytes:
    """The frame of one record."""
    text = json.dumps(record, separators=(",", ":")).encode("ascii")
    if len(text) > JSON_MAX_BYTES:
        raise ValueError(f"a frame holds at most {JSON_MAX_BYTES} bytes of JSON")
    return b"\x1eR4 %04x %08x %s\n" % (len(text), zlib.crc32(text), text)


def _no_constant(name: str):
    raise ValueError(f"{name} is not JSON")


def _decode(frame: bytes) -> dict | None:
    """The record in one whole frame without its newline, or None if anything about it is wrong."""
    header = HEADER.match(frame)
    if header is None:
        return None
    text = frame[HEADER_BYTES:]
    if len(text) != int(header[1], 16) or zlib.crc32(text) != int(header[2], 16):
        return None
    if PRINTABLE.fullmatch(text) is None:
        return None
    try:
        record = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not isinstance(record.get("type"), str):
        return None
    return record


class Reader:
    """Turns the bytes of the channel, in pieces of any size, into records."""

    def __init__(self):
        self._frame = bytearray()  # empty, or starts with RS
        self._skipped = 0

    def feed(self, data: bytes) -> list[dict]:
        """The records that are complete now, preceded by a count of what had to be skipped."""
        records = []
        start = 0
        while start < len(data):
            if not self._frame:
                start = self._skip_to_frame(data, start)
                continue
            start = self._take(data, start, records)
        return records

    def finish(self) -> list[dict]:
        """Call once at the end of the channel: a frame that was cut off counts as skipped."""
        self._skipped += len(self._frame)
        self._frame.clear()
        return self._report()

    def _skip_to_frame(self, data: bytes, start: int) -> int:
        found = data.find(RS, start)
        if found < 0:
            found = len(data)
        else:
            self._frame.append(RS)
        self._skipped += found - start
        return found + len(self._frame)

    def _take(self, data: bytes, start: int, records: list[dict]) -> int:
        """Moves bytes into the frame up to its newline, or up to the RS that cuts it off."""
        end = len(data)
        for stop in (data.find(RS, start), data.find(b"\n", start)):
            end = stop if 0 <= stop < end else end
        self._frame += data[start:end]
        if end == len(data):
            return end
        if data[end] == RS:
            self._skipped += len(self._frame)
            self._frame.clear()
            return end
        record = _decode(bytes(self._frame))
        if record is None:
            self._skipped += len(self._frame) + 1
        else:
            records += self._report()
            records.append(record)
        self._frame.clear()
        return end + 1

    def _report(self) -> list[dict]:
        if self._skipped == 0:
            return []
        report = {"type": "reader", "skipped_bytes": self._skipped}
        self._skipped = 0
        return [report]


def read_file(path: Path) -> list[dict]:
    """All records of a channel that was recorded in a file."""
    reader = Reader()
    return reader.feed(path.read_bytes()) + reader.finish()


def write_lines(path: Path, records: list[dict]) -> None:
    """One record a line, the form in which results are kept and compared."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
