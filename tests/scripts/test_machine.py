# SPDX-License-Identifier: MIT
"""tests/system/{machine,scripted}.py with a QEMU and a guest that are fakes."""

import json

import pytest
from launch import MachineError, Settings
from machine import Machine
from scripted import ScriptedMachine


@pytest.fixture
def boot(fake_build, fake_qemu, tmp_path):
    """boot(...): a started machine; all are stopped at the end."""
    started = []

    def make(kind=Machine, emulator=fake_qemu, **settings):
        settings = {"timeout": 20.0, **settings}
        folder = tmp_path / f"m{len(started)}"
        started.append(kind(Settings(**settings), folder, fake_build, emulator))
        return started[-1]

    yield make
    for machine in started:
        machine.stop()


@pytest.fixture
def machine(boot):
    started = boot()
    started.boot()
    started.wait_ready()
    return started


def test_command__status_and_output(machine):
    result = machine.command("hello you")
    assert (result.status, result.output) == (0, "hello you\n")
    assert machine.command("nonsense").status == 1


def test_command__same_line_twice_gives_two_records(machine):
    assert machine.command("hello").record is not machine.command("hello").record


def test_wait_record__by_members(machine):
    machine.type("hello 1")
    machine.type("hello 2")
    assert machine.wait_record("command", line="hello 2")["output"] == "hello 2\n"


def test_wait_exit__verdict(machine):
    machine.type("quit 7")
    end = machine.wait_exit()
    assert (end.name, end.status) == ("FAIL", 7)
    assert machine.wait_record("exit")["status"] == 7


def test_wait_exit__panic_in_mid_frame(machine):
    machine.type("panic")
    assert machine.wait_exit().name == "PANIC"
    assert machine.wait_record("panic")["what"] == "planted"
    assert machine.wait_record("reader")["skipped_bytes"] > 0


def test_wait_exit__reset_is_no_pass(machine):
    machine.type("reset")
    assert machine.wait_exit().name == "RESET"


def test_command__machine_ends_instead(machine):
    with pytest.raises(MachineError, match="ended before a command record.*FAIL(?s:.*)> quit 3"):
        machine.command("quit 3")


def test_wait_record__hang_is_reported_with_the_console(boot):
    started = boot(timeout=0.5)
    started.boot()
    started.wait_ready()
    with pytest.raises(MachineError, match="waited 0.5 s in vain for a command(?s:.*)> hang"):
        started.command("hang")


def test_wait_record__babbling_guest_is_a_hang_too(boot):
    started = boot(timeout=0.5)
    started.boot()
    with pytest.raises(MachineError, match="in vain"):
        started.command("babble")


def test_boot__qemu_refuses(boot):
    started = boot(append="refuse")
    with pytest.raises(MachineError, match="did not start(?s:.*)fake: cannot start"):
        started.boot()


def test_boot__qemu_sees_the_settings(boot):
    started = boot(topology="1x3", accel="mttcg", memory=64, append="a=b", seed=5)
    started.boot()
    output = started.command("arguments").output
    for words in ("-smp 3,sockets=1,cores=3", "thread=multi", "-m 64M", "-append a=b", "-seed 5"):
        assert words in output


def test_stop__ends_qemu_and_can_be_repeated(machine):
    machine.type("hang")
    machine.stop()
    machine.stop()
    assert machine._process.returncode is not None
    assert not machine._sockets.exists()


def test_save__everything_to_understand_and_repeat(boot, tmp_path):
    started = boot(topology="1x2", append="a b", seed=9)
    started.boot()
    started.command("hello")
    folder = tmp_path / "kept"
    started.save(folder)
    assert "> hello" in (folder / "console.log").read_text()
    records = [json.loads(line) for line in (folder / "channel.jsonl").read_text().splitlines()]
    assert [record["type"] for record in records] == ["boot", "ready", "command"]
    assert json.loads((folder / "settings.json").read_text())["seed"] == 9
    assert "-append 'a b'" in (folder / "command").read_text()
    assert (folder / "repeat").read_text() == (
        "./scripts/r4 run --topology 1x2 --accel tcg --append 'a b'\n"
    )
    assert (folder / "boot.cpio").is_file() and (folder / "qemu.out").is_file()


def test_script__runs_to_its_end(boot):
    started = boot(ScriptedMachine, script="hello\nhello there\n", icount=True)
    started.run()
    assert started.verdict.passed
    assert [record["line"] for record in started.commands] == ["hello", "hello there"]
    assert started.console.endswith(b"hello there\n")
    assert started.channel.startswith(b"\x1eR4 ")


def test_script__fails(boot):
    started = boot(ScriptedMachine, script="nonsense\nhello\n")
    started.run()
    assert (started.verdict.name, started.verdict.status) == ("FAIL", 1)
    assert len(started.commands) == 1


def test_script__hangs(boot):
    started = boot(ScriptedMachine, script="hello\nhang\n", timeout=0.5)
    with pytest.raises(MachineError, match="in vain for the script's end(?s:.*)> hang"):
        started.run()
