# SPDX-License-Identifier: MIT
"""The files as files: same bytes each time, written only when changed, every one listed, and the
goldens up to date."""

import difflib
import re
import subprocess
import sys

import pytest
from abi_support import FILES, ROOT

from abi import load, output

GOLDEN = ROOT / "tests/golden/abi"
SCRIPT = ROOT / "scripts/abigen.py"
REFRESH = "scripts/abigen.py --toml libr4/abi/r4.toml --update-golden tests/golden/abi"


def everything(path):
    abi = load.load(path)
    pages = output.generate_pages(abi)
    return output.generate(abi) | {f"docs/{name}": text for name, text in pages.items()}


def run(*words):
    return subprocess.run([sys.executable, SCRIPT, *words], capture_output=True, text=True,
                          check=False)


def contents(directory):
    return {path.relative_to(directory).as_posix(): path.read_text()
            for path in directory.rglob("*") if path.is_file()}


def test_goldens_match_the_abi_file():
    fresh, golden = everything(FILES["real"]), contents(GOLDEN)
    diff = []
    for path in sorted(fresh.keys() | golden.keys()):
        diff += difflib.unified_diff(
            golden.get(path, "").splitlines(), fresh.get(path, "").splitlines(),
            f"tests/golden/abi/{path}", f"generated/{path}", lineterm="")
    assert not diff, "\n".join(["the ABI changed; if it was meant:", REFRESH, *diff])


@pytest.mark.parametrize("name", FILES)
def test_two_runs_write_the_same_bytes(name, tmp_path):
    for directory in ("first", "second"):
        done = run("--toml", FILES[name], "--out", tmp_path / directory,
                   "--docs", tmp_path / directory / "docs")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(tmp_path / "first") == contents(tmp_path / "second") == everything(FILES[name])


def test_outputs_do_not_depend_on_where_the_file_lies(tmp_path):
    copy = tmp_path / "deep/er/r4.toml"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(FILES["real"].read_bytes())
    assert everything(copy) == everything(FILES["real"])


def test_order_of_numbered_entries_does_not_matter(tmp_path):
    text = FILES["sample"].read_text()
    head, *entries = re.split(r"^(?=\[\[)", text, flags=re.MULTILINE)
    numbered = [entry for entry in entries if re.search("^(number|bit) =", entry, re.MULTILINE)]
    others = [entry for entry in entries if entry not in numbered]
    copy = tmp_path / "sample.toml"
    copy.write_text("\n".join([head, *others, *reversed(numbered)]))
    assert everything(copy) == everything(FILES["sample"])


def test_unchanged_files_are_not_touched(tmp_path):
    files = everything(FILES["sample"])
    assert sorted(output.write(tmp_path, files)) == sorted(files)
    before = {path: (tmp_path / path).stat().st_mtime_ns for path in files}
    (tmp_path / "src/dispatch.c").write_text("changed")
    assert output.write(tmp_path, files) == ["src/dispatch.c"]
    after = {path: (tmp_path / path).stat().st_mtime_ns for path in files}
    assert {path for path in files if before[path] != after[path]} <= {"src/dispatch.c"}


def test_list_outputs_names_what_a_run_writes(tmp_path):
    words = ["--toml", FILES["sample"], "--out", tmp_path / "out", "--docs", tmp_path / "docs"]
    listed = run(*words, "--list-outputs").stdout.split()
    assert not list(tmp_path.iterdir())
    run(*words)
    written = [str(path) for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(listed) == sorted(written)


def test_update_golden_removes_what_is_no_output(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src/stale.c").write_text("old")
    (tmp_path / "stale/deep").mkdir(parents=True)
    (tmp_path / "stale/deep/file.h").write_text("old")
    done = run("--toml", FILES["sample"], "--update-golden", tmp_path)
    assert done.returncode == 0
    assert contents(tmp_path) == everything(FILES["sample"])
    assert not (tmp_path / "stale").exists()


def test_refusal_writes_nothing(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text(FILES["sample"].read_text().replace("bit = 11", "bit = 12"))
    done = run("--toml", bad, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr == f'{bad}: [[right]] WRITE: key "bit": 12 is outside 0..11\n'
    assert not (tmp_path / "out").exists()


def test_missing_file_is_named(tmp_path):
    done = run("--toml", tmp_path / "none.toml", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert str(tmp_path / "none.toml") in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_do_is_refused():
    done = run("--toml", FILES["sample"])
    assert done.returncode == 2
    assert "give --out, --docs or --update-golden" in done.stderr


def test_removed_entries_leave_only_their_number(sample):
    for path in sample.out.rglob("*.[ch]"):
        assert "OLD" not in path.read_text().upper().split()
        assert "_OLD " not in path.read_text()
    pages = output.generate_pages(sample.abi)
    assert "never to be used again: 18 (old)" in pages["calls.md"]


@pytest.mark.parametrize("name", FILES)
def test_rows_of_tables_have_as_many_cells_as_their_head(name):
    for page, text in output.generate_pages(load.load(FILES[name])).items():
        width = None
        for line in text.splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
            assert width in (None, cells) or cells is None, f"{page}: {line}"
            width = cells


@pytest.mark.parametrize("name", FILES)
def test_links_between_pages_lead_somewhere(name):
    pages = output.generate_pages(load.load(FILES[name]))
    anchors = {page: {line.lstrip("# ").lower().replace(" ", "-") for line in text.splitlines()
                      if line.startswith("#")} for page, text in pages.items()}
    for page, text in pages.items():
        for target in text.split("](")[1:]:
            file, _, anchor = target.partition(")")[0].partition("#")
            assert (file or page) in pages, f"{page}: {target[:60]}"
            assert not anchor or anchor in anchors[file or page], f"{page}: {target[:60]}"
