# SPDX-License-Identifier: MIT
"""gdb's `r4` commands show the same as the shell of the machine that they look into."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from machine import Machine
from r4lib import debug
from r4lib.paths import ROOT

TIMEOUT_SECONDS = 120.0

pytestmark = pytest.mark.skipif(shutil.which("gdb") is None, reason="package gdb is not installed")


@pytest.fixture
def port():
    with tempfile.TemporaryDirectory(prefix="r4-") as name:  # the path of a socket must be short
        yield Path(name) / "gdb"


@pytest.fixture
def shell(launcher, port):
    """shell(topology, append): a machine whose shell is idle, with a port for gdb."""

    def boot(topology: str, append: str = "") -> Machine:
        machine = launcher(Machine, topology=topology, append=append)
        machine.debugger = port
        machine.boot()
        machine.wait_ready()
        return machine

    return boot


@pytest.fixture
def ask(build, port):
    """ask(command, ...): what gdb answers to each."""

    def answer(*commands: str) -> list[list[str]]:
        marked = [word for command in commands for word in ("echo \\n==\\n", command)]
        command = debug.gdb_command(build.kernel, port, [*marked, "detach"], batch=True)
        run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        assert run.stderr.strip() == "", run.stderr
        return [part.strip("\n").splitlines() for part in run.stdout.split("\n==\n")[1:]]

    return answer


def test_threads_and_clusters__as_the_shell_says(shell, ask):
    machine = shell("2x2")
    threads, clusters = ask("r4 threads", "r4 clusters")
    said = []
    for cluster in (0, 1):
        said += [f"cluster {cluster}", *machine.command(f"on {cluster} threads").output.splitlines()]
    # Who asks runs, and waits when nobody asks.
    assert [re.sub("WAITING|RUNNING|READY  ", "", line) for line in threads] == [
        re.sub("WAITING|RUNNING|READY  ", "", line) for line in said
    ]
    short = [re.match(r"cluster \d+: \d+ cores?, \d+ MiB", line)[0] for line in clusters[:2]]
    said = machine.command("clusters").output.splitlines()
    assert short == [re.match(r"cluster \d+: \d+ cores?, \d+ MiB", line)[0] for line in said]


def test_caps__of_the_root_task(shell, ask, constants):
    machine = shell("1x1")
    (caps,) = ask("r4 caps")
    slots = {int(line.split()[0]): line for line in caps if re.match(r"\s*\d+ [A-Z]", line)}
    fixed = {
        constants.InitSlot.CAP_TABLE: "CAP_TABLE",
        constants.InitSlot.PD: "PD",
        constants.InitSlot.MONITOR: "MONITOR",
        constants.InitSlot.UNTYPED: "UNTYPED",
    }
    assert {number: slots[number].split()[1] for number in fixed} == fixed
    used = re.search(r"slots +(\d+) of (\d+) free", machine.command("mem").output)
    assert len(slots) <= int(used[2]) - int(used[1])


def test_lock__is_free_and_counts(shell, ask):
    machine = shell("2x1")
    (lines,) = ask("r4 lock")
    assert [line.split(",")[0] for line in lines[:2]] == ["cluster 0: free", "cluster 1: free"]
    takes = int(re.search(r"lock_takes (\d+)", lines[0])[1])
    after = int(re.search(r"lock_takes +(\d+)", machine.command("counters").output)[1])
    assert 0 < takes < after


def test_trace__the_last_records(shell, ask):
    machine = shell("1x1", append="trace=on")
    assert machine.command("run hello").status == 0
    (lines,) = ask("r4 trace 5")
    assert lines[0].startswith("cluster 0 core 0: tracing is on, ")
    records = lines[1:6]
    numbers = [int(line.split()[0]) for line in records]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert "switch" in records[-1]  # to the idle core


def test_bad_commands_are_told(shell, build, port):
    shell("1x1")
    complaints = {
        "r4 nonsense": "expected one of clusters",
        "r4 caps 999": "has no thread",
        "r4 caps x": "expected a number",
    }
    for command, complaint in complaints.items():
        line = debug.gdb_command(build.kernel, port, [command], batch=True)
        run = subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
        assert complaint in run.stderr


def test_r4_debug__from_the_first_instruction(build):
    command = [ROOT / "scripts" / "r4", "debug", "--build", build.dir, "--no-build", "--batch"]
    words = ["r4 clusters", "hbreak kernel_start", "continue", "r4 clusters", "bt 1"]
    for word in words:
        command += ["--execute", word]
    run = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True)
    assert "Hardware assisted breakpoint 1 at" in run.stdout
    assert "#0  kernel_start" in run.stdout
    assert "cluster 0: 2 cores" in run.stdout.split("Hardware assisted")[1]


def test_interrupts__the_kernel_runs_without_the_flags_of_the_thread(launcher, port, ask):
    """Direction, and alignment check, which would open user memory to the kernel (SMAP), at the door of an interrupt."""
    odd = 1 << 10 | 1 << 18
    program = ROOT / "tests" / "system" / "programs" / "odd_flags.c"
    machine = launcher(Machine, topology="1x1", add=[str(program)])
    machine.debugger = port
    machine.boot()
    machine.wait_ready()
    machine.type("run odd_flags")
    show = [
        'printf "%x\\n", $eflags',
        'printf "%lx\\n", ((struct core *)$rdi)->current->context.regs.rflags',
    ]
    *_, kernels, threads = ask("hbreak kernel_interrupt", *["continue"] * 3, *show)
    assert int(threads[0], 16) & odd == odd
    assert int(kernels[0], 16) & odd == 0
