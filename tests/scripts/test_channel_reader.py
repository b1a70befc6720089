# SPDX-License-Identifier: MIT
"""r4lib/channel.py against every way in which a stream of frames can be damaged."""

import json
import random
import zlib

import pytest
from r4lib import channel

RECORDS = [
    {"type": "boot", "clusters": 2, "cores": 4},
    {"type": "command", "line": "hello", "status": 0, "output": "a\nb\u001e\"\\"},
    {"type": "exit", "status": 7},
]
STREAM = b"".join(map(channel.encode, RECORDS))


def read(data: bytes) -> list[dict]:
    reader = channel.Reader()
    return reader.feed(data) + reader.finish()


def skipped(records: list[dict]) -> int:
    return sum(record["skipped_bytes"] for record in records if record["type"] == "reader")


def frame(text: bytes, length: int | None = None, crc: int | None = None) -> bytes:
    length = len(text) if length is None else length
    crc = zlib.crc32(text) if crc is None else crc
    return b"\x1eR4 %04x %08x %s\n" % (length, crc, text)


def test_encode__has_the_documented_form():
    assert channel.encode({"type": "ready"}) == b'\x1eR4 0010 %08x {"type":"ready"}\n' % zlib.crc32(
        b'{"type":"ready"}'
    )


def test_encode__refuses_what_the_length_cannot_say():
    with pytest.raises(ValueError):
        channel.encode({"type": "x" * 0x10000})


def test_feed__whole_stream():
    assert read(STREAM) == RECORDS


def test_feed__split_at_every_byte():
    for cut in range(len(STREAM) + 1):
        reader = channel.Reader()
        assert reader.feed(STREAM[:cut]) + reader.feed(STREAM[cut:]) + reader.finish() == RECORDS


def test_feed__one_byte_at_a_time():
    reader = channel.Reader()
    records = [record for byte in STREAM for record in reader.feed(bytes([byte]))]
    assert records + reader.finish() == RECORDS


def test_feed__record_is_there_with_its_last_byte():
    reader = channel.Reader()
    assert reader.feed(STREAM[: len(channel.encode(RECORDS[0]))]) == RECORDS[:1]


def test_feed__truncated_at_every_byte_then_more_frames():
    victim = channel.encode(RECORDS[1])
    for cut in range(len(victim)):
        expected = [{"type": "reader", "skipped_bytes": cut}] if cut else []
        assert read(victim[:cut] + STREAM) == expected + RECORDS


def test_feed__truncated_at_every_byte_then_the_end():
    victim = channel.encode(RECORDS[1])
    for cut in range(1, len(victim)):
        assert read(victim[:cut]) == [{"type": "reader", "skipped_bytes": cut}]


def test_feed__every_byte_damaged():
    victim = channel.encode(RECORDS[1])
    for place in range(len(victim)):
        for flip in (0x01, 0x20, 0x80):
            damaged = bytearray(victim)
            damaged[place] ^= flip
            records = read(bytes(damaged) + STREAM)
            # Hexadecimal digits may be of either case: such a flip says the same number.
            if records[: len(RECORDS)] == [RECORDS[1], *RECORDS[:2]]:
                assert victim.lower() == bytes(damaged).lower() and place < channel.HEADER_BYTES
                continue
            # Damage to a newline joins two frames only up to the next RS.
            assert skipped(records) == len(victim)
            assert [record for record in records if record["type"] != "reader"] == RECORDS


def test_feed__garbage_between_frames():
    garbage = b"panic: \xff\x00\r\n", b"\x1e", b"\n\n", b"\x1eR4 0003", b"\x1e\x1e\x1e"
    stream = b"".join(g + channel.encode(r) for g, r in zip(garbage, RECORDS))
    records = read(stream + garbage[3] + garbage[4])
    assert [record for record in records if record["type"] != "reader"] == RECORDS
    assert skipped(records) == sum(map(len, garbage))


def test_feed__garbage_inside_a_frame():
    victim = channel.encode(RECORDS[1])
    for place in range(1, len(victim)):
        records = read(victim[:place] + b"oops" + victim[place:] + STREAM)
        assert [record for record in records if record["type"] != "reader"] == RECORDS
        assert skipped(records) == len(victim) + 4


def test_feed__random_damage_never_invents_and_counts_every_byte():
    rng = random.Random(4)
    for _ in range(500):
        data = bytearray(STREAM)
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(data))
            if rng.random() < 0.5:
                data[place : place + rng.randrange(4)] = rng.randbytes(rng.randrange(4))
            else:
                del data[place : place + rng.randrange(20)]
        records = read(bytes(data))
        good = [record for record in records if record["type"] != "reader"]
        assert all(record in RECORDS for record in good)
        assert skipped(records) + sum(len(channel.encode(record)) for record in good) == len(data)


@pytest.mark.parametrize(
    "bad",
    [
        frame(b'{"type":"x"}', crc=0),
        frame(b'{"type":"x"}', length=11),
        frame(b'{"type":"x"}', length=0xFFFF),
        frame(b"[1]"),
        frame(b"{}"),
        frame(b'{"type":1}'),
        frame(b'{"type":"x"'),
        frame(b'{"type":"x","v":NaN}'),
        frame('{"type":"ä"}'.encode()),
        frame(b'{"type":"x","v":"\t"}'),
        frame(b"[" * 60000),
        frame(b""),
        b'\x1eR4 +00c 00000000 {"type":"x"}\n',
        b"\x1eR5" + channel.encode({"type": "x"})[3:],
    ],
)
def test_feed__refuses(bad):
    assert read(bad + STREAM) == [{"type": "reader", "skipped_bytes": len(bad)}, *RECORDS]


def test_write_lines__one_object_a_line(tmp_path):
    channel.write_lines(tmp_path / "out", RECORDS)
    assert [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()] == RECORDS
