# SPDX-License-Identifier: MIT
"""What an ELF64 image says about itself: sections and symbols, and from DWARF the sizes of structures."""

import re
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from r4lib.problem import Problem

HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
SECTION = struct.Struct("<IIQQQQIIQQ")
SYMBOL = struct.Struct("<IBBHQQ")
SECTION_SYMBOLS = 2
READERS = ("llvm-dwarfdump", "llvm-dwarfdump-14", "llvm-dwarfdump-19")


@dataclass(frozen=True)
class Section:
    name: str
    kind: int
    address: int
    offset: int
    size: int
    link: int


class Image:
    def __init__(self, path: Path):
        try:
            self._data = path.read_bytes()
            self.sections = self._read_sections()
        except (OSError, struct.error, IndexError) as error:
            raise Problem(f"{path} cannot be read as an ELF image: {error}") from error
        self.path = path

    def section_bytes(self, name: str) -> int:
        for section in self.sections:
            if section.name == name:
                return section.size
        raise Problem(f"{self.path} has no section {name}")

    def function(self, name: str) -> tuple[int, int]:
        """First address of a function and the first one behind it."""
        for section in self.sections:
            if section.kind == SECTION_SYMBOLS:
                found = self._find_symbol(section, name)
                if found:
                    return found
        raise Problem(f"{self.path} has no symbol {name}")

    def struct_bytes(self, name: str) -> int:
        """Size of `struct name`, as the compiler wrote it into the debugging information."""
        reader = next(filter(shutil.which, READERS), None)
        if reader is None:
            raise Problem("llvm-dwarfdump is not in PATH; package llvm brings it")
        how = {"capture_output": True, "text": True, "check": False}
        run = subprocess.run([reader, f"--name={name}", str(self.path)], **how)
        for entry in run.stdout.split("\n\n"):
            size = re.search(r"DW_AT_byte_size\s*\((0x[0-9a-f]+)\)", entry)
            if "DW_TAG_structure_type" in entry and size:
                return int(size[1], 16)
        raise Problem(f"{self.path} knows no struct {name}")

    def _read_sections(self) -> list[Section]:
        header = HEADER.unpack_from(self._data)
        if header[0][:5] != b"\x7fELF\x02":
            raise IndexError("not an ELF64 file")
        first, size, count, names = header[6], header[11], header[12], header[13]
        raw = [SECTION.unpack_from(self._data, first + i * size) for i in range(count)]
        text = raw[names][4]
        return [
            Section(self._text(text + name), kind, address, offset, length, link)
            for name, kind, _, address, offset, length, link, *_ in raw
        ]

    def _find_symbol(self, section: Section, name: str) -> tuple[int, int] | None:
        text = self.sections[section.link].offset
        for at in range(section.offset, section.offset + section.size, SYMBOL.size):
            where, _, _, _, value, size = SYMBOL.unpack_from(self._data, at)
            if size and self._text(text + where) == name:
                return value, value + size
        return None

    def _text(self, offset: int) -> str:
        return self._data[offset : self._data.index(0, offset)].decode("ascii", "replace")
