"""One caller in a hold session: what is to be done for them, in order, and what is due while nothing is."""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Final

from acd.announcing import Announcer, Saying
from acd.commands import FollowCaller, ProposeCallback, RingAgents
from acd.dial import dial_options
from acd.distributor import Errand
from acd.hold_entry import Entry
from acd.model import Agent, QueueRules
from acd.music import MusicStep
from acd.music_on_hold import MusicOnHold
from acd.ringing import dialling_of
from acd.speech import Speech
from pbx.fastagi import AgiReply, AgiSession, CallerGone, SwitchGone

AGENTS_LANGUAGE: Final = ""
"""None in particular: a prompt is then spoken in the site's first language."""
_WHISPERED_MINUTES_MAX: Final = 99
"""A whisper with the minutes waited is a sound for each number of them."""

Dialling = Coroutine[None, None, AgiReply]
"""A Dial that has been sent and is to be awaited."""


class HeldCaller:
    """A caller in a hold session, and the errands that wait to be carried out for them, in order."""

    def __init__(
        self,
        session: AgiSession,
        entry: Entry,
        rules: QueueRules,
        speech: Speech,
        several: Collection[str] = (),
        talk_option: str = "",
        agents: Mapping[str, Agent] | None = None,
        music_steps: Callable[[], Sequence[MusicStep]] = tuple,
    ) -> None:
        self._agents = agents or {}
        self.session = session
        self.entry = entry
        self._several = several
        self._talk_option = talk_option
        self.visit_id = entry.joined.visit_id
        self.notice = entry.notice
        """Still to be heard by the caller, to its end."""
        self.is_consult = bool(entry.joined.consulting_agent_id)
        self.rules = rules
        self.speech = speech
        self.arrived = time.monotonic() - entry.joined.waited_seconds
        self.announcer = Announcer(rules.announcements, entry.joined.waited_seconds, entry.told)
        self.music = MusicOnHold(session, entry.music, music_steps, lambda: self.waited_seconds)
        self._errands: asyncio.Queue[tuple[Errand, Dialling | None] | None] = asyncio.Queue()
        self._quiet: asyncio.Timeout | None = None
        """Runs while nothing is to be done for this caller."""
        self._busy = False
        session.call_when_over(lambda: self._errands.put_nowait(None))

    def take(self, errand: Errand) -> None:
        """Take an errand from the distributor. A Dial is on the wire when this returns: in a rush of events the next
        caller's INVITE does not queue up behind them."""
        dialling = None
        if isinstance(errand, FollowCaller):
            self.visit_id = errand.to_visit_id
            return
        if isinstance(errand, RingAgents) and not self._busy and not self.session.hung_up.is_set():
            self._busy = True
            dialling = self.dial(errand)
        self._errands.put_nowait((errand, dialling))
        self.speech.interrupt()

    def dial(self, ring: RingAgents) -> Dialling:
        """Dial on the caller's own channel: g brings the caller back when the agent hangs up, m plays on meanwhile.

        Of several phones the first that answers is bridged and the others are told that it was answered elsewhere.
        A notice that is still owed is said to both before that, and so before [talk] begins a recording.
        """
        minutes = min(int(self.waited_seconds / 60), _WHISPERED_MINUTES_MAX)
        notice = Saying(self.notice)
        whisper = self.speech.file(AGENTS_LANGUAGE, Saying(self.rules.whisper, {"minutes": minutes}), notice)
        greeting = self.speech.file(self.session.language, notice, Saying(self._greeting(ring)))
        phones = [phone for offer in ring.offers for phone in offer.phones]
        options = dial_options(self.music.name, whisper=whisper, greeting=greeting) + self._talk_option
        options = f"{ring.ring_seconds:.0f},{options}"
        return self.session.begin("EXEC", *dialling_of(phones, options, self._several), timeout_seconds=None)

    def _greeting(self, ring: RingAgents) -> str:
        """The agent's own, where it is sure who will pick up; else the queue's."""
        agent = self._agents.get(ring.offers[0].agent_id) if len(ring.offers) == 1 else None
        return (agent.profile.greeting if agent is not None else "") or self.rules.greeting

    @property
    def waited_seconds(self) -> float:
        return time.monotonic() - self.arrived

    @property
    def is_wanted(self) -> bool:
        """An errand waits to be carried out."""
        return not self._errands.empty()

    async def next(self) -> tuple[Errand, Dialling | None] | None:
        """The next errand, or None when something is due before it; from then on errands wait for `next`.

        Raises CallerGone or SwitchGone when the line is dead and no errand is left that was begun.
        """
        self._busy = self.is_wanted
        try:
            async with asyncio.timeout(self._quiet_seconds()) as self._quiet:
                errand = await self._errands.get()
        except TimeoutError:
            self._busy = True
            if not self.is_wanted:
                return None
            errand = self._errands.get_nowait()  # it came as the time ran out, perhaps with its Dial on the wire
        finally:
            self._quiet = None
        if errand is not None and isinstance(errand[0], ProposeCallback):
            self._busy = True  # the dialogue's commands come first; no Dial may be sent behind its back
        if errand is None:
            raise SwitchGone if self.session.ended_by == "eof" else CallerGone
        return errand

    def look_again(self) -> None:
        """The site has changed: what is due, and when, may be something else."""
        if self._quiet is not None and not self._quiet.expired():
            self._quiet.reschedule(asyncio.get_running_loop().time())

    @property
    def is_told_now(self) -> bool:
        """The notice or a round of announcements is due."""
        due = self._told_seconds
        return due is not None and due <= self.waited_seconds

    @property
    def _told_seconds(self) -> float | None:
        return 0.0 if self.notice else self.announcer.due_seconds

    def _quiet_seconds(self) -> float | None:
        dues = [due for due in (self._told_seconds, self.music.due_seconds) if due is not None]
        return max(0.0, min(dues) - self.waited_seconds) if dues else None
