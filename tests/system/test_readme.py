# SPDX-License-Identifier: MIT
"""The README's transcript: its commands are run, its lines must come out. `...` stands for anything."""

import re
from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"
PROMPT = "r4> "


def transcript():
    return re.search(r"```console\n(.*?)```", README.read_text(), re.DOTALL).group(1).splitlines()


def pattern(line):
    return ".*".join(re.escape(part) for part in line.split("..."))


def test_readme__transcript_is_true(boot_script):
    lines = transcript()
    script = "".join(line.removeprefix(PROMPT) + "\n" for line in lines if line.startswith(PROMPT))
    run = boot_script(script, topology="2x2")
    shown = iter(run.console.decode().replace("\r", "").splitlines())
    for line in lines:
        # In this order, and nothing but longer output in between.
        assert any(re.fullmatch(pattern(line), candidate) for candidate in shown), f"not shown: {line}"


def test_readme__first_lines_have_nothing_in_between(boot_script):
    run = boot_script("clusters\n", topology="2x2")
    shown = run.console.decode().replace("\r", "").splitlines()
    assert shown[:6] == transcript()[:6]
