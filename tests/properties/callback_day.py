"""What people do about callbacks on a random day, beside all that `test_engine` has them do."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from acd.callback import AttemptOutcome
from acd.events import (
    CallbackAsked,
    CallbackCancelled,
    CallbackDeclined,
    CallbackWanted,
    CallerRanked,
    TalkChanged,
)
from acd.model import OfferOutcome, Visit, VisitState
from tests.properties.fake_switch import Call, FakeSwitch
from tests.properties.outgoing import Channel
from tests.properties.watched import Watched

_NUMBERS = ["1391", "1391", "1392", "1399"]
_AGENTS_PHONE = [OfferOutcome.RNA, OfferOutcome.REJECT, OfferOutcome.BUSY, OfferOutcome.UNREACHABLE]
_CALLERS_PHONE = [
    *(AttemptOutcome.NO_ANSWER, AttemptOutcome.BUSY, AttemptOutcome.UNREACHABLE, AttemptOutcome.FORBIDDEN),
]


class CallbackDay(RuleBasedStateMachine):
    """The rules of callbacks, and what must hold of them when the day is over."""

    switch: FakeSwitch
    rehearsal: Watched

    def channels(self) -> list[Channel]:
        return list(self.switch.outgoing.channels.values())

    def ringing_channels(self) -> list[Channel]:
        return [one for one in self.channels() if not one.is_up]

    def answered_channels(self) -> list[Channel]:
        return [one for one in self.channels() if one.is_up]

    def called_callers(self) -> list[Channel]:
        """On the line and not yet in a hold session: they are being told who calls."""
        return [one for one in self.answered_channels() if not one.agent_id]

    def left_channels(self) -> list[Channel]:
        """Agents' channels that nobody serves, in no Dial: the dialplan leads them back."""
        return [one for one in self.answered_channels() if one.agent_id and not one.held and not one.dials]

    def dialling(self) -> list[Channel]:
        return [one for one in self.channels() if one.dials]

    def dialled_callers(self) -> list[Channel]:
        return [one for one in self.dialling() if one.answered is None]

    def talks_called_back(self) -> list[Channel]:
        return [one for one in self.dialling() if one.answered is not None]

    def asked_callers(self) -> list[Call]:
        return [call for call in self.switch.calls.values() if call.present and call.held and call.is_asked]

    def callbacks(self) -> list[Visit]:
        return [visit for visit in self.rehearsal.engine.visits.values() if not visit.is_on_line]

    def waiting_callers(self) -> list[Call]:
        return [call for call in self.switch.calls.values() if call.present and call.held and not call.legs]

    @precondition(lambda self: self.waiting_callers())
    @rule(data=st.data(), number=st.sampled_from(_NUMBERS), at_once=st.sampled_from([True, True, False]))
    def caller_wants_callback(self, data: st.DataObject, number: str, at_once: bool) -> None:
        call = data.draw(st.sampled_from(self.waiting_callers()))
        if at_once:
            self.ask_for_callback(call, number)
        else:
            self.switch.post(CallbackWanted(call.joined.visit_id))

    def ask_for_callback(self, call: Call, number: str) -> None:
        self.switch.post(CallbackWanted(call.joined.visit_id))
        if call.is_asked:
            call.is_asked = False
            self.switch.post(CallbackAsked(call.joined.visit_id, number, "zh"))

    @precondition(lambda self: self.asked_callers())
    @rule(data=st.data(), number=st.sampled_from(["", *_NUMBERS]))
    def caller_answers_the_question(self, data: st.DataObject, number: str) -> None:
        """Nothing said is a wish to wait on; an agent may have begun to ring meanwhile."""
        call = data.draw(st.sampled_from(self.asked_callers()))
        call.is_asked = False
        visit_id = call.joined.visit_id
        self.switch.post(CallbackAsked(visit_id, number, "en") if number else CallbackDeclined(visit_id))

    @precondition(lambda self: self.channels())
    @rule(data=st.data())
    def a_callback_goes_on(self, data: st.DataObject) -> None:
        self.channel_goes_on(data.draw(st.sampled_from(self.channels())))

    def channel_goes_on(self, channel: Channel) -> None:
        """As it should: who is called answers, who has answered is led on."""
        outgoing = self.switch.outgoing
        if not channel.is_up and channel.agent_id:
            outgoing.agent_picks_up(channel)
        elif not channel.is_up:
            channel.is_up = True
        elif not channel.agent_id:
            self.lead_to_queue(channel)
        elif not channel.dials and not channel.held:
            outgoing.enter(channel)
        elif channel.dials and channel.answered is None:
            outgoing.caller_answers(channel, heard=True)

    @precondition(lambda self: self.ringing_channels())
    @rule(
        data=st.data(),
        offer=st.sampled_from(_AGENTS_PHONE),
        attempt=st.sampled_from(_CALLERS_PHONE),
        heard=st.sampled_from([True, True, False]),
    )
    def called_phone_falls_silent(
        self, data: st.DataObject, offer: OfferOutcome, attempt: AttemptOutcome, heard: bool
    ) -> None:
        channel = data.draw(st.sampled_from(self.ringing_channels()))
        self.switch.outgoing.end(channel, offer=offer, attempt=attempt, heard=heard)

    def lead_to_queue(self, channel: Channel) -> None:
        self.switch.called_back(channel)

    @precondition(lambda self: self.dialled_callers())
    @rule(data=st.data())
    def dialled_caller_answers_unheard(self, data: st.DataObject) -> None:
        self.switch.outgoing.caller_answers(data.draw(st.sampled_from(self.dialled_callers())), heard=False)

    @precondition(lambda self: self.dialled_callers())
    @rule(data=st.data(), outcome=st.sampled_from(_CALLERS_PHONE))
    def dialled_caller_does_not_answer(self, data: st.DataObject, outcome: AttemptOutcome) -> None:
        self.switch.outgoing.dial_fails(data.draw(st.sampled_from(self.dialled_callers())), outcome)

    @precondition(lambda self: self.talks_called_back())
    @rule(data=st.data(), heard=st.booleans())
    def called_back_caller_hangs_up(self, data: st.DataObject, heard: bool) -> None:
        self.switch.outgoing.caller_hangs_up(data.draw(st.sampled_from(self.talks_called_back())), heard=heard)

    @precondition(lambda self: self.talks_called_back())
    @rule(data=st.data(), reason=st.sampled_from(["hold", "consult", ""]))
    def agent_holds_called_back_caller(self, data: st.DataObject, reason: str) -> None:
        channel = data.draw(st.sampled_from(self.talks_called_back()))
        if self.switch.outgoing.of_visit(channel) is not None:
            self.switch.hear(TalkChanged(channel.callback_id, reason))

    @precondition(lambda self: self.answered_channels())
    @rule(data=st.data(), heard=st.sampled_from([True, True, False]))
    def agent_leaves_a_callback(self, data: st.DataObject, heard: bool) -> None:
        self.switch.outgoing.agent_hangs_up(data.draw(st.sampled_from(self.answered_channels())), heard=heard)

    @precondition(lambda self: self.callbacks())
    @rule(data=st.data())
    def callback_is_cancelled(self, data: st.DataObject) -> None:
        self.switch.post(CallbackCancelled(data.draw(st.sampled_from(self.callbacks())).visit_id))

    @precondition(lambda self: self.callbacks())
    @rule(data=st.data(), priority=st.integers(0, 2), head_start=st.sampled_from([0.0, 20.0]))
    def callback_is_ranked(self, data: st.DataObject, priority: int, head_start: float) -> None:
        callback = data.draw(st.sampled_from(self.callbacks()))
        self.switch.post(CallerRanked(callback.visit_id, priority, head_start))

    # What must hold

    def check_keys_are_heard(self) -> None:
        """Nobody's keys mean nothing to the queue for good: a dialogue that broke off leaves nothing behind."""
        engine, now = self.rehearsal.engine, self.rehearsal.now
        for visit_id, call in self.switch.calls.items():
            visit = engine.visits.get(visit_id)
            if visit is not None and visit.state is VisitState.WAITING and call.held and not call.is_asked:
                assert visit.deaf_until <= now + 1.0

    def check_numbers_are_called_once(self) -> None:
        """One number has one callback in a queue that waits or is being called."""
        names = [(visit.queue.queue_id, visit.caller_number) for visit in self.callbacks() if visit.connected is None]
        assert len(names) == len(set(names))

    def end_callbacks(self) -> None:
        """The talks end, and nobody is called back any more."""
        for channel in self.channels():
            self.switch.outgoing.agent_hangs_up(channel, heard=True)
        for visit in self.callbacks():
            self.switch.post(CallbackCancelled(visit.visit_id))
        for channel in self.channels():  # of agents who were freed
            self.switch.outgoing.agent_hangs_up(channel, heard=True)

    def check_attempts(self, journal: list[dict[str, Any]]) -> None:
        """Each attempt that was begun has ended, and those that count do so one by one."""
        begun = {line["attempt_id"] for line in journal if line["verb"] == "CALLBACKATTEMPT"}
        ends = [line for line in journal if line["verb"] == "CALLBACKATTEMPTEND"]
        assert begun == {line["attempt_id"] for line in ends}
        counted: dict[str, list[int]] = {}
        for line in ends:
            counted.setdefault(line["callback_id"], [0]).append(line["attempts"])
        assert all(later - earlier in (0, 1) for counts in counted.values() for earlier, later in pairwise(counts))


def callback_ids(journal: list[dict[str, Any]], verb: str) -> set[str]:
    """The callbacks that lines of this verb name."""
    lines: list[Mapping[str, Any]] = [line for line in journal if line["verb"] == verb]
    return {line["callback_id"] for line in lines}
