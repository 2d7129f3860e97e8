"""YAML read with places: plain values of YAML 1.2, and line and column of each."""

from __future__ import annotations

import pytest

from dialplan.yaml_tree import read


def test_values_are_those_of_yaml_1_2() -> None:
    """Words that older YAML reads as booleans or times stay text; numbers and null are what they say. Only the time
    is warned of: other tools would make 45000 of it."""
    document = read("a.yaml", b"t: 12:30:00\nd: 2026-01-01\nn: ~\ni: 12\nf: 1.5\nb: true\nh: 0x1F\ns: '7'\ne: .inf\n")
    assert document.values == {
        "t": "12:30:00", "d": "2026-01-01", "n": None, "i": 12, "f": 1.5, "b": True, "h": 31, "s": "7", "e": ".inf",
    }  # fmt: skip
    assert [(fault.column, fault.rule, fault.severity) for fault in document.faults] == [(4, "old-number", "warning")]


def test_each_key_and_value_has_its_place() -> None:
    """Line and column count from 1, columns in characters; what is not there is placed by what is around it."""
    document = read("a.yaml", "名字: {乙: [1, 二]}\nempty:\nlast: x\n".encode())
    assert document.place(("名字", "乙"), of_key=True) == (1, 6)
    assert document.place(("名字", "乙")) == (1, 9)
    assert document.place(("名字", "乙", 1)) == (1, 13)
    assert document.place(("empty",)) == (2, 1)
    assert document.place(("last", "missing", "deeper")) == (3, 1)
    assert document.place(("nothing",)) == (1, 1)
    assert document.text(("名字", "乙", 0)) == "1"


@pytest.mark.parametrize("content", [b"a: [1\n", b"a: 'x\n", b"{", b"a: b: c\n", b"- a\nb: 1\n", b"a: \x01\n"])
def test_unreadable_text_is_one_fault_and_no_values(content: bytes) -> None:
    """Whatever the parser stumbles over becomes a fault within the file, never an exception."""
    document = read("a.yaml", content)
    assert document.values is None
    (fault,) = document.faults
    assert fault.rule == "syntax"
    assert 1 <= fault.line <= max(len(document.lines), 1)


def test_an_alias_bomb_is_not_followed() -> None:
    """Nine levels of nine aliases would be 400 million values: the anchors are refused before anything is built."""
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    document = read("a.yaml", "\n".join(lines).encode())
    assert document.values is None
    assert {fault.rule for fault in document.faults} == {"alias"}
