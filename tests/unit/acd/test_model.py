"""The one total order of callers, and the tiers of agents."""

from dataclasses import replace

from acd.events import CallerJoined
from acd.model import REFUSED_SECONDS, REST_SECONDS, AgentProfile, OfferOutcome, QueueRules, Step
from acd.requirement import parse
from tests.unit.acd.floors import engine_of, floor_of, waiting


def test_rank_is_band_then_arrival_then_id() -> None:
    """A higher priority is a smaller rank; of equal arrivals the id decides, so that a replay decides alike."""
    callers = [waiting("b", 2.0), waiting("c", 1.0, priority=-1), waiting("a", 2.0), waiting("d", 9.0, priority=3)]
    assert [visit.visit_id for visit in sorted(callers, key=lambda visit: visit.rank)] == ["d", "a", "b", "c"]


def test_failures_of_the_agents_side_have_a_rest() -> None:
    """Whatever ends an offer unanswered leaves the agent alone for a while, but for what others did."""
    others = {OfferOutcome.CANCEL_CALLER, OfferOutcome.CANCEL_AGENT, OfferOutcome.CANCEL_OTHER_WON}
    assert set(REST_SECONDS) == set(OfferOutcome) - others - {OfferOutcome.ANSWERED}
    assert set(REFUSED_SECONDS) < set(REST_SECONDS)


def test_an_agent_is_of_one_tier_of_a_class() -> None:
    """Preferred ones first, then the others, then the reserve; who may not serve at all is behind them."""
    rules = QueueRules("orders", {"orders": 5}, prefer=(parse("orders >= 8"),), steps=(Step(0.0, reserve=True),))
    floor = floor_of({"1001": {"orders": 9}, "1002": {"orders": 5}, "1004": {}}, rules)
    reserve = AgentProfile("1003", "", {"orders": 9}, reserve=True)
    engine = engine_of(replace(floor, agents={**floor.agents, "1003": reserve}))
    engine.handle(CallerJoined("zhang", "call-1", "orders", ""), 0.0)
    caller_class = engine.visits["zhang"].caller_class
    tiers = {agent_id: caller_class.tier_of(agent) for agent_id, agent in engine.agents.items()}
    assert tiers == {"1001": 0, "1002": 1, "1003": 2, "1004": 3}
