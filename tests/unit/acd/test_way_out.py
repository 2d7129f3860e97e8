"""Where a caller goes after the queue, and how the agent is dialled: two small tables."""

import pytest

from acd.dial import dial_options
from acd.model import VisitOutcome
from acd.way_out import is_apologised, way_out

HANDLED = frozenset({"full", "completed"})


@pytest.mark.parametrize(
    ("outcome", "to", "variables"),
    [
        (VisitOutcome.FULL, "", {"IVR_RESULT": "full", "ACD_NEXT": "ivr", "ACD_WAITED": "12.500"}),
        (VisitOutcome.COMPLETED_BY_AGENT, "", {"IVR_RESULT": "completed", "ACD_NEXT": "ivr"}),
        (VisitOutcome.COMPLETED_BY_CALLER, "", {"IVR_RESULT": "completed", "ACD_NEXT": "ivr"}),
        (VisitOutcome.TIMED_OUT, "", {}),
        (VisitOutcome.KEY_EXIT, "main.bye", {"IVR_NODE": "main.bye", "IVR_RESULT": "", "ACD_NEXT": "ivr"}),
        (VisitOutcome.KEY_EXIT, "queue:other", {"ACD_QUEUE": "other", "ACD_WAITED": "12.500", "ACD_NEXT": "queue"}),
    ],
)
def test_a_caller_goes_where_the_outcome_says(outcome: VisitOutcome, to: str, variables: dict[str, str]) -> None:
    """A key goes before the outcome; an outcome that the node does not know ends the call."""
    assert way_out(outcome, to, HANDLED, 12.5) == variables


def test_whoever_talked_is_owed_no_apology() -> None:
    """To an agent last, or to somebody outside to whom an agent handed them over; everybody else who is let go is."""
    spared = {outcome for outcome in VisitOutcome if not is_apologised(outcome)}
    assert spared == {VisitOutcome.COMPLETED_BY_AGENT, VisitOutcome.COMPLETED_BY_CALLER, VisitOutcome.TRANSFERRED}


@pytest.mark.parametrize(
    ("whisper", "greeting", "options"),
    [
        ("", "", "gtm(default)"),
        ("/s/w", "", "gtm(default)A(/s/w)"),
        ("/s/w", "/s/g", "gtm(default)A(/s/w:/s/g)"),
        ("", "/s/g", "gtm(default)A(:/s/g)"),
        ("/s/a,b", "/s/x:y", "gtm(default)"),
    ],
)
def test_the_agent_hears_a_whisper_and_the_caller_a_greeting(whisper: str, greeting: str, options: str) -> None:
    """A path that Dial would read as something else is left out: the call goes through without it."""
    assert dial_options("default", whisper=whisper, greeting=greeting) == options
