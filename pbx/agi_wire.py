"""The AGI protocol without a socket: commands out of words, replies and the environment out of lines.

Shared by the asynchronous server (`fastagi`) and the synchronous scripts (`pyst`). Rules from Asterisk 22's
res/res_agi.c: `parse_args` (quoting), `agi_handle_command` (codes), the `handle_*` functions (replies).
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, unquote

from pbx.wire import decode, encode, refuse_control

COMMAND_BYTES_MAX: Final = 8190
"""Asterisk reads a command into 8,192 bytes."""
ARGUMENTS_MAX: Final = 127
"""Asterisk keeps 128 words of a command, the last for its own end mark."""
MINUS_ONE_IS_AN_ANSWER: Final = frozenset({"CHANNEL STATUS", "HANGUP", "NOOP"})
"""Commands that may answer -1 although the caller is there: the channel asked about is another one."""

_REPLY: Final = re.compile(r"(\d{3})([ -])(.*)", re.DOTALL)
_RESULT: Final = re.compile(r"result=(\S*) ?(.*)", re.DOTALL)
_VALUE: Final = re.compile(r"\((.*)\)(?: endpos=(\d+).*)?", re.DOTALL)
_ENDPOS: Final = re.compile(r"endpos=(\d+)")
# Commands whose value Asterisk prints raw, so that it may hold line ends.
_RAW_VALUES: Final = ("GET VARIABLE", "GET FULL VARIABLE", "DATABASE GET")


@dataclass(frozen=True)
class AgiReply:
    """Asterisk's answer to one command."""

    code: int
    """200 done, 510 unknown command, 511 the channel is dead, 520 wrong usage."""
    result: str
    """What follows `result=`: a number, keyed digits, or nothing."""
    value: str | None = None
    """What stands in parentheses: a variable's value, `timeout`, `dtmf`, ...; or the text of a refusal."""
    endpos: int | None = None
    """Samples played or recorded, where the command tells."""


def quote(word: str | int) -> str:
    """One argument as Asterisk's parse_args reads it back: only `"` and `\\` mean anything (P5, Y3).

    Raises:
        ValueError: CR, LF or NUL; a line end would start a second command (S8).
    """
    if isinstance(word, int):
        return str(word)
    escaped = refuse_control(word).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def command_line(verb: str, words: Iterable[str | int] = ()) -> bytes:
    """Bytes of a command. The verb may have several words (`STREAM FILE`) and is sent as it is.

    Raises:
        ValueError: a control character, too many words or too long a line.
    """
    return assemble(verb, [quote(word) for word in words])


def assemble(verb: str, quoted: list[str]) -> bytes:
    """Bytes of a command whose arguments went through `quote`; raises as `command_line` does."""
    line = encode(" ".join([refuse_control(verb), *quoted]))
    if len(verb.split()) + len(quoted) > ARGUMENTS_MAX:
        raise ValueError(f"{verb}: more than {ARGUMENTS_MAX} words")
    if len(line) > COMMAND_BYTES_MAX:
        raise ValueError(f"{verb}: {len(line)} bytes; Asterisk reads {COMMAND_BYTES_MAX}")
    return line + b"\n"


def variable_query(name: str) -> str:
    """The expression that fetches a variable so that no value can be taken for a reply (P3).

    A name, a function (`CDR(billsec)`) or a full expression (`${A}-${B}`). The dot keeps Asterisk from warning about
    an empty argument where the variable is not set.
    """
    expression = name if "${" in name else f"${{{name}}}"
    return f"${{BASE64_ENCODE(.{expression})}}"


def variable_value(encoded: str | None) -> str | None:
    """Value that `variable_query` fetched; None where it is unset or empty, which the dialplan does not tell apart.

    Raises:
        ValueError: what came is not what BASE64_ENCODE makes (is func_base64.so loaded?).
    """
    try:
        raw = base64.b64decode(encoded or "", validate=True)
    except binascii.Error:
        raw = b""
    if not raw.startswith(b"."):
        raise ValueError("no answer from BASE64_ENCODE: is func_base64.so loaded?")
    return decode(raw[1:]) or None


class ReplyParser:
    """Lines of Asterisk's -> replies, for one session.

    Feed every line but `HANGUP`, which is no reply (P2): `feed` gives the reply that the line completes, or None.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []

    def feed(self, line: str, verb: str) -> AgiReply | None:
        """Take the next line (without its line end) of the reply to a command of this verb."""
        if self._lines:
            return self._continue(line)
        found = _REPLY.fullmatch(line)
        if found is None or found[1].startswith("1"):
            # "100 result=0 Trying..." announces a reply; anything without a code is not one.
            return None
        if found[1] == "520" and found[2] == "-":
            # P3: the usage text has any number of lines and ends with a line "520 ...".
            self._lines = [line]
            return None
        if found[1] == "200" and _open_value(line, verb):
            self._lines = [line]
            return None
        return _reply(int(found[1]), found[3])

    @property
    def inside(self) -> bool:
        """True in the middle of a reply of several lines: the next line belongs to it, even `HANGUP`."""
        return bool(self._lines)

    def _continue(self, line: str) -> AgiReply | None:
        self._lines.append(line)
        usage = self._lines[0].startswith("520")
        if not (line.startswith("520 ") if usage else line.endswith(")")):
            return None
        text = "\n".join(self._lines)
        self._lines = []
        return AgiReply(520, "", text) if usage else _reply(200, text[4:])


def _open_value(line: str, verb: str) -> bool:
    return line.startswith("200 result=1 (") and not line.endswith(")") and verb.upper().startswith(_RAW_VALUES)


def _reply(code: int, text: str) -> AgiReply:
    # P4: the value is whatever stands between the first and the last parenthesis, even "hangup".
    found = _RESULT.fullmatch(text)
    if code != 200 or found is None:
        return AgiReply(code, "", text)
    result, rest = found[1], found[2]
    valued = _VALUE.fullmatch(rest)
    if valued is not None:
        return AgiReply(code, result, valued[1], None if valued[2] is None else int(valued[2]))
    placed = _ENDPOS.search(rest)
    return AgiReply(code, result, None if placed else rest or None, int(placed[1]) if placed else None)


def digit(result: str) -> str | None:
    """The key that a result names by its character code; None for 0, which means that none was pressed."""
    return chr(int(result)) if result not in ("", "0") else None


def parse_environment(raw: bytes) -> dict[str, str]:
    """The `agi_*` lines that Asterisk sends first, decoded; the first line of a name wins (S26)."""
    headers: dict[str, str] = {}
    for line in decode(raw).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name, value.removeprefix(" "))
    return headers


@dataclass(frozen=True)
class Target:
    """What an AGI URL asks for."""

    route: str
    """First segment of the path; "" where there is none."""
    path_rest: str = ""
    """The other segments, e.g. "log_in" of `agi://host/agent/log_in`."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Parameters; the first of a name wins."""


def parse_target(headers: Mapping[str, str]) -> Target:
    """Route of a request (P5: with a query it is still the same route)."""
    request = headers.get("agi_request", "")
    script = headers.get("agi_network_script") or request.partition("://")[2].partition("/")[2]
    path, _, query = script.partition("?")
    route, _, rest = path.strip("/").partition("/")
    pairs = dict(reversed(parse_qsl(query, keep_blank_values=True)))
    return Target(unquote(route), unquote(rest), pairs)
