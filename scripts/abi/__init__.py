# SPDX-License-Identifier: MIT
"""The ABI generator: reads libr4/abi/r4.toml and writes headers, tables, a Python module and pages.

Reading order: kinds and model (the grammar as data), load, check, text, the emitters, output.
The command line is scripts/abigen.py; the grammar in prose is libr4/abi/README.md.
"""
