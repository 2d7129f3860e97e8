"""Faults for other programs: JSON, SARIF 2.1.0 (code scanning), and the commands that GitHub's workflows read.

The files of the faults are paths as their reader knows them, from where the command was run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dialplan.faults import Fault
from dialplan.rules import RULES

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_NUMBERS = {rule: number for number, rule in enumerate(RULES)}


def as_json(faults: Sequence[Fault]) -> str:
    """Return a list with the fields of each fault, and its message as people read it."""
    return _dumped([asdict(fault) | {"message": fault.message} for fault in faults])


def as_sarif(faults: Sequence[Fault]) -> str:
    """Return one run of SARIF 2.1.0 with every rule and each fault as a result."""
    driver = {"name": "hotline check", "rules": [_sarif_rule(rule) for rule in RULES]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(fault) for fault in faults],
    }
    return _dumped({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def as_github(faults: Sequence[Fault]) -> str:
    """Return a workflow command for each fault, which GitHub shows beside the line."""
    return "\n".join(map(_github_command, faults))


FORMATS: Mapping[str, Callable[[Sequence[Fault]], str]] = {"json": as_json, "sarif": as_sarif, "github": as_github}


def _sarif_rule(rule: str) -> dict[str, Any]:
    told = RULES[rule]
    return {
        "id": rule,
        "shortDescription": {"text": told.fact},
        "help": {"text": f"Expected: {told.expected}. An example of what is wrong: {told.example}"},
        "defaultConfiguration": {"level": told.severity.value},
    }


def _sarif_result(fault: Fault) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": _uri(fault.file)},
        "region": {"startLine": fault.line, "startColumn": fault.column},
    }
    return {
        "ruleId": fault.rule,
        "ruleIndex": _NUMBERS[fault.rule],
        "level": fault.severity.value,
        "message": {"text": fault.message},
        "locations": [{"physicalLocation": place}],
    }


def _uri(file: str) -> str:
    """Return a path as a URI: relative to the root of what is scanned, unless it is absolute."""
    path = quote(os.fsencode(file))
    return f"file://{path}" if Path(file).is_absolute() else path


def _github_command(fault: Fault) -> str:
    properties = {"file": fault.file, "line": fault.line, "col": fault.column, "title": fault.rule}
    listed = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in properties.items())
    return f"::{fault.severity.value} {listed}::{_escaped(fault.message)}"


def _escaped(text: str, more: str = "") -> str:
    """Escape as the runner of GitHub's workflows unescapes: % and line ends, within properties : and , as well."""
    return "".join(f"%{ord(one):02X}" if one in f"%\r\n{more}" else one for one in text)


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
