# SPDX-License-Identifier: MIT
"""r4lib/archive.py: the boot archive, read back by a reader written from the format."""

import pytest
from r4lib import archive
from r4lib.problem import Problem


def unpack(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and contents by name, checking everything that "newc" prescribes on the way."""
    files, at = {}, 0
    while True:
        assert at % 4 == 0 and data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = data[at + 110 : at + 110 + name_size]
        assert name.endswith(b"\0") and b"\0" not in name[:-1]
        start = at + 110 + name_size + -(110 + name_size) % 4
        at = start + size + -size % 4
        assert len(data) >= at and not any(data[start + size : at])
        if name == b"TRAILER!!!\0":
            assert at == len(data)
            return files
        files[name[:-1].decode()] = (mode, data[start : start + size])


def test_pack__round_trip_for_all_paddings():
    files = {f"bin/{'n' * n}": bytes(range(n)) for n in range(1, 10)}
    read = unpack(archive.pack(files))
    assert {name: data for name, (_, data) in read.items()} == files
    assert {mode for mode, _ in read.values()} == {0o100755}


def test_pack__same_bytes_for_any_order():
    assert archive.pack({"a": b"1", "b": b"2"}) == archive.pack({"b": b"2", "a": b"1"})


def test_pack__empty():
    assert unpack(archive.pack({})) == {}


@pytest.mark.parametrize("name", ["bin/\xe4", "bin/a\n", "x" * 256])
def test_pack__refuses_names(name):
    with pytest.raises(Problem, match="cannot be a name"):
        archive.pack({name: b""})


def test_compose__programs_script_and_additions(fake_build, tmp_path):
    mine = tmp_path / "mine.elf"
    mine.write_bytes(b"\x7fELF mine")
    added = {"bin/mine": mine, "lab/trial": mine}
    read = unpack(archive.compose(fake_build.userland, added, b"hello\n"))
    assert {name: data for name, (_, data) in read.items()} == {
        "bin/hello": b"\x7fELF hello",
        "bin/mine": b"\x7fELF mine",
        "bin/root": b"\x7fELF root",
        "lab/trial": b"\x7fELF mine",
        "etc/script": b"hello\n",
    }
    assert read["etc/script"][0] == 0o100644


def test_compose__no_script_and_an_empty_one_differ(fake_build):
    assert "etc/script" not in unpack(archive.compose(fake_build.userland, {}, None))
    assert "etc/script" in unpack(archive.compose(fake_build.userland, {}, b""))


def test_compose__refuses_to_replace(fake_build, tmp_path):
    with pytest.raises(Problem, match="already a program called hello"):
        archive.compose(fake_build.userland, {"bin/hello": tmp_path / "hello.elf"}, None)
    with pytest.raises(Problem, match="already a program called hello"):
        archive.compose(fake_build.userland, {"lab/hello": tmp_path / "hello.elf"}, None)


def test_compose__a_program_in_two_folders(fake_build):
    (fake_build.userland / "lab").mkdir()
    (fake_build.userland / "lab" / "hello").write_bytes(b"\x7fELF hello")
    with pytest.raises(Problem, match="older build"):
        archive.compose(fake_build.userland, {}, None)


def test_compose__needs_a_build(tmp_path):
    with pytest.raises(Problem, match="not built"):
        archive.compose(tmp_path / "none", {}, None)
