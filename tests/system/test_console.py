# SPDX-License-Identifier: MIT
"""The console: driven by interrupts from user mode, loses nothing, sleeps when idle; the line editor; Ctrl-C."""

import re

import pytest

from r4lib import qmp

TOPOLOGIES = ["1x1", "1x4", "2x2", "4x1"]
ENDLESS = "run spin 1000000000000000"
INTERRUPTED = 254
LEFT, UP, DOWN, HOME, END, DELETE = "\x1b[D", "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[3~"
IDLE_LOOKS = 20
LOOKS_MAX = 200


@pytest.fixture
def shell(machine):
    return machine(topology="2x2")


def echo_of(number, byte_count):
    start = f"echo {number} "
    return start + "x" * (byte_count - len(start))


def expect_echoes(m, lines):
    for line in lines:
        record = m.wait_record("command")
        assert (record["line"], record["output"]) == (line, line.removeprefix("echo ") + "\n")


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_burst__of_200_bytes_is_not_lost(machine, topology):
    m = machine(topology=topology)
    for number in range(10):
        lines = [echo_of(number, 199)]
        m.type(lines[0])
        expect_echoes(m, lines)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_burst__of_many_lines_is_not_lost(machine, topology):
    m = machine(topology=topology)
    lines = [echo_of(number, 20 + number) for number in range(100)]
    m.type("\r".join(lines))
    expect_echoes(m, lines)


def test_burst__larger_than_all_buffers_waits_behind_a_program(shell):
    """What there is no room for stays with the sender, however long the shell does not read."""
    lines = [echo_of(number, 199) for number in range(100)]
    shell.type("\r".join(["run spin 20000000", *lines]))
    assert shell.wait_record("command")["line"] == "run spin 20000000"
    expect_echoes(shell, lines)


def test_burst__with_clusters_that_talk(machine):
    m = machine(topology="4x1")
    lines = [f"on {number % 4} echo {number}" for number in range(40)]
    m.type("\r".join(lines))
    for number, line in enumerate(lines):
        record = m.wait_record("command")
        assert (record["line"], record["output"]) == (line, f"{number}\n")


def test_input__comes_by_interrupts(shell):
    counters = shell.command("counters").output
    taken = re.search(r"device_interrupts +(\d+)", counters)
    assert int(taken[1]) > 0


def halted(m, core_count):
    registers = qmp.registers(m._sockets / "monitor")
    cores = re.findall(r"HLT=(\d)", registers)
    assert len(cores) == core_count, registers
    return [core == "1" for core in cores]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_waiting_shell__lets_all_cores_idle(machine, topology):
    m = machine(topology=topology)
    core_count = m.wait_record("boot")["cores"]
    m.command("echo")
    looks = 0
    while not all(halted(m, core_count)):
        looks += 1
        assert looks < LOOKS_MAX, "some core never halts"
    assert all(all(halted(m, core_count)) for _ in range(IDLE_LOOKS))


def test_output__is_complete_at_the_end(shell):
    output = shell.command("help").output
    shell.type("quit")
    shell.wait_exit()
    text = shell.console.replace(b"\r", b"").decode()
    assert output in text
    assert text.endswith("r4> quit\n")


def test_output__longer_than_the_ring(shell):
    outputs = [shell.command("help").output for _ in range(20)]
    shell.type("quit")
    shell.wait_exit()
    assert shell.console.replace(b"\r", b"").decode().count(outputs[0]) == len(outputs)


@pytest.mark.parametrize("line", [ENDLESS, "on 1 " + ENDLESS, "on 0 " + ENDLESS, "on all " + ENDLESS])
def test_interrupt__breaks_off_a_program(shell, line):
    shell.type(line + "\r\x03")
    record = shell.wait_record("command", line=line)
    assert record["status"] == INTERRUPTED
    assert "Ctrl-C" in record["output"]
    assert shell.command("run hello").status == 0
    assert shell.command("audit").status == 0
    assert shell.command("on 1 audit").status == 0


def test_interrupt__of_a_line_before_is_none_of_on_all(shell):
    shell.type("nonsense\x03")
    assert shell.command("on all echo yes").status == 0


def test_interrupt__gives_up_a_line(shell):
    shell.type("nonsense\x03echo yes")
    assert shell.wait_record("command")["line"] == "echo yes"


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("ecko" + LEFT + "\x7fh" + END + " a", "echo a"),
        ("echo ab" + LEFT * 2 + "\x04" + DELETE + "c", "echo c"),
        ("cho a" + HOME + "e", "echo a"),
        ("ho a\x01ec\x05b", "echo ab"),
        ("nonsense\x15echo a", "echo a"),
        ("echo a b  c\x17\x17d", "echo a d"),
        ("echo abc" + LEFT * 2 + "\x0b", "echo a"),
        ("echo \x1b[15~\x1b[1;5Ca", "echo a"),
        ("ec\to", "echo o"),
        ("run hel\tme", "run hello me"),
        ("on 1 run hel\tme", "on 1 run hello me"),
        ("help ec\t", "help echo "),
        ("c\tores", "cores"),
        ("der\t7", "derive 7"),
        ("help der\t", "help derive "),
        ("res\tw1", "resolve w1"),
        ("proxi\t", "proxies "),
    ],
)
def test_editing(shell, typed, line):
    shell.type(typed)
    record = shell.wait_record("command")
    assert (record["line"], record["status"]) == (line, 0)


def test_tab__does_not_offer_what_only_boot_can_start(shell):
    for line in ("run benc", "run con", "run roo", "run local", "run false"):
        shell.type(line + "\t")
        assert shell.wait_record("command")["line"] == line


def test_history(shell):
    for word in ("one", "two", "two", "three"):
        shell.command(f"echo {word}")
    shell.type(UP * 3)
    assert shell.wait_record("command")["line"] == "echo one"
    shell.type("draft" + UP * 2 + DOWN * 2 + "\x15echo " + UP + "!")
    assert shell.wait_record("command")["line"] == "echo one!"


def test_caps__counts_and_shows(shell):
    assert "NOTIFICATION" in shell.command("caps").output
    assert "ports 0x3f8+8" in shell.command("caps io_port").output
    assert shell.command("caps 1").output.split()[:2] == ["1", "CAP_TABLE"]
    assert shell.command("caps 4000").output == "slot 4000 is empty\n"
    assert shell.command("caps nonsense").status == 2


def test_help__about_a_command(shell):
    assert "PROGRAM" in shell.command("help run").output
    assert shell.command("help nonsense").status != 0


def test_run__what_only_boot_can_start(shell):
    for name in ("console", "root", "bench", "local-work", "false-sharing"):
        result = shell.command(f"run {name}")
        assert (result.status, result.output) == (1, f"run: only boot can start `{name}`\n")
