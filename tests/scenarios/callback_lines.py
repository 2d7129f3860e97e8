"""The scenarios' lines about callbacks. A callback is named after the number to call: `the callback of zhang`."""

import re
from collections.abc import Callable, Mapping
from re import Match
from typing import Any

from acd.callback import AttemptOutcome, CallbackMode, CallbackRules, offer_of
from acd.commands import Command, DialCaller, KeepOne, ProposeCallback, ReachAgent, ReachCaller, Record, StopReaching
from acd.events import (
    AgentReached,
    CallbackAnswered,
    CallbackAsked,
    CallbackBooked,
    CallbackCancelled,
    CallbackDeclined,
    CallbackEvent,
    CallbackFailed,
    CallbackWanted,
    CallerJoined,
)

RULES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "mode": ("mode", CallbackMode),
    "attempts": ("attempts", int),
    "retry": ("retry_seconds", float),
    "delay": ("initial_delay_seconds", float),
    "caller-rings": ("ring_seconds", float),
    "when-closed": ("refuses_when_closed", lambda word: word == "refuse"),
}
"""Of `queue orders callback mode=agent_first,attempts=2`."""

_WORDS = "|".join(outcome.value for outcome in AttemptOutcome)
HAPPENINGS = {
    r"caller (?P<caller>\w+) wants a callback": "wants",
    r"caller (?P<caller>\w+) declines the callback": "declines",
    r"caller (?P<caller>\w+) takes a callback(?: to (?P<number>\w+))?": "takes",
    r"caller (?P<caller>\w+) books a callback of (?P<queue>\w+)(?: to (?P<number>\w+))?"
    r"(?: after (?P<waited>\d+) elsewhere)?": "books",
    r"callback of (?P<number>\w+) is cancelled": "cancelled",
    r"agent (?P<agent>\d+) holds the line for (?P<number>\w+)(?P<other> at another phone)?": "holds",
    r"(?P<number>\w+) answers the callback": "answered",
    rf"callback of (?P<number>\w+) fails \((?P<outcome>{_WORDS})\)": "fails",
}


def rules_of(text: str) -> CallbackRules:
    """`mode=agent_first,attempts=2` as rules."""
    pairs = (word.partition("=") for word in text.split(",") if word != "default")
    return CallbackRules(**{RULES[name][0]: RULES[name][1](value) for name, _, value in pairs})


class Callbacks:
    """Knows the ids of one scenario's callbacks, offers and attempts by the number to call."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._attempts: dict[str, str] = {}

    def event(self, what: str, found: Match[str]) -> CallbackEvent:
        """The event of a line of HAPPENINGS."""
        told = found.groupdict()
        callback_id = self._ids.get(told.get("number") or "", "none")
        attempt_id = self._attempts.get(callback_id, "none")
        match what:
            case "wants":
                return CallbackWanted(told["caller"])
            case "declines":
                return CallbackDeclined(told["caller"])
            case "takes":
                return CallbackAsked(told["caller"], told["number"] or told["caller"], "zh")
            case "cancelled":
                return CallbackCancelled(callback_id)
            case "books":
                caller, number = told["caller"], told["number"] or told["caller"]
                waited = float(told["waited"] or 0)
                joined = CallerJoined(caller, f"call-{caller}", told["queue"], caller, waited_elsewhere_seconds=waited)
                return CallbackBooked(joined, number, "zh")
            case "holds":
                return AgentReached(callback_id, ("2~" if told["other"] else "") + offer_of(attempt_id))
            case "answered":
                return CallbackAnswered(callback_id, attempt_id)
        return CallbackFailed(callback_id, attempt_id, AttemptOutcome(told["outcome"]))

    def call_of(self, name: str) -> str:
        """The call that a caller is in: that of the last attempt, where they were called back."""
        return self._attempts.get(self._ids.get(name, ""), name)

    def visit_of(self, name: str) -> str:
        """The visit that a line means: where a number has a callback, that."""
        return self._ids.get(name, name)

    def note(self, command: Command) -> None:
        """Learn ids from what the distributor does."""
        match command:
            case Record("CALLBACKTAKEN", told):
                self._ids[str(told["number"])] = str(told["callback_id"])
            case ReachAgent(visit_id, offer, _):
                self._attempts[visit_id] = offer.offer_id
            case ReachCaller(visit_id, attempt_id) | DialCaller(visit_id, attempt_id):
                self._attempts[visit_id] = attempt_id

    def named(self, text: str) -> str:
        """The text with callbacks by their numbers."""
        for number, callback_id in self._ids.items():
            text = re.sub(rf"\b{callback_id}\b", f"callback-of-{number}", text)
        return text


def say(command: Command) -> str | None:
    """What `transcript.say` says of the commands and records of callbacks; None for others."""
    match command:
        case ProposeCallback(visit_id):
            return f"propose a callback to {visit_id}"
        case ReachAgent(visit_id, offer, _):
            return f"ring {offer.agent_id} for {visit_id}"
        case KeepOne(visit_id, _, _):
            return f"ring only one phone for {visit_id}"
        case DialCaller(visit_id, _, number, ring_seconds):
            return f"dial {number} for {visit_id}, {ring_seconds:.0f} s"
        case ReachCaller(visit_id, _, number, ring_seconds):
            return f"call {number} for {visit_id}, {ring_seconds:.0f} s"
        case StopReaching(_):
            return "stop calling"
        case Record("CALLBACKTAKEN", told):
            return f"CALLBACKTAKEN {told['visit_id']} after {told['wait_seconds']:.1f} s: {told['callback_id']}"
        case Record("CALLBACKATTEMPT", told):
            by = f" by {told['agent_id']}" if told["agent_id"] else ""
            return f"attempt of {told['callback_id']}{by}"
        case Record("CALLBACKATTEMPTEND", told):
            retry = f", again in {told['retry_seconds']:.0f} s" if told["retry_seconds"] else ""
            return f"attempt of {told['callback_id']}: {told['outcome']}{retry}"
        case Record("CALLBACKEND", told):
            return f"CALLBACKEND {told['callback_id']}: {told['outcome']} ({told['cause']})"
    return None
