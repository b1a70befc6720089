# SPDX-License-Identifier: MIT
"""Programs from outside of the tree: compiled against libr4, or brought as an ELF file."""

import shutil

from r4lib.paths import ROOT

HELLO = ROOT / "userland" / "programs" / "hello.c"


def test_add__c_file(machine, tmp_path):
    idea = tmp_path / "idea.c"
    shutil.copy(HELLO, idea)
    m = machine(add=[str(idea)])
    assert m.command("run idea").status == 0
    assert m.command("on 1 run idea").status == 0


def test_add__elf_file(machine, build, tmp_path):
    idea = tmp_path / "idea.elf"
    shutil.copy(build.programs / "hello", idea)
    assert machine(add=[str(idea)]).command("run idea").status == 0


def test_add__broken_elf_is_refused_with_a_reason(machine, build, tmp_path):
    idea = tmp_path / "idea.elf"
    whole = (build.programs / "hello").read_bytes()
    idea.write_bytes(whole[:200])
    m = machine(add=[str(idea)])
    result = m.command("run idea")
    assert result.status != 0 and result.output.strip() != ""
    assert m.command("run hello").status == 0
