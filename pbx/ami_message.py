"""AMI messages: what Asterisk sends, framed by `ami_framing`, read only when somebody looks.

A message keeps its bytes, and a header is looked for in them: of the thirty that an event has three or four are wanted.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Self

from pbx.wire import decode

# Headers that Asterisk passes through ast_escape_c before printing (manager_channels.c, presencestate.c): names in
# every message, whatever prefix they have, and a few values of single events. All others are printed raw, Getvar's
# Value and a UserEvent's body too: a backslash in them is a backslash.
_ESCAPED_NAMES: Final = ("CallerIDName", "ConnectedLineName")
_ESCAPED_VALUES: Final = {"VarSet": ("Value",), "PresenceStateChange": ("Subtype", "Message")}
_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE: Final = re.compile(r"\\([abfnrtv\\'\"?])")


def unescape(text: str) -> str:
    """Undo Asterisk's ast_escape_c (main/utils.c); an unknown escape stays as it is."""
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)


class AmiMessage(Mapping[str, str]):
    """The headers of one message, decoded and unescaped, by their exact names.

    The first header of a name wins, because what comes later may come from a caller (S26); `all` gives every one.
    `message["X"]` raises KeyError where Asterisk sent no X; `get("X")` gives "".
    """

    __slots__ = ("_headers", "_text", "name", "raw")

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
        """The event's name, or "Response"."""
        self.raw = raw
        """The message as it came, without its empty line."""
        self._headers: dict[str, str] | None = None
        self._text: str | None = None

    @classmethod
    def of(cls, name: str, headers: Mapping[str, str]) -> Self:
        """A message made by us, for tests and simulators."""
        message = cls(name, "\r\n".join(f"{key}: {value}" for key, value in headers.items()).encode())
        message._headers = dict(headers)
        return message

    def __getitem__(self, key: str) -> str:
        if (value := self._find(key)) is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self._parsed()!r}>"

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]  # "" is what an absent header means
        """Value of a header, or the default where there is none."""
        return default if (value := self._find(key)) is None else value

    def all(self, key: str) -> list[str]:
        """Values of every header of this name, in order (`Output`, `ChanVariable`, ...)."""
        return [value for name, value in self._pairs() if name == key]

    def _find(self, key: str) -> str | None:
        """The first header of this name, as `_parsed` has it, without making the others."""
        if self._headers is not None:
            return self._headers.get(key)
        text = self._text
        if text is None:
            text = self._text = f"\r\n{decode(self.raw)}\r\n"
        begin = text.find(f"\r\n{key}:")
        if begin < 0:
            return None
        begin += len(key) + 3
        return self._value(key, text[begin : text.index("\r\n", begin)])

    def _parsed(self) -> dict[str, str]:
        headers = self._headers
        if headers is None:
            pairs = self._pairs()
            headers = dict(pairs)
            if len(headers) != len(pairs):
                # The last of a name won; written in reverse, the first does.
                headers = dict(reversed(pairs))
            self._headers = headers
        return headers

    def _pairs(self) -> list[tuple[str, str]]:
        lines = (line.partition(":") for line in decode(self.raw).split("\r\n"))
        return [(key, self._value(key, value)) for key, colon, value in lines if colon]

    def _value(self, key: str, written: str) -> str:
        """P20: the last header may be empty, and Asterisk escapes quotes: O'Neil arrives as O\\'Neil."""
        value = written.removeprefix(" ")
        return unescape(value) if "\\" in value and self._is_escaped(key) else value

    def _is_escaped(self, key: str) -> bool:
        return key.endswith(_ESCAPED_NAMES) or key in _ESCAPED_VALUES.get(self.name, ())


class AmiEvent(AmiMessage):
    """Something that happened in Asterisk."""

    __slots__ = ()


class AmiReply(AmiMessage):
    """Asterisk's answer to one action."""

    __slots__ = ()
