# SPDX-License-Identifier: MIT
"""P6: no load of the kernel runs ahead of the check of a number that a program gave (docs/decisions/0013-proxies.md)."""

import re

from r4lib.paths import ROOT

KERNEL = ROOT / "kernel"

# Numbers that the kernel itself made.
ALLOWED = {
    ("cap/table.c", "table_slot(t, 0)"),
    ("cap/delete.c", "table_slot(t, t->reap_next)"),
    ("debug/audit_slots.c", "table_slot(t, n)"),
    ("debug/audit_slots.c", "table_slot(t, number)"),
}


def unmasked(name: str, text: str) -> list[str]:
    found = re.findall(r"\btable_slot\((?:[^()]|\([^()]*\))*\)", text)
    return [f"{name}: {use}" for use in found if (name, use) not in ALLOWED]


def test_P6_a_number_of_a_program_is_masked_before_its_slot_is_loaded():
    files = sorted(KERNEL.rglob("*.c"))
    assert len(files) > 50
    assert [line for path in files for line in unmasked(str(path.relative_to(KERNEL)), path.read_text())] == []


def test_P6_a_number_that_is_not_masked_is_found():
    assert unmasked("cap/x.c", "*out = table_slot(t, a->slot);") == ["cap/x.c: table_slot(t, a->slot)"]
    assert unmasked("cap/x.c", "*out = table_slot_checked(t, a->slot);") == []
