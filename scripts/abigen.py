#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes everything that is generated from the ABI file; see libr4/abi/README.md."""

import argparse
import sys
from pathlib import Path

from abi import load, output


def main(words=None):
    arguments = parse_arguments(words)
    try:
        abi = load.load(arguments.toml)
        files = output.generate(abi)
        pages = output.generate_pages(abi)
    except (load.AbiError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.update_golden:
        golden = files | {f"docs/{path}": content for path, content in pages.items()}
        for path in output.update_golden(arguments.update_golden, golden):
            print(arguments.update_golden / path)
        return 0
    targets = [(arguments.out, files), (arguments.docs, pages)]
    for directory, content in targets:
        if directory and arguments.list_outputs:
            print("\n".join(str(directory / path) for path in content))
        elif directory:
            output.write(directory, content)
    return 0


def parse_arguments(words):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--toml", type=Path, required=True, help="the ABI file")
    parser.add_argument("--out", type=Path, help="directory for headers, sources and r4_abi.py")
    parser.add_argument("--docs", type=Path, help="directory for the reference pages")
    parser.add_argument("--list-outputs", action="store_true",
                        help="print the files that would be written, one a line; write nothing")
    parser.add_argument("--update-golden", type=Path, metavar="DIR",
                        help="make DIR hold the outputs and the pages and nothing else")
    arguments = parser.parse_args(words)
    if not (arguments.out or arguments.docs or arguments.update_golden):
        parser.error("nothing to write: give --out, --docs or --update-golden")
    return arguments


if __name__ == "__main__":
    sys.exit(main())
