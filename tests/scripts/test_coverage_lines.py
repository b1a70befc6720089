# SPDX-License-Identifier: MIT
"""Which lines count as executed, from what llvm's tools print."""

from pathlib import Path

from r4lib import coverage_lines

ROOTS = (Path("/src/build"), Path("/src"))

LCOV = """\
SF:/src/build/kernel/cap/copy.c
FN:3,kernel/cap/copy.c:f
DA:3,7
DA:4,0
end_of_record
SF:/usr/include/stdint.h
DA:1,1
end_of_record
SF:/src/build/kernel/cap/copy.c
DA:4,0
DA:5,2
end_of_record
SF:/src/tests/unit/test_copy.c
DA:9,1
end_of_record
"""

LINE_TABLE = """\
debug_line[0x00000000]
include_directories[  0] = "/src/build"
include_directories[  1] = "kernel/include/lib"
file_names[  0]:
           name: "kernel/cap/copy.c"
      dir_index: 0
   md5_checksum: 25058be6871a6a533ff92c4b749890d9
file_names[  1]:
           name: "list.h"
      dir_index: 1
   md5_checksum: 3aff336064d9b2e8bbf5d5ddffdd5b8b

Address            Line   Column File   ISA Discriminator Flags
------------------ ------ ------ ------ --- ------------- -------------
0xffffffff80000100      3      0      0   0             0  is_stmt
0xffffffff80000104     20      5      1   0             0  is_stmt prologue_end
0xffffffff80000108      0      5      1   0             0
0xffffffff8000010c      4      9      0   0             0  is_stmt
0xffffffff80000110      3      1      0   0             0  is_stmt
0xffffffff80000118      3      1      0   0             0  is_stmt end_sequence

debug_line[0x00000080]
include_directories[  0] = "/src/build"
file_names[  0]:
           name: "/src/arch/x86_64/trap.S"
      dir_index: 0

Address            Line   Column File   ISA Discriminator Flags
------------------ ------ ------ ------ --- ------------- -------------
0xffffffff80000200      7      0      0   0             0  is_stmt
0xffffffff80000204      7      0      0   0             0  is_stmt end_sequence
"""


def of_image(*executed: int) -> coverage_lines.Report:
    addresses = [0xFFFFFFFF80000000 + offset for offset in executed]
    return coverage_lines.of_image(LINE_TABLE, addresses, ROOTS)


def test_lcov__only_the_kernel_and_any_count_above_0():
    assert coverage_lines.of_lcov(LCOV, ROOTS) == {"kernel/cap/copy.c": {3: True, 4: False, 5: True}}


def test_image__nothing_executed():
    assert of_image() == {
        "kernel/cap/copy.c": {3: False, 4: False},
        "kernel/include/lib/list.h": {20: False},
        "arch/x86_64/trap.S": {7: False},
    }


def test_image__a_line_is_executed_if_one_of_its_instructions_is():
    report = of_image(0x107, 0x114)
    assert report["kernel/include/lib/list.h"] == {20: True}
    assert report["kernel/cap/copy.c"] == {3: True, 4: False}
    assert report["arch/x86_64/trap.S"] == {7: False}


def test_image__line_0_and_what_lies_behind_a_sequence_are_nobodys():
    report = of_image(0x108, 0x118, 0x1FF, 0x204)
    assert not any(hit for lines in report.values() for hit in lines.values())


def test_join__anywhere_is_enough():
    joined = coverage_lines.join({"kernel/a.c": {1: True, 2: False}}, {"kernel/a.c": {2: True, 3: False}})
    assert joined == {"kernel/a.c": {1: True, 2: True, 3: False}}


def test_table__a_row_a_folder():
    report = {"kernel/cap/a.c": {1: True, 2: False}, "kernel/cap/b.c": {1: True}, "arch/c.c": {1: False}}
    lines = coverage_lines.table({"host": report, "machine": {}})
    assert [line.split() for line in lines[1:]] == [
        ["arch", "0", "of", "1", "0.0", "%", "-"],
        ["kernel/cap", "2", "of", "3", "66.7", "%", "-"],
        ["all", "2", "of", "4", "50.0", "%", "-"],
    ]
