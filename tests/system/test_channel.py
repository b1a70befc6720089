# SPDX-License-Identifier: MIT
"""The machine channel of a real guest: whole frames only, in a sensible order, and its limits."""


def kinds(records: list[dict]) -> list[str]:
    return [record["type"] for record in records]


def test_channel__every_byte_is_part_of_a_frame(machine):
    m = machine()
    for line in ("help", "run hello", "on 1 run hello", "counters"):
        assert m.command(line).status == 0
    m.type("quit")
    m.wait_exit()
    assert "reader" not in kinds(m.records)


def test_channel__boot_comes_first_and_exit_last(machine):
    m = machine()
    m.type("quit 3")
    end = m.wait_exit()
    assert (kinds(m.records)[0], kinds(m.records)[-1]) == ("boot", "exit")
    assert (end.name, end.status) == ("FAIL", 3)


def test_channel__output_that_is_cut_says_so(machine):
    m = machine(topology="16x4")
    result = m.command("cores")
    assert result.record.get("cut", False) == (len(result.output) >= 1500)


def test_channel__text_is_escaped(machine):
    m = machine()
    line = 'run "\\" x'
    result = m.command(line)
    assert result.record["line"] == line
    assert result.status != 0
