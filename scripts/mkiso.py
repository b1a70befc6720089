#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the bootable disc of the build; `ninja iso` calls it.

Usage: mkiso.py --kernel ELF --archive CPIO --out ISO [--append "BOOT OPTIONS"]
"""

import argparse
import sys
from pathlib import Path

from r4lib import iso
from r4lib.problem import Problem


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kernel", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--append", default="")
    options = parser.parse_args()
    try:
        iso.make(options.kernel, options.archive, options.append, options.out)
    except (OSError, Problem) as error:
        print(f"mkiso: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
