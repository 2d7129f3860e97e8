"""The `AGI` class of pyst2 for the scripts of `agi_scripts/`, with its defects closed.

    def order_status(agi: Agi) -> None:
        number = agi.collect_digits(["/prompts/ask_order"], max_digits=12)

Every method of pyst2's class works as documented there, in any thread, over any pair of binary streams. A caller who
hangs up ends the script with AGIHangup at its next command.
"""

import sys
from collections.abc import Iterable
from typing import Any, BinaryIO, Final, cast

from asterisk.agi import (
    AGI,
    AGIAppError,
    AGIDBError,
    AGIError,
    AGIHangup,
    AGIInvalidCommand,
    AGIResultHangup,
    AGISIGHUPHangup,
    AGISIGPIPEHangup,
    AGIUnknownError,
    AGIUsageError,
)

from pbx.agi_wire import (
    MINUS_ONE_IS_AN_ANSWER,
    AgiReply,
    ReplyParser,
    assemble,
    parse_environment,
    parse_target,
    quote,
    variable_query,
    variable_value,
)
from pbx.wire import decode

__all__ = [
    "AGIAppError",
    "AGIDBError",
    "AGIError",
    "AGIHangup",
    "AGIInvalidCommand",
    "AGIUsageError",
    "Agi",
]

HEADER_BYTES_MAX: Final = 16_384
LINE_BYTES_MAX: Final = 65_536

Result = dict[str, tuple[str, str]]
"""pyst2's form of a reply: `{"result": (result, value in parentheses), "endpos": (samples, "")}`."""


class _Quoted(str):
    """An argument that was quoted already, so that it is not quoted twice."""

    __slots__ = ()


class Agi(AGI):  # type: ignore[misc]  # pyst2 has no types
    """One call's conversation with Asterisk, blocking.

    Args:
        stdin, stdout: the two directions, binary (or text with a `buffer`); the process's own by default.
        environment: Asterisk's `agi_*` lines, where a server has read them already.

    Attributes:
        env: the `agi_*` lines, decoded; bytes that are not UTF-8 are kept as surrogates.
        target: route, rest of the path and query of the AGI URL.
        hung_up: True once Asterisk has told that the caller hung up.

    Raises:
        AGISIGPIPEHangup: the streams ended within the environment.
    """

    def __init__(self, stdin: Any = None, stdout: Any = None, *, environment: bytes | None = None) -> None:
        # Y2: pyst2 takes over SIGHUP, which only the main thread may, and writes every line of the call to stderr.
        # A text stream closes its buffer when it is collected: keep both.
        self._given = (sys.stdin if stdin is None else stdin, sys.stdout if stdout is None else stdout)
        self.stdin, self.stdout = (_binary(stream) for stream in self._given)
        self.hung_up = False
        self._parser = ReplyParser()
        self.env = parse_environment(self._read_environment() if environment is None else environment)
        self.target = parse_target(self.env)

    def play(self, paths: Iterable[str], escape_digits: str = "") -> str:
        """Play sounds (without extension) one after the other; the escape digit that stopped them, or "".

        Raises:
            AGIAppError: there is no such file.
            AGIHangup: the caller hung up.
        """
        for path in paths:
            pressed = self.stream_file(path, escape_digits)
            if pressed:
                return str(pressed)
        return ""

    def collect_digits(
        self,
        paths: Iterable[str],
        *,
        max_digits: int,
        first_digit_seconds: float = 5.0,
        inter_digit_seconds: float = 2.0,
        terminator: str = "#",
    ) -> str:
        """Play sounds, which the first key stops, and take the keys that follow.

        Returns:
            The keys up to the terminator (not included), `max_digits` or a pause; "" if none came in time.
        """
        key = self.play(paths, "0123456789*#") or self.wait_for_digit(round(first_digit_seconds * 1000))
        keys = ""
        while key and key != terminator:
            keys += key
            if len(keys) >= max_digits:
                break
            key = self.wait_for_digit(round(inter_digit_seconds * 1000))
        return keys

    def get_variable(self, name: str) -> str:
        """Value of a variable, function or expression; "" where it is not set. Line ends and quotes arrive as they are
        (P3: pyst2 takes the second line of a value for the next reply)."""
        result: Result = self.execute("GET FULL VARIABLE", self._quote(variable_query(name)))
        try:
            return variable_value(result["result"][1]) or ""
        except ValueError as error:
            raise AGIAppError(f"{name}: {error}") from None

    def database_get(self, family: str, key: str) -> str:
        """A value of Asterisk's database (Y3: pyst2 quotes twice, and so asks for another key).

        Raises:
            AGIDBError: there is no such key.
        """
        result, value = self.execute("DATABASE GET", self._quote(family), self._quote(key))["result"]
        if result != "1":
            raise AGIDBError(f"no key {key!r} in family {family!r}")
        return str(value)

    def test_hangup(self) -> None:
        """Raise AGISIGHUPHangup once the caller has hung up."""
        if self.hung_up:
            raise AGISIGHUPHangup("the caller hung up")

    def execute(self, command: str, *args: Any) -> Result:
        """Send a command and give its reply.

        Raises:
            AGIHangup: the caller hung up, or Asterisk closed the connection (AGISIGPIPEHangup).
            AGIAppError: the command failed (-1) and the caller is still there.
            AGIInvalidCommand, AGIUsageError: 510, 520.
            ValueError: an argument with CR, LF or NUL; nothing was sent.
        """
        self.test_hangup()
        self.send_command(command, *args)
        return self._result(command.strip().upper())

    def send_command(self, command: str, *args: Any) -> None:
        """Write one command; what pyst2 did not quote is quoted here (Y3), so file names may hold spaces."""
        words = list(args)
        while words and words[-1] == "" and not isinstance(words[-1], _Quoted):
            words.pop()
        line = assemble(command.strip(), [self._quote(word) for word in words])
        try:
            self.stdout.write(line)
            self.stdout.flush()
        except (OSError, ValueError) as error:
            raise AGISIGPIPEHangup(f"Asterisk closed the connection: {error}") from None

    def get_result(self, stdin: Any = None) -> Result:
        """Read the reply to the last command, as `execute` does."""
        return self._result("")

    def _quote(self, string: Any) -> _Quoted:
        # Y3: pyst2 puts quotes around a text and escapes none within it.
        if isinstance(string, _Quoted):
            return string
        return _Quoted(quote(string if isinstance(string, int) else str(string)))

    def _result(self, verb: str) -> Result:
        reply = self._read_reply(verb)
        if reply.code == 510:
            raise AGIInvalidCommand(reply.value)
        if reply.code == 511:
            self.hung_up = True
            raise AGIResultHangup("the channel is dead")
        if reply.code == 520:
            raise AGIUsageError(reply.value)
        if reply.code != 200:
            raise AGIUnknownError(reply.code, reply.value)
        if reply.result == "-1":
            self._explain_minus_one(verb)
        return _as_pyst(reply)

    def _explain_minus_one(self, verb: str) -> None:
        """A hang-up, or a failure such as a missing file: Asterisk tells a hang-up before it reads the next command."""
        if verb not in MINUS_ONE_IS_AN_ANSWER:
            self.send_command("NOOP")
            self._read_reply("NOOP")
            if self.hung_up:
                raise AGIResultHangup(f"the caller hung up during {verb}")
        raise AGIAppError(f"{verb} failed (result -1)")

    def _read_reply(self, verb: str) -> AgiReply:
        while True:
            line = decode(self._read_line())
            if line == "HANGUP" and not self._parser.inside:
                # Y4: told between replies and not one itself; the reply that is owed still comes.
                self.hung_up = True
                continue
            reply = self._parser.feed(line, verb)
            if reply is not None:
                return reply

    def _read_environment(self) -> bytes:
        header = bytearray()
        while line := self._read_line():
            header += line + b"\n"
            if len(header) > HEADER_BYTES_MAX:
                raise AGIError(f"environment of more than {HEADER_BYTES_MAX} bytes")
        return bytes(header)

    def _read_line(self) -> bytes:
        try:
            line = self.stdin.readline(LINE_BYTES_MAX)
        except (OSError, ValueError) as error:
            raise AGISIGPIPEHangup(f"the connection to Asterisk is lost: {error}") from None
        if not line.endswith(b"\n"):
            # Y4: at the end of its input pyst2 reads "" for ever.
            raise AGISIGPIPEHangup("Asterisk closed the connection")
        return bytes(line[:-1])


def _binary(stream: Any) -> BinaryIO:
    return cast(BinaryIO, getattr(stream, "buffer", stream))


def _as_pyst(reply: AgiReply) -> Result:
    result: Result = {"result": (reply.result, reply.value or "")}
    if reply.endpos is not None:
        result["endpos"] = (str(reply.endpos), "")
    return result
