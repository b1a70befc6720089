# SPDX-License-Identifier: MIT
"""The ABI's constants as Python sees them: the generated module r4_abi of a build tree."""

import importlib.util
from pathlib import Path
from types import ModuleType

from r4lib.problem import Problem


def load(path: Path) -> ModuleType:
    """Loads the module at `path`; a build must have generated it."""
    if not path.is_file():
        raise Problem(f"{path} is missing: build first")
    spec = importlib.util.spec_from_file_location("r4_abi", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
