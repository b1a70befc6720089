# SPDX-License-Identifier: MIT
"""r4lib/program.py: --add, with flags like those that the build writes."""

import json
import shutil
import subprocess

import pytest
from r4lib import program
from r4lib.problem import Problem

FLAGS = {
    "cc": "clang",
    "cflags": ["--target=x86_64-linux-gnu", "-ffreestanding", "-Werror", "-Iinclude"],
    "ldflags": ["--target=x86_64-linux-gnu", "-nostdlib", "-static", "-fuse-ld=lld", "-Wl,-e,main"],
    "objects": ["lib.o"],
    "lab_cflags": ["-Ilab"],
    "lab_objects": ["lab.o"],
}


@pytest.fixture
def build(fake_build):
    """A build tree that exports flags; its library is one object with the function `helper`."""
    fake_build.user_flags.write_text(json.dumps(FLAGS))
    (fake_build.dir / "include").mkdir()
    (fake_build.dir / "include" / "helper.h").write_text("int helper(void);\n")
    library = fake_build.dir / "lib.c"
    library.write_text("int helper(void);\nint helper(void) { return 1; }\n")
    command = ["clang", *FLAGS["cflags"], "-c", str(library), "-o", "lib.o"]
    subprocess.run(command, cwd=fake_build.dir, check=True)
    return fake_build


def test_prepare__compiles_and_links(build, tmp_path):
    source = tmp_path / "mine.c"
    source.write_text("#include <helper.h>\nint main(void);\nint main(void) { return helper(); }\n")
    programs = program.prepare([source], [], build, tmp_path / "out")
    assert list(programs) == ["bin/mine"]
    assert programs["bin/mine"].read_bytes().startswith(b"\x7fELF")


def test_prepare__an_experiment_has_the_library_of_the_laboratory(build, tmp_path):
    (build.dir / "lab").mkdir()
    (build.dir / "lab" / "lab.h").write_text("int lab(void);\n")
    library = build.dir / "lab.c"
    library.write_text("int lab(void);\nint lab(void) { return 2; }\n")
    subprocess.run(["clang", *FLAGS["cflags"], "-c", str(library), "-o", "lab.o"], cwd=build.dir, check=True)
    source = tmp_path / "trial.c"
    source.write_text("#include <lab.h>\nint main(void);\nint main(void) { return lab(); }\n")
    assert list(program.prepare([], [source], build, tmp_path / "out")) == ["lab/trial"]
    with pytest.raises(Problem, match="does not compile"):
        program.prepare([source], [], build, tmp_path / "out")


def test_prepare__takes_an_elf_as_it_is(build, tmp_path):
    source = tmp_path / "mine.elf"
    shutil.copy(build.kernel, source)
    assert program.prepare([source], [], build, tmp_path / "out") == {"bin/mine": source}


def test_prepare__does_not_compile(build, tmp_path):
    source = tmp_path / "mine.c"
    source.write_text("nonsense\n")
    with pytest.raises(Problem, match="does not compile"):
        program.prepare([source], [], build, tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "contents", "says"),
    [
        ("mine.txt", b"", "neither a .c nor an .elf"),
        ("mine.elf", b"no", "not an ELF file"),
        ("my program.c", b"", "letters, digits"),
    ],
)
def test_prepare__refuses(build, tmp_path, name, contents, says):
    (tmp_path / name).write_bytes(contents)
    with pytest.raises(Problem, match=says):
        program.prepare([tmp_path / name], [], build, tmp_path / "out")


def test_prepare__refuses_two_of_one_name(build, tmp_path):
    for suffix in ("c", "elf"):
        (tmp_path / f"mine.{suffix}").write_bytes(b"\x7fELF")
    with pytest.raises(Problem, match="two programs are called mine"):
        program.prepare([tmp_path / "mine.elf", tmp_path / "mine.c"], [], build, tmp_path / "out")
    with pytest.raises(Problem, match="two programs are called mine"):
        program.prepare([tmp_path / "mine.elf"], [tmp_path / "mine.c"], build, tmp_path / "out")


def test_prepare__flags_are_missing(fake_build, tmp_path):
    (tmp_path / "mine.c").write_text("")
    with pytest.raises(Problem, match="build first"):
        program.prepare([tmp_path / "mine.c"], [], fake_build, tmp_path / "out")
