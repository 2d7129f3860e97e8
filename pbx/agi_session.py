"""One AGI request: the conversation with Asterisk about one channel, on panoramisk's `Request`.

Every line is taken as it comes, so `hung_up` is set even while no command is running.
"""

import asyncio
import enum
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from panoramisk.fast_agi import Request

from pbx.agi_wire import (
    MINUS_ONE_IS_AN_ANSWER,
    AgiReply,
    ReplyParser,
    command_line,
    digit,
    parse_target,
    variable_query,
    variable_value,
)
from pbx.errors import AgiRefused, AgiTimeout, CallerGone, SwitchGone

if TYPE_CHECKING:
    from pbx.fastagi import AgiServer

log = logging.getLogger(__name__)


class _Default(enum.Enum):
    TIMEOUT = "the server's AgiLimits.command_seconds"


DEFAULT_TIMEOUT: Final = _Default.TIMEOUT

_DEAD_CHANNEL: Final = 511


@dataclass(frozen=True)
class Played:
    """How a sound ended."""

    digit: str | None
    """The escape digit that stopped it; None where it played to its end."""
    endpos: int
    """Samples played (8,000 a second)."""


@dataclass(slots=True)
class _Owed:
    """A command whose reply has not come. Replies come in order, so a late one is still known by its place."""

    verb: str
    reply: asyncio.Future[AgiReply]

    def give_up(self, seconds: float) -> None:
        if not self.reply.done():
            self.reply.set_exception(AgiTimeout(f"{self.verb}: no reply in {seconds:g} s"))


class AgiSession(Request):  # type: ignore[misc]  # panoramisk has no types
    """What a handler uses to talk about its channel.

    Commands raise CallerGone after a hang-up without sending anything, unless `after_hangup` is given: Asterisk still
    reads and sets variables of a channel that was hung up. A handler that returns or raises ends the session.

    Attributes:
        headers: Asterisk's `agi_*` lines, e.g. `headers["agi_extension"]`.
        hung_up: set when the caller hung up or the connection ended, whatever the handler is doing then.
        ended_by: None while the caller is there; then "hangup", or "eof" where Asterisk closed without a hang-up.
        route, path_rest, query: of the AGI URL.
    """

    def __init__(self, app: "AgiServer", headers: Mapping[str, str], writer: asyncio.Transport) -> None:
        super().__init__(app, headers, None, writer)
        target = parse_target(headers)
        self.route: str = target.route
        self.path_rest: str = target.path_rest
        self.query: Mapping[str, str] = target.query
        self.hung_up = asyncio.Event()
        self.ended_by: Literal["hangup", "eof"] | None = None
        self._closed = False
        self._when_over: Callable[[], None] | None = None
        self._owed: deque[_Owed] = deque()
        self._parser = ReplyParser()

    @property
    def channel(self) -> str:
        """Asterisk's name of the channel, e.g. "PJSIP/trunk-00000001"."""
        return str(self.headers.get("agi_channel", ""))

    @property
    def uniqueid(self) -> str:
        """Asterisk's id of the channel."""
        return str(self.headers.get("agi_uniqueid", ""))

    @property
    def caller_number(self) -> str:
        """The number that the caller rings from; "" where it is withheld."""
        number = str(self.headers.get("agi_callerid", ""))
        return "" if number == "unknown" else number

    @property
    def language(self) -> str:
        """Language of the channel."""
        return str(self.headers.get("agi_language", ""))

    async def command(
        self,
        verb: str,
        *args: str | int,
        timeout_seconds: float | _Default | None = DEFAULT_TIMEOUT,
        after_hangup: bool = False,
    ) -> AgiReply:
        """Perform an AGI command; its arguments are quoted here.

        Raises:
            CallerGone: the caller hung up, before the command or during it.
            SwitchGone: the connection ended without a hang-up.
            AgiRefused: unknown command, wrong usage, or it failed (-1) and the caller is still there.
            AgiTimeout: no reply in time. Asterisk may still be performing the command, and performs the next after it.
            ValueError: an argument that cannot be sent; nothing was.
        """
        return await self.begin(verb, *args, timeout_seconds=timeout_seconds, after_hangup=after_hangup)

    def begin(
        self,
        verb: str,
        *args: str | int,
        timeout_seconds: float | _Default | None = DEFAULT_TIMEOUT,
        after_hangup: bool = False,
    ) -> Coroutine[None, None, AgiReply]:
        """Send a command before this returns; what is returned must be awaited for its reply.

        For a caller in whose name nothing may come between a decision and the command that it leads to. Raises as
        `command` does: what forbids the sending at once, the rest when awaited.
        """
        line = command_line(verb, args)
        self._raise_if_over(after_hangup)
        owed = self._send(verb, line)
        limit = self.app.limits.command_seconds if timeout_seconds is DEFAULT_TIMEOUT else timeout_seconds
        return self._finish(owed, limit if isinstance(limit, int | float) else None, after_hangup)

    async def _finish(self, owed: _Owed, seconds: float | None, after_hangup: bool) -> AgiReply:
        return await self._checked(owed.verb, await self._reply(owed, seconds), after_hangup)

    async def execute(
        self, app: str, *args: str, timeout_seconds: float | None = None, after_hangup: bool = False
    ) -> AgiReply:
        """Run a dialplan application with these arguments, as long as it takes; raises what `command` raises.

        The arguments are joined with commas as Asterisk expects: one that came from a caller must hold neither `,`
        nor `&` (S9).
        """
        return await self.command(
            "EXEC", app, ",".join(args), timeout_seconds=timeout_seconds, after_hangup=after_hangup
        )

    async def set_variable(self, name: str, value: str | int, *, after_hangup: bool = False) -> None:
        """Set a channel variable or a function (`CHANNEL(language)`)."""
        await self.command("SET VARIABLE", name, str(value), after_hangup=after_hangup)

    async def get_variable(self, name: str, *, after_hangup: bool = False) -> str | None:
        """Value of a variable, function (`CDR(billsec)`) or expression (`${A}-${B}`); None where unset or empty.

        Any bytes arrive as they are, line ends and quotes too: Asterisk sends them in base64.
        """
        reply = await self.command("GET FULL VARIABLE", variable_query(name), after_hangup=after_hangup)
        try:
            return variable_value(reply.value)
        except ValueError as error:
            raise AgiRefused(f"{name}: {error}") from None

    async def stream_file(
        self, path: str, escape_digits: str = "", *, timeout_seconds: float | _Default | None = DEFAULT_TIMEOUT
    ) -> Played:
        """Play a sound (without extension) until its end or an escape digit; AgiRefused where there is no such file."""
        reply = await self.command("STREAM FILE", path, escape_digits, timeout_seconds=timeout_seconds)
        return Played(digit(reply.result), reply.endpos or 0)

    async def record_file(
        self, path: str, ending: str, stop_keys: str, milliseconds: int, silence_seconds: int
    ) -> str | None:
        """Record what the caller says, at most so long; the key that ended it, None for silence or the end of the time.

        Raises, beside what `command` raises: CallerGone where they hung up; what they had said by then is in the file,
        which Asterisk closes after this answer and before it takes the next command (res_agi.c, handle_recordfile).

        Args:
            path: without its ending, which says the format.
        """
        limit = milliseconds / 1000 + 5
        words = (path, ending, stop_keys, milliseconds, f"s={silence_seconds}")
        return digit((await self.command("RECORD FILE", *words, timeout_seconds=limit)).result)

    async def get_option(self, path: str, escape_digits: str, milliseconds: int) -> Played:
        """Play a sound, then wait so long for one of the escape digits: `stream_file` and `wait_for_digit` in one.

        A file that is not there ends it at once, with nothing played; another key ends the wait. A hang-up in the wait
        is answered as if no key had come (res_agi.c, handle_getoption): a command that does nothing then tells.
        """
        seconds = self.app.limits.command_seconds + milliseconds / 1000
        reply = await self.command("GET OPTION", path, escape_digits, milliseconds, timeout_seconds=seconds)
        key = digit(reply.result)
        if key is None:
            await self.command("NOOP")
            self._raise_if_over(after_hangup=False)
        return Played(key, reply.endpos or 0)

    async def wait_for_digit(self, milliseconds: int) -> str | None:
        """Wait for a key; None when none came in time. A negative time waits for ever."""
        seconds = None if milliseconds < 0 else milliseconds / 1000 + 5
        return digit((await self.command("WAIT FOR DIGIT", milliseconds, timeout_seconds=seconds)).result)

    async def send_command(self, command: str) -> AgiReply:
        """P5: panoramisk sends any text and asks the sender to quote; use `command`.

        Raises:
            TypeError: always.
        """
        raise TypeError("use command(): it quotes its arguments")

    def call_when_over(self, act: Callable[[], None]) -> None:
        """Have `act` called in the moment in which `hung_up` is set; at once where it is. One at a time: the last."""
        self._when_over = act
        if self.hung_up.is_set():
            act()

    def close(self) -> None:
        """End the connection when all that was sent has left."""
        self.writer.close()

    def closed(self) -> None:
        """Told by the connection: it has ended, and nothing will answer what is owed."""
        self._over("eof")
        self._closed = True
        for owed in self._owed:
            if not owed.reply.done():
                owed.reply.set_exception(self._why_over())
        self._owed.clear()

    def take(self, line: str) -> None:
        """Told by the connection: a line came."""
        if line == "HANGUP" and not self._parser.inside:
            # P2: told between replies and never itself one; the reply that is owed still comes.
            self._over("hangup")
        elif not self._owed:
            log.warning("AGI line without a command dropped: uniqueid=%s", self.uniqueid)
        else:
            reply = self._parser.feed(line, self._owed[0].verb)
            if reply is not None:
                owed = self._owed.popleft()
                if not owed.reply.done():
                    owed.reply.set_result(reply)

    def _send(self, verb: str, line: bytes) -> _Owed:
        owed = _Owed(verb, asyncio.get_running_loop().create_future())
        self._owed.append(owed)
        self.writer.write(line)
        return owed

    async def _reply(self, owed: _Owed, seconds: float | None) -> AgiReply:
        if seconds is None:
            return await owed.reply
        lateness = asyncio.get_running_loop().call_later(seconds, owed.give_up, seconds)
        try:
            return await owed.reply
        finally:
            lateness.cancel()

    async def _checked(self, verb: str, reply: AgiReply, after_hangup: bool) -> AgiReply:
        if reply.code == _DEAD_CHANNEL:
            self._over("hangup")
            raise CallerGone(f"{verb}: the channel is dead")
        if reply.code != 200:
            raise AgiRefused(f"{verb}: {reply.code} {reply.value or ''}".rstrip())
        if verb == "EXEC" and reply.result == "-2":
            raise AgiRefused("EXEC: Asterisk has no such application loaded")
        if reply.result == "-1" and verb.upper() not in MINUS_ONE_IS_AN_ANSWER:
            await self._explain_minus_one(verb, after_hangup)
        return reply

    async def _explain_minus_one(self, verb: str, after_hangup: bool) -> None:
        """-1 means a hang-up or a failure such as a missing file. Asterisk tells a hang-up before it reads the next
        command, so after the reply to one that does nothing we know."""
        if not self.hung_up.is_set():
            await self._reply(self._send("NOOP", b"NOOP\n"), self.app.limits.command_seconds)
        self._raise_if_over(after_hangup=False)
        raise AgiRefused(f"{verb} failed (result -1) and the caller is still there")

    def _raise_if_over(self, after_hangup: bool) -> None:
        if self._closed or (self.hung_up.is_set() and not after_hangup):
            raise self._why_over()

    def _why_over(self) -> CallerGone | SwitchGone:
        if self.ended_by == "hangup":
            return CallerGone(f"the caller of {self.channel} hung up")
        return SwitchGone(f"Asterisk closed the AGI connection of {self.channel}")

    def _over(self, by: Literal["hangup", "eof"]) -> None:
        if self.ended_by is not None:
            return
        self.ended_by = by
        self.hung_up.set()
        if self._when_over is not None:
            self._when_over()
