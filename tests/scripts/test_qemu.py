# SPDX-License-Identifier: MIT
"""r4lib/qemu.py: the command line says what was asked for, and nothing that QEMU refuses."""

from pathlib import Path

import pytest
from r4lib import qemu, topology
from r4lib.problem import Problem

TERMINAL = qemu.Chardev("terminal", log=Path("console.log"))
FILE = qemu.Chardev("file", Path("channel.raw"))


def command(shape="2x2", **members) -> list[str]:
    members = {"console": TERMINAL, "channel": FILE, **members}
    return qemu.command(
        qemu.Machine(topology=topology.parse(shape), kernel=Path("k"), archive=Path("a"), **members)
    )


def values(words: list[str], option: str) -> list[str]:
    return [after for word, after in zip(words, words[1:]) if word == option]


def test_command__default_machine():
    assert " ".join(command()) == (
        "qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot "
        "-machine q35 -cpu max,la57=off -accel tcg,thread=single "
        "-m 512M -smp 4,sockets=2,cores=2,threads=1 "
        "-object memory-backend-ram,id=m0,size=256M -numa node,nodeid=0,memdev=m0 "
        "-numa cpu,node-id=0,socket-id=0 "
        "-object memory-backend-ram,id=m1,size=256M -numa node,nodeid=1,memdev=m1 "
        "-numa cpu,node-id=1,socket-id=1 "
        "-numa dist,src=0,dst=1,val=20 -device isa-debug-exit,iobase=0xf4,iosize=0x04 "
        "-chardev stdio,id=console,mux=on,signal=off,logfile=console.log -serial chardev:console "
        "-mon chardev=console -chardev file,id=channel,path=channel.raw -serial chardev:channel "
        "-kernel k -initrd a -append "
    )


def test_command__one_socket_needs_no_distances():
    assert not any(value.startswith("dist") for value in values(command("1x4"), "-numa"))


def test_command__all_pairs_have_a_distance():
    numa = values(command("4x1:dist=line"), "-numa")
    distances = [value for value in numa if value.startswith("dist")]
    assert len(distances) == 6
    assert "dist,src=0,dst=3,val=40" in distances


def test_command__node_without_memory_keeps_its_cores():
    words = command("3x2:nomem=1")
    assert values(words, "-m") == ["512M"]
    assert "node,nodeid=1" in values(words, "-numa")
    assert "cpu,node-id=1,socket-id=1" in values(words, "-numa")
    assert not any("id=m1" in value for value in values(words, "-object"))


def test_command__memory():
    assert values(command(memory_mib=64), "-m") == ["128M"]
    assert values(command("16x4"), "-m") == ["2048M"]
    with pytest.raises(Problem, match="at least"):
        command(memory_mib=1)


def test_command__thread_modes():
    assert values(command(accel="mttcg"), "-accel") == ["tcg,thread=multi"]
    with pytest.raises(Problem, match="one of tcg, mttcg, kvm"):
        command(accel="auto")


def test_command__kvm_counts_nothing():
    assert values(command(accel="kvm"), "-accel") == ["kvm"]
    for members in ({"icount": True}, {"plugin": "p.so"}):
        with pytest.raises(Problem, match="under TCG only"):
            command(accel="kvm", **members)


def test_command__disc_instead_of_a_kernel():
    words = command(disc=Path("r4.iso"))
    assert values(words, "-cdrom") == ["r4.iso"]
    assert not {"-kernel", "-initrd", "-append", "-drive"} & set(words)


def test_command__firmware_has_variables_of_its_own():
    words = command(disc=Path("r4.iso"), firmware=(Path("code,1"), Path("variables")))
    assert values(words, "-drive") == [
        "if=pflash,format=raw,readonly=on,file=code,,1",
        "if=pflash,format=raw,file=variables",
    ]


def test_command__plugin():
    assert values(command(plugin="p.so,a=1"), "-plugin") == ["p.so,a=1"]


def test_command__icount_sleeps_only_for_a_person():
    assert values(command(icount=True), "-icount") == ["shift=0,align=off,sleep=on"]
    words = command(icount=True, console=FILE)
    assert values(words, "-icount") == ["shift=0,align=off,sleep=off"]
    assert values(words, "-rtc") == ["base=2020-01-01,clock=vm"]
    assert values(words, "-seed") == ["1"]
    assert "-accel" not in words


def test_command__icount_has_one_thread():
    with pytest.raises(Problem, match="cannot be combined"):
        command(icount=True, accel="mttcg")


def test_command__boot_options_are_one_word():
    assert values(command(append="clusters=core a,b"), "-append") == ["clusters=core a,b"]


def test_command__commas_in_paths_are_doubled():
    words = command(channel=qemu.Chardev("socket", Path("a,b")), monitor=Path("c,d"))
    assert "socket,id=channel,path=a,,b" in values(words, "-chardev")
    assert values(words, "-qmp") == ["unix:c,,d,server=on,wait=off"]


def test_command__log_of_resets():
    words = command(log=Path("q"))
    assert (values(words, "-d"), values(words, "-D")) == (["cpu_reset"], ["q"])


def test_command__debugger():
    words = command(debugger=Path("a,b"))
    assert values(words, "-gdb") == ["unix:a,,b,server=on,wait=off"]
    assert "-S" not in words
    assert "-S" in command(debugger=Path("gdb"), waits=True)
    assert "-gdb" not in command()


def test_command__console_on_a_pseudo_terminal():
    words = command(console=qemu.Chardev("pty", log=Path("console.log")))
    assert "pty,id=console,logfile=console.log" in values(words, "-chardev")
