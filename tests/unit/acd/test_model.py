"""The one total order of callers."""

from acd.model import REFUSED_SECONDS, REST_SECONDS, OfferOutcome
from tests.unit.acd.floors import waiting


def test_rank_is_band_then_arrival_then_id() -> None:
    """A higher priority is a smaller rank; of equal arrivals the id decides, so that a replay decides alike."""
    callers = [waiting("b", 2.0), waiting("c", 1.0, priority=-1), waiting("a", 2.0), waiting("d", 9.0, priority=3)]
    assert [visit.visit_id for visit in sorted(callers, key=lambda visit: visit.rank)] == ["d", "a", "b", "c"]


def test_failures_of_the_agents_side_have_a_rest() -> None:
    """Whatever ends an offer unanswered leaves the agent alone for a while, but for what others did."""
    others = {OfferOutcome.CANCEL_CALLER, OfferOutcome.CANCEL_AGENT, OfferOutcome.CANCEL_OTHER_WON}
    assert set(REST_SECONDS) == set(OfferOutcome) - others - {OfferOutcome.ANSWERED}
    assert set(REFUSED_SECONDS) < set(REST_SECONDS)
