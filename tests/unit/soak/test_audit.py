"""The audit of a soak finds what it is there to find."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.schema import Call, Offer, QueueVisit
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.softphone import Softphone
from tests.soak.audit import Rows, audit
from tests.soak.faults import Outage, Outages
from tests.soak.people import CallerLog, LegLog, Log

T0 = 1_767_225_600.0
CALLER = "13700000001"
PHONE = Softphone(Account("1", "127.0.0.1", 5060), folder=Path("/nowhere"))


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(T0 + seconds, UTC)


def phone_call(peer: str, start: float, answered: float | None, end: float | None) -> PhoneCall:
    call = PhoneCall(PHONE, "incoming", peer, "id", T0 + start)
    if answered is not None:
        call.note_established(T0 + answered)
    if end is not None:
        call.note_closed(T0 + end, "over")
    return call


@dataclass
class Story:
    """A caller dials at 0, an agent's phone rings at 2 and is answered at 3, and the caller hangs up at 10."""

    left_at: float | None = 10.0
    closed_at: float | None = 10.0
    legs: list[tuple[float, float | None, float]] = field(default_factory=lambda: [(2.0, 3.0, 10.0)])
    call: dict[str, Any] = field(default_factory=dict)
    visit: dict[str, Any] = field(default_factory=dict)
    offer: dict[str, Any] = field(default_factory=dict)
    visits: int = 1

    def log(self) -> Log:
        caller = CallerLog(CALLER, phone_call("4101", 0, 0.01, self.closed_at), self.left_at and T0 + self.left_at)
        legs = [LegLog("1001", phone_call(CALLER, *leg), "answer") for leg in self.legs]
        return Log([caller], legs)

    def rows(self) -> Rows:
        call = {"call_id": "c", "caller_number": CALLER, "started_at": at(0.01), "ended_at": at(10)}
        visit = {"call_id": "c", "outcome": "completed_by_caller", "agent_id": "1001", "talk_seconds": 7.0}
        offer = {"visit_id": "v0", "agent_id": "1001", "outcome": "answered"}
        visits = [
            QueueVisit(**{"visit_id": f"v{number}", "wait_seconds": 3.0, **visit, **self.visit})
            for number in range(self.visits)
        ]
        return Rows(
            [Call(**{"outcome": "completed_by_caller", **call, **self.call})],
            visits,
            [Offer(**{**offer, **self.offer})],
        )


def test_a_story_that_fits_has_no_fault() -> None:
    """Phones and records tell the same: nothing is found."""
    story = Story()
    assert audit(story.log(), story.rows(), Outages()) == []


@pytest.mark.parametrize(
    ("story", "found"),
    [
        (Story(left_at=None, legs=[]), "LOST: neither the caller nor an agent ended it"),
        (Story(closed_at=None, left_at=None), "it never ended"),
        (Story(call={"caller_number": "1"}), "0 calls in the records"),
        (Story(call={"outcome": None}), "the call has no end"),
        (Story(call={"ended_at": at(14)}), "in the records at"),
        (Story(visits=0), "no visit in the records"),
        (Story(visits=2), "2 visits in the records"),
        (Story(visit={"outcome": "abandoned_ringing"}), "the outcome is abandoned_ringing, not completed_by_caller"),
        (Story(legs=[], left_at=10), "the outcome is completed_by_caller, not abandoned_waiting"),
        (Story(legs=[(8, None, 10)], left_at=10), "the outcome is completed_by_caller, not abandoned_ringing"),
        (Story(left_at=None), "the outcome is completed_by_caller, not completed_by_agent"),
        (Story(legs=[(2, 3, 10), (4, 5, 9)]), "2 agents talked with this caller"),
        (Story(visit={"agent_id": "1002"}), "1001 talked with this caller, in the records 1002"),
        (Story(visit={"talk_seconds": 4.0}), "they talked 7.00 s"),
        (Story(visit={"wait_seconds": 7.0}), "the caller waited 2.99 s, in the records 7.0"),
        (Story(offer={"outcome": None}), "the offer to 1001 has no end"),
        (Story(offer={"outcome": "rna"}), "answered by 1001, in the records nobody"),
        (Story(offer={"agent_id": "1002"}), "rang at 1001, in the records 1002"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_thing_that_does_not_fit_is_found(story: Story, found: str) -> None:
    """One fact on one side is changed, and the call is named with it."""
    assert any(found in problem for problem in audit(story.log(), story.rows(), Outages()))


def test_a_ring_and_a_call_of_nobody_are_found() -> None:
    """A phone that rang for somebody who never dialled, and a call in the records that nobody made."""
    story = Story()
    log, rows = story.log(), story.rows()
    log.legs.append(LegLog("1002", phone_call("999", 1, None, 2), "ignore"))
    rows = Rows([*rows.calls, Call(call_id="x", caller_number="888", started_at=at(1))], rows.visits, rows.offers)
    assert [problem.split(",")[0].split(" at ")[0] for problem in audit(log, rows, Outages())] == [
        "1002 rang",
        "the call x is in the records",
    ]


@pytest.mark.parametrize("what", ["acd", "link"])
def test_a_talk_that_began_unseen_may_count_from_its_offer(what: Any) -> None:
    """The ACD was away, or blind, when the agent answered: a ring time more is no fault, a minute more is one."""
    outages = Outages([Outage(what, T0 + 2.5, T0 + 6)])
    longer, wrong = Story(visit={"talk_seconds": 8.5}), Story(visit={"talk_seconds": 70.0})
    assert audit(longer.log(), longer.rows(), outages) == []
    assert audit(wrong.log(), wrong.rows(), outages)
