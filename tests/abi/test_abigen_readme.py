# SPDX-License-Identifier: MIT
"""The grammar in libr4/abi/README.md shows every table and every key, and no other."""

import tomllib

from abi import kinds, model
from abi_support import ROOT


def shown():
    """All TOML examples of the page as one document."""
    parts = (ROOT / "libr4/abi/README.md").read_text().split("```toml\n")[1:]
    return tomllib.loads("\n".join(part.partition("```")[0] for part in parts))


def compare(example, cls):
    keys = kinds.keys_of(cls)
    assert set(example) == set(keys) - {"removed"}, cls.__name__
    for name, spec in keys.items():
        kind = spec.metadata["kind"]
        if name in example:
            assert kind.complaint(example[name]) is None, f"{cls.__name__}.{name}"
            if isinstance(kind, kinds.Tables):
                shape = example[name][0] | ({"detail": 0} if kind.row is model.Failure else {})
                compare(shape, kind.row)


def test_examples_show_every_key():
    document = shown()
    compare(document.pop("abi"), model.Header)
    assert list(document) and set(document) == set(model.TABLES)
    for table, rows in document.items():
        assert len(rows) == 1
        compare(rows[0], model.TABLES[table])
