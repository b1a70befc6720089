# SPDX-License-Identifier: MIT
"""The shell: each command at the console, its status and what it reports; scripts; the way out."""

import pytest

COMMANDS = "help clusters cores mem threads counters caps derive proxies resolve try proxy run on audit quit".split()


@pytest.fixture
def shell(machine):
    return machine(topology="2x2")


def test_help__names_every_command(shell):
    result = shell.command("help")
    assert result.status == 0
    assert [word for word in COMMANDS if word not in result.output] == []


@pytest.mark.parametrize("line", ["clusters", "cores", "mem", "threads", "counters"])
def test_inspection__succeeds_and_says_something(shell, line):
    result = shell.command(line)
    assert (result.status, result.output.strip() != "") == (0, True)


def test_clusters__has_a_line_for_each(shell):
    assert len(shell.command("clusters").output.splitlines()) >= 2


def test_counters__are_those_of_the_abi(shell, constants):
    output = shell.command("counters").output
    assert [c.name for c in constants.Counter if c.name.lower() not in output] == []


def test_counters__one_of_them(shell):
    result = shell.command("counters switches")
    assert result.status == 0
    assert [line.split()[0] for line in result.output.splitlines()] == ["switches"]
    assert shell.command("on 1 counters switches").status == 0


@pytest.mark.parametrize("line", ["counters nothing", "counters ?", "counters switches frees"])
def test_counters__what_is_no_counter_gets_a_sentence(shell, line):
    result = shell.command(line)
    assert result.status == 2
    assert result.output.startswith("counters: ") and len(result.output.splitlines()) == 1


def test_counters__one_of_them_fits_a_record_whatever_the_cores(machine):
    shell = machine(topology="1x16")
    result = shell.command("counters longest_irqs_off")
    assert (result.status, len(result.output.split())) == (0, 1 + 16 + 1)


def test_run__hello(shell):
    result = shell.command("run hello")
    assert result.status == 0
    assert "hello" in result.output.lower()


def test_run__hello_many_times(shell):
    """What a program took is given back: its slots, its memory, its protection domain."""
    for _ in range(20):
        assert shell.command("run hello").status == 0
    assert shell.command("audit").status == 0


def test_run__arguments_reach_the_program(shell):
    assert "one two" in shell.command("run hello one two").output


BAD_LINES = ["run", "run nobody", "nonsense", "on", "on 1", "on 9 help", "on x help"]
BAD_LINES += ["run -m", "run -m 3 hello", "run -m 0 hello", "run -m 4", "run -m 1048576 hello"]


@pytest.mark.parametrize("line", BAD_LINES)
def test_bad_line__has_a_status_and_a_sentence(shell, line):
    result = shell.command(line)
    assert result.status != 0
    assert result.output.strip() != ""


def test_run__more_memory_than_there_is(shell):
    """The process is taken apart again: nothing of it is left."""
    shell.command("run hello")
    before = shell.command("mem").output
    result = shell.command("run -m 4096 hello")
    assert (result.status, "taking more memory" in result.output) == (1, True), result.output
    assert shell.command("mem").output == before
    assert shell.command("audit").status == 0


def test_empty_line__is_nothing(shell):
    shell.type("")
    assert shell.command("help").status == 0


def test_on__every_cluster_runs_hello(machine):
    m = machine(topology="4x1")
    outputs = []
    for cluster in range(m.wait_record("boot")["clusters"]):
        result = m.command(f"on {cluster} run hello")
        assert result.status == 0
        outputs.append(result.output)
    assert len(set(outputs)) == 4, "hello says where it runs"


def test_on_all__says_whose_lines_are_whose(shell):
    assert shell.command("on all echo yes").output == "cluster 0:\nyes\ncluster 1:\nyes\n"
    assert shell.command("on all trace on").output == ""
    assert shell.command("on all run nobody").status == 1
    lines = shell.command("on all audit").output.splitlines()
    assert [line.split(":")[0] for line in lines] == ["cluster 0", "audit", "cluster 1", "audit"]


def test_on__status_of_the_other_cluster_comes_back(shell):
    assert shell.command("on 1 run nobody").status == shell.command("run nobody").status != 0


def test_on__other_cluster_inspects_itself(shell):
    for line in ("cores", "mem", "threads", "counters"):
        assert shell.command(f"on 1 {line}").status == 0


@pytest.mark.parametrize("line", ["audit", "on 1 audit"])
def test_audit__is_clean(shell, line):
    shell.command("run hello")
    assert shell.command(line).status == 0
    assert shell.wait_record("audit")["violations"] == 0


@pytest.mark.parametrize(
    ("line", "name", "status"), [("quit", "PASS", 0), ("quit 0", "PASS", 0), ("quit 7", "FAIL", 7)]
)
def test_quit__status(shell, line, name, status):
    shell.type(line)
    end = shell.wait_exit()
    assert (end.name, end.status) == (name, status)
    assert shell.wait_record("exit")["status"] == status


def test_script__passes_when_all_commands_do(boot_script):
    m = boot_script("help\nrun hello\non 1 run hello\naudit\n")
    assert m.verdict.name == "PASS"
    assert [(record["line"], record["status"]) for record in m.commands] == [
        ("help", 0), ("run hello", 0), ("on 1 run hello", 0), ("audit", 0),
    ]


def test_script__ends_at_the_first_failing_command(boot_script):
    m = boot_script("run hello\nrun nobody\nrun hello\n")
    assert [record["line"] for record in m.commands] == ["run hello", "run nobody"]
    assert (m.verdict.name, m.verdict.status) == ("FAIL", m.commands[-1]["status"])


def test_script__last_line_needs_no_newline(boot_script):
    commands = boot_script("help\nrun hello").commands
    assert [record["line"] for record in commands] == ["help", "run hello"]
