# SPDX-License-Identifier: MIT
"""The bench counts instructions: each of them, and the same ones in every run and every folder."""

import shutil

import pytest
from r4lib import archive, bench_rows
from r4lib.bench import Bench
from r4lib.paths import Build

EXTRA = 16  # instructions by which a system call of r4-nops.elf is longer
ROWS = bench_rows.read()


def measure(build: Build, *names: str, image: str = "r4.elf") -> dict[str, dict]:
    lines = Bench(build, image).measure(ROWS, bench_rows.choose(ROWS, list(names)))
    return {line["name"]: line for line in lines}


@pytest.fixture(autouse=True)
def only_once(thread_mode):
    if thread_mode != "single":
        pytest.skip("-icount always runs all cores in one thread")


def test_nops__raise_a_row_by_their_number(build):
    rows = ("null_call", "null_call_nolock", "lock_uncontended", "signal_no_waiter")
    plain = measure(build, *rows)
    longer = measure(build, *rows, image="r4-nops.elf")
    change = {name: longer[name]["median"] - plain[name]["median"] for name in rows}
    assert change == {
        "null_call": EXTRA,
        "null_call_nolock": EXTRA,
        "lock_uncontended": 0,
        "signal_no_waiter": EXTRA,
    }


def test_rows__the_same_alone_and_with_others(build):
    together = measure(build, "null_call", "signal_waiter", "cap_copy", "map_4k", "shootdown_2")
    for name in ("cap_copy", "shootdown_2"):
        assert measure(build, name)[name] == together[name]


def test_runs__in_another_folder_the_same(build, tmp_path):
    """Everything that a run reads, moved elsewhere; the row that counts the boot is the most delicate."""
    other = Build(tmp_path / "a folder with another name")
    for part in (*(f"userland/{folder}" for folder in archive.FOLDERS), "plugin"):
        shutil.copytree(build.dir / part, other.dir / part)
    for path in (build.kernel, build.user_flags):
        shutil.copy(path, other.dir / path.relative_to(build.dir))
    names = ("null_call", "yield_other", "xsignal", "boot_per_cluster")
    assert measure(build, *names) == measure(other, *names)


def test_rows__no_spread(build):
    """No timer comes due and nobody else runs: a sample that differs is a bug of the bench."""
    for line in measure(build).values():
        assert line["min"] == line["max"], line["name"]


def test_D12__ten_thousand_objects_cost_a_resolution_nothing(build):
    lines = measure(build, "proxy_objects_10", "proxy_objects_10000", "proxy_chain_1")
    assert len({line["median"] for line in lines.values()}) == 1


def test_P5__reasons_of_others_cannot_be_told_apart(build):
    """Eight reasons take turns in the row's 64 samples, so every reason is in each of its figures."""
    line = measure(build, "proxy_refused")["proxy_refused"]
    assert line["n"] == 64
    assert line["min"] == line["max"]


def test_delegating__does_not_enter_the_kernel(build):
    lines = measure(build, "proxy_delegate_kernel", "proxy_ungrant_user")
    assert lines["proxy_delegate_kernel"]["max"] == 0
    assert lines["proxy_ungrant_user"]["max"] == 1


def test_P19__no_row_of_proxies_or_revoke_keeps_interrupts_off_for_long(build):
    """Each of these ends as failed if any entry since boot took more than 20,000 instructions."""
    measure(build, "revoke_10000", "proxy_chain_14", "proxy_chain_15", "proxy_link", "proxy_once", "peer_create")
