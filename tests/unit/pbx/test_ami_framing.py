"""Facts about cutting an AMI stream into messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.ami_framing import MESSAGE_BYTES_MAX, Framer, NotAmi, action_id_of, name_of

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
SENTINEL = b"Event: Hangup\r\nN: last"


def framed(chunks: list[bytes]) -> list[bytes]:
    framer = Framer()
    return [message for chunk in chunks for message in framer.feed(chunk)]


@given(st.lists(st.binary(max_size=60)), st.data())
def test_garbage_never_raises_and_never_loses_step(garbage: list[bytes], data: st.DataObject) -> None:
    """Whatever stands between two empty lines, in whatever chunks it comes, the message after it is read whole."""
    stream = GREETING + b"".join(part + b"\r\n\r\n" for part in garbage) + SENTINEL + b"\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    chunks = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    messages = framed(chunks)
    assert messages[-1] == SENTINEL
    assert messages == framed([stream])
    for message in messages:
        name_of(message)
        action_id_of(message)


def test_the_greeting_is_no_message() -> None:
    """The greeting ends with one line end only; the reply that follows it is a message of its own (P19)."""
    framer = Framer()
    assert framer.feed(GREETING[:10]) == []
    assert framer.feed(GREETING[10:] + b"Response: Success\r\n\r\n") == [b"Response: Success"]
    assert framer.version == "11.0.0"


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-x\r\n", b"\0" * 2000])
def test_a_peer_that_is_not_asterisk_is_told_apart(greeting: bytes) -> None:
    """Any other first line raises NotAmi."""
    with pytest.raises(NotAmi):
        Framer().feed(greeting)


def test_a_line_end_too_many_does_not_hide_the_next_message() -> None:
    """An empty line more than needed stands before the next message and is not part of it."""
    assert framed([GREETING + b"Event: A\r\n\r\n\r\nEvent: B\r\n\r\n"]) == [b"Event: A", b"Event: B"]


def test_a_message_without_end_is_given_up() -> None:
    """Memory is bounded: a message that does not end raises NotAmi."""
    framer = Framer()
    framer.feed(GREETING)
    with pytest.raises(NotAmi):
        framer.feed(b"x" * (MESSAGE_BYTES_MAX + 1))


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (b"Event: Hangup\r\nChannel: x", "Hangup"),
        (b"Event: FullyBooted", "FullyBooted"),
        (b"Response: Success\r\nActionID: 1", "Response"),
        (b"Channel: x\r\nEvent: Hangup", None),
        (b"", None),
    ],
)
def test_the_first_line_names_the_message(message: bytes, name: str | None) -> None:
    """An `Event:` that is not on the first line names nothing (P16)."""
    assert name_of(message) == name


def test_the_action_id_is_found_without_parsing() -> None:
    """The first ActionID header counts, wherever it stands; a header that only ends so does not."""
    assert action_id_of(b"Event: X\r\nActionID: a-1\r\nActionID: b") == "a-1"
    assert action_id_of(b"Event: X\r\nActionID: a-1") == "a-1"
    assert action_id_of(b"Event: X\r\nOtherActionID: a-1") is None
