"""All that the ACD takes from a site, made in one go: so that a reload changes over to all of it, or to nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from acd.agents import Book
from acd.model import Floor
from acd.outside import Outside
from acd.recording_rules import Rules
from acd.wrong_pins import PinLimits
from dialplan.site import Site
from hotline import compiled
from hotline.floor_of_site import floor_of, outside_of, recording_rules_of, supervisors_of
from hotline.opening import Opening
from hotline.voices import site_voice
from ivr.voice import Voice


@dataclass(frozen=True)
class SiteWords:
    """One site, in the words of the rooms that use it."""

    floor: Floor
    voice: Voice
    outside: Outside
    opening: Opening
    recording: Rules
    book: Book
    reasons: frozenset[str]
    """Ids of the reasons for not being ready."""
    several: frozenset[str]
    """Extensions at which more than one phone may be registered."""
    supervisors: dict[str, frozenset[str]]
    """What each may do, by extension."""
    is_code: Callable[[str], bool]
    """Whether what was dialled is a feature code."""


def words_of(folder: Path) -> SiteWords:
    """Read a generation's site, in this folder, and speak its prompts.

    Raises SiteInvalid, and whatever keeps a prompt from being spoken.
    """
    site = compiled.read(folder.parent)
    return SiteWords(
        floor=floor_of(site),
        voice=site_voice(site, folder / "prompts"),
        outside=outside_of(site),
        opening=Opening.of_site(site),
        recording=recording_rules_of(site),
        book=book_of(site),
        reasons=frozenset(reason.id for reason in site.not_ready_reasons.values()),
        several=frozenset(extension for extension, agent in site.agents.items() if agent.max_phones > 1),
        supervisors=supervisors_of(site),
        is_code=site.feature_codes.includes,
    )


def book_of(site: Site) -> Book:
    """What the site says of its agents' codes."""
    pins = {extension: agent.pin for extension, agent in site.agents.items() if agent.pin is not None}
    limits = PinLimits(**site.pins.model_dump())
    return Book(pins, {key: reason.id for key, reason in site.not_ready_reasons.items()}, limits)
