"""Random days on random floors, with duplicates, losses, dead links and killed processes: what must hold, holds."""

import os
from collections import Counter, OrderedDict, defaultdict
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from acd.commands import Command, ReleaseCaller
from acd.events import (
    AgentAsked,
    CallerJoined,
    CallerKeyed,
    CallerLeft,
    CallerRanked,
    DeviceChanged,
    DispositionGiven,
    Event,
    FloorChanged,
    OfferAnswered,
    OfferFailed,
    OfferPickedUp,
    QueueClosed,
    QueueOpened,
    TalkChanged,
    TalkEnded,
    Tick,
)
from acd.indexes import is_free
from acd.invariants import broken_invariants, broken_records, missed_offers
from acd.ledger import EXITS, Ledger
from acd.model import AgentState, Device, EnteredVia, Floor, OfferOutcome, VisitState
from acd.replay import Replay
from tests.properties.callback_day import CallbackDay, callback_ids
from tests.properties.fake_switch import Call, FakeSwitch
from tests.properties.oracle import late_steps, next_offer
from tests.properties.outgoing import Channel
from tests.properties.random_floors import DESK_PHONES, EXPRESSIONS, floors, needs
from tests.properties.watched import Watched, remembered
from tests.unit.acd.tape import Tape

_FAILURES = [OfferOutcome.RNA, OfferOutcome.REJECT, OfferOutcome.BUSY, OfferOutcome.UNREACHABLE, OfferOutcome.ERROR]
_WISHES = [AgentState.READY, AgentState.READY, AgentState.NOT_READY, AgentState.WRAP_UP, AgentState.LOGGED_OFF]


class Day(CallbackDay):
    """Rules are what people and machines do; the checks are what no order of them may break."""

    @initialize(floor=floors(), data=st.data(), callers=st.integers(0, 3), wishes=st.integers(0, 2))
    def open(self, floor: Floor, data: st.DataObject, callers: int, wishes: int) -> None:
        """Some have come before the agents, and some of them asked to be called back."""
        self.tape = Tape()
        self.rehearsal = Watched(floor, trace_journal=self.tape)
        self.switch = FakeSwitch(self.rehearsal, self.check)
        self.callers = 0
        self.returns_after_end = 0
        self.known_otherwise: set[str] = set()
        """Agents and visits of whom the journal does not tell the same as the engine knows (`remembered`)."""
        self.cut_short: set[str] = set()
        """Offers whose answer was recorded in part when the process was killed."""
        yesterday = Ledger(last_agents=OrderedDict({"1391": "1000", "1392": "1001"}))
        self.rehearsal.journal.append({"at": 0.0, "verb": "CARRY", **yesterday.carry()})
        self.rehearsal.restart()
        self.switch.show()
        for _ in range(callers):
            self.caller_joins(data)
        for call in self.waiting_callers()[:wishes]:
            self.ask_for_callback(call, call.joined.caller_number or "1399")
        for agent_id in floor.agents:
            self.switch.post(AgentAsked(agent_id, AgentState.READY))

    # After every event

    def check(self, event: Event, commands: list[Command]) -> None:
        engine = self.rehearsal.engine
        assert list(broken_invariants(engine)) == []
        self.check_free()
        self.check_nothing_is_forgotten()
        self.check_arrivals()
        self.check_nobody_waits_in_vain()
        self.check_numbers_are_called_once()
        if engine.switch_seen and engine._settle_deadline is None:
            self.check_nothing_is_left()

    def check_arrivals(self) -> None:
        """Whatever came of offers, sessions, links and processes meanwhile, callers came when they came. A visit that a
        handover makes is at the switch in a moment."""
        for visit_id in self.rehearsal.engine.visits.keys() & self.switch.calls.keys():
            visit, call = self.rehearsal.engine.visits[visit_id], self.switch.calls[visit_id]
            assert call.joined.visit_id != visit_id or abs(visit.arrived - call.arrived) < 1e-3

    def check_free(self) -> None:
        """The index of free agents holds those who are free; one whose rest just ended may be missing."""
        engine, now = self.rehearsal.engine, self.rehearsal.now
        listed = {agent.profile.agent_id for agent in engine.free}
        free = {agent_id for agent_id, agent in engine.agents.items() if is_free(agent, now)}
        assert listed <= free
        if engine.switch_seen and engine._settle_deadline is None:
            assert listed == free

    def check_nothing_is_forgotten(self) -> None:
        """Every deadline that a state waits for has its alarm, and a wish lives no longer than the call."""
        engine, now = self.rehearsal.engine, self.rehearsal.now
        due = [agent.wrap_up_deadline for agent in engine.agents.values()]
        seen_by_dispatch = [one.rest_deadline for one in engine.agents.values() if one.state is AgentState.READY]
        for visit in engine.visits.values():
            if visit.callback is not None and visit.callback.attempt is None and visit.callback.due > now:
                due.append(visit.callback.due)
            if visit.state is VisitState.WAITING:
                due.append(visit.wait_deadline)
                seen_by_dispatch += [visit.hold_deadline, *visit.refused_until.values()]
            elif engine.switch_seen:
                due += [offer.lease_deadline for offer in visit.offers.values()]
        due += [deadline for deadline in seen_by_dispatch if deadline is not None and deadline > now]
        expected = [deadline for deadline in due if deadline is not None]
        alarm = engine.next_deadline()
        assert not expected or (alarm is not None and alarm <= max(now, min(expected)))
        for agent in engine.agents.values():
            in_a_call = agent.state in (AgentState.OFFERED, AgentState.ON_CALL)
            assert agent.wish is None or in_a_call or agent.owes_disposition

    def check_nothing_is_left(self) -> None:
        """Whoever can be offered has been, and every step that is due has been taken (asterisk#1691)."""
        engine, now = self.rehearsal.engine, self.rehearsal.now
        assert list(missed_offers(engine, now)) == []
        assert next_offer(engine, now) is None
        assert late_steps(engine, now) == []

    def check_nobody_waits_in_vain(self) -> None:
        """Whoever would be let go for want of agents is, at the event that made it so; and the counts are right.

        A callback costs nobody's patience, and whom an agent sends on, or we have called, is not turned away.
        """
        engine = self.rehearsal.engine
        for visit in [one for one in engine.line if one.callback is None and one.entered_via is EnteredVia.MENU]:
            able = visit.ladder[-1].caller_class.able
            staffed = any(one.state is not AgentState.LOGGED_OFF and one.kind & able for one in engine.agents.values())
            assert staffed or not (visit.queue.leave_unstaffed or visit.queue.queue_id in engine.closed)
        waiting = Counter(
            one.queue.queue_id for one in engine.visits.values() if one.connected is None and one.callback is None
        )
        assert +engine.waiting_in == waiting

    @invariant()
    def records_agree(self) -> None:
        """The journal contradicts neither itself nor the engine."""
        journal, agents = self.rehearsal.journal, self.rehearsal.engine.agents
        assert list(broken_records(journal, self.cut_short)) == []
        states = defaultdict(lambda: "logged_off")
        for line in journal:
            if line["verb"] == "AGENTSTATE":
                states[line["agent_id"]] = line["state"]
        assert all(states[agent_id] == agent.state for agent_id, agent in agents.items())
        assert all(state == "logged_off" for agent_id, state in states.items() if agent_id not in agents)

    # What happens

    @rule(data=st.data(), callers=st.integers(1, 3))
    def callers_join(self, data: st.DataObject, callers: int) -> None:
        for _ in range(callers):
            self.caller_joins(data)

    def caller_joins(self, data: st.DataObject) -> None:
        skills, priority = data.draw(needs), data.draw(st.sampled_from([0, 0, 0, 1]))
        number = data.draw(st.integers(0, 3))
        self.callers += 1
        engine = self.rehearsal.engine
        queue_id = data.draw(st.sampled_from(sorted({*engine.floor.queues, *engine.closing_queues})))
        caller_number = f"139{number}" if number else ""
        name = f"visit-{self.callers}"
        extra: dict[str, Any] = {
            "requires": data.draw(st.sampled_from(EXPRESSIONS)),
            "head_start_seconds": data.draw(st.sampled_from([0.0, 0.0, 7.0])),
            "segment": data.draw(st.sampled_from(["", "", "vip"])),
            "named_agent_id": data.draw(st.sampled_from(["", "", "", "1000", "1009"])),
        }
        self.switch.join(CallerJoined(name, f"call-{name}", queue_id, caller_number, skills, priority, **extra))

    @precondition(lambda self: self.present())
    @rule(data=st.data(), priority=st.integers(0, 2), head_start=st.sampled_from([0.0, 20.0]))
    def caller_is_ranked(self, data: st.DataObject, priority: int, head_start: float) -> None:
        self.switch.post(CallerRanked(self.pick(data, self.present()).joined.visit_id, priority, head_start))

    def pick(self, data: st.DataObject, calls: list[Call]) -> Call:
        return data.draw(st.sampled_from(calls))

    def present(self) -> list[Call]:
        return [call for call in self.switch.calls.values() if call.present]

    def ringing(self) -> list[Call]:
        return [call for call in self.dialled() if call.talk is None]

    def dialled(self) -> list[Call]:
        return [call for call in self.present() if call.legs]

    def away(self) -> list[Call]:
        return [call for call in self.present() if not call.held and not call.legs]

    def held(self) -> list[Call]:
        return [call for call in self.present() if call.held]

    @precondition(lambda self: self.present())
    @rule(data=st.data())
    def caller_hangs_up(self, data: st.DataObject) -> None:
        self.switch.hang_up(self.pick(data, self.present()))

    @precondition(lambda self: self.present())
    @rule(data=st.data(), key=st.sampled_from(["9", "9", "5", "D"]))
    def caller_keys(self, data: st.DataObject, key: str) -> None:
        self.switch.post(CallerKeyed(self.pick(data, self.present()).joined.visit_id, key))

    @rule(data=st.data(), hours=st.sampled_from(["open", "open", "no callbacks", "closed"]))
    def hours_change(self, data: st.DataObject, hours: str) -> None:
        queue_id = data.draw(st.sampled_from(sorted(self.rehearsal.floor.queues)))
        self.switch.post(QueueOpened(queue_id) if hours == "open" else QueueClosed(queue_id, hours != "closed"))

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), heard=st.sampled_from([True, True, True, False]))
    def agent_answers(self, data: st.DataObject, heard: bool) -> None:
        call = self.pick(data, self.ringing())
        self.switch.answer(call, data.draw(st.sampled_from(sorted(call.legs))), heard=heard)

    @precondition(lambda self: [*self.ringing(), *self.channels()])
    @rule(data=st.data())
    def what_rings_is_answered(self, data: st.DataObject) -> None:
        """Whatever phone it is: most calls go well, and a day is about them."""
        for call in self.ringing()[:1]:
            self.switch.answer(call, data.draw(st.sampled_from(sorted(call.legs))), heard=True)
        for channel in self.channels():
            self.channel_goes_on(channel)

    @precondition(lambda self: self.dialled())
    @rule(data=st.data(), outcome=st.sampled_from(_FAILURES), heard=st.sampled_from([True, True, False]))
    def leg_ends(self, data: st.DataObject, outcome: OfferOutcome, heard: bool) -> None:
        call = self.pick(data, self.dialled())
        self.switch.end_leg(call, data.draw(st.sampled_from(sorted(call.legs))), outcome, heard=heard)

    @precondition(lambda self: self.dialled())
    @rule(data=st.data(), outcome=st.sampled_from(_FAILURES))
    def dial_ends(self, data: st.DataObject, outcome: OfferOutcome) -> None:
        self.switch.end_dial(self.pick(data, self.dialled()), outcome)

    def talking(self) -> list[Call]:
        return [call for call in self.dialled() if call.talk is not None]

    def handed_on(self) -> list[Call]:
        """Those who talk and can be sent elsewhere."""
        called_back = callback_ids(self.rehearsal.journal, "CALLBACKTAKEN")
        return [call for call in self.talking() if call.joined.visit_id not in called_back]

    @precondition(lambda self: self.talking())
    @rule(data=st.data(), reason=st.sampled_from(["hold", "consult", "", ""]))
    def agent_holds(self, data: st.DataObject, reason: str) -> None:
        self.switch.post(TalkChanged(self.pick(data, self.talking()).joined.visit_id, reason))

    @precondition(lambda self: self.handed_on())
    @rule(data=st.data(), heard=st.booleans())
    def agent_transfers(self, data: st.DataObject, heard: bool) -> None:
        self.callers += 1
        call = self.pick(data, self.handed_on())
        queue_id = data.draw(st.sampled_from(sorted(self.rehearsal.floor.queues)))
        joined = CallerJoined(f"visit-{self.callers}", call.joined.call_id, queue_id, call.joined.caller_number)
        self.switch.transfer(call, joined, heard=heard)

    @precondition(lambda self: self.handed_on())
    @rule(data=st.data())
    def agent_hands_over(self, data: st.DataObject) -> None:
        call = self.pick(data, self.handed_on())
        busy = {agent_id for one in self.dialled() for agent_id in one.legs}
        free = sorted(set(self.rehearsal.floor.agents) - busy)
        if free:
            self.switch.hand_over(call, data.draw(st.sampled_from(free)))

    @precondition(lambda self: self.away())
    @rule(data=st.data())
    def caller_comes_back(self, data: st.DataObject) -> None:
        self.come_back(self.pick(data, self.away()))

    def come_back(self, call: Call) -> None:
        if call.joined.visit_id in self.rehearsal.engine.ended:
            self.returns_after_end += 1
        self.switch.come_back(call)

    def lead_to_queue(self, channel: Channel) -> None:
        if channel.callback_id in self.rehearsal.engine.ended:
            self.returns_after_end += 1
        super().lead_to_queue(channel)

    @rule(data=st.data(), wish=st.sampled_from(_WISHES), reason=st.sampled_from(["", "lunch"]))
    def agent_asks(self, data: st.DataObject, wish: AgentState, reason: str) -> None:
        agent_id = data.draw(st.sampled_from(sorted(self.rehearsal.floor.agents)))
        self.switch.post(AgentAsked(agent_id, wish, reason))

    @rule(data=st.data(), key=st.sampled_from(["", *DESK_PHONES, "sold", "refund", "stolen"]))
    def agent_keys(self, data: st.DataObject, key: str) -> None:
        """A disposition, or a log-in: at a desk phone or at their own."""
        agent_id = data.draw(st.sampled_from(sorted(self.rehearsal.floor.agents)))
        if key.isalpha():
            self.switch.post(DispositionGiven(agent_id, key))
        else:
            self.switch.post(AgentAsked(agent_id, AgentState.NOT_READY, "log_in", (key,) if key else ()))

    @precondition(lambda self: self.dialled())
    @rule(data=st.data(), reason=st.sampled_from(["", "hold", "consult"]))
    def talk_changes(self, data: st.DataObject, reason: str) -> None:
        self.switch.post(TalkChanged(self.pick(data, self.dialled()).joined.visit_id, reason))

    @rule(data=st.data(), device=st.sampled_from([Device.IDLE, *Device]))
    def phone_changes(self, data: st.DataObject, device: Device) -> None:
        phone = data.draw(st.sampled_from(sorted(self.rehearsal.engine.phones)))
        self.switch.devices[phone] = device
        if self.switch.link_up:
            self.switch.post(DeviceChanged(phone, device))

    @rule(seconds=st.sampled_from([0.0, 0.5, 2.0, 5.0, 11.0, 26.0]))
    def time_passes(self, seconds: float) -> None:
        self.switch.pass_time(self.rehearsal.now + seconds)

    @rule(floor=floors())
    def site_changes(self, floor: Floor) -> None:
        """Whoever is in a call stays in it, whoever waits keeps the arrival, and agents who stay keep their state."""
        before = self.in_calls(), {visit.visit_id: visit.arrived for visit in self.rehearsal.engine.visits.values()}
        states = {agent_id: agent.state for agent_id, agent in self.rehearsal.engine.agents.items()}
        leaving_unstaffed = {
            visit.visit_id
            for visit in self.rehearsal.engine.visits.values()
            if floor.queues.get(visit.queue.queue_id, visit.queue).leave_unstaffed
            or visit.queue.queue_id in self.rehearsal.engine.closed
        }
        calm = not len(self.rehearsal.engine.line)
        off = {agent_id for agent_id, state in states.items() if state is AgentState.LOGGED_OFF}
        self.known_otherwise |= off - floor.agents.keys()
        for agent_id in floor.agents:
            self.switch.devices.setdefault(agent_id, Device.IDLE)
        self.switch.post(FloorChanged(floor))
        engine = self.rehearsal.engine
        now_in_calls = self.in_calls()
        assert before[0] <= now_in_calls
        after = {visit.visit_id: visit.arrived for visit in engine.visits.values()}
        assert {**before[1], **after} == before[1]
        assert before[1].keys() - after.keys() <= leaving_unstaffed
        if calm:
            assert all(engine.agents[one].state is states[one] for one in floor.agents if one in states)
        busy = {agent_id for _, agent_id in now_in_calls}
        owing = {agent_id for agent_id, agent in engine.agents.items() if agent.owes_disposition}
        assert set(engine.agents) - set(floor.agents) <= busy | owing
        if self.switch.link_up:
            for agent_id in floor.agents:
                self.switch.post(DeviceChanged(agent_id, self.switch.devices[agent_id]))

    def in_calls(self) -> set[tuple[str, str]]:
        """visit_id and agent_id of every offer and talk."""
        agents = self.rehearsal.engine.agents.items()
        return {(agent.visit_id, agent_id) for agent_id, agent in agents if agent.visit_id is not None}

    @rule()
    def trace_rolls(self) -> None:
        """The next line of the trace begins a new segment, with the engine as it is then."""
        self.tape.must_roll = True
        assert self.rehearsal.trace is not None
        self.rehearsal.trace.roll(self.rehearsal.engine)

    # What goes wrong

    @precondition(lambda self: self.switch.calls)
    @rule(data=st.data(), outcome=st.sampled_from(_FAILURES))
    def stale_event_comes(self, data: st.DataObject, outcome: OfferOutcome) -> None:
        visit_id = data.draw(st.sampled_from(sorted(self.switch.calls)))
        agent_id = data.draw(st.sampled_from(sorted(self.rehearsal.floor.agents)))
        call = self.switch.calls[visit_id]
        stale: list[Event] = [
            OfferFailed("offer-1", visit_id, outcome) if visit_id != "visit-1" else Tick(),
            OfferAnswered(visit_id, agent_id),
            OfferPickedUp(visit_id, agent_id),
            TalkEnded(visit_id, by_agent=True),
            TalkChanged(visit_id, "hold"),
        ]
        if not call.present:
            stale.append(CallerLeft(visit_id))
        self.switch.post(data.draw(st.sampled_from(stale)))

    @precondition(lambda self: self.switch.link_up and self.switch.told)
    @rule(data=st.data())
    def news_comes_late_or_again(self, data: st.DataObject) -> None:
        """What was told before is told once more, what was not heard is told now, in any order."""
        self.switch.post(data.draw(st.sampled_from(list(self.switch.told))))

    @precondition(lambda self: self.held())
    @rule(data=st.data())
    def session_breaks_off(self, data: st.DataObject) -> None:
        self.switch.break_session(self.pick(data, self.held()))

    @precondition(lambda self: not self.switch.link_up)
    @rule()
    def link_is_up(self) -> None:
        self.switch.show()

    @rule(what=st.sampled_from(["link", "link", "switch", "process", "process"]))
    def something_dies(self, what: str) -> None:
        match what:
            case "link":
                self.switch.lose_link()
            case "switch":
                self.switch.die()
            case _:
                self.note_lost_queues()
                before = remembered(self.rehearsal, self.known_otherwise)
                self.switch.lose_process()
                assert remembered(self.rehearsal, self.known_otherwise) == before
        assert list(broken_invariants(self.rehearsal.engine)) == []

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), kept=st.integers(0, 9))
    def process_dies_while_writing(self, data: st.DataObject, kept: int) -> None:
        """The agent answers; of the records of that answer only the first few reach the disk."""
        call = self.pick(data, self.ringing())
        agent_id = data.draw(st.sampled_from(sorted(call.legs)))
        self.switch.link_up = False  # the answer is handled here, and not by the switch
        self.switch.answer(call, agent_id, heard=False)
        written = len(self.rehearsal.journal)
        self.rehearsal.handle(OfferAnswered(call.joined.visit_id, agent_id))
        del self.rehearsal.journal[written + kept :]
        self.cut_short.add(call.legs[agent_id].offer_id)
        self.note_lost_queues()
        self.switch.lose_process()

    def note_lost_queues(self) -> None:
        engine = self.rehearsal.engine
        lost = {visit_id for visit_id, one in engine.visits.items() if one.queue.queue_id not in engine.floor.queues}
        self.known_otherwise |= lost

    # At the end of the day

    def teardown(self) -> None:
        if not hasattr(self, "switch") or self.switch.broken:
            return
        self.everyone_is_back()
        self.check_talks_are_talks()
        self.check_nobody_is_stuck()
        for call in self.present():
            self.switch.hang_up(call)
        self.end_callbacks()
        self.check_all_ended()
        self.check_attempts(self.rehearsal.journal)
        self.check_replays()

    def check_replays(self) -> None:
        """The whole day, and its last segment by itself, is decided again as it was."""
        for segment in {0, len(self.tape.segments) - 1}:
            replay = Replay()
            differences = [replay.take(line) for line in self.tape.since(segment)]
            assert [one for one in differences if one is not None] == []
            assert (replay.skipped, replay.gaps) == (0, 0)

    def everyone_is_back(self) -> None:
        self.switch.show()
        for call in self.dialled():
            if call.legs:  # else the end of another's leg has ended these
                self.switch.end_dial(call, OfferOutcome.RNA)
        for call in self.away():
            self.come_back(call)
        for channel in self.left_channels():
            self.switch.outgoing.enter(channel)
        for channel in self.called_callers():
            self.lead_to_queue(channel)
        self.check_keys_are_heard()

    def check_talks_are_talks(self) -> None:
        """With the link up and all callers back, nobody is thought to talk whose Dial is over."""
        for visit_id, visit in self.rehearsal.engine.visits.items():
            if visit.state is VisitState.CONNECTED and visit.is_on_line:
                assert self.switch.calls[visit_id].legs
            elif visit.state is VisitState.CONNECTED:
                assert visit_id in self.switch.outgoing.talking()

    def check_nobody_is_stuck(self) -> None:
        """No news is no reason to stay in an offer: two rounds of rings and leases end every one of them."""
        old = {offer for visit in self.rehearsal.engine.visits.values() for offer in visit.offers.values()}
        self.switch.pass_time(self.rehearsal.now + 60.0)
        for visit_id, visit in self.rehearsal.engine.visits.items():
            assert not old & {*visit.offers.values()}, visit_id

    def check_all_ended(self) -> None:
        engine, journal = self.rehearsal.engine, self.rehearsal.journal
        assert engine.visits == {}
        assert not any(a.state in (AgentState.OFFERED, AgentState.ON_CALL) for a in engine.agents.values())
        entered = {line["visit_id"] for line in journal if line["verb"] == "ENTERQUEUE"}
        entered |= callback_ids(journal, "CALLBACKTAKEN")
        ended = {line["visit_id"] for line in journal if line["verb"] in EXITS} | callback_ids(journal, "CALLBACKEND")
        assert entered == ended
        offers = {line["offer_id"] for line in journal if line["verb"] == "OFFER"}
        assert offers == {line["offer_id"] for line in journal if line["verb"] == "OFFEREND"}
        released = [command for _, command in self.rehearsal.heard if isinstance(command, ReleaseCaller)]
        assert len(released) == len(ended) + self.returns_after_end


_LONG = os.environ.get("HOTLINE_PROPERTIES") == "long"

TestDay = Day.TestCase
TestDay.__doc__ = "No order of events, losses and deaths breaks an invariant, loses a caller or counts one twice."
TestDay.settings = settings(
    max_examples=2_000 if _LONG else 250,
    stateful_step_count=80 if _LONG else 40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
