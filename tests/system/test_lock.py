# SPDX-License-Identifier: MIT
"""The cluster's lock: with it concurrent work is exact, without it the same work must be seen to break."""

import pytest

from launch import MachineError

# Two cores: more virtual cores than host cores make a fair lock wait for the host's scheduler.
SCRIPT = "run stress 300\naudit\n"
UNTIL_IT_BREAKS = "run stress 20000\naudit\n"
HANG_SECONDS = 30
# On a busy host the two cores may take turns for all of a run: then nothing can break in it.
RUNS_UNTIL_IT_BREAKS = 10


def test_lock__concurrent_work_is_exact(boot_script):
    run = boot_script(SCRIPT, topology="1x2")
    assert run.verdict.name == "PASS"


def test_lock__the_image_without_it_breaks(boot_script, thread_mode):
    """The planted bug: kernel/core/lock_none.c in place of lock.c. A wrong result, a finding of the auditor, a panic, a reset or a
    kernel that runs in circles all count; a pass does not."""
    if thread_mode == "single":
        pytest.skip("one host thread runs all cores: kernel entries never overlap")
    for _ in range(RUNS_UNTIL_IT_BREAKS):
        try:
            run = boot_script(UNTIL_IT_BREAKS, topology="1x2", kernel="r4-nolock.elf", timeout=HANG_SECONDS)
        except MachineError:
            return
        if run.verdict.name != "PASS":
            return
    pytest.fail("nothing broke without the lock")
