"""What a hold session reads from the dialplan, and what it makes of a Dial."""

import pytest

from acd.hold import Entry, outcome_of, read_entry
from acd.model import OfferOutcome

GIVEN = {
    "CHANNEL(linkedid)": "1795328729.5",
    "CALLERID(num)": "13800000001",
    "ACD_QUEUE": "orders",
    "ACD_SKILLS": "",
    "ACD_PRIORITY": "",
    "ACD_VISIT": "",
    "ACD_ARRIVED": "",
    "CHANNEL(musicclass)": "default",
}


def entry(**changes: str) -> Entry:
    return read_entry({**GIVEN, **changes}, lambda: "new", at=1000.0)


def test_a_first_entry_gets_a_new_visit_and_has_not_waited():
    """Without ACD_VISIT the visit is new and begins now."""
    first = entry()
    assert (first.is_new, first.joined.visit_id, first.joined.waited_seconds) == (True, "new", 0.0)


def test_a_re_entry_keeps_its_visit_and_its_wait():
    """ACD_VISIT and ACD_ARRIVED, set before a restart, bring the caller back to the same visit and place."""
    again = entry(ACD_VISIT="v1", ACD_ARRIVED="940.250")
    assert (again.is_new, again.joined.visit_id, again.joined.waited_seconds) == (False, "v1", 59.75)


def test_an_arrival_in_the_future_is_a_wait_of_nothing():
    """A clock that was set back gives no negative wait."""
    assert entry(ACD_VISIT="v1", ACD_ARRIVED="2000").joined.waited_seconds == 0.0


def test_a_menu_may_ask_for_more_skills():
    """ACD_SKILLS holds skill:level words."""
    assert entry(ACD_SKILLS="mandarin:3 vip:1").joined.skills == {"mandarin": 3, "vip": 1}


@pytest.mark.parametrize("garbage", ["mandarin", ":3", "mandarin:x", "mandarin:-1", '"', "mandarin:3.5"])
def test_a_malformed_requirement_costs_the_caller_nothing(garbage: str):
    """A word that is not skill:level is left out; the caller is held all the same."""
    assert entry(ACD_SKILLS=garbage).joined.skills == {}


@pytest.mark.parametrize("garbage", ["high", "1e", "--2", "nan", "inf"])
def test_a_malformed_priority_counts_as_not_given(garbage: str):
    """Text that is no number is priority 0 and no wait."""
    joined = entry(ACD_PRIORITY=garbage, ACD_VISIT="v1", ACD_ARRIVED=garbage).joined
    assert (joined.priority, joined.waited_seconds) == (0, 0.0)


@pytest.mark.parametrize("number", ["", "anonymous", "Anonymous", "unknown", "Restricted"])
def test_a_withheld_number_is_no_number(number: str):
    """Nobody is taken for the last anonymous caller."""
    assert entry(**{"CALLERID(num)": number}).joined.caller_number == ""


@pytest.mark.parametrize(
    ("status", "cause", "outcome"),
    [
        ("NOANSWER", "0", OfferOutcome.RNA),
        ("BUSY", "17", OfferOutcome.BUSY),
        ("BUSY", "21", OfferOutcome.REJECT),
        ("CONGESTION", "21", OfferOutcome.REJECT),
        ("CHANUNAVAIL", "20", OfferOutcome.UNREACHABLE),
        ("CONGESTION", "34", OfferOutcome.UNREACHABLE),
        ("INVALIDARGS", "0", OfferOutcome.ERROR),
        ("", "", OfferOutcome.ERROR),
    ],
)
def test_a_dial_that_came_back_unanswered_names_its_outcome(status: str, cause: str, outcome: OfferOutcome):
    """DIALSTATUS and HANGUPCAUSE tell no answer, busy, reject and unreachable apart."""
    assert outcome_of(status, cause) is outcome
