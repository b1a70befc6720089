# SPDX-License-Identifier: MIT
"""The commands `proxies`, `resolve`, `try` and `proxy`: words that work and words that do not, on the machine."""

import re

import pytest

PEER = re.compile(r"slot (\d+) holds a domain, slot (\d+) a peer with it")
WORD = re.compile(
    r"w(?P<number>\d+) +(?P<kind>GRANT|USE) of (?P<index>slot \d+|w\d+) (?:of|to) peer (?P<peer>\d+) ttl (?P<ttl>\d+)"
    r"(?P<once> once)? all rights; peer with (?P<end>nobody|ASID \d+ slot \d+); page (?P<page>marked|not marked)"
)

# Each word of the root task's window that leads nowhere: at which step, why, and what a caller is told.
BROKEN = {
    "w0": (0, "it is a GRANT, and here only a USE leads on", "WORD"),
    "w4": (1, "it is empty", "PROXY"),
    "w5": (1, "no memory of this cluster is mapped there", "PROXY"),
    "w6": (1, "it is for another peer than that by which the chain comes", "PROXY"),
    "w7": (3, "its page is not marked, so nothing there is a GRANT", "PROXY"),
    "w8": (1, "its time to live is less than that of the USE that names it", "TTL"),
    "w9": (2, "it is empty", "PROXY"),
    "w10": (0, "the slot of the peer is empty", "EMPTY"),
    "w20": (0, "it is empty", "EMPTY"),
    "w1024": (0, "no memory of this cluster is mapped there", "UNMAPPED"),
}


@pytest.fixture
def shell(machine):
    return machine(topology="1x1")


def demo(shell, prefix: str = "") -> tuple[int, int]:
    """Makes the words; the slots of the domain and of the peer."""
    result = shell.command(prefix + "proxy demo")
    assert result.status == 0
    return tuple(map(int, PEER.search(result.output).groups()))


def output(shell, line: str) -> str:
    result = shell.command(line)
    assert result.status == 0, result.output
    return result.output


def listed(text: str) -> dict[int, dict]:
    """The words of `proxies`, by number."""
    *lines, last = text.splitlines()
    words = {}
    for line in lines:
        found = WORD.fullmatch(line)
        assert found, line
        words[int(found["number"])] = found.groupdict()
    assert last == f"{len(words)} word{'' if len(words) == 1 else 's'}"
    return words


def answer(text: str) -> str:
    """The error that a caller is told."""
    return re.search(r"^refused(?: about the peer)?: ([A-Z]+):", text, re.MULTILINE)[1]


def test_proxies__nothing_at_the_beginning(shell):
    assert output(shell, "proxies") == "0 words\n"


def test_proxies__shows_both_windows(shell):
    pd, peer = demo(shell)
    own = listed(output(shell, "proxies"))
    other = listed(output(shell, f"proxies {pd}"))
    assert list(own) == [*range(12), 512]
    assert {n: word["kind"] for n, word in own.items() if n in (0, 2, 512)} == {0: "GRANT", 2: "GRANT", 512: "GRANT"}
    assert own[1]["index"] == "w1" and int(own[1]["peer"]) == peer
    assert [n for n, word in own.items() if word["page"] == "not marked"] == [512]
    assert [n for n, word in own.items() if word["end"] == "nobody"] == [10]
    assert other[11]["once"] and other[5]["end"] == "nobody"
    assert [word["kind"] for word in other.values()] == ["USE", "GRANT"] * 6
    (end,) = {word["end"] for n, word in own.items() if n != 10}
    assert end.endswith("slot 1")
    assert other[0]["end"] == f"ASID 1 slot {peer}"


def test_resolve__a_chain_of_two_hops(shell):
    demo(shell)
    text = output(shell, "resolve w1").splitlines()
    assert [line.split(":")[0].split(" of ")[0].split()[1] for line in text[:4]] == ["w1", "w1", "w0", "w0"]
    assert ["USE" in line for line in text[:4]] == [True, False, True, False]
    assert re.match(r" 4 slot \d+ of ASID 1: NOTIFICATION ttl 14 .* badge 0x40 ", text[4])
    assert re.fullmatch(
        r"comes through: NOTIFICATION ttl  8 .* badge 0x40 \S+SIGNAL; session w0 of ASID 1 generation 1", text[5]
    )
    assert output(shell, "try w1").startswith("NOTIFICATION ttl  8 2^5 bytes badge 0x40 ")


def test_resolve__the_session_id_is_what_a_call_finds(shell):
    demo(shell)
    session = output(shell, "resolve w3").rpartition("; ")[2].strip()
    assert session == "session w2 of ASID 1 generation 1"
    assert session in output(shell, "try w3")


@pytest.mark.parametrize("word", BROKEN)
def test_P4_resolve__says_why_and_what_a_caller_is_told(shell, word):
    step, sentence, error = BROKEN[word]
    demo(shell)
    *lines, last = output(shell, f"resolve {word}").splitlines()
    assert len(lines) == step + 1
    assert lines[-1].startswith(f" {step} ") and lines[-1].endswith(": " + sentence)
    assert answer(last) == error
    assert output(shell, f"try {word}") == last + "\n"


def test_resolve__through_a_peer_that_is_named(shell):
    pd, peer = demo(shell)
    text = output(shell, f"resolve {peer}:w1")
    assert text.splitlines()[0] == f" 0 slot {peer} of ASID 1: the peer by which w1 is named"
    assert "comes through: NOTIFICATION ttl  8" in text
    assert output(shell, f"try {peer}:w1").startswith("NOTIFICATION")
    assert answer(output(shell, f"resolve {peer}:5")) == answer(output(shell, f"try {peer}:5")) == "WORD"
    assert answer(output(shell, f"resolve {pd}:w1")) == answer(output(shell, f"try {pd}:w1")) == "TYPE"


def test_resolve__from_another_domain(shell):
    pd, _ = demo(shell)
    text = output(shell, f"resolve w0 {pd}")
    assert len(text.splitlines()) == 4
    assert "comes through: NOTIFICATION ttl  9" in text


def test_resolve__a_slot_is_no_chain(shell):
    text = output(shell, "resolve 5")
    assert text.startswith(" 0 slot 5 of ASID 1: MONITOR ttl 15")
    assert "session" not in text
    assert answer(output(shell, "resolve 4000")) == "EMPTY"


def test_D2_D8_words_are_taken_back_and_used_up(shell):
    """A store takes back; a word for one use is gone after one call and not before."""
    demo(shell)
    assert "a call uses it up" in output(shell, "resolve w11")
    assert "comes through" in output(shell, "resolve w11")
    assert output(shell, "try w11").startswith("NOTIFICATION")
    assert answer(output(shell, "resolve w11")) == answer(output(shell, "try w11")) == "PROXY"
    assert output(shell, "try w1").startswith("NOTIFICATION")
    assert output(shell, "proxy erase w0") == ""
    lines = output(shell, "resolve w1").splitlines()
    assert lines[3].endswith(" w0 of ASID 1: it is empty")
    assert answer(output(shell, "try w1")) == "PROXY"


def test_proxy__undo_leaves_nothing(shell):
    before = output(shell, "caps")
    for _ in range(3):
        demo(shell)
        assert "PEER" in output(shell, "caps")
        assert output(shell, "proxy undo") == ""
        assert output(shell, "proxies") == "0 words\n"
    after = output(shell, "caps")
    untyped = re.compile(r"^ *\d+ UNTYPED\n|^ *\d+ of .*\n", re.MULTILINE)
    assert untyped.sub("", after) == untyped.sub("", before)
    assert shell.command("audit").status == 0


def test_caps__peers_and_marks(shell):
    pd, peer = demo(shell)
    assert re.fullmatch(rf" *{peer} PEER +ttl  0 2\^5 bytes with ASID \d+ slot 1\n", output(shell, "caps peer"))
    frames = [text for text in (output(shell, f"caps {slot}") for slot in range(pd, pd + 16)) if " FRAME " in text]
    assert [" mapped marked " in text for text in frames] == [True, False, True]


def test_proxy__on_another_cluster(machine):
    shell = machine(topology="2x1")
    pd, _ = demo(shell, "on 1 ")
    assert len(listed(output(shell, "on 1 proxies"))) == 13
    assert len(listed(output(shell, f"on 1 proxies {pd}"))) == 12
    assert "comes through" in output(shell, "on 1 resolve w1")
    assert output(shell, "proxies") == "0 words\n"
    assert shell.command("on 1 audit").status == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("proxies x", "expected nothing or the slot of a protection domain"),
        ("proxies 1 2", "expected nothing or the slot of a protection domain"),
        ("resolve", "expected an index"),
        ("resolve w", "expected an index"),
        ("resolve w8388608", "expected an index"),
        ("resolve 0:w1", "expected an index"),
        ("resolve 70000:w1", "expected an index"),
        ("resolve :w1", "expected an index"),
        ("resolve w1 x", "expected an index"),
        ("try", "expected an index"),
        ("try w1 2", "expected an index"),
        ("proxy", "expected `demo`, `undo`, or `erase`"),
        ("proxy erase 5", "expected `demo`, `undo`, or `erase`"),
        ("proxy demo demo", "expected `demo`, `undo`, or `erase`"),
    ],
)
def test_bad_arguments__say_what_was_expected(shell, line, expected):
    result = shell.command(line)
    assert result.status == 2
    assert expected in result.output
    assert "; usage: " in result.output


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("proxy undo", "there is nothing to take away"),
        ("proxy erase w0", "no other can be erased"),
        ("proxies 4000", "EMPTY"),
        ("proxies 5", "TYPE"),
        ("resolve w1 5", "TYPE"),
    ],
)
def test_what_cannot_be_done_says_why(shell, line, sentence):
    result = shell.command(line)
    assert result.status == 1
    assert sentence in result.output


def test_proxy__twice(shell):
    demo(shell)
    result = shell.command("proxy demo")
    assert (result.status, "`proxy undo`" in result.output) == (1, True)
