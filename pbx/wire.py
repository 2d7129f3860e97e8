"""Text on the sockets to Asterisk: its encoding, and what must never be sent.

Asterisk passes bytes through without looking at them, so a caller name may be UTF-8 or Latin-1. `surrogateescape`
keeps bytes that are not UTF-8 as lone surrogates and turns them back into the same bytes when they are sent.
"""

import re
from typing import Final

_CONTROL: Final = re.compile(r"[\r\n\0]")


def decode(raw: bytes) -> str:
    """Text of bytes from Asterisk; never fails, and `encode` gives the same bytes back."""
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Bytes of a text for Asterisk."""
    return text.encode("utf-8", "surrogateescape")


def refuse_control(text: str) -> str:
    """The same text, if it can be sent within one line.

    Raises:
        ValueError: it holds CR, LF or NUL, each of which would end the line and let the rest be read as another
            header, action or command (S5, S8).
    """
    found = _CONTROL.search(text)
    if found:
        # Not the text itself: it may be a secret, or a caller's own words (S17).
        raise ValueError(f"control character {found[0]!r} at {found.start()}: it would start another line at Asterisk")
    return text
