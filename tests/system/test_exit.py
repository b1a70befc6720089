# SPDX-License-Identifier: MIT
"""The exit statuses that nothing else raises: a finding of the auditor, and a watchdog that ran out."""


def test_exit__a_finding_of_the_auditor_has_its_own_status(boot_script):
    run = boot_script("echo before\naudit\necho unreachable\n", append="plant=wrong-account")
    assert run.verdict.name == "AUDIT"
    audit = next(record for record in run.records if record["type"] == "audit")
    assert (audit["cluster"], audit["rule"]) == (0, 1)
    assert audit["violations"] > 0
    assert b"unreachable" not in run.console


def test_exit__watchdog_ends_a_machine_that_is_busy(boot_script):
    run = boot_script("run spin 1000000000000\n", append="watchdog_s=1")
    assert run.verdict.name == "WATCHDOG"
    assert run.records[-1]["type"] == "watchdog"


def test_exit__watchdog_ends_a_machine_that_is_idle(machine):
    m = machine(append="watchdog_s=1", ready=False)
    assert m.wait_exit().name == "WATCHDOG"


def test_exit__watchdog_leaves_a_machine_alone_that_ends_in_time(boot_script):
    assert boot_script("run spin 1000\naudit\n", append="watchdog_s=1000").verdict.name == "PASS"
