# SPDX-License-Identifier: MIT
"""r4lib/iso.py: what it says is missing, and GRUB's configuration."""

from pathlib import Path

import pytest
from r4lib import iso
from r4lib.problem import Problem


def test_missing__names_each_package_once(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    absent = tuple(iso.Need(f"package-{i // 2}", f"/nowhere/{i}") for i in range(4))
    monkeypatch.setattr(iso, "NEEDS", absent + (iso.Need("there", __file__),))
    assert iso.missing() == ["package-0", "package-1"]
    with pytest.raises(Problem, match="missing packages package-0 package-1$"):
        iso.make(Path("k"), Path("a"), "", Path("out"))


def test_missing__uefi_needs_more(monkeypatch):
    monkeypatch.setattr(iso, "NEEDS", ())
    monkeypatch.setattr(iso, "NEEDS_OF_UEFI", (iso.Need("ovmf", "/nowhere/code"),))
    assert (iso.missing("bios"), iso.missing("uefi")) == ([], ["ovmf"])


def test_configuration__boot_options_are_quoted():
    assert "multiboot2 /boot/r4.elf 'clusters=core' 'a;b'\n" in iso.configuration("clusters=core a;b")


@pytest.mark.parametrize("append", ["it's", "a\nb"])
def test_configuration__what_cannot_be_quoted(append):
    with pytest.raises(Problem, match="can be put on a disc"):
        iso.configuration(append)


def test_firmware_files(tmp_path):
    assert iso.firmware_files("bios", tmp_path) is None
    assert iso.firmware_files("uefi", tmp_path) == (iso.OVMF_CODE, tmp_path / "uefi-variables.fd")
