#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Packs the boot archive of the build: every program by its name and the folder that it is in.

Usage: mkarchive.py --out ARCHIVE [--script FILE] PROGRAM...
"""

import argparse
import sys
from pathlib import Path

from r4lib import archive
from r4lib.problem import Problem


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--script", type=Path)
    parser.add_argument("programs", type=Path, nargs="+")
    options = parser.parse_args()
    try:
        files = {f"{program.parent.name}/{program.name}": program.read_bytes() for program in options.programs}
        if options.script is not None:
            files["etc/script"] = options.script.read_bytes()
        options.out.write_bytes(archive.pack(files))
    except (OSError, Problem) as error:
        print(f"mkarchive: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
