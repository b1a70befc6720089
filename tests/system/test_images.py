# SPDX-License-Identifier: MIT
"""The bootable disc: GRUB's multiboot2 way into the kernel, behind a BIOS and behind UEFI."""

import pytest
from r4lib import iso

SCRIPT = "clusters\nrun hello\non 1 run hello\naudit\n"


@pytest.fixture(params=iso.FIRMWARES)
def firmware(request) -> str:
    packages = iso.missing(request.param)
    if packages:
        pytest.skip(f"needs the packages {' '.join(packages)}")
    return request.param


def test_image__boots_and_runs_a_script(boot_script, firmware):
    run = boot_script(SCRIPT, topology="2x2", image=firmware)
    assert run.verdict.name == "PASS"
    boot = next(record for record in run.records if record["type"] == "boot")
    assert (boot["clusters"], boot["cores"]) == (2, 4)
    assert [command["status"] for command in run.commands] == [0] * len(SCRIPT.splitlines())
    assert "hello from cluster 1" in run.commands[2]["output"]


def test_image__boot_options_and_shell(machine, firmware):
    m = machine(topology="2x2", append="clusters=core", image=firmware)
    boot = next(record for record in m.records if record["type"] == "boot")
    assert (boot["clusters"], boot["cores"]) == (4, 4)
    m.type("quit")
    assert m.wait_exit().name == "PASS"


def test_image__bad_boot_option_ends_with_a_message(machine, firmware):
    m = machine(topology="1x1", append="colour=red", image=firmware, ready=False)
    assert m.wait_exit().name == "BOOT"
    assert b"boot: " in m.console
