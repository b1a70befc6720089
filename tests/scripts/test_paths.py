# SPDX-License-Identifier: MIT
"""r4lib/paths.py: which folder a configure preset builds in."""

import json

import pytest
from r4lib.paths import PRESETS, build_of_preset
from r4lib.problem import Problem


@pytest.fixture
def presets(tmp_path):
    path = tmp_path / "CMakePresets.json"
    path.write_text(
        json.dumps(
            {
                "configurePresets": [
                    {"name": "base", "hidden": True, "binaryDir": "${sourceDir}/out/${presetName}"},
                    {"name": "default", "binaryDir": "${sourceDir}/build"},
                    {"name": "debug", "inherits": ["warnings", "base"]},
                    {"name": "warnings", "hidden": True},
                    {"name": "lost", "inherits": "warnings"},
                ]
            }
        )
    )
    return path


def test_build_of_preset(presets, tmp_path):
    assert build_of_preset("default", presets).dir == tmp_path / "build"
    assert build_of_preset("debug", presets).dir == tmp_path / "out" / "debug"


def test_build_of_preset__unknown(presets):
    with pytest.raises(Problem, match="no such preset; there are debug, default, lost"):
        build_of_preset("release", presets)


def test_build_of_preset__without_a_folder(presets):
    with pytest.raises(Problem, match="lost has no binaryDir"):
        build_of_preset("lost", presets)


def test_build_of_preset__no_file(tmp_path):
    with pytest.raises(Problem, match="cannot be read"):
        build_of_preset("default", tmp_path / "CMakePresets.json")


def test_build_of_preset__this_tree():
    assert build_of_preset("default").dir == PRESETS.parent / "build"
