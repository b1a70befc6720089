# SPDX-License-Identifier: MIT
"""The command `derive`: the tree of a root task's capabilities on the machine, against what `caps` says and what was made."""

import re
from dataclasses import dataclass, field

import pytest

LINE = re.compile(r"(?P<indent> *)(?P<place>[^:]+): (?P<what>(?P<type>[A-Z_]+) +ttl +(?P<ttl>\d+).*)")
INDENT = 2


@dataclass
class Cap:
    place: str
    what: str
    type: str
    ttl: int
    parent: "Cap | None"
    children: list["Cap"] = field(default_factory=list)

    @property
    def rights(self) -> set[str]:
        return set(self.what.split()[-1].split("+"))

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


def parse(text: str) -> list[Cap]:
    """The trees; each line must be one capability, at most one step further to the right than the line before."""
    roots: list[Cap] = []
    path: list[Cap] = []
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        assert found, line
        depth, rest = divmod(len(found["indent"]), INDENT)
        assert rest == 0 and depth <= len(path), line
        parent = path[depth - 1] if depth else None
        cap = Cap(found["place"], squeeze(found["what"]), found["type"], int(found["ttl"]), parent)
        (parent.children if parent else roots).append(cap)
        path[depth:] = [cap]
    return roots


def squeeze(text: str) -> str:
    return " ".join(text.split())


def outputs(boot_script, lines: list[str], **settings) -> list[str]:
    """What each command wrote to the console: records keep only its beginning."""
    run = boot_script("\n".join(lines), **settings)
    assert run.verdict.name == "PASS"
    parts = run.console.decode().replace("\r", "").split("r4> ")[1:]
    assert [part.partition("\n")[0] for part in parts[: len(lines)]] == lines
    return [part.partition("\n")[2] for part in parts[: len(lines)]]


def forest(boot_script, line: str = "derive", **settings) -> list[Cap]:
    return parse(outputs(boot_script, [line], **settings)[0])


@pytest.mark.parametrize("where", ["", "on 1 "])
def test_derive__shows_each_capability_of_the_table_once(boot_script, constants, where):
    """The same capabilities as `caps`, with the same words, whatever tree they stand in."""
    types = [name for name in constants.Type.__members__ if name not in ("NONE", "ANY")]
    derived, *listed = outputs(boot_script, [where + "derive", *(f"{where}caps {name}" for name in types)])
    expected = {}
    for line in "".join(listed).splitlines():
        slot, what = line.split(maxsplit=1)
        expected[f"slot {slot}"] = squeeze(what)
    own = [cap for root in parse(derived) for cap in root.walk() if re.fullmatch(r"slot \d+", cap.place)]
    assert len(own) == len(expected) > 50
    assert {cap.place: cap.what for cap in own} == expected


def test_derive__rights_and_time_to_live_fall(boot_script):
    """Whatever was copied has less time to live and no new right; what was made from an untyped lies below one."""
    copies = made = 0
    for root in forest(boot_script):
        for cap in root.walk():
            if cap.parent is None:
                continue
            if cap.parent.type == "UNTYPED":
                made += 1
                assert cap.ttl <= cap.parent.ttl
                continue
            copies += 1
            assert cap.ttl == cap.parent.ttl - 1
            assert (cap.parent.type, cap.type) == ("IRQ_CONTROL", "IRQ_HANDLER") or (
                cap.parent.type == cap.type and cap.rights <= cap.parent.rights
            )
    assert copies > 10 and made > 20


def test_derive__what_the_console_holds(boot_script):
    """The root task keeps ports and line of the console; its server has a copy with fewer rights of each."""
    texts = outputs(boot_script, ["derive 7", "derive 9"], topology="1x1")
    ((ports,), (control,)) = map(parse, texts)
    (given,) = ports.children
    assert ports.what == "IO_PORT ttl 15 ports 0x3f8+8 READ+WRITE+LINK+MODIFY"
    assert given.what == "IO_PORT ttl 14 ports 0x3f8+8 READ+WRITE"
    (handler,) = control.children
    (server,) = handler.children
    assert (control.type, handler.type, server.what) == ("IRQ_CONTROL", "IRQ_HANDLER", "IRQ_HANDLER ttl 13 CONTROL")
    assert re.fullmatch(r"slot \d+", handler.place)
    assert all(cap.place.endswith(" of another table") for cap in (given, server))


def test_derive__embedded_capabilities(boot_script):
    """What stands in threads, domains, links and handlers says where."""
    places = {cap.place for root in forest(boot_script) for cap in root.walk()}
    for wanted in (
        "domain of thread 1",
        "domain of thread 2",
        "faults of thread 2",
        "table of the domain with ASID 1",
        "table of the domain with ASID 2",
        "doorbell of cluster 1",
        "interrupt line 4",
    ):
        assert wanted in places


def test_derive__what_a_command_made(boot_script):
    """Commands split an untyped that was whole; what is left of what they made is the two halves and nothing else."""
    lines = ["on 1 derive", "on 1 proxy demo", "on 1 run -m 16 hello", "on 1 proxy undo", "on 1 derive"]
    before, *_, after = outputs(boot_script, lines)
    caps = [cap for root in parse(before) for cap in root.walk()]
    whole = {cap.place for cap in caps if cap.type == "UNTYPED" and not cap.children}
    split = [cap for root in parse(after) for cap in root.walk() if cap.place in whole and cap.children]
    assert split
    for root in split:
        for cap in root.walk():
            assert cap.type == "UNTYPED"
            sizes = [half.what.split()[3] for half in cap.children]
            bits = int(cap.what.split()[3].removeprefix("2^"))
            assert sizes in ([], [f"2^{bits - 1}"] * 2)
            slots = [int(half.place.split()[1]) for half in cap.children]
            assert slots == sorted(slots, reverse=True), "the youngest first"


def test_derive__one_slot(machine):
    shell = machine(topology="1x1")
    assert shell.command("derive 5").output == shell.command("caps 5").output.replace("    5 MONITOR     ", "slot 5: MONITOR")
    assert shell.command("derive 4000").output == "slot 4000 is empty\n"
    assert shell.command("derive 0").output == "slot 0 is empty\n"


@pytest.mark.parametrize("line", ["derive nonsense", "derive 1 2", "derive 99999999", "derive -1"])
def test_derive__bad_arguments_say_what_was_expected(machine, line):
    result = machine(topology="1x1").command(line)
    assert result.status == 2
    assert result.output == "derive: expected nothing or the number of a slot; usage: derive [SLOT]\n"
