"""Facts about what `Agi` adds to pyst2's class for the scripts."""

import base64
import io
import socket

import pytest

from pbx.pyst import Agi, AGIAppError, AGIHangup
from tests.unit.pbx.peers import agi_header, parse_args


class Script:
    """An `Agi` whose switch answers with these lines, and the commands that it sent."""

    def __init__(self, *lines: str) -> None:
        self.output = io.BytesIO()
        raw = "".join(f"{line}\n" for line in lines).encode()
        self.agi = Agi(io.BytesIO(raw), self.output, environment=agi_header(agi_network_script="order?x=1"))

    def commands(self) -> list[list[str]]:
        return [parse_args(line) for line in self.output.getvalue().decode().split("\n")[:-1]]


def test_the_environment_may_have_been_read_by_a_server() -> None:
    """`env` and `target` come from the lines given."""
    agi = Script().agi
    assert agi.env["agi_calleridname"] == "O'Neil"
    assert (agi.target.route, agi.target.query) == ("order", {"x": "1"})


def test_play_stops_at_the_first_key() -> None:
    """Sounds are played in order until an escape digit, which is returned; the rest is not played."""
    script = Script("200 result=0 endpos=1", "200 result=50 endpos=1")
    assert script.agi.play(["a", "b", "c"], "12") == "2"
    assert [words[2] for words in script.commands()] == ["a", "b"]
    assert Script("200 result=0 endpos=1").agi.play(["a"]) == ""


@pytest.mark.parametrize(
    ("replies", "keys"),
    [
        (["200 result=49", "200 result=50", "200 result=35"], "12"),
        (["200 result=49", "200 result=0"], "1"),
        (["200 result=0", "200 result=0"], ""),
        (["200 result=35"], ""),
        (["200 result=49", "200 result=50", "200 result=51"], "123"),
    ],
    ids=["terminator", "pause", "nothing", "terminator only", "all"],
)
def test_digits_are_collected(replies: list[str], keys: str) -> None:
    """Keys count from the first sound on, up to the terminator, a pause or the most that are wanted."""
    script = Script(*replies)
    assert script.agi.collect_digits(["ask"], max_digits=3, first_digit_seconds=4, inter_digit_seconds=1.5) == keys
    assert len(script.commands()) == len(replies)


def test_waits_are_in_milliseconds() -> None:
    """The first wait has its own time, each later one the other."""
    script = Script("200 result=49", "200 result=0")
    script.agi.collect_digits([], max_digits=3, first_digit_seconds=4, inter_digit_seconds=1.5)
    assert [words[-1] for words in script.commands()] == ["4000", "1500"]


def test_any_value_of_a_variable_arrives() -> None:
    """Line ends, quotes and what looks like a reply are part of the value; unset is ""."""
    value = 'a" \\\n200 result=1 (spoofed)'
    encoded = base64.b64encode(b"." + value.encode()).decode()
    assert Script(f"200 result=1 ({encoded})").agi.get_variable("X") == value
    assert Script("200 result=1 (Lg==)").agi.get_variable("X") == ""
    with pytest.raises(AGIAppError, match="func_base64"):
        Script("200 result=1 ()").agi.get_variable("X")


def test_a_closed_socket_is_a_hangup() -> None:
    """Writing to, and reading from, a connection that Asterisk closed raises AGIHangup."""
    ours, theirs = socket.socketpair()
    with ours, ours.makefile("rb") as stdin, ours.makefile("wb", buffering=0) as stdout:
        agi = Agi(stdin, stdout, environment=agi_header())
        theirs.close()
        for _ in range(2):
            with pytest.raises(AGIHangup):
                agi.noop()
