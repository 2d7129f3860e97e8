"""Bytes from an AMI socket -> whole messages, cut before anything is decoded (P19)."""

from typing import Final

_END: Final = b"\r\n\r\n"
_GREETING: Final = b"Asterisk Call Manager/"
_GREETING_BYTES_MAX: Final = 1024
MESSAGE_BYTES_MAX: Final = 4 * 1024 * 1024
"""No message of Asterisk's comes near this; a peer that sends more without an end is not speaking AMI."""


class NotAmi(Exception):
    """The peer does not speak AMI; the connection is of no use."""


class Framer:
    """Cuts the stream of one connection at empty lines, whatever chunks it comes in."""

    def __init__(self) -> None:
        self._rest = b""
        self.version: str | None = None
        """AMI version of Asterisk's greeting, e.g. "11.0.0"; None before it came."""

    def feed(self, data: bytes) -> list[bytes]:
        """Whole messages that end in these bytes, without the empty line that ended them.

        Raises:
            NotAmi: no greeting, or a message without an end.
        """
        if self._rest:
            data = self._rest + data
        if self.version is None:
            data = self._greeting(data)
        messages = data.split(_END)
        self._rest = messages.pop()
        if len(self._rest) > MESSAGE_BYTES_MAX:
            raise NotAmi(f"a message of more than {MESSAGE_BYTES_MAX} bytes")
        # Asterisk now and then ends a message with one line end too many, which then stands before the next.
        return [message.lstrip(b"\r\n") if message[:1] == b"\r" else message for message in messages]

    def _greeting(self, data: bytes) -> bytes:
        # The greeting is one line; the first message follows it without an empty line between.
        line, newline, rest = data.partition(b"\r\n")
        if line[: len(_GREETING)] != _GREETING[: len(line)] or len(line) > _GREETING_BYTES_MAX:
            raise NotAmi(f"greeting {line[:40]!r}")
        if not newline:
            return data
        self.version = line[len(_GREETING) :].decode("ascii", "replace")
        return rest


def name_of(message: bytes) -> str | None:
    """Name of the event, "Response" for an answer, None for what is neither.

    Only the first line decides: an `Event:` further down is a value that somebody else wrote (S26, P16).
    """
    if message.startswith(b"Event: "):
        end = message.find(b"\r\n")
        return (message[7:] if end < 0 else message[7:end]).decode("ascii", "replace")
    return "Response" if message.startswith(b"Response: ") else None


def action_id_of(message: bytes) -> str | None:
    """ActionID of a message, or None; reads no other header."""
    start = message.find(b"\r\nActionID: ")
    if start < 0:
        return None
    start += 12
    end = message.find(b"\r\n", start)
    return (message[start:] if end < 0 else message[start:end]).decode("ascii", "replace")
