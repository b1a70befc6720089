# SPDX-License-Identifier: MIT
"""Repeatability: under --icount the same script gives the same bytes on both serial ports."""

import pytest

SCRIPT = "help\nclusters\nrun hello\non 1 run hello\ncounters\nrun spin 1000\naudit\n"


@pytest.mark.parametrize("topology", ["1x1", "2x2"])
def test_icount__two_runs_are_identical(boot_script, topology):
    script = SCRIPT if topology != "1x1" else SCRIPT.replace("on 1 run hello\n", "")
    runs = [boot_script(script, topology=topology, icount=True) for _ in range(2)]
    assert [run.verdict.name for run in runs] == ["PASS", "PASS"]
    assert runs[0].console == runs[1].console
    assert runs[0].channel == runs[1].channel
