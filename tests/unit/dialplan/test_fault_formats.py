"""Faults as other programs read them."""

from __future__ import annotations

import json

from dialplan.fault_formats import as_github, as_json, as_sarif
from dialplan.faults import Fault, Severity
from dialplan.rules import RULES

ERROR = Fault("my site/菜单.yaml", 3, 9, "unknown-node", 'found "mian"', "a node", 'did you mean "main"?')
WARNING = Fault("/tea/site.yaml", 1, 1, "no-person", "50% of\r\nall: a,b", severity=Severity.WARNING)


def test_json_has_every_field_and_the_message() -> None:
    """A list of objects; the message is the sentence that people read."""
    (fault, _) = json.loads(as_json([ERROR, WARNING]))
    assert fault == {
        "file": "my site/菜单.yaml",
        "line": 3,
        "column": 9,
        "rule": "unknown-node",
        "found": 'found "mian"',
        "expected": "a node",
        "hint": 'did you mean "main"?',
        "severity": "error",
        "message": 'found "mian"; expected a node; did you mean "main"?',
    }
    assert as_json([]) == "[]"


def test_github_commands_are_escaped() -> None:
    """One line for each fault, however many its message has; %, : and , cannot end a property (so the runner)."""
    assert as_github([ERROR, WARNING]).split("\n") == [
        "::error file=my site/菜单.yaml,line=3,col=9,title=unknown-node::"
        'found "mian"; expected a node; did you mean "main"?',
        "::warning file=/tea/site.yaml,line=1,col=1,title=no-person::50%25 of%0D%0Aall: a,b",
    ]
    assert "file=a%3Ab%2Cc," in as_github([Fault("a:b,c", 1, 1, "tab", "found")])


def test_sarif_has_the_shape_of_2_1_0() -> None:
    """What the schema requires is there: version, tool, each rule with its level, and results that point at their rule;
    places count characters from 1, and files are URIs, relative unless they are absolute."""
    log = json.loads(as_sarif([ERROR, WARNING]))
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (run,) = log["runs"]
    assert set(run) == {"tool", "columnKind", "results"}
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert driver["name"] == "hotline check"
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert {rule["defaultConfiguration"]["level"] for rule in driver["rules"]} == {"error", "warning"}
    error, warning = run["results"]
    assert error == {
        "ruleId": "unknown-node",
        "ruleIndex": list(RULES).index("unknown-node"),
        "level": "error",
        "message": {"text": 'found "mian"; expected a node; did you mean "main"?'},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "my%20site/%E8%8F%9C%E5%8D%95.yaml"},
                    "region": {"startLine": 3, "startColumn": 9},
                }
            }
        ],
    }
    assert warning["level"] == "warning"
    place = warning["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///tea/site.yaml"
