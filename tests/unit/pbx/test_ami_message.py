"""Facts about AMI messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.ami_message import AmiEvent, AmiReply, unescape

ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"} | {
    char: f"\\{char}" for char in "\\'\"?"
}


@given(st.text())
def test_unescaping_undoes_asterisks_escaping(text: str) -> None:
    """Every text comes back from ast_escape_c's eleven escapes."""
    assert unescape("".join(ESCAPES.get(char, char) for char in text)) == text


def test_only_what_asterisk_escapes_is_unescaped() -> None:
    """A backslash in a raw header stays; in a name, with any prefix, and in VarSet's value it is
    undone; Getvar's reply prints the value raw."""
    raw = b"Event: VarSet\r\nAppData: a\\nb\r\nDestCallerIDName: O\\'Neil\r\nValue: a\\r\\nb"
    event = AmiEvent("VarSet", raw)
    assert (event["AppData"], event["DestCallerIDName"], event["Value"]) == ("a\\nb", "O'Neil", "a\r\nb")
    assert AmiReply("Response", b"Response: Success\r\nValue: a\\nb")["Value"] == "a\\nb"


def test_headers_are_read_by_exact_name() -> None:
    """An absent header raises KeyError by index and is "" by `get`; order and repeats are kept."""
    event = AmiEvent("X", b"Event: X\r\nOutput: one\r\nOutput: \r\nOutput: two: three\r\nnoise")
    assert (event["Output"], event.all("Output"), event.get("Nothing"), len(event)) == (
        "one",
        ["one", "", "two: three"],
        "",
        2,
    )
    with pytest.raises(KeyError):
        event["output"]


def test_a_message_can_be_made_for_tests() -> None:
    """`of` gives a message with these headers."""
    event = AmiEvent.of("Hangup", {"Cause": "16"})
    assert (event.name, event["Cause"], event.all("Cause"), list(event)) == ("Hangup", "16", ["16"], ["Cause"])


@given(st.binary() | st.lists(st.sampled_from([b"A", b"B", b":", b" ", b"\r", b"\n", b"\r\n", b"\\"])).map(b"".join))
def test_any_bytes_can_be_read(raw: bytes) -> None:
    """No message raises, whatever it holds, and one header is found as it is among all of them."""
    asked = AmiEvent("X", raw)
    headers = dict(AmiEvent("X", raw).items())
    assert {name: asked[name] for name in headers} == headers
    assert [asked.get(name, "none") for name in ("A", "B")] == [headers.get(name, "none") for name in ("A", "B")]
