"""The tables hold the cells that can be asked for, and no others."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from itertools import chain, product
from typing import Any

import pytest

from acd import transitions
from acd.callback import CallbackRules
from acd.commands import Record
from acd.engine import Engine
from acd.events import (
    AgentAsked,
    CallbackAsked,
    CallbackCancelled,
    CallerHandedOver,
    CallerJoined,
    CallerKeyed,
    CallerLeft,
    CallerTransferred,
    DeviceChanged,
    DispositionGiven,
    Event,
    OfferAnswered,
    OfferFailed,
    QueueClosed,
    QueueOpened,
    Restored,
    RestoredAgent,
    RestoredVisit,
    SessionLost,
    SwitchLost,
    SwitchSeen,
    TalkChanged,
    TalkEnded,
    TalkTaken,
    Tick,
)
from acd.invariants import broken_invariants
from acd.model import (
    Agent,
    AgentProfile,
    AgentState,
    Device,
    Floor,
    OfferOutcome,
    QueueRules,
    Visit,
    VisitState,
    WrapUp,
)
from acd.transitions import (
    AGENT,
    OWING,
    VISIT,
    AgentStep,
    Ignore,
    Refusal,
    Refused,
    UnexpectedTransition,
    VisitStep,
    move_agent,
    move_visit,
)

AGENTS = {agent_id: AgentProfile(agent_id, "", {}) for agent_id in ("1001", "1002")}
QUEUES = {
    "plain": QueueRules("plain", {}, wait_seconds_max=10.0, keys={"1": "menu.node"}),
    "quick": QueueRules("quick", {}, wrap_up_seconds=0.0),
}
FLOOR = Floor(QUEUES, AGENTS, rna_limit=1, ended_memory=0)
STRICT = QueueRules("strict", {}, wrap_up=WrapUp.UNTIL_DISPOSITION, wrap_up_seconds_max=20.0)
STRICT_FLOOR = Floor({"strict": STRICT}, AGENTS, ended_memory=0, dispositions=frozenset({"sold"}))
PRESENT = frozenset({"a"})

ASKED_FOR = (AgentState.READY, AgentState.NOT_READY, AgentState.WRAP_UP, AgentState.LOGGED_OFF)

EVENTS: list[Event] = [
    *(CallerJoined("a", "a", queue, "") for queue in QUEUES),
    CallerLeft("a"),
    CallerKeyed("a", "1"),
    QueueClosed("plain"),
    QueueOpened("plain"),
    SessionLost("a"),
    OfferAnswered("a", "1001"),
    OfferFailed("offer", "a", OfferOutcome.RNA),
    OfferFailed("offer", "a", OfferOutcome.ERROR),
    OfferFailed("old offer", "a", OfferOutcome.REJECT),
    TalkEnded("a", by_agent=True),
    TalkEnded("a", by_agent=False, answered_seconds=0.5),
    *(TalkTaken("a", agent_id) for agent_id in AGENTS),
    *(AgentAsked("1001", state) for state in ASKED_FOR),
    *(DeviceChanged("1001", device) for device in Device),
    TalkChanged("a", "hold"),
    TalkChanged("a"),
    CallerTransferred("a", "7001"),
    CallerHandedOver("a", "a", extension="7001"),
    SwitchLost(),
    SwitchSeen({}, {}, PRESENT, {"1001": Device.IDLE}),
    SwitchSeen({"a": "1001"}, {}, PRESENT, {"1001": Device.IDLE}),
    SwitchSeen({}, {"a": frozenset({"1001"})}, PRESENT, {"1001": Device.IDLE}),
    SwitchSeen({}, {}, frozenset(), {"1001": Device.IDLE}, restarted=True),
    Tick(),
]
STRICT_EVENTS: list[Event] = [
    SwitchSeen({}, {}, frozenset(), {"1001": Device.IDLE}),
    CallerJoined("a", "a", "strict", ""),
    OfferAnswered("a", "1001"),
    TalkEnded("a", by_agent=True),
    *(AgentAsked("1001", state) for state in ASKED_FOR),
    DispositionGiven("1001", "sold"),
    Tick(),
]
RESTORED = [
    Restored(
        agents={"1001": RestoredAgent(state, "", 0.0, 0.0)},
        visits=(RestoredVisit("a", "a", "plain", "", "", 0, 0.0, offers, "1001" if connected else None, connected),),
    )
    for state, offers, connected in (
        (AgentState.READY, (), None),
        (AgentState.OFFERED, (("offer", "1001", 0.0),), None),
        (AgentState.ON_CALL, (), 0.0),
    )
]


CALLED_FLOOR = Floor({"called": QueueRules("called", {}, callback=CallbackRules())}, AGENTS, ended_memory=0)
CALLED_EVENTS: list[Event] = [
    SwitchSeen({}, {}, frozenset(), {"1001": Device.IDLE}),
    CallerJoined("a", "a", "called", "138"),
    CallbackAsked("a", "139"),
    CallbackCancelled("offer"),
    OfferAnswered("a", "1001"),
    OfferFailed("offer", "a", OfferOutcome.ERROR),
    AgentAsked("1001", AgentState.READY),
]


class Asked(dict[Any, Any]):
    """A table that remembers which cells were asked for."""

    def __init__(self, table: Mapping[Any, Any]) -> None:
        super().__init__(table)
        self.cells: set[Any] = set()

    def get(self, cell: Any, default: Any = None) -> Any:
        self.cells.add(cell)
        return super().get(cell, default)


def kind(engine: Engine, now: float) -> object:
    """What tells one state of an engine from another, with times reduced to what lies ahead."""
    agent, other = engine.agents["1001"], engine.agents["1002"]
    due = [deadline and deadline > now for deadline in (agent.rest_deadline, agent.wrap_up_deadline)]
    visits = [
        (visit.visit_id, visit.state, visit.attached, (visit.wait_deadline or now) > now, not visit.refused_until)
        for visit in engine.visits.values()
    ]
    talk = agent.talk and (agent.talk.ended is None, agent.talk.disposition)
    return repr((agent.state, agent.device, agent.wish, talk, other.state, due, visits, engine.switch_seen))


def opened() -> list[Engine]:
    """A new engine, and one for each state that a restart may find."""
    engines = [Engine(FLOOR, lambda: "offer") for _ in range(1 + len(RESTORED))]
    for engine, restored in zip(engines[1:], RESTORED, strict=True):
        engine.handle(restored, 0.0)
    return engines


def walk(opened: list[Engine], events: list[Event]) -> Iterator[tuple[Engine, Event, float]]:
    """Every event in every state that events can lead to, breadth first. The clock jumps with each Tick."""
    seen: set[object] = set()
    states = [(engine, 0.0) for engine in opened]
    while states:
        following = []
        for (engine, now), event in product(states, events):
            copy = deepcopy(engine)
            later = now + (12.0 if isinstance(event, Tick) else 0.5)
            with suppress(Refused):
                copy.handle(event, later)
            yield copy, event, later
            if (name := kind(copy, later)) not in seen:
                seen.add(name)
                following.append((copy, later))
        states = following


def test_tables_are_what_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reachable question has its cell, every cell is the answer to a reachable question."""
    agent, visit, owing = Asked(AGENT), Asked(VISIT), Asked(OWING)
    monkeypatch.setattr(transitions, "AGENT", agent)
    monkeypatch.setattr(transitions, "OWING", owing)
    monkeypatch.setattr(transitions, "VISIT", visit)
    strict = walk([Engine(STRICT_FLOOR, lambda: "offer")], STRICT_EVENTS)
    called = walk([Engine(CALLED_FLOOR, lambda: "offer")], CALLED_EVENTS)
    for engine, _, _ in chain(walk(opened(), EVENTS), strict, called):
        assert list(broken_invariants(engine)) == []
    assert agent.cells | set(OWING) == set(AGENT)
    assert set(OWING) <= owing.cells
    assert visit.cells == set(VISIT) - {(VisitState.WAITING, VisitStep.TAKE_OVER)}, "but for what a handover begins"


TAKERS = {
    AgentState.LOGGED_OFF: (),
    AgentState.NOT_READY: (AgentAsked("1002", AgentState.NOT_READY),),
    AgentState.READY: (AgentAsked("1002", AgentState.READY),),
    AgentState.EXTERNAL: (AgentAsked("1002", AgentState.READY), DeviceChanged("1002", Device.BUSY)),
    AgentState.WRAP_UP: (
        AgentAsked("1002", AgentState.READY),
        CallerJoined("b", "b", "plain", ""),
        OfferAnswered("b", "1002"),
        TalkEnded("b", by_agent=True),
    ),
}
"""What brings a colleague into each state in which somebody can be handed over to them."""


@pytest.mark.parametrize("state", TAKERS)
def test_a_colleague_takes_a_caller_in_any_state_without_one(state: AgentState) -> None:
    """Every cell of TAKE_OVER is reached; OFFERED is left for READY first, and ON_CALL takes nobody."""
    engine = Engine(Floor(QUEUES, {**AGENTS, "1002": AgentProfile("1002", "", {})}), lambda: "new")
    engine.handle(SwitchSeen({}, {}, frozenset(), dict.fromkeys(("1001", "1002"), Device.IDLE)), 0.0)
    engine.handle(AgentAsked("1001", AgentState.READY), 0.0)
    engine.handle(CallerJoined("a", "a", "plain", ""), 0.0)
    engine.handle(OfferAnswered("a", "1001"), 0.0)
    for event in TAKERS[state]:
        engine.handle(event, 1.0)
    assert engine.agents["1002"].state is state
    engine.handle(CallerHandedOver("a", "a", agent_id="1002"), 2.0)
    assert engine.agents["1002"].state is AgentState.ON_CALL
    assert {cell[0] for cell in AGENT if cell[1] is AgentStep.TAKE_OVER} == set(TAKERS)
    assert list(broken_invariants(engine)) == []


def test_every_state_is_in_its_table() -> None:
    """No state of an agent is a dead end; of the visit only the last is."""
    assert {state for state, _ in AGENT} == set(AgentState)
    assert {state for state, _ in VISIT} == set(VisitState) - {VisitState.ENDED, VisitState.TRANSFERRED}


def test_ignored_cells_name_their_race() -> None:
    """A cell that ignores says which race it ignores."""
    ignored = [cell for cell in [*AGENT.values(), *VISIT.values()] if isinstance(cell, Ignore)]
    assert ignored
    assert all(len(cell.race.split()) > 2 for cell in ignored)


def test_missing_cell_of_an_agent_changes_nothing() -> None:
    """A step without a cell raises, and the agent stays as it was."""
    agent = Agent(AGENTS["1001"], AgentState.NOT_READY)
    with pytest.raises(UnexpectedTransition, match="agent 1001 is not_ready: answer"):
        move_agent(agent, AgentStep.ANSWER)
    assert agent.state is AgentState.NOT_READY


def test_missing_cell_of_a_visit_changes_nothing() -> None:
    """A step without a cell raises, and the visit stays as it was."""
    visit = Visit("a", "a", QUEUES["plain"], "", (), 0, 0.0, state=VisitState.ENDED)
    with pytest.raises(UnexpectedTransition, match="visit a is ended: leave"):
        move_visit(visit, VisitStep.LEAVE)
    assert visit.state is VisitState.ENDED


def test_same_reason_twice_is_recorded_once() -> None:
    """Not ready keyed twice with one reason is one record; with another reason it is two."""
    engine = Engine(FLOOR, lambda: "offer")
    reasons = ["lunch", "lunch", "meeting"]
    told = [engine.handle(AgentAsked("1001", AgentState.NOT_READY, reason), 1.0) for reason in reasons]
    assert [[type(one) for one in commands] for commands in told] == [[Record], [], [Record]]


def test_every_refusal_can_be_told() -> None:
    """Whatever an agent does not get has its sentence."""
    assert all(len(why.words.split()) > 3 for why in Refusal)
