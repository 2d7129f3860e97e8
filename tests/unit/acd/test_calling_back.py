"""Callbacks in the states that no scenario tells of: news that comes late, twice, or about somebody else."""

import pytest

from acd.callback import AttemptOutcome, CallbackMode, CallbackRules
from acd.calling_back import open_callbacks
from acd.commands import DialCaller, ReachCaller, Record, StopReaching
from acd.events import (
    AgentAsked,
    AgentReached,
    CallbackAnswered,
    CallbackAsked,
    CallbackCancelled,
    CallbackDeclined,
    CallbackFailed,
    CallbackWanted,
    CallerJoined,
    Event,
    QueueClosed,
    QueueOpened,
    SwitchSeen,
    TalkEnded,
)
from acd.invariants import broken_invariants
from acd.model import AgentState, Device, QueueRules, Visit, VisitState
from acd.testing import Rehearsal
from tests.unit.acd.floors import floor_of

RULES = {mode: CallbackRules(mode=mode, attempts=2, retry_seconds=60.0) for mode in CallbackMode}
AGENT_FIRST = QueueRules("orders", {}, callback=RULES[CallbackMode.AGENT_FIRST])
CALLER_FIRST = QueueRules("support", {}, callback=RULES[CallbackMode.CALLER_FIRST])


class Floor(Rehearsal):
    """One agent, a queue of each mode, and a switch that is there."""

    def __init__(self) -> None:
        super().__init__(floor_of({"1001": {}}, AGENT_FIRST, CALLER_FIRST))
        self.handle(SwitchSeen({}, {}, frozenset(), {"1001": Device.IDLE}))

    def ask(self, queue_id: str, number: str = "139", line: str = "line") -> Visit:
        """A caller takes a callback; the visit that it is."""
        self.handle(CallerJoined(f"{line}-{number}", f"call-{line}-{number}", queue_id, number))
        self.handle(CallbackAsked(f"{line}-{number}", number))
        return self.engine.visits[self.engine.callbacks[queue_id, number]]

    def ready(self) -> None:
        self.handle(AgentAsked("1001", AgentState.READY))

    def outcomes(self, verb: str) -> list[str]:
        return [line["outcome"] for line in self.journal if line["verb"] == verb]


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.mark.parametrize(
    "event",
    [
        CallbackWanted("gone"),
        CallbackDeclined("gone"),
        CallbackAsked("gone", "139"),
        CallbackCancelled("gone"),
        CallbackCancelled("line"),
        AgentReached("gone", "offer"),
        AgentReached("line", "offer"),
        CallbackAnswered("gone", "attempt"),
        CallbackAnswered("line", "attempt"),
        CallbackFailed("gone", "attempt", AttemptOutcome.BUSY),
        CallbackFailed("line", "attempt", AttemptOutcome.BUSY),
    ],
)
def test_news_about_nobody_changes_nothing(floor: Floor, event: Event) -> None:
    """Of a visit that is over, or that is no callback: no command, and everything as it was."""
    floor.handle(CallerJoined("line", "call", "orders", "138"))
    assert floor.handle(event) == []
    assert list(broken_invariants(floor.engine)) == []


def test_an_agent_who_is_reached_for_an_old_offer_dials_nobody(floor: Floor) -> None:
    """The offer has been taken back, and another may be open: only the open one's channel dials."""
    visit = floor.ask("orders")
    floor.ready()
    assert floor.handle(AgentReached(visit.visit_id, "an old offer")) == []
    dials = floor.handle(AgentReached(visit.visit_id, visit.call_id))
    assert [type(command) for command in dials] == [Record, DialCaller]


def test_an_answer_on_the_line_is_told_by_the_hold_session(floor: Floor) -> None:
    """With caller_first nobody is connected by CallbackAnswered: there is no agent yet."""
    visit = floor.ask("support")
    floor.ready()
    assert floor.handle(CallbackAnswered(visit.visit_id, visit.call_id)) == []
    assert visit.state is VisitState.WAITING


def test_a_caller_who_answers_after_the_lease_is_served(floor: Floor) -> None:
    """Given up, and on the line all the same: the caller waits like any other, and the journal knows it."""
    visit = floor.ask("support")
    floor.ready()
    attempt_id = visit.call_id
    floor.pass_time(51.0)
    assert floor.outcomes("CALLBACKATTEMPTEND") == ["error"]
    floor.handle(CallerJoined(visit.visit_id, attempt_id, "support", "139"))
    assert visit.is_on_line and visit.state is VisitState.OFFERED
    floor.handle(CallerJoined(visit.visit_id, attempt_id, "support", "139"))  # again: the session died
    assert floor.outcomes("CALLBACKATTEMPTEND") == ["error", "answered"]
    floor.restart()
    assert floor.engine.visits[visit.visit_id].is_on_line


def test_an_alarm_before_the_lease_is_over_ends_nothing(floor: Floor) -> None:
    """The link was lost and is back: the attempt's own channel is there, and it goes on to its lease."""
    visit = floor.ask("support")
    floor.ready()
    floor.pass_time(10.0)
    floor.engine._moves.alarm(11.0, visit.visit_id)
    floor.pass_time(12.0)
    assert visit.callback is not None and visit.callback.attempt is not None
    floor.pass_time(60.0)
    assert StopReaching(visit.call_id) in [command for _, command in floor.heard]


def test_only_the_queue_that_closes_is_quiet(floor: Floor) -> None:
    """Nobody is called for it; callers may join where it is the site that is closed; who was reached waits on."""
    quiet, reached = floor.ask("orders", "131"), floor.ask("support", "132")
    floor.ready()
    floor.handle(CallbackFailed(quiet.visit_id, quiet.call_id, AttemptOutcome.BUSY))
    floor.handle(AgentAsked("1001", AgentState.NOT_READY))
    assert reached.callback is not None
    for queue in ("orders", "support"):
        floor.handle(QueueClosed(queue, callbacks_only=True))
        floor.handle(CallerJoined(f"new-{queue}", f"new-{queue}", queue, ""))
        assert f"new-{queue}" in floor.engine.visits
    assert not reached.in_line
    floor.handle(QueueOpened("support"))
    assert reached.in_line or reached.callback.attempt is not None
    assert list(broken_invariants(floor.engine)) == []


def test_a_talk_found_over_by_a_snapshot_is_learned_late(floor: Floor) -> None:
    """The caller's leg is still there: the agent hung up. Nobody there: the caller."""
    for present, verb in ((True, "COMPLETEAGENT"), (False, "COMPLETECALLER")):
        visit = floor.ask("orders", f"13{present:d}")
        floor.ready()
        floor.handle(AgentReached(visit.visit_id, visit.call_id))
        floor.handle(CallbackAnswered(visit.visit_id, visit.call_id))
        talking = SwitchSeen({visit.visit_id: "1001"}, {}, frozenset({visit.visit_id}), {"1001": Device.IDLE})
        floor.handle(talking)
        assert visit.state is VisitState.CONNECTED
        here = frozenset({visit.visit_id} if present else ())
        floor.handle(SwitchSeen({}, {}, here, {"1001": Device.IDLE}))
        assert floor.journal[-2]["verb"] == verb and floor.journal[-2]["recovered"]


def test_who_asks_again_while_being_talked_to_is_called_once_more(floor: Floor) -> None:
    """With the same number, from another phone: the end of the talk does not forget the newer callback."""
    talked_to = floor.ask("orders")
    floor.ready()
    floor.handle(AgentReached(talked_to.visit_id, talked_to.call_id))
    floor.handle(CallbackAnswered(talked_to.visit_id, talked_to.call_id))
    again = floor.ask("orders", line="mobile")
    assert again.visit_id != talked_to.visit_id
    floor.handle(TalkEnded(talked_to.visit_id, by_agent=True))
    assert floor.engine.callbacks["orders", "139"] == again.visit_id
    assert list(broken_invariants(floor.engine)) == []


def test_open_callbacks_stand_in_the_order_of_the_line(floor: Floor) -> None:
    """Waiting, and being called; not those on the line or in a talk."""
    first = floor.ask("support", "131")
    floor.now = 1.0
    second = floor.ask("support", "132")
    floor.handle(CallerJoined("line", "call", "orders", ""))
    assert open_callbacks(floor.engine.visits.values()) == [first, second]
    floor.ready()
    assert any(isinstance(command, ReachCaller) for _, command in floor.heard)
    floor.handle(CallerJoined(first.visit_id, first.call_id, "support", "131"))
    assert open_callbacks(floor.engine.visits.values()) == [second]
