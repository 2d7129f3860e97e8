"""The story: its chapters, and how they are played."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from hotline.demo.enquiry import ask_for_orders
from hotline.demo.killing import kill_asterisk, kill_the_acd, kill_the_ivr
from hotline.demo.leaving import hang_up_everywhere
from hotline.demo.play import Play
from hotline.demo.routing import find_the_right_agent, pass_on_after_no_answer


@dataclass(frozen=True)
class Chapter:
    """A part of the story that can be played by itself, in any house that is up."""

    name: str
    title: str
    perform: Callable[[Play], Awaitable[None]]


ENQUIRY = Chapter("a", "Two callers ask the machine", ask_for_orders)
ROUTING = Chapter("b", "The right agent", find_the_right_agent)
NO_ANSWER = Chapter("c", "An agent does not answer", pass_on_after_no_answer)
LEAVING = Chapter("d", "Callers hang up", hang_up_everywhere)
ACD_KILLED = Chapter("e1", "The ACD is killed", kill_the_acd)
IVR_KILLED = Chapter("e2", "The IVR is killed", kill_the_ivr)
ASTERISK_KILLED = Chapter("f", "Asterisk is killed", kill_asterisk)

CHAPTERS = (ENQUIRY, ROUTING, NO_ANSWER, LEAVING, ACD_KILLED, IVR_KILLED, ASTERISK_KILLED)

ACTS: Sequence[Sequence[Sequence[Chapter]]] = (
    ((ENQUIRY, IVR_KILLED), (ROUTING, NO_ANSWER, LEAVING, ACD_KILLED)),
    ((ASTERISK_KILLED,),),
)
"""Acts follow one another. The rows of an act are played at once, each chapter by chapter: they share no agent, and
what one row kills the other does not need, or survives."""


async def perform(play: Play, chapter: Chapter) -> None:
    """Play one chapter; what breaks it off is a failed check, with the place where it broke.

    Raises nothing but what ends the process: the other chapters go on.
    """
    view = play.named(chapter.name)
    try:
        await chapter.perform(view)
    except Exception as broken:  # a chapter's failure is its finding, whatever it is
        place = traceback.extract_tb(broken.__traceback__)
        own = [f"{frame.name}:{frame.lineno}" for frame in place if "demo" in frame.filename]
        view.check("the chapter was played to its end", False, f"{broken} ({' > '.join(own)})")


async def perform_all(play: Play) -> None:
    """Play every chapter, act by act."""
    for act in ACTS:
        await asyncio.gather(*(_row(play, row) for row in act))


async def _row(play: Play, row: Sequence[Chapter]) -> None:
    for chapter in row:
        play.tell(f"[{chapter.name}] {chapter.title}")
        await perform(play, chapter)
