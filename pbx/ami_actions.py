"""Actions that we send over AMI, and what is waited for after each.

`SwitchAction` is panoramisk's `Action` with its own way to be written (P8) and to be answered (P9, P10).
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Final

from panoramisk.actions import Action

from pbx.ami_message import AmiEvent, AmiMessage, AmiReply
from pbx.errors import ActionRefused
from pbx.wire import encode, refuse_control

Fields = Mapping[str, str | Sequence[str]]
"""Headers of an action; a sequence repeats its header."""

# Asterisk reads a line into 1,025 bytes with its line end and keeps 128 headers (main/manager.c; S7).
_LINE_BYTES_MAX: Final = 1022
_HEADERS_MAX: Final = 128
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_RESERVED: Final = frozenset({"action", "actionid"})
_SUCCESS: Final = frozenset({"Success", "Follows", "Goodbye", "Pong"})

# Not to be guessed: what a caller says may end up in an event, and must not pass for an answer to us (S26).
_PREFIX: Final = f"hotline-{secrets.token_hex(4)}"
_numbers = count(1)


class SwitchAction(Action):  # type: ignore[misc]  # panoramisk has no types
    """One action and the answers that came to it so far.

    Args:
        final_event: name of an event that ends the action beside its reply, such as `OriginateResponse`; None where
            the reply, and the list that it announces, are the whole answer.

    Raises:
        ValueError: a value that would not reach Asterisk as one header.
    """

    def __init__(self, name: str, fields: Fields, *, final_event: str | None = None) -> None:
        if not _RESERVED.isdisjoint(key.lower() for key in fields):
            raise ValueError("Action and ActionID are ours to set")
        super().__init__({"Action": name, "ActionID": f"{_PREFIX}-{next(_numbers)}", **fields})
        self.final_event = final_event
        self.reply: AmiReply | None = None
        self.listed: list[AmiEvent] = []
        self.listing = False
        """True between `EventList: start` and `EventList: Complete`."""
        self.wire = encode(str(self))

    @property
    def name(self) -> str:
        """Name of the action, for errors and logs; the fields may hold secrets and stay out of both (S17)."""
        return str(self["Action"])

    def __str__(self) -> str:
        # P8: panoramisk writes CR and LF through, and so sends as many actions as a caller's name holds.
        lines = [_line(key, value) for key in self for value in _values(self[key])]
        if len(lines) > _HEADERS_MAX:
            raise ValueError(f"{len(lines)} headers in one action; Asterisk keeps {_HEADERS_MAX}")
        return "\r\n".join([*lines, "", ""])

    def add_message(self, message: AmiMessage) -> bool:
        """Take a message with this action's id; True when it was the last one.

        P9, P10: panoramisk guesses from the text of the reply whether more follows. Asterisk says so with `EventList`.
        """
        if isinstance(message, AmiReply):
            return self._add_reply(message)
        if self.listing:
            return self._add_item(message)
        if message.name != self.final_event:
            return False
        self.listed.append(AmiEvent(message.name, message.raw))
        # A quick failure may overtake the reply: Asterisk originates on a thread of its own.
        return self.reply is not None and self._settle()

    def _add_reply(self, reply: AmiReply) -> bool:
        if reply.get("Response") not in _SUCCESS:
            if not self.future.done():
                self.future.set_exception(ActionRefused(f"{self.name}: {reply.get('Message') or 'refused'}"))
            return True
        self.reply = reply
        self.listing = reply.get("EventList").lower() == "start"
        waiting = self.listing or (self.final_event is not None and not self.listed)
        return False if waiting else self._settle()

    def _add_item(self, message: AmiMessage) -> bool:
        if message.get("EventList").lower() in ("complete", "cancelled"):
            return self._settle()
        self.listed.append(AmiEvent(message.name, message.raw))
        return False

    def _settle(self) -> bool:
        self.listing = False
        if not self.future.done():
            self.future.set_result(self)
        return True


def _values(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _line(key: str, value: str) -> str:
    if not _HEADER_NAME.fullmatch(key):
        raise ValueError(f"{key!r} is not a header name")
    if key.lower() == "variable" and "," in value:
        # S6: Asterisk splits a Variable header at commas, so the rest would set other variables.
        raise ValueError("a comma in Variable would set a second variable; send the value by reference")
    line = f"{key}: {refuse_control(value)}"
    if len(encode(line)) > _LINE_BYTES_MAX:
        raise ValueError(f"header {key} has more than {_LINE_BYTES_MAX} bytes; Asterisk would drop the action")
    return line
