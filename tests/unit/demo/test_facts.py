"""Questions to the records."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.engine import open_engine
from db.schema import AgentInterval, Call, IvrStep, Offer, QueueVisit
from hotline.demo.facts import Facts

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def visit(visit_id: str, caller_number: str, minutes: int, **more: object) -> QueueVisit:
    arrived_at = NOON + timedelta(minutes=minutes)
    return QueueVisit(
        visit_id=visit_id,
        caller_number=caller_number,
        arrived_at=arrived_at,
        requirement="",
        priority=0,
        head_start_seconds=0.0,
        **more,
    )


def call(call_id: str, caller_number: str, minutes: int) -> Call:
    return Call(call_id=call_id, caller_number=caller_number, started_at=NOON + timedelta(minutes=minutes))


def offer(offer_id: str, agent_id: str, minutes: int, **more: object) -> Offer:
    created_at = NOON + timedelta(minutes=minutes)
    return Offer(offer_id=offer_id, visit_id="v1", agent_id=agent_id, created_at=created_at, **more)


def step(step_id: str, minutes: int) -> IvrStep:
    at = NOON + timedelta(minutes=minutes)
    return IvrStep(
        step_id=step_id, call_id="c1", menu="main", node="main", kind="menu", language="zh",
        started_at=at, ended_at=at, attempts=1,
    )  # fmt: skip


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A database with two callers, one of whom called twice, and one agent."""
    engine = open_engine(database_url, writing=True)
    with Session(engine) as session, session.begin():
        session.add_all([visit("v2", "139", 5), visit("v1", "139", 1, ended_at=NOON), visit("v3", "138", 3)])
        session.add_all([call("c2", "139", 5), call("c1", "139", 1)])
        session.add_all([offer("o2", "1002", 2), offer("o1", "1001", 1, ended_at=NOON)])
        session.add_all([step("s2", 2), step("s1", 1)])
        session.add(AgentInterval(agent_id="1001", state="ready", started_at=NOON, ended_at=NOON))
        session.add(AgentInterval(agent_id="1001", state="on_call", started_at=NOON))
    yield engine
    engine.dispose()


def test_rows_come_in_order_of_time(engine: Engine) -> None:
    """Visits, calls, offers and steps are ordered by when they began, whatever the order of their records."""
    facts = Facts(engine)
    assert [one.visit_id for one in facts.visits()] == ["v1", "v3", "v2"]
    assert [one.visit_id for one in facts.visits("139")] == ["v1", "v2"]
    assert [one.call_id for one in facts.calls("139")] == ["c1", "c2"]
    assert [one.offer_id for one in facts.offers(facts.visits()[0])] == ["o1", "o2"]
    assert [one.step_id for one in facts.steps("c1")] == ["s1", "s2"]


def test_the_latest_of_a_caller_is_the_one_meant(engine: Engine) -> None:
    """A caller who called twice is asked about the second time; a stranger has nothing."""
    facts = Facts(engine)
    latest_visit, latest_call = facts.visit("139"), facts.call("139")
    assert latest_visit is not None
    assert latest_visit.visit_id == "v2"
    assert latest_call is not None
    assert latest_call.call_id == "c2"
    assert facts.visit("unknown") is None
    assert facts.call("unknown") is None


def test_an_agent_does_what_the_open_interval_says(engine: Engine) -> None:
    """The open interval is the state; no open interval is logged off."""
    facts = Facts(engine)
    assert facts.agent_state("1001") == "on_call"
    assert facts.agent_state("1002") == "logged_off"


def test_a_state_that_was_over_when_the_records_learned_of_it_is_seen(engine: Engine) -> None:
    """Since the mark: what is now, and every state that came and went; nothing of what was known before."""
    facts = Facts(engine)
    mark = facts.states_seen("1001")
    assert facts.states_since("1001", mark) == {"on_call"}
    later = [NOON + timedelta(seconds=seconds) for seconds in (10, 11)]
    with Session(engine) as session, session.begin():
        (talk,) = session.query(AgentInterval).filter_by(state="on_call")
        talk.ended_at = later[0]
        session.add(AgentInterval(agent_id="1001", state="wrap_up", started_at=later[0], ended_at=later[1]))
        session.add(AgentInterval(agent_id="1001", state="ready", started_at=later[1]))
    assert facts.states_since("1001", mark) == {"wrap_up", "ready"}
    assert facts.states_since("1002", facts.states_seen("1002")) == {"logged_off"}


def test_open_records_are_counted_by_table(engine: Engine) -> None:
    """What has no end yet is counted; what has one is not."""
    facts = Facts(engine)
    assert facts.open_records() == {"queue_visits": 2, "offers": 1, "calls": 2}
    assert facts.rejected() == []
