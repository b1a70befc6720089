# SPDX-License-Identifier: MIT
"""Programs from outside of the tree: compiled against libr4, or brought as an ELF file."""

import shutil

from r4lib.paths import ROOT

TRIAL = """
#include "lab.h"
#include <r4/format.h>
int main(int argc, char **argv)
{
    struct domain domain;
    lab_begin("trial");
    lab_domain(&domain, 0, 0, true);
    lab_audit();
    lab_domain_end(&domain);
    r4_printf("a domain and an audit\\n");
    return 0;
}
"""
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


def test_add_lab__makes_a_domain_and_reads_counters(machine, tmp_path):
    trial = tmp_path / "trial.c"
    trial.write_text(TRIAL)
    m = machine(add_lab=[str(trial)], topology="1x1")
    result = m.command("run trial")
    assert (result.status, result.output) == (0, "a domain and an audit\n")


def test_add__a_plain_program_has_no_such_means(machine, build, tmp_path):
    plain = tmp_path / "plain.elf"
    shutil.copy(build.userland / "lab" / "proxycheck", plain)
    m = machine(add=[str(plain)], topology="1x1")
    result = m.command("run plain")
    assert result.status == 1 and "give it an ASID: PROXY/0 instead of OK/0" in result.output
