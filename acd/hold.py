"""The hold session: the waiting caller's AGI request, which itself dials the agents whom the engine has picked.

The channel hears music while no AGI command runs, and announcements in between. When this process dies, Asterisk ends
the request and the dialplan sends the caller in again with the same ACD_VISIT; a Dial that is running goes on without
us. ACD_DONE is the last thing a session sets, because Asterisk reports success for a request whose server was killed
(res_agi.c, run_agi).
"""

import logging
import re
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

from acd.announcing import Saying
from acd.callback_dialogue import CallbackDialogue, Ending
from acd.commands import ProposeCallback, ReleaseCaller, RingAgents
from acd.distributor import Distributor
from acd.events import (
    CallbackAsked,
    CallbackDeclined,
    CallerKeyed,
    CallerLeft,
    CallerTransferred,
    OfferFailed,
    SessionLost,
    TalkEnded,
)
from acd.held_caller import Dialling, HeldCaller
from acd.hold_entry import ENTRY, Entry, read_entry, variables
from acd.joined_sounds import first_of
from acd.model import EnteredVia, Offer, OfferOutcome, QueueRules, VisitOutcome, VisitState
from acd.music import MusicStep
from acd.outside import Outside, tell_refused
from acd.recording_rules import NEVER, Rules, dial_option, talk_arguments
from acd.ringing import answered_by, has_talked, outcome_of, unheard_talk
from acd.speech import Clips, Speech, silence
from acd.transfer import consulting_agent, dialled_by_keys
from acd.way_out import is_apologised, way_out
from pbx.fastagi import AgiSession, CallerGone, SessionOver, SwitchGone

log = logging.getLogger(__name__)

_DIAL: Final = ("DIALSTATUS", "HANGUPCAUSE", "ANSWEREDTIME", "DIALEDPEERNAME")
_SORRY: Final = Saying("queue.sorry")
_CALLBACK_TAKEN: Final = Saying("callback.taken")


class Holder:
    """Holds callers: `hold` is the handler of the AGI route of that name.

    Args:
        several: the phones of which more than one may be registered.
        recording: how the queues record.
        clips: what is said to callers, and whispered to agents.
        outside: who can be called back.
    """

    def __init__(
        self,
        distributor: Distributor,
        new_id: Callable[[], str],
        several: Collection[str] = (),
        clips: Clips = silence,
        recording: Rules | None = None,
        join: Callable[[Sequence[str]], str] = first_of,
        outside: Outside | None = None,
    ) -> None:
        self._join = join
        self.several = frozenset(several)
        """Extensions at which more than one phone may be registered."""
        self._distributor = distributor
        self._new_id = new_id
        self._held: set[HeldCaller] = set()
        self.recording = recording or {}
        self._clips = clips
        self._outside = outside or Outside()

    async def hold(self, session: AgiSession) -> None:
        """Hold one caller until the visit is over; the outcome is left in ACD_DONE."""
        entry = await self._enter(session)
        rules = self._distributor.engine.floor.queues.get(entry.joined.queue_id) or QueueRules("", {})
        press, tell = self._distributor.press, self._distributor.faults.tell
        speech = Speech(session, self._clips, rules.keys, press, self._join, tell)
        agents, steps = self._distributor.engine.agents, self._music_of(rules)
        caller = HeldCaller(session, entry, rules, speech, self.several, self._talk_option(entry), agents, steps)
        self._held.add(caller)
        self._distributor.attach(caller.visit_id, caller.take)
        known = self._distributor.engine.visits.get(caller.visit_id)
        if caller.is_consult and (known is None or known.entered_via is EnteredVia.CONSULT):  # else handed over by now
            self._distributor.consults[session.channel] = caller.visit_id
        try:
            self._distributor.post(entry.joined)
            outcome = await self._serve(caller)
            if caller.visit_id != entry.joined.visit_id:  # a survey is about the talk that was the last
                await session.set_variable("ACD_VISIT", caller.visit_id)
            await session.set_variable("ACD_DONE", outcome)
        except SwitchGone:
            self._lose(caller)
        except SessionOver:
            if await self._lives_on(caller):
                self._lose(caller)
            elif (extension := await self._sent_to(caller)) is not None:
                self._distributor.post(CallerTransferred(caller.visit_id, extension))
            else:
                self._distributor.post(CallerLeft(caller.visit_id))
        finally:
            self._distributor.detach(caller.visit_id, caller.take)
            self._held.discard(caller)

    def become(self, several: Collection[str], recording: Rules) -> None:
        """Take over what a changed site says; every session looks at the floor that stands now."""
        self.several, self.recording = frozenset(several), recording
        for caller in self._held:
            caller.look_again()

    def _music_of(self, rules: QueueRules) -> Callable[[], Sequence[MusicStep]]:
        """The music of a queue as the site says it at the moment of asking, or did last."""
        engine = self._distributor.engine
        return lambda: engine.floor.queues.get(rules.queue_id, rules).music

    def _lose(self, caller: HeldCaller) -> None:
        if self._distributor.detach(caller.visit_id, caller.take):  # else another session holds the caller by now
            self._distributor.post(SessionLost(caller.visit_id))

    async def _lives_on(self, caller: HeldCaller) -> bool:
        """Whether only this channel ended, in an attended transfer: AMI tells how the visit goes on.

        An agent's leg into the queue ends when they hand the caller over. A caller who is handed to a queue takes the
        place of that leg, and what is left to hang up here has another name (main/channel.c, masquerade).
        """
        if caller.is_consult or dialled_by_keys(caller.session.channel):  # Asterisk takes Local channels out of a talk
            return True
        visit = self._distributor.engine.visits.get(caller.visit_id)
        if visit is None or visit.state is not VisitState.CONNECTED:
            return False
        with suppress(SessionOver):
            return await caller.session.get_variable("CHANNEL(name)", after_hangup=True) != caller.session.channel
        return False

    async def _sent_to(self, caller: HeldCaller) -> str | None:
        """Where a blind transfer takes a caller whose session it ended.

        The channel is asked to hang up softly, which may be faster than AMI.
        """
        visit = self._distributor.engine.visits.get(caller.visit_id)
        if visit is None or visit.state is not VisitState.CONNECTED:
            return None
        with suppress(SessionOver):
            names = ("BLINDTRANSFER", "EXTEN")
            transferred, extension = await variables(caller.session, names, after_hangup=True)
            return extension if transferred else None
        return None

    async def _enter(self, session: AgiSession) -> Entry:
        values = await variables(session, ENTRY)
        entry = read_entry(dict(zip(ENTRY, values, strict=True)), self._new_id, time.time())
        agent_id = consulting_agent(session.channel, entry.joined.caller_number, self._distributor.agent_of)
        entry = replace(entry, joined=replace(entry.joined, consulting_agent_id=agent_id))
        if entry.is_new:
            arrived_at = time.time() - entry.joined.waited_seconds
            display = f"CALLERID(name)={self._display(entry)}"
            await session.execute(
                "MSet", f"ACD_ARRIVED={arrived_at:.3f}", f"ACD_VISIT={entry.joined.visit_id}", display
            )
        notice = self.recording.get(entry.joined.queue_id, NEVER).notice
        return replace(entry, notice="" if entry.noticed else notice or "")

    def _talk_option(self, entry: Entry) -> str:
        rule = self.recording.get(entry.joined.queue_id, NEVER)
        arrived_at = time.time() - entry.joined.waited_seconds
        arguments = talk_arguments(rule, entry.joined.visit_id, arrived_at, paused=entry.record_paused)
        return dial_option(arguments)

    def _display(self, entry: Entry) -> str:
        """What the agent's phone shows as the caller's name: what they called for. A comma would end the value."""
        floor = self._distributor.engine.floor
        queue = floor.queues.get(entry.joined.queue_id)
        segment = floor.segment_of(entry.joined.segment, entry.joined.caller_number)
        words = [segment.display if segment else "", queue.display if queue else "", entry.called_number]
        return " ".join(re.sub(r"[^\w .+-]", " ", word).strip() for word in words if word)

    async def _serve(self, caller: HeldCaller) -> str:
        if self._is_refused(caller):
            return "system_error"
        while True:
            match await caller.next():
                case None:
                    if caller.is_told_now:
                        await self._announce(caller)
                    if not caller.is_wanted:
                        await caller.music.play()
                case ReleaseCaller() as release, _:
                    await self._show_out(caller, release)
                    return release.outcome.value
                case ProposeCallback(), _:
                    await self._propose(caller)
                case RingAgents() as ring, dialling:
                    await self._ring(caller, ring, dialling or caller.dial(ring))

    async def _propose(self, caller: HeldCaller) -> None:
        """Tell the caller of the callback and hear what they want; an errand that comes meanwhile ends it."""
        number = caller.entry.joined.caller_number
        queue_id, call_id = caller.rules.queue_id, caller.entry.joined.call_id
        refused = partial(tell_refused, self._distributor, self._outside, call_id, queue_id)
        dialogue = CallbackDialogue(caller.speech, self._outside.allows, number, lambda: caller.is_wanted, refused)
        caller.music.stopped()
        choice = await dialogue.run()
        if choice.ending is Ending.CONFIRMED:
            self._distributor.post(CallbackAsked(caller.visit_id, choice.number, caller.session.language))
        elif choice.ending is not Ending.BROKEN_OFF:
            self._distributor.post(CallbackDeclined(caller.visit_id))
        if not caller.is_wanted:
            await caller.music.play()

    async def _announce(self, caller: HeldCaller) -> None:
        """Tell the caller that talks are recorded, once, and then how things stand; an errand that comes ends it."""
        told = await (self._give_notice(caller) if caller.notice else self._tell_round(caller))
        if told and not caller.is_wanted:
            await caller.session.execute("MSet", told)

    async def _give_notice(self, caller: HeldCaller) -> str:
        """What to keep on the channel. What was not heard to its end is said again."""
        if await self._say(caller, [Saying(caller.notice)]):
            caller.notice = ""
        return f"ACD_NOTICED={'' if caller.notice else 1}"

    async def _tell_round(self, caller: HeldCaller) -> str:
        outlook = self._distributor.engine.outlook(caller.visit_id)
        if outlook is None:
            return ""
        await self._say(caller, caller.announcer.round(caller.waited_seconds, outlook))
        return f"ACD_TOLD={caller.announcer.told}"

    async def _say(self, caller: HeldCaller, sayings: Sequence[Saying]) -> bool:
        """Whether the caller has heard it to its end."""
        caller.music.stopped()
        key = await caller.speech.say(sayings)
        if key is not None and not self._distributor.engine.switch_seen:  # else AMI tells it, as between prompts
            self._distributor.post(CallerKeyed(caller.visit_id, key))
        return key is None and not caller.speech.interrupted

    async def _show_out(self, caller: HeldCaller, release: ReleaseCaller) -> None:
        """Leave on the channel where the caller goes from here; one who has nowhere to go is owed a word."""
        waited = caller.waited_seconds + caller.entry.joined.waited_elsewhere_seconds
        way = way_out(release.outcome, release.to, caller.entry.handled, waited)
        if way:
            await caller.session.execute("MSet", *(f"{name}={value}" for name, value in way.items()))
        elif release.outcome is VisitOutcome.CALLBACK_TAKEN:
            await caller.speech.say([_CALLBACK_TAKEN])
        elif is_apologised(release.outcome):
            await caller.speech.say([_SORRY])

    def _is_refused(self, caller: HeldCaller) -> bool:
        """The engine did not take this caller in: the site has no such queue."""
        engine = self._distributor.engine
        return caller.visit_id not in engine.visits and caller.visit_id not in engine.ended

    async def _ring(self, caller: HeldCaller, ring: RingAgents, dialling: Dialling) -> None:
        caller.music.stopped()
        try:
            await dialling
        except CallerGone:
            await self._report_late_answer(caller, ring)
            raise
        visit = self._distributor.engine.visits.get(caller.visit_id)
        if visit is not None and visit.state is VisitState.CONNECTED:
            await self._report_talk_end(caller)
        elif self._still_open(ring):
            await self._report_dial(caller, ring)
        elif visit is not None:  # the offers were taken back: their lease had run out
            await caller.music.play()

    async def _report_talk_end(self, caller: HeldCaller) -> None:
        """Dial is over and the caller there: the agent hung up, or sent them on to where the channel stands now.

        An agent's leg in a consult knows nothing of that: handing over, Asterisk takes it out of a talk that the caller
        goes on with, and may do so before it hangs up. It is AMI that tells, and a picture after a gap.
        """
        if dialled_by_keys(caller.session.channel) or (caller.is_consult and await self._is_agents(caller)):
            if self._distributor.is_taker(caller.visit_id, caller.take):  # else the caller's own session goes on
                self._distributor.post(SessionLost(caller.visit_id))
            return
        transferred, extension = await variables(caller.session, ("BLINDTRANSFER", "EXTEN"))
        if transferred:
            self._distributor.post(CallerTransferred(caller.visit_id, extension))
        else:
            self._distributor.post(TalkEnded(caller.visit_id, by_agent=True))

    async def _is_agents(self, caller: HeldCaller) -> bool:
        """Whether this is the consulting agent's leg still, and not a caller who waited on in its place."""
        return await caller.session.get_variable("CHANNEL(name)") == caller.session.channel

    def _still_open(self, ring: RingAgents) -> list[Offer]:
        visit = self._distributor.engine.visits.get(ring.visit_id)
        return [] if visit is None else [offer for offer in ring.offers if offer in visit.offers.values()]

    async def _report_dial(self, caller: HeldCaller, ring: RingAgents) -> None:
        """Tell of every offer that AMI has not told of: a phone that fell silent before the others is over by now."""
        status, cause, answered, peer = await variables(caller.session, _DIAL)
        if has_talked(status, answered):
            self._distributor.post(unheard_talk(ring, answered, peer, by_agent=True))
            return
        await caller.music.play()  # Dial has stopped it
        whispered_to = answered_by(ring.offers, peer) if status == "ANSWER" else ""
        for offer in self._still_open(ring):
            spared = whispered_to not in ("", offer.agent_id)
            outcome = OfferOutcome.CANCEL_OTHER_WON if spared else outcome_of(status, cause)
            self._distributor.post(OfferFailed(offer.offer_id, ring.visit_id, outcome))

    async def _report_late_answer(self, caller: HeldCaller, ring: RingAgents) -> None:
        """The caller has hung up. If an agent had answered while AMI was away, this was a talk and no abandon."""
        if self._still_open(ring):
            status, _, answered, peer = await variables(caller.session, _DIAL, after_hangup=True)
            if has_talked(status, answered):
                self._distributor.post(unheard_talk(ring, answered, peer, by_agent=False))
