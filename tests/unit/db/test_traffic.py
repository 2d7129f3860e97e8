"""What the records tell a planner about the callers of past days."""

from __future__ import annotations

from datetime import UTC

import pytest

from db.reports.traffic import QueueHistory, queue_histories
from tests.unit.db.story import T0, Desk, answered, enter_queue, line, moment

DAY = 86_400.0
NINE, HALF_PAST_NINE = 9 * 3600.0, 9.5 * 3600


def histories(desk: Desk, days: int = 1) -> dict[str, QueueHistory]:
    desk.apply()
    return queue_histories(desk.engine, moment(0), moment(days * DAY), tz=UTC)


def abandon(call_id: str, at: float, waited: float) -> list[bytes]:
    told = {"visit_id": f"v-{call_id}", "stage": "waiting", "wait_seconds": waited, "recovered": False}
    return [enter_queue(call_id, at), line("ABANDON", at + waited, **told)]


def test_arrivals_are_counted_by_half_hour(desk: Desk) -> None:
    """Two before half past nine, one after: of one day as they are, of two days in the mean."""
    desk.write("acd", *answered("a", NINE, 60), *answered("b", NINE + 1700, 60), *answered("c", HALF_PAST_NINE, 60))
    assert histories(desk)["orders"].arrivals == {(540, 570): 2.0, (570, 600): 1.0}
    assert histories(desk, days=2)["orders"].arrivals == {(540, 570): 1.0, (570, 600): 0.5}


def test_talks_have_a_mean_and_a_spread(desk: Desk) -> None:
    """Talks of 60 and 180 s: 120 s in the mean, 84.9 s the deviation of the sample."""
    desk.write("acd", *answered("a", NINE, 60), *answered("b", NINE + 600, 180))
    history = histories(desk)["orders"]
    assert (history.talks, history.talk_mean_seconds) == (2, 120.0)
    assert history.talk_sd_seconds == pytest.approx(84.85, abs=0.01)


def test_patience_counts_the_waits_of_those_who_stayed(desk: Desk) -> None:
    """One left after 25 s, one was answered after 5 s: 30 s of waiting for one abandon."""
    desk.write("acd", *answered("a", NINE, 60), *abandon("b", NINE + 60, 25.0))
    assert histories(desk)["orders"].patience_mean_seconds == 30.0


def test_patience_is_unknown_where_nobody_gave_up(desk: Desk) -> None:
    """One answered caller tells nothing of how long the others would wait."""
    desk.write("acd", *answered("a", NINE, 60))
    assert histories(desk)["orders"].patience_mean_seconds is None


def test_ringing_and_no_answers_come_from_the_offers(desk: Desk) -> None:
    """One offer rang out, one was answered after 3 s."""
    visit = {"visit_id": "v-a", "offer_id": "o-0", "agent_id": "1002"}
    desk.write("acd", *answered("a", NINE, 60), line("OFFER", NINE, **visit))
    desk.write("acd", line("OFFEREND", NINE + 2, outcome="rna", ring_seconds=2.0, **visit))
    history = histories(desk)["orders"]
    assert (history.ring_mean_seconds, history.no_answer_share) == (3.0, 0.5)


def test_other_days_and_an_empty_day_tell_nothing(desk: Desk) -> None:
    """A visit of the next day is not in it; without visits there is no queue to forecast."""
    desk.write("acd", *answered("a", DAY + NINE, 60))
    assert histories(desk) == {}
    assert T0 % DAY == 0
