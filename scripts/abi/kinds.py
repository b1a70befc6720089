# SPDX-License-Identifier: MIT
"""What a single value of the ABI file can look like, and how the tables in model.py say so."""

import re
from dataclasses import MISSING, dataclass, field, fields

C_KEYWORDS = frozenset("""auto break case char const continue default do double else enum extern
float for goto if inline int long register restrict return short signed sizeof static struct switch
typedef union unsigned void volatile while bool true false""".split())


class Kind:
    """What one value must look like. `complaint` returns the words after the key, or None."""

    empty = None

    def complaint(self, value):
        raise NotImplementedError


class Name(Kind):
    """An identifier. `bare` ones stand in C as they are, so they must not be words of C."""

    def __init__(self, case, bare=False):
        self.case, self.bare = case, bare
        letters = {"UPPER_SNAKE": "A-Z", "lower_snake": "a-z"}[case]
        self.pattern = re.compile(rf"[{letters}][{letters}0-9]*(_[{letters}0-9]+)*")

    def complaint(self, value):
        if not isinstance(value, str):
            return "must be a string"
        if not self.pattern.fullmatch(value):
            return f'"{value}" is not {self.case}'
        if self.bare and value in C_KEYWORDS:
            return f'"{value}" is a word of the C language'
        return None


class Int(Kind):
    def __init__(self, low, high):
        self.low, self.high = low, high

    def complaint(self, value):
        if not isinstance(value, int) or isinstance(value, bool):
            return "must be an integer"
        if not self.low <= value <= self.high:
            return f"{value} is outside {self.low}..{self.high}"
        return None


class Bool(Kind):
    def complaint(self, value):
        return None if isinstance(value, bool) else "must be true or false"


class Text(Kind):
    """Prose. It ends up in C comments, C strings and Markdown, hence the forbidden sequences."""

    def complaint(self, value):
        if not isinstance(value, str):
            return "must be a string"
        if not value.strip():
            return "must not be empty"
        for bad in ("/*", "*/", "??"):
            if bad in value:
                return f'must not contain "{bad}"'
        return None


class Choice(Kind):
    def __init__(self, *words):
        self.words = words

    def complaint(self, value):
        if value in self.words:
            return None
        return f'must be one of {", ".join(self.words)}'


class Names(Kind):
    empty = ()

    def __init__(self, case, most):
        self.one, self.most = Name(case), most

    def complaint(self, value):
        if not isinstance(value, list):
            return "must be an array"
        if len(value) > self.most:
            return f"has {len(value)} entries, at most {self.most} are possible"
        for item in value:
            if complaint := self.one.complaint(item):
                return complaint
            if value.count(item) > 1:
                return f'names "{item}" twice'
        return None


class Tables(Kind):
    """An array of inline tables, each with the keys of `row`."""

    empty = ()

    def __init__(self, row, most=None):
        self.row, self.most = row, most

    def complaint(self, value):
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            return "must be an array of tables"
        if self.most is not None and len(value) > self.most:
            return f"has {len(value)} entries, at most {self.most} are possible"
        return None


UPPER = Name("UPPER_SNAKE")
LOWER = Name("lower_snake")
BARE = Name("lower_snake", bare=True)
TEXT = Text()
BOOL = Bool()
U64 = Int(0, 2**64 - 1)


def key(kind, default=MISSING):
    return field(default=default, metadata={"kind": kind})


def is_required(spec):
    return spec.default is MISSING


def keys_of(table):
    """The keys of a table by name: dataclasses.Field, its Kind in metadata["kind"]."""
    return {spec.name: spec for spec in fields(table)}


def entry(cls):
    return dataclass(kw_only=True, eq=False)(cls)
