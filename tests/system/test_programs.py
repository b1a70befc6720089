# SPDX-License-Identifier: MIT
"""The programs of userland/programs as tests of the kernel, on every cluster; and what hostile ones cannot do."""

import pytest

WHERE = ["", "on 1 "]


@pytest.fixture
def shell(machine):
    return machine(topology="2x2")


def free_memory(shell) -> list[str]:
    """What the root task has left: memory and slots."""
    return [line for line in shell.command("mem").output.splitlines() if line.startswith(("free", "slots"))]


@pytest.mark.parametrize("where", WHERE)
def test_D14_D15_D16_D19_D21_D26_syscheck__every_result_is_exact(shell, where):
    result = shell.command(where + "run syscheck")
    assert (result.status, result.output.endswith(" 0 wrong\n")) == (0, True), result.output
    assert shell.command(where + "audit").status == 0


@pytest.mark.parametrize("where", WHERE)
def test_fpu__registers_survive_preemption(shell, where):
    assert shell.command(where + "run fpu").status == 0


@pytest.mark.parametrize("where", WHERE)
def test_spin__threads_on_all_cores_come_to_the_same(shell, where):
    result = shell.command(where + "run spin 100000 8")
    sums = [line.split()[-1] for line in result.output.splitlines()]
    assert (result.status, len(sums), len(set(sums))) == (0, 8, 1)


@pytest.mark.parametrize("where", WHERE)
def test_stress__copies_are_made_and_refused_while_a_revoke_runs(machine, where):
    result = machine(topology="2x2", accel="mttcg").command(where + "run stress revoke 10")
    assert result.status == 0, result.output
    assert " 0 wrong results" in result.output


@pytest.mark.parametrize("line", ["run spin", "run spin x", "run spin 1 0", "run spin 1 17", "run spin 99999999999999999999"])
def test_spin__bad_arguments(shell, line):
    result = shell.command(line)
    assert result.status == 2
    assert result.output.strip() != ""


@pytest.mark.parametrize("kind", ["orphan", "restless"])
def test_crash__threads_that_stay_behind_are_ended(shell, kind):
    shell.command("run hello")
    before = free_memory(shell)
    threads = shell.command("threads").output.count("\n")
    for _ in range(3):
        assert shell.command(f"run crash {kind}").status == 0
    assert shell.command("threads").output.count("\n") == threads
    assert free_memory(shell) == before
    assert shell.command("audit").status == 0


def test_crash__nonsense_in_the_output_page_is_noticed(shell):
    result = shell.command("run crash output")
    assert result.status != 0
    assert "nonsense" in result.output
    assert shell.command("run hello").status == 0


def test_memory__is_given_back(shell):
    shell.command("run hello")
    before = free_memory(shell)
    for line in ("run hello", "run syscheck", "run crash divide", "run spin 10 4", "run nobody"):
        shell.command(line)
    assert free_memory(shell) == before


def test_clusters__all_sixteen_answer(machine):
    output = machine(topology="16x4").command("clusters").output.splitlines()
    assert [line.split(":")[0] for line in output] == [f"cluster {number}" for number in range(16)]
