"""Facts about AGI commands, replies and environments, without a socket."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.agi_wire import (
    AgiReply,
    ReplyParser,
    Target,
    command_line,
    digit,
    parse_environment,
    parse_target,
    variable_query,
    variable_value,
)
from pbx.wire import decode
from tests.unit.pbx.peers import parse_args

sendable = (
    st.text()
    .map(lambda text: "".join(char for char in text if char not in "\r\n\0"))
    .filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))
)


@given(st.lists(sendable, max_size=20))
def test_asterisk_reads_back_what_was_quoted(words: list[str]) -> None:
    """Whatever words are sent, Asterisk's rules give exactly these words, in one line."""
    line = command_line("SET VARIABLE", words)
    assert line.count(b"\n") == 1
    assert parse_args(decode(line).removesuffix("\n")) == ["SET", "VARIABLE", *words]


@given(st.text(), st.sampled_from("\r\n\0"), st.text())
def test_a_control_character_is_refused_wherever_it_stands(before: str, char: str, after: str) -> None:
    """No word with CR, LF or NUL makes a command (S8)."""
    with pytest.raises(ValueError, match="control"):
        command_line("NOOP", [before + char + after])


@pytest.mark.parametrize("words", [["x"] * 127, ["x" * 8200]])
def test_what_asterisk_would_cut_is_refused(words: list[str]) -> None:
    """More than 127 words or 8,190 bytes raise ValueError instead of being cut short silently."""
    with pytest.raises(ValueError, match="NOOP"):
        command_line("NOOP", words)


@pytest.mark.parametrize(
    ("line", "verb", "reply"),
    [
        ("200 result=0", "ANSWER", AgiReply(200, "0")),
        ("200 result=-1 endpos=800", "STREAM FILE", AgiReply(200, "-1", None, 800)),
        ("200 result=49 endpos=8000", "STREAM FILE", AgiReply(200, "49", None, 8000)),
        ("200 result= (timeout)", "GET DATA", AgiReply(200, "", "timeout")),
        ("200 result=12 (timeout)", "GET DATA", AgiReply(200, "12", "timeout")),
        ("200 result=35 (dtmf) endpos=99", "RECORD FILE", AgiReply(200, "35", "dtmf", 99)),
        ("200 result=1 (hangup)", "GET VARIABLE", AgiReply(200, "1", "hangup")),
        ("200 result=1 (a) (b)", "GET VARIABLE", AgiReply(200, "1", "a) (b")),
        ("200 result=1 ()", "GET VARIABLE", AgiReply(200, "1", "")),
        ("200 result=0 Gosub complete", "GOSUB", AgiReply(200, "0", "Gosub complete")),
        ("510 Invalid or unknown command", "FOO", AgiReply(510, "", "Invalid or unknown command")),
        ("511 Command Not Permitted", "ANSWER", AgiReply(511, "", "Command Not Permitted")),
        ("520 Invalid command syntax.", "ANSWER", AgiReply(520, "", "Invalid command syntax.")),
    ],
)
def test_a_reply_of_one_line(line: str, verb: str, reply: AgiReply) -> None:
    """Each form of Asterisk's replies keeps its result, its value and its position (P4)."""
    assert ReplyParser().feed(line, verb) == reply


@pytest.mark.parametrize("line", ["100 result=0 Trying...", "", "nonsense", "HTTP/1.1 200 OK", "20"])
def test_what_is_no_reply_is_passed_over(line: str) -> None:
    """`100 Trying` and lines without a code are not taken for the reply."""
    parser = ReplyParser()
    assert parser.feed(line, "GOSUB") is None
    assert not parser.inside


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\n")), max_size=20))
def test_the_parser_never_raises(lines: list[str]) -> None:
    """Whatever lines come, there is a reply or none."""
    parser = ReplyParser()
    for line in lines:
        parser.feed(line, "GET VARIABLE")


@given(sendable.filter(bool))
def test_a_fetched_value_is_the_value(value: str) -> None:
    """What BASE64_ENCODE makes of a value gives the value, line ends and parentheses included."""
    text = value + "\n200 result=1 (spoofed)"
    assert variable_value(base64.b64encode(("." + text).encode()).decode()) == text


def test_an_unset_variable_is_none() -> None:
    """A lone dot is an unset or empty variable; nothing at all means that the function is not there."""
    assert variable_value(base64.b64encode(b".").decode()) is None
    for missing in ("", None, "(", "eA=="):
        with pytest.raises(ValueError, match="func_base64"):
            variable_value(missing)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("X", "${BASE64_ENCODE(.${X})}"),
        ("CDR(billsec)", "${BASE64_ENCODE(.${CDR(billsec)})}"),
        ("${A}-${B}", "${BASE64_ENCODE(.${A}-${B})}"),
    ],
)
def test_names_functions_and_expressions_are_fetched(name: str, query: str) -> None:
    """A bare name or function is wrapped; an expression is taken as it is."""
    assert variable_query(name) == query


def test_the_first_line_of_a_name_wins() -> None:
    """A caller name that holds a line end cannot replace what Asterisk said before (S26)."""
    raw = b"agi_uniqueid: 1.1\nagi_calleridname: x\nagi_uniqueid: 6.6\nagi_empty:\nagi_colon: a: b\nnoise\n\n"
    assert parse_environment(raw) == {
        "agi_uniqueid": "1.1",
        "agi_calleridname": "x",
        "agi_empty": "",
        "agi_colon": "a: b",
    }


@pytest.mark.parametrize(
    ("headers", "target"),
    [
        ({"agi_network_script": "hold"}, Target("hold")),
        ({"agi_network_script": "agent/log_in?id=7"}, Target("agent", "log_in", {"id": "7"})),
        ({"agi_request": "agi://127.0.0.1:4573/hold?x=1&x=2"}, Target("hold", "", {"x": "1"})),
        ({"agi_request": "agi://127.0.0.1"}, Target("")),
        ({"agi_network_script": "/caf%C3%A9/"}, Target("café")),
        ({}, Target("")),
    ],
)
def test_the_url_names_the_route(headers: dict[str, str], target: Target) -> None:
    """The first segment is the route, whatever port, rest and query there are."""
    assert parse_target(headers) == target


def test_a_key_is_named_by_its_code() -> None:
    """Results are character codes; 0 means that no key was pressed."""
    assert [digit("49"), digit("35"), digit("0"), digit("")] == ["1", "#", None, None]
