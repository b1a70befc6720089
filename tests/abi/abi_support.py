# SPDX-License-Identifier: MIT
"""What the tests of the ABI generator share: both ABI files, their outputs, and a C compiler.

Importing this puts scripts/ on the path, where the generator is.
"""

import ctypes
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from abi import load, output  # noqa: E402

FILES = {"real": ROOT / "libr4/abi/r4.toml", "sample": HERE / "sample.toml"}
WARNINGS = """-std=c17 -Wall -Wextra -Werror -Wshadow -Wconversion -Wcast-qual -Wstrict-prototypes
-Wmissing-prototypes -Wvla -Wundef -Wimplicit-fallthrough""".split()


class Generated(SimpleNamespace):
    """One ABI file with its outputs: `abi` the model, `out` their directory, `python` r4_abi."""

    def compile(self, *words):
        """Runs clang with the project's warnings and the outputs' include path."""
        done = subprocess.run(
            ["clang", *WARNINGS, "-I", self.out / "include", "-I", HERE / "include", *words],
            capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def library(self, directory, source, *more):
        """A loaded shared library of the C text `source` and the files `more`."""
        main, result = directory / "main.c", directory / "main.so"
        main.write_text(source)
        self.compile("-Wno-missing-prototypes", "-shared", "-fPIC", "-o", result, main, *more)
        return ctypes.CDLL(str(result))


def read_python(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generate(name, tmp_path_factory):
    """The outputs of one of FILES in a fresh directory."""
    abi = load.load(FILES[name])
    out = tmp_path_factory.mktemp(name)
    output.write(out, output.generate(abi))
    return Generated(abi=abi, out=out, python=read_python(out / "python/r4_abi.py", f"abi_{name}"))
