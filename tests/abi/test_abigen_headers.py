# SPDX-License-Identifier: MIT
"""The generated C compiles: each header alone, each source, freestanding, without a warning."""

from abi import output

HEADERS = [path for path in output.OUTPUTS if path.endswith(".h")]
SOURCES = [path for path in output.OUTPUTS if path.endswith(".c")]


def test_each_header_stands_alone(generated, tmp_path):
    for header in HEADERS:
        name = header.removeprefix("include/")
        source = tmp_path / "alone.c"
        source.write_text(f"#include <{name}>\n#include <{name}>\n")
        generated.compile("-ffreestanding", "-fsyntax-only", source)


def test_plain_headers_include_only_freestanding_ones(generated):
    allowed = {"stdint.h", "stdbool.h", "stddef.h", "r4/abi/rights.h", "r4/abi/calls.h",
               "r4/abi/errors.h"}
    for header in HEADERS:
        text = (generated.out / header).read_text()
        included = {line.split("<")[1].rstrip(">") for line in text.splitlines()
                    if line.startswith("#include")}
        extra = {"include/r4/abi/stubs.h": {"r4/invoke.h"},
                 "include/kernel/abi/calls.h": {"r4/abi/objects.h"}}
        assert included <= allowed | extra.get(header, set()), header


def test_sources_compile_freestanding(generated, tmp_path):
    for source in SOURCES:
        generated.compile("-ffreestanding", "-c", "-o", tmp_path / "out.o", generated.out / source)


def test_result_of_a_stub_must_be_used(sample, tmp_path):
    source = tmp_path / "drop.c"
    source.write_text("#include <r4/abi/stubs.h>\nvoid f(void);\nvoid f(void)\n{\n"
                      "    r4_nothing();\n}\n")
    try:
        sample.compile("-fsyntax-only", source)
    except AssertionError as error:
        assert "unused-result" in str(error)
    else:
        raise AssertionError("a dropped error must not compile")


def test_lines_of_headers_are_short(generated):
    for header in HEADERS:
        for line in (generated.out / header).read_text().splitlines():
            assert len(line) <= 100, f"{header}: {line}"


def test_every_file_says_that_it_is_generated(generated):
    for path in output.OUTPUTS:
        assert "do not edit" in (generated.out / path).read_text().splitlines()[1]
