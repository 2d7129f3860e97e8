"""Feature codes: an agent dials one, the state changes, a voice tells what has come of it, or will after the call.

Who dials is known from the phone's own SIP account (PHONE and its owner AGENT_ID, set on the PJSIP endpoint) and from
who is logged in there, never from a caller number. At a desk phone without an owner log-in asks for number and PIN.
"""

import hmac
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from acd.desk import Desk, Granted, UnknownAgent, UnknownReason, When
from acd.model import AgentState
from acd.transitions import Refused
from acd.wrong_pins import PinLimits
from pbx.fastagi import AgiSession, SessionOver

log = logging.getLogger(__name__)

Clips = Callable[[str, str], list[str]]
"""(prompt id, language) to sound files without extension."""

PIN_TRIES: Final = 3
"""Wrong numbers or PINs in one call; then it is over. Over calls, `PinLimits` counts them."""
_KEY_MILLISECONDS: Final = 8_000
_KEYS_MAX: Final = 8
_WORDS_OF: Final[Mapping[When, str]] = {
    When.AFTER_CALL: "agent.after_call",
    When.AFTER_DISPOSITION: "agent.after_disposition",
}


@dataclass(frozen=True, slots=True)
class Book:
    """What the site says of its agents' codes."""

    pins: Mapping[str, str] = field(default_factory=dict, repr=False)
    """by agent_id"""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """the key behind the code for not ready, and the reason's id"""
    pin_limits: PinLimits = field(default_factory=PinLimits)


@dataclass(frozen=True, slots=True)
class _Dialled:
    """Who has dialled, where, and the digits behind the code."""

    agent_id: str
    phone: str
    digits: str


class AgentDesk:
    """Answers feature codes: `handle` is the handler of the AGI route `agent`: `agent/<name of the code>/<digits>`."""

    def __init__(self, desk: Desk, clips: Clips, book: Book | None = None) -> None:
        self._desk = desk
        self._clips = clips
        self.book = book or Book()
        """Renewed by a reload."""

    async def handle(self, session: AgiSession) -> None:
        """Change the state first, then answer and confirm: a phone that hangs up as soon as it is answered has been
        heard."""
        try:
            phone = await session.get_variable("PHONE") or ""
            owner = await session.get_variable("AGENT_ID") or ""
            name, _, digits = session.path_rest.partition("/")
            if name == "log_in" and not owner and phone:
                await self._log_in_by_pin(session, phone)
                return
            agent_id = owner if name == "log_in" else self._desk.agent_at(phone, owner)
            prompts = self._do(CODES.get(name), _Dialled(agent_id, phone, digits))
            await session.command("ANSWER")
            await self._say(session, prompts)
        except SessionOver:
            return

    def _do(self, act: "Act | None", dialled: _Dialled) -> list[str]:
        """Carry a code out; the prompts that tell what has come of it."""
        try:
            return ["agent.refused"] if act is None else act(self, dialled)
        except Refused as refusal:
            return [f"agent.refused_{refusal.why.value}"]
        except (UnknownAgent, UnknownReason) as unknown:
            log.warning("action=feature_code phone=%r unknown=%r", dialled.phone, str(unknown))
            return ["agent.unknown_digits" if isinstance(unknown, UnknownReason) else "agent.refused"]

    def _log_in(self, dialled: _Dialled) -> list[str]:
        """At a phone of their own: at all of their own, unless they are logged in and this one is among those."""
        standing = self._desk.standing(dialled.agent_id)
        moves = standing.state is not AgentState.LOGGED_OFF and dialled.phone not in standing.phones
        phones = standing.own_phones if moves else ()
        return _told(self._desk.log_in(dialled.agent_id, phones), "agent.logged_in")

    def _ready(self, dialled: _Dialled) -> list[str]:
        return _told(self._desk.ready(dialled.agent_id), "agent.ready")

    def _not_ready(self, dialled: _Dialled) -> list[str]:
        reason = self.book.reasons.get(dialled.digits, "")
        if dialled.digits and not reason:
            raise UnknownReason(dialled.digits)
        words = ["agent.not_ready", *([f"agent.reason.{reason}"] if reason else [])]
        return _told(self._desk.not_ready(dialled.agent_id, reason, otherwise="by_phone"), *words)

    def _log_off(self, dialled: _Dialled) -> list[str]:
        return _told(self._desk.log_off(dialled.agent_id, "by_phone"), "agent.logged_off")

    def _wrap_up(self, dialled: _Dialled) -> list[str]:
        return _told(self._desk.wrap_up(dialled.agent_id), "agent.wrap_up")

    def _disposition(self, dialled: _Dialled) -> list[str]:
        if not dialled.digits:
            return ["agent.unknown_digits"]
        words = ["agent.disposition_kept", f"agent.disposition.{dialled.digits}"]
        return _told(self._desk.disposition(dialled.agent_id, dialled.digits), *words)

    # Logging in at a desk phone

    async def _log_in_by_pin(self, session: AgiSession, phone: str) -> None:
        await session.command("ANSWER")
        before: list[str] = []
        for _ in range(PIN_TRIES):
            if self._desk.locked(phone):
                break
            agent_id = await self._ask_digits(session, *before, "agent.ask_number")
            pin = await self._ask_digits(session, "agent.ask_pin")
            before = self._try_pin(_Dialled(agent_id, phone, ""), pin)
            if before != ["agent.wrong_pin"]:
                break
        locked = before != ["agent.locked"] and self._desk.locked(phone)
        await self._say(session, [*before, *(["agent.locked"] if locked else [])])

    def _try_pin(self, dialled: _Dialled, pin: str) -> list[str]:
        """Log in where the PIN is right; what to say of it. Nothing is awaited between look and record, so that
        calls at the same time have no try more."""
        known = dialled.agent_id if dialled.agent_id in self.book.pins else ""
        if self._desk.locked(dialled.phone, known):
            return ["agent.locked"]
        if self._is_pin_of(dialled.agent_id, pin):
            return self._do(AgentDesk._log_in_at, dialled)
        log.warning("action=log_in phone=%r agent_id=%r wrong_pin", dialled.phone, known)
        if pin:  # nobody guesses with nothing
            self._desk.wrong_pin(dialled.phone, known, self.book.pin_limits)
        return ["agent.wrong_pin"]

    def _log_in_at(self, dialled: _Dialled) -> list[str]:
        return _told(self._desk.log_in(dialled.agent_id, (dialled.phone,)), "agent.logged_in")

    def _is_pin_of(self, agent_id: str, pin: str) -> bool:
        """An unknown number costs as long as a wrong PIN: neither is told from the other."""
        known = self.book.pins.get(agent_id, "")
        return hmac.compare_digest(known.encode(), pin.encode()) and known != ""

    async def _ask_digits(self, session: AgiSession, *prompts: str) -> str:
        """What is keyed up to the pound key; the first key ends the prompts."""
        keyed = await self._say(session, prompts, escape_digits="0123456789#") or ""
        while not keyed.endswith("#") and len(keyed) < _KEYS_MAX:
            digit = await session.wait_for_digit(_KEY_MILLISECONDS)
            if digit is None:
                break
            keyed += digit
        return keyed.removesuffix("#")

    async def _say(self, session: AgiSession, prompts: Sequence[str], escape_digits: str = "") -> str | None:
        """Say these prompts; the key that ended them, where one of `escape_digits` did."""
        for clip in [clip for prompt in prompts for clip in self._clips(prompt, session.language)]:
            played = await session.stream_file(clip, escape_digits)
            if played.digit is not None:
                return played.digit
        return None


def _told(granted: Granted, *words: str) -> list[str]:
    later = _WORDS_OF.get(granted.when)
    return [*words, later] if later else list(words)


Act = Callable[[AgentDesk, _Dialled], list[str]]
CODES: Final[Mapping[str, Act]] = {
    "log_in": AgentDesk._log_in,
    "ready": AgentDesk._ready,
    "not_ready": AgentDesk._not_ready,
    "log_off": AgentDesk._log_off,
    "wrap_up": AgentDesk._wrap_up,
    "disposition": AgentDesk._disposition,
    "unknown": lambda desk, dialled: ["agent.unknown_digits"],
}
