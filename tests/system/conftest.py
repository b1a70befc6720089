# SPDX-License-Identifier: MIT
"""Fixtures of the tests under QEMU, and what is kept when one of them fails.

Options: --r4-thread single|multi (or R4_THREAD), --r4-build FOLDER (or R4_BUILD), --r4-seed N.
"""

import os
import random
import re
import sys
import zlib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from launch import Settings  # noqa: E402
from machine import Machine  # noqa: E402
from r4lib import abi, qemu  # noqa: E402
from r4lib.paths import DEFAULT_BUILD, Build  # noqa: E402
from scripted import ScriptedMachine  # noqa: E402

ACCELERATORS = {"single": "tcg", "multi": "mttcg"}
LAUNCHED = pytest.StashKey[list]()


def pytest_addoption(parser):
    group = parser.getgroup("r4")
    thread_mode = os.environ.get("R4_THREAD", "single")
    build_dir = os.environ.get("R4_BUILD", DEFAULT_BUILD.dir)
    group.addoption("--r4-thread", choices=tuple(ACCELERATORS), default=thread_mode)
    group.addoption("--r4-build", type=Path, default=build_dir)
    group.addoption("--r4-seed", type=int, default=None)


def pytest_configure(config):
    """One seed for all workers: the first process chooses it, the others inherit it."""
    chosen = os.environ.setdefault("R4_SEED", str(random.SystemRandom().randrange(1 << 31)))
    if config.option.r4_seed is None:
        config.option.r4_seed = int(chosen)


def pytest_report_header(config):
    option = config.option
    return f"r4: thread={option.r4_thread} seed={option.r4_seed} build={option.r4_build}"


@pytest.fixture(scope="session")
def thread_mode(pytestconfig) -> str:
    """Whether QEMU runs all cores in a `single` host thread or in `multi`."""
    return pytestconfig.option.r4_thread


@pytest.fixture(scope="session")
def build(pytestconfig) -> Build:
    """The build tree under test."""
    return Build(Path(pytestconfig.option.r4_build).absolute())


@pytest.fixture(scope="session")
def constants(build):
    """The generated module r4_abi: the only source of numbers in these tests."""
    return abi.load(build.abi)


@pytest.fixture
def seed(request) -> int:
    """A number for this test's random choices; the same again under the same --r4-seed."""
    return zlib.crc32(f"{request.config.option.r4_seed} {request.node.nodeid}".encode())


@pytest.fixture
def launcher(request, build, thread_mode, tmp_path, seed):
    """Makes machines whose end, and whose artifacts if the test fails, are taken care of."""
    launched = request.node.stash.setdefault(LAUNCHED, [])
    emulator = os.environ.get("R4_QEMU", qemu.EMULATOR)

    def launch(kind, icount=False, **settings):
        if icount and thread_mode == "multi":
            pytest.skip("icount runs all cores in one host thread; covered by thread=single")
        if not icount:
            settings = {"accel": ACCELERATORS[thread_mode], "seed": seed, **settings}
        chosen = Settings(icount=icount, **settings)
        launched.append(kind(chosen, tmp_path / f"machine{len(launched)}", build, emulator))
        return launched[-1]

    yield launch
    for machine in launched:
        machine.stop()


@pytest.fixture
def machine(launcher):
    """machine(topology="2x2", append="", ..., ready=True): boots and waits for the shell."""

    def boot(ready: bool = True, **settings) -> Machine:
        started = launcher(Machine, **settings)
        started.boot()
        if ready:
            started.wait_ready()
        return started

    return boot


@pytest.fixture
def boot_script(launcher):
    """boot_script(text, topology="2x2", ...): boots, runs the commands; returns at the end."""

    def run(text: str, **settings) -> ScriptedMachine:
        started = launcher(ScriptedMachine, script=text, **settings)
        started.run()
        return started

    return run


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Keeps the artifacts of a failed test and says where they are."""
    report = (yield).get_result()
    launched = item.stash.get(LAUNCHED, [])
    if not report.failed or call.when == "teardown" or not launched:
        return
    build_dir = Path(item.config.option.r4_build).absolute()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", item.nodeid.removeprefix("tests/system/"))
    folder = Build(build_dir).artifacts / f"{name}-{item.config.option.r4_thread}"
    for number, machine_ in enumerate(launched):
        machine_.save(folder / str(number))
        text = f"{machine_.settings.repeat()}\nkept in {folder / str(number)}"
        report.sections.append((f"machine {number}", text))
