"""What the dialplan hands over about a caller who comes to be held, read from their channel in one round trip."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from acd.events import CallerJoined
from acd.requirement import RequirementFault, parse
from acd.ringing import read_number
from pbx.fastagi import AgiSession

log = logging.getLogger(__name__)

ENTRY: Final = (
    "CHANNEL(linkedid)",
    "CALLERID(num)",
    "ACD_QUEUE",
    "ACD_SKILLS",
    "ACD_PRIORITY",
    "ACD_REQUIRES",
    "ACD_HEAD_START",
    "ACD_SEGMENT",
    "ACD_AGENT",
    "ACD_VISIT",
    "ACD_ARRIVED",
    "CHANNEL(musicclass)",
    "ACD_WAITED",
    "ACD_OUTCOMES",
    "ACD_TOLD",
    "HOTLINE_CALLED",
    "ACD_NOTICED",
    "ACD_RECORD_PAUSED",
)
_ANONYMOUS: Final = frozenset({"", "anonymous", "unknown", "restricted", "unavailable"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What the dialplan hands over about one caller (ARCHITECTURE.md, "What crosses the dialplan")."""

    joined: CallerJoined
    music: str
    is_new: bool
    handled: frozenset[str] = frozenset()
    """Outcomes after which the menu goes on."""
    told: str = ""
    """What the caller has been told of position and wait, in the words of `Announcer`."""
    called_number: str = ""
    noticed: bool = False
    """The caller has heard that talks are recorded."""
    notice: str = ""
    """Prompt that has to tell the caller so before a talk; empty where nothing has to."""
    record_paused: bool = False
    """The menu asks that the talk begin with its recording in a pause."""


async def variables(session: AgiSession, names: tuple[str, ...], *, after_hangup: bool = False) -> list[str]:
    """Read several variables in one round trip. URI-encoding keeps the separator and line ends out of the values."""
    expression = "|".join(f"${{URIENCODE(${{{name}}})}}" for name in names)
    told = await session.get_variable(expression, after_hangup=after_hangup) or ""
    values = [unquote(value) for value in told.split("|")]
    return values + [""] * (len(names) - len(values))


def read_entry(values: Mapping[str, str], new_id: Callable[[], str], at: float) -> Entry:
    """Read the channel's variables. A value that makes no sense counts as not given: the caller is held all the same.

    Args:
        values: by the names of `ENTRY`, empty where unset.
        at: epoch seconds.
    """
    number = values["CALLERID(num)"]
    visit_id = values["ACD_VISIT"]
    joined = CallerJoined(
        visit_id=visit_id or new_id(),
        call_id=values["CHANNEL(linkedid)"],
        queue_id=values["ACD_QUEUE"],
        caller_number="" if number.lower() in _ANONYMOUS else number,
        skills=_read_skills(values["ACD_SKILLS"]),
        priority=int(read_number(values["ACD_PRIORITY"])),
        waited_seconds=max(0.0, at - read_number(values["ACD_ARRIVED"], at)),
        waited_elsewhere_seconds=max(0.0, read_number(values["ACD_WAITED"])),
        requires=_read_requires(values["ACD_REQUIRES"]),
        # [transfer-back] counts in whole seconds of the clock: who is back within one comes out below nothing.
        head_start_seconds=max(0.0, read_number(values["ACD_HEAD_START"])),
        segment=values["ACD_SEGMENT"],
        named_agent_id=values["ACD_AGENT"],
    )
    return Entry(
        joined,
        values["CHANNEL(musicclass)"] or "default",
        is_new=not visit_id,
        handled=frozenset(values["ACD_OUTCOMES"].split()),
        told=values["ACD_TOLD"],
        called_number=values["HOTLINE_CALLED"],
        noticed=values["ACD_NOTICED"] == "1",
        record_paused=values["ACD_RECORD_PAUSED"] == "1",
    )


def _read_skills(text: str) -> dict[str, int]:
    """`mandarin:3 vip:1` to a requirement; words of another shape are left out."""
    pairs = (word.partition(":") for word in text.split())
    return {skill: int(level) for skill, _, level in pairs if skill and level.isdecimal()}


def _read_requires(text: str) -> str:
    try:
        return str(parse(text))
    except RequirementFault as fault:
        log.warning("action=enter requires=%r fault=%s", text, fault)
        return ""
