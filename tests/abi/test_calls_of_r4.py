# SPDX-License-Identifier: MIT
"""What the kernel relies on in the calls of r4.toml."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_call_names_at_most_as_many_capabilities_as_there_is_room_for_words_for_one_use():
    header = (ROOT / "kernel/include/kernel/proxy.h").read_text()
    room = int(re.search(r"#define ONCE_WORDS_MAX \((\d+)u \* ", header)[1])
    calls = tomllib.loads((ROOT / "libr4/abi/r4.toml").read_text())["call"]
    named = {call["name"]: 1 + sum(word["type"] == "index" for word in call.get("args", ())) for call in calls}
    assert max(named.values()) <= room, named
