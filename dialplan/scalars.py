"""Scalars without quotes: what YAML 1.2 reads them as, and what other tools, or the admin, would read instead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from dialplan.faults import Severity

LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_OLD_NUMBER = re.compile(r"[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+")
"""of base 60, such as 12:30, which YAML 1.1 reads as 750"""
_OLD_BOOLEANS = frozenset({"yes", "no", "on", "off"})
_TAG = "tag:yaml.org,2002:"
_RESOLVER = YAML(pure=True).resolver


class Trap(NamedTuple):
    """A scalar that does not mean everywhere what it seems to mean."""

    rule: str
    found: str
    expected: str
    hint: str
    severity: Severity


@lru_cache(4096)
def kind_of(text: str) -> str:
    """Return what YAML 1.2 takes a scalar without quotes for: `str`, `int`, `float`, `bool`, `null`, `timestamp`...

    A `%YAML 1.1` line in a file changes nothing here: a site is read the same whatever stands above it.
    """
    return str(_RESOLVER.resolve(ScalarNode, text, (True, False))).removeprefix(_TAG)


def value_of(kind: str, text: str) -> Any:
    """Return a scalar without quotes by YAML 1.2's core schema; what has no JSON type (a date) stays text."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in ("int", "float"):
        return _number(text, kind)
    return text


def trap(text: str) -> Trap | None:
    """Return what is wrong with writing this without quotes, if anything is."""
    if LEADING_ZERO.fullmatch(text):
        found = f"found {text}, and a number does not keep its leading zero"
        expected = "digits in quotes, or a number without it"
        return Trap("leading-zero", found, expected, f'write "{text}"', Severity.ERROR)
    if text.lower() in _OLD_BOOLEANS:
        found = f"found {text} without quotes, which many tools read as true or false"
        return Trap("old-boolean", found, "", f'quote it: "{text}"', Severity.WARNING)
    if _OLD_NUMBER.fullmatch(text):
        found = f"found {text} without quotes, which many tools read as a number"
        return Trap("old-number", found, "", f'quote it: "{text}"', Severity.WARNING)
    return None


def _number(text: str, kind: str) -> int | float | str:
    try:
        return int(text.replace("_", ""), _base(text)) if kind == "int" else float(text)
    except ValueError:
        return text  # .inf and .nan, and thousands of digits: no value of a site is any of these


def _base(text: str) -> int:
    return {"0x": 16, "0o": 8, "0b": 2}.get(text.lstrip("+-")[:2].lower(), 10)
