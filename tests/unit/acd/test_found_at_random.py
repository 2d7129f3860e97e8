"""What random days have found, each once more by itself."""

import pytest

from acd.callback import CallbackRules
from acd.commands import ProposeCallback, RingAgents
from acd.events import (
    AgentAsked,
    CallbackAsked,
    CallbackWanted,
    CallerHandedOver,
    CallerJoined,
    DispositionGiven,
    FloorChanged,
    OfferAnswered,
    SessionLost,
    SwitchLost,
    SwitchSeen,
    TalkEnded,
)
from acd.invariants import broken_invariants
from acd.model import AgentProfile, AgentState, Device, Floor, Overflow, QueueRules, Segment, Skills, WrapUp
from acd.requirement import parse
from acd.testing import Rehearsal

ORDERS = QueueRules("orders", {})
CALLED_BACK = QueueRules("orders", {}, callback=CallbackRules())
OWING = QueueRules("orders", {}, wrap_up=WrapUp.UNTIL_DISPOSITION)


def floor_of(agents: dict[str, Skills], *queues: QueueRules, **rules: object) -> Floor:
    profiles = {agent_id: AgentProfile(agent_id, "", skills) for agent_id, skills in agents.items()}
    dispositions = frozenset({"sold"})
    return Floor({queue.queue_id: queue for queue in queues}, profiles, dispositions=dispositions, **rules)  # type: ignore[arg-type]  # whatever a test gives


def day_of(floor: Floor) -> Rehearsal:
    day = Rehearsal(floor)
    day.handle(SwitchSeen({}, {}, frozenset(), dict.fromkeys(floor.agents, Device.IDLE)))
    return day


def talking_day(queue: QueueRules) -> Rehearsal:
    """Caller zhang talks to 1001; 1002 is ready."""
    day = day_of(floor_of({"1001": {}, "1002": {}}, queue))
    day.handle(AgentAsked("1001", AgentState.READY))
    day.handle(CallerJoined("zhang", "call-1", "orders", "138"))
    day.handle(OfferAnswered("zhang", "1001"))
    day.handle(AgentAsked("1002", AgentState.READY))
    return day


def other_agent_seen(day: Rehearsal) -> None:
    """The link was dead while 1002 came into zhang's talk in the place of 1001."""
    day.handle(SwitchLost())
    day.handle(SwitchSeen({"zhang": "1002"}, {}, frozenset({"zhang"}), {"1001": Device.IDLE, "1002": Device.IDLE}))


def test_a_talk_that_was_taken_over_counts_after_a_restart() -> None:
    """As one of the agent's answered calls, as it did before (strategy fewest_calls)."""
    day = talking_day(ORDERS)
    other_agent_seen(day)
    before = {agent_id: agent.calls_answered for agent_id, agent in day.engine.agents.items()}
    day.restart()
    assert {agent_id: agent.calls_answered for agent_id, agent in day.engine.agents.items()} == before
    assert before == {"1001": 1, "1002": 1}


def test_the_disposition_of_a_talk_that_was_taken_over_survives_a_restart() -> None:
    """Given in the talk, before the restart: the wrap-up after it owes nothing."""
    day = talking_day(OWING)
    other_agent_seen(day)
    day.handle(DispositionGiven("1002", "sold"))
    day.restart()
    day.handle(TalkEnded("zhang", by_agent=True))
    assert not day.engine.agents["1002"].owes_disposition


def test_an_agent_who_was_never_logged_in_has_the_talk_after_a_restart() -> None:
    """The first line about them is that of the talk, not of their state; a disposition given in it is kept."""
    day = day_of(floor_of({"1001": {}, "1002": {}}, OWING))
    day.handle(AgentAsked("1001", AgentState.READY))
    day.handle(CallerJoined("zhang", "call-1", "orders", "138"))
    day.handle(OfferAnswered("zhang", "1001"))
    other_agent_seen(day)
    day.handle(DispositionGiven("1002", "sold"))
    day.restart()
    talk = day.engine.agents["1002"].talk
    assert talk is not None
    assert (talk.visit_id, talk.disposition) == ("zhang", "sold")


def test_an_agent_whom_the_site_has_back_begins_anew_in_the_journal_too() -> None:
    """Removed while logged in: no earlier offer, talk or occupancy counts, neither before nor after a restart."""
    day = talking_day(ORDERS)
    day.pass_time(60.0)
    day.handle(TalkEnded("zhang", by_agent=True))
    day.handle(FloorChanged(floor_of({"1002": {}}, ORDERS)))
    day.handle(FloorChanged(floor_of({"1001": {}, "1002": {}}, ORDERS)))
    day.handle(AgentAsked("1001", AgentState.READY))
    day.restart()
    agent = day.engine.agents["1001"]
    assert (agent.offered, agent.occupancy, agent.talk) == (float("-inf"), 0.0, None)


def test_a_removed_agent_can_give_the_disposition_after_a_restart() -> None:
    """The site has the agent no more, the talk is over: what is owed can be given, and then they are logged off."""
    day = talking_day(OWING)
    day.handle(FloorChanged(floor_of({"1002": {}}, OWING)))
    day.handle(TalkEnded("zhang", by_agent=True))
    assert day.engine.agents["1001"].owes_disposition
    day.restart()
    assert day.engine.agents["1001"].state is AgentState.WRAP_UP
    day.handle(DispositionGiven("1001", "sold"))
    assert "1001" not in day.engine.agents
    assert day.journal[-1]["state"] == "logged_off"


@pytest.fixture
def asked() -> Rehearsal:
    """Caller zhang waits and is being told of a callback."""
    day = day_of(floor_of({"1001": {}}, CALLED_BACK))
    day.handle(CallerJoined("zhang", "call-1", "orders", "138"))
    assert ProposeCallback("zhang") in day.handle(CallbackWanted("zhang"))
    assert day.handle(CallbackWanted("zhang")) == []
    return day


def test_a_dialogue_that_broke_off_with_its_session_can_begin_again(asked: Rehearsal) -> None:
    """The caller is back in a hold session: keys mean something again."""
    asked.handle(SessionLost("zhang"))
    asked.handle(CallerJoined("zhang", "call-1", "orders", "138"))
    assert ProposeCallback("zhang") in asked.handle(CallbackWanted("zhang"))


def test_keys_are_heard_again_where_the_site_has_no_callbacks_any_more(asked: Rehearsal) -> None:
    """The queue lost the word in the midst of the dialogue: the caller waits on, deaf for no longer than a moment."""
    asked.handle(FloorChanged(floor_of({"1001": {}}, ORDERS)))
    asked.handle(CallbackAsked("zhang", "138"))
    asked.handle(FloorChanged(floor_of({"1001": {}}, CALLED_BACK)))
    asked.pass_time(2.0)
    assert ProposeCallback("zhang") in asked.handle(CallbackWanted("zhang"))


def test_help_from_another_queue_brings_its_own_steps_in_time() -> None:
    """A segment's wish of 10 s, which matters only since others help, ends at 10 s and not at the next event."""
    orders = QueueRules("orders", {"chinese": 1}, overflow=Overflow("support", size=1))
    wish = Segment("vip", requires=parse("chinese"), requires_seconds=10.0)
    agents: dict[str, Skills] = {"1001": {"chinese": 1}, "1002": {"english": 1}, "1003": {"english": 1}}
    day = day_of(floor_of(agents, orders, QueueRules("support", {"english": 1}), segments={"vip": wish}))
    day.handle(AgentAsked("1001", AgentState.NOT_READY, "lunch"))
    day.handle(AgentAsked("1002", AgentState.READY))
    day.handle(AgentAsked("1003", AgentState.READY))
    day.handle(CallerJoined("zhang", "call-1", "orders", "138", segment="vip"))
    day.handle(CallerJoined("li", "call-2", "orders", "139"))
    day.pass_time(9.0)
    assert [ring.visit_id for _, ring in day.heard if isinstance(ring, RingAgents)] == ["li"]
    day.pass_time(10.0)
    assert [ring.visit_id for _, ring in day.heard if isinstance(ring, RingAgents)] == ["li", "zhang"]


def test_nobody_is_kept_for_an_agent_who_goes_away_after_a_talk_taken_over() -> None:
    """1002 takes no calls, has zhang handed over, and will take none afterwards: li, who knows them, gets 1003."""
    day = day_of(floor_of({"1001": {}, "1002": {}, "1003": {}}, ORDERS))
    day.handle(AgentAsked("1002", AgentState.READY))
    day.handle(CallerJoined("before", "call-0", "orders", "139"))
    day.handle(OfferAnswered("before", "1002"))
    day.handle(TalkEnded("before", by_agent=True))
    day.handle(AgentAsked("1002", AgentState.NOT_READY, "lunch"))
    day.handle(AgentAsked("1001", AgentState.READY))
    day.handle(CallerJoined("zhang", "call-1", "orders", "138"))
    day.handle(OfferAnswered("zhang", "1001"))
    day.handle(CallerJoined("li", "call-2", "orders", "139"))
    day.handle(CallerHandedOver("zhang", "call-1", agent_id="1002"))
    day.handle(AgentAsked("1003", AgentState.READY))
    assert list(day.engine.visits["li"].offers) == ["1003"]


def test_nobody_has_a_talk_without_a_phone() -> None:
    """Zhang is handed to 1002, who is logged off, and at whose only phone 1003 sits: a transfer, and no visit."""
    day = day_of(floor_of({"1001": {}, "1002": {}, "1003": {}}, ORDERS))
    day.handle(AgentAsked("1001", AgentState.READY))
    day.handle(CallerJoined("zhang", "call-1", "orders", "138"))
    day.handle(OfferAnswered("zhang", "1001"))
    day.handle(AgentAsked("1003", AgentState.NOT_READY, "log_in", ("1002",)))
    day.handle(CallerHandedOver("zhang", "call-1", agent_id="1002"))
    assert list(broken_invariants(day.engine)) == []
    assert day.engine.agents["1002"].state is AgentState.LOGGED_OFF
    assert day.engine.visits == {}


def test_a_talk_with_somebody_whom_the_site_has_no_more_stays_whose_it_was() -> None:
    """1002 came into the talk unseen and left the site: the picture names nobody whom the engine knows."""
    day = talking_day(ORDERS)
    day.handle(FloorChanged(floor_of({"1001": {}}, ORDERS)))
    other_agent_seen(day)
    visit = day.engine.visits["zhang"]
    assert (visit.agent_id, day.engine.agents["1001"].state) == ("1001", AgentState.ON_CALL)
    assert list(broken_invariants(day.engine)) == []
    day.handle(TalkEnded("zhang", by_agent=True))
    assert day.engine.agents["1001"].visit_id is None


def test_a_caller_who_was_handed_over_has_not_waited_less_than_nothing() -> None:
    """The session tells of the colleague's answer by Asterisk's own measure, which begins before the handover."""
    day = talking_day(ORDERS)
    day.handle(CallerJoined("consult", "call-2", "orders", "1001", consulting_agent_id="1001"))
    assert day.engine.visits["consult"].state == "offered"
    day.pass_time(day.now + 5.0)
    day.handle(CallerHandedOver("zhang", "call-1", "consult"))
    day.pass_time(day.now + 1.0)
    day.handle(TalkEnded("consult", by_agent=True, answered_seconds=4.0, agent_id="1002"))
    (connect,) = (line for line in day.journal if line["verb"] == "CONNECT" and line["visit_id"] == "consult")
    assert connect["wait_seconds"] == 0.0
