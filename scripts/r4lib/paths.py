# SPDX-License-Identifier: MIT
"""Where things are in the source tree and in a build tree."""

import json
from dataclasses import dataclass
from pathlib import Path

from r4lib.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
PRESETS = ROOT / "CMakePresets.json"


@dataclass(frozen=True)
class Build:
    """One build tree, by its folder."""

    dir: Path

    @property
    def kernel(self) -> Path:
        return self.dir / "r4.elf"

    @property
    def userland(self) -> Path:
        """Programs by their folder in the boot archive."""
        return self.dir / "userland"

    @property
    def programs(self) -> Path:
        return self.userland / "bin"

    @property
    def user_flags(self) -> Path:
        return self.dir / "userland" / "user-flags.json"

    @property
    def abi(self) -> Path:
        return self.dir / "abi" / "python" / "r4_abi.py"

    @property
    def ninja(self) -> Path:
        return self.dir / "build.ninja"

    @property
    def runs(self) -> Path:
        return self.dir / "run"

    @property
    def artifacts(self) -> Path:
        return self.dir / "artifacts"


DEFAULT_BUILD = Build(ROOT / "build")


def build_of_preset(name: str, presets: Path = PRESETS) -> Build:
    """The build tree of a configure preset; `inherits` is followed."""
    known = {preset["name"]: preset for preset in _read_presets(presets)}
    if name not in known:
        shown = ", ".join(sorted(n for n, preset in known.items() if not preset.get("hidden")))
        raise Problem(f"--preset {name}: there is no such preset; there are {shown}")
    folder = _binary_dir(known, name)
    if folder is None:
        raise Problem(f"{presets.name}: preset {name} has no binaryDir")
    values = {"${sourceDir}": str(presets.parent), "${presetName}": name}
    for macro, value in values.items():
        folder = folder.replace(macro, value)
    return Build(Path(folder))


def _read_presets(presets: Path) -> list[dict]:
    try:
        return json.loads(presets.read_text())["configurePresets"]
    except (OSError, ValueError, KeyError) as error:
        raise Problem(f"{presets} cannot be read: {error}") from error


def _binary_dir(known: dict[str, dict], name: str) -> str | None:
    preset = known[name]
    if "binaryDir" in preset:
        return preset["binaryDir"]
    parents = preset.get("inherits", [])
    for parent in [parents] if isinstance(parents, str) else parents:
        folder = _binary_dir(known, parent)
        if folder is not None:
            return folder
    return None
