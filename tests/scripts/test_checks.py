# SPDX-License-Identifier: MIT
"""The checks of the build, each fed with a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLANG = shutil.which("clang")
NM = shutil.which("llvm-nm") or shutil.which("nm")


def run_layers(tree):
    return subprocess.run([sys.executable, ROOT / "scripts/check_layers.py", tree], capture_output=True, text=True)


def plant(tree, path, text):
    file = tree / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_layers_accept_the_tree():
    result = run_layers(ROOT)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "path, text, message",
    [
        ("kernel/cap/x.c", "#include <cluster/topology.h>\n", "kernel/cap/x.c:1: must not include <cluster/topology.h>"),
        ("kernel/lib/x.c", "#include <kernel/slot.h>\n", "kernel/lib/x.c:1: must not include <kernel/slot.h>"),
        ("kernel/boot/x.c", "\n#include <kernel/cluster.h>\n", "kernel/boot/x.c:2: must not include <kernel/cluster.h>"),
        ("kernel/mem/x.c", "#include <stdio.h>\n", "kernel/mem/x.c:1: must not include <stdio.h>"),
        ("cluster/x.c", "#include <arch/impl/mmu.h>\n", "cluster/x.c:1: must not include <arch/impl/mmu.h>"),
        ("arch/x86_64/x.c", "#include <cluster/build.h>\n", "arch/x86_64/x.c:1: must not include <cluster/build.h>"),
        ("libr4/src/x.c", "#include <kernel/slot.h>\n", "libr4/src/x.c:1: must not include <kernel/slot.h>"),
        ("userland/x/x.c", "#include <arch/core.h>\n", "userland/x/x.c:1: must not include <arch/core.h>"),
        ("kernel/core/x.c", "#ifdef __x86_64__\n#endif\n", "a condition on architecture or configuration"),
    ],
)
def test_layers_refuse_a_planted_include(tmp_path, path, text, message):
    plant(tmp_path, path, text)
    result = run_layers(tmp_path)
    assert result.returncode == 1
    assert message in result.stderr


def test_layers_refuse_a_cycle_of_headers(tmp_path):
    plant(tmp_path, "kernel/include/kernel/a.h", "#include <kernel/b.h>\n")
    plant(tmp_path, "kernel/include/kernel/b.h", "#include <kernel/a.h>\n")
    result = run_layers(tmp_path)
    assert result.returncode == 1
    assert "kernel/a.h -> kernel/b.h -> kernel/a.h" in result.stderr


def check_purity(tmp_path, **sources):
    objects = []
    for name, text in sources.items():
        source = tmp_path / f"{name}.c"
        source.write_text(text)
        objects.append(tmp_path / f"{name}.o")
        subprocess.run([CLANG, "-O2", "-ffreestanding", "-c", source, "-o", objects[-1]], check=True)
    listing = tmp_path / "objects.txt"
    listing.write_text("".join(f"{o}\n" for o in objects))
    return subprocess.run(
        ["cmake", f"-DNM={NM}", f"-DLIST={listing}", "-P", ROOT / "cmake/purity.cmake"], capture_output=True, text=True
    )


def test_purity_accepts_pure_files_that_use_each_other(tmp_path):
    result = check_purity(tmp_path, a="int b(int); int a(int x) { return b(x); }", b="int b(int x) { return x + 1; }")
    assert result.returncode == 0, result.stderr


def test_purity_refuses_a_global(tmp_path):
    result = check_purity(tmp_path, a="int count; int a(void) { return ++count; }")
    assert result.returncode != 0
    assert "mutable data `count`" in result.stderr


def test_purity_refuses_a_static(tmp_path):
    result = check_purity(tmp_path, a="int a(void) { static int n = 5; return ++n; }")
    assert result.returncode != 0
    assert "mutable data" in result.stderr


def test_purity_refuses_a_call_into_the_impure(tmp_path):
    result = check_purity(tmp_path, a="void arch_pause(void); void a(void) { arch_pause(); }")
    assert result.returncode != 0
    assert "refers to `arch_pause`, which is not pure" in result.stderr
