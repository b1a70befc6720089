# SPDX-License-Identifier: MIT
"""The parts of scripts/r4; tests/system uses them too."""
