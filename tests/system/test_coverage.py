# SPDX-License-Identifier: MIT
"""Coverage of the kernel by a run: what the script did is there, what it did not do is not."""

import json
import subprocess

from r4lib.paths import ROOT


def covered(build, tmp_path, script: str) -> dict:
    (tmp_path / "script").write_text(script)
    out = tmp_path / "coverage.json"
    command = [ROOT / "scripts" / "r4", "coverage", "machine", "--build", build.dir, "--no-build"]
    options = ["--topology", "1x1", "--script", tmp_path / "script", "--json", out]
    subprocess.run([*command, *options], check=True, timeout=300)
    return json.loads(out.read_text())["machine"]


def test_coverage__what_a_command_does_and_nothing_else(build, tmp_path):
    quiet = covered(build, tmp_path, "echo quiet\n")
    assert any(quiet["kernel/boot/cmdline.c"].values())
    assert not any(quiet["kernel/debug/trace_call.c"].values())
    assert not all(quiet["kernel/mem/retype.c"].values())
    traced = covered(build, tmp_path, "trace on\n")["kernel/debug/trace_call.c"]
    assert any(traced.values())
    assert not all(traced.values())  # nothing was read
