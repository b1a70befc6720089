# SPDX-License-Identifier: MIT
"""`r4 coverage`: which lines of the kernel the host tests execute, which a run under QEMU does, and both.

Host tests: a build of their own (preset `coverage`) that counts. The machine: the ordinary image, and a
plugin of QEMU that notes which of its instructions are executed. docs/debugging.md says what that means.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from r4lib import archive, build, coverage_lines, process, qemu, run, suite, topology, verdict
from r4lib.paths import ROOT, Build
from r4lib.problem import Problem

PRESET = "coverage"
HOST_TARGET = "host-tests"
PLUGIN = "plugin/coverage.so"
STATUS_FAILED = 1
TIMEOUT_SECONDS = 600.0
TOOLS = ("llvm-profdata", "llvm-cov", "llvm-dwarfdump")
SCRIPT = """\
help
clusters
counters
run syscheck
on 1 run syscheck
run spin 100000 4
run fpu
run crash syscall
run stress
on all audit
on all trace on
run hello
on all trace dump 10
mem
"""


def command_coverage(options) -> int:
    for tool in TOOLS:
        if shutil.which(tool) is None:
            raise Problem(f"{tool} is not in PATH; package llvm brings it")
    reports = {}
    if options.what in ("host", "all"):
        reports["host tests"] = _of_host()
    if options.what in ("machine", "all"):
        reports["machine"] = _of_machine(options)
    if len(reports) > 1:
        reports["either"] = coverage_lines.join(*reports.values())
    print("\n".join(coverage_lines.table(reports)))
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1) + "\n")
    return 0


# ------------------------------------------------------------------------------------------- host


def _of_host() -> coverage_lines.Report:
    tree = build.build(PRESET, (HOST_TARGET,), sys.stderr)
    raw = tree.dir / "profile"
    shutil.rmtree(raw, ignore_errors=True)
    command = ["ctest", "--test-dir", str(tree.dir), "--output-on-failure", "--no-tests=error"]
    counts = {"LLVM_PROFILE_FILE": str(raw / "%p-%m.profraw")}
    if not suite.Stage("host tests", [*command, "-j", suite.WORKERS], counts).call(sys.stderr):
        raise Problem("the host tests fail", STATUS_FAILED)
    merged = tree.dir / "host.profdata"
    profiles = map(str, sorted(raw.glob("*.profraw")))
    _call(["llvm-profdata", "merge", "--sparse", "-o", str(merged), *profiles])
    programs = (tree.dir / "tests" / "bin").iterdir()
    tests = sorted(path for path in programs if os.access(path, os.X_OK))
    objects = [word for test in tests[1:] for word in ("--object", str(test))]
    export = ["llvm-cov", "export", "--format=lcov", f"--instr-profile={merged}"]
    return coverage_lines.of_lcov(_call([*export, str(tests[0]), *objects]), (tree.dir, ROOT))


def _call(command: list[str]) -> str:
    """What the command prints. Raises Problem if it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"`{command[0]} {command[1]}` failed:\n{done.stderr.strip()}", STATUS_FAILED)
    return done.stdout


# ---------------------------------------------------------------------------------------- machine


def _of_machine(options) -> coverage_lines.Report:
    tree = Build(options.build) if options.build else build.configure(out=sys.stderr)
    if not options.no_build:
        run.build_tree(options, tree)
    script = run.read_script(options.script) if options.script else SCRIPT.encode()
    with run.run_folder(tree) as folder:
        executed = _run(tree, folder, script, options.topology)
    lines = _call(["llvm-dwarfdump", "--debug-line", str(tree.kernel)])
    return coverage_lines.of_image(lines, executed, (tree.dir, ROOT))


def _run(tree: Build, folder: Path, script: bytes, shape: str) -> list[int]:
    """The addresses of the kernel that were executed, ascending. A script that fails has covered, too."""
    out, console = folder / "coverage.txt", folder / "console.log"
    machine = qemu.Machine(
        topology=topology.parse(shape),
        kernel=tree.kernel,
        archive=folder / "boot.cpio",
        console=qemu.Chardev("file", console),
        channel=qemu.Chardev("file", folder / "channel.raw"),
        plugin=f"{tree.dir / PLUGIN},out={str(out).replace(',', ',,')}",
    )
    machine.archive.write_bytes(archive.compose(tree.userland, {}, script))
    out.unlink(missing_ok=True)
    running = process.start(qemu.command(machine), stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        if not process.wait(running, TIMEOUT_SECONDS):
            raise Problem(verdict.timeout().sentence, verdict.STATUS_TIMEOUT)
    finally:
        process.stop(running)
    print("\n".join(console.read_text(errors="replace").splitlines()[-3:]), file=sys.stderr)
    if not out.is_file():
        raise Problem("the plugin has left no report", STATUS_FAILED)
    return sorted(int(line, 16) for line in out.read_text().split())
