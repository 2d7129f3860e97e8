"""The audit of a soak finds what it is there to find."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.schema import Call, Callback, CallbackAttempt, Offer, QueueVisit
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.softphone import Softphone
from tests.soak.audit import audit
from tests.soak.chances import OUTSIDE
from tests.soak.faults import Outage, Outages
from tests.soak.log import CallerLog, LegLog, Log, SentOn
from tests.soak.rows import Rows

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
        visit |= {"arrived_at": at(0.02)}
        offer = {"visit_id": "v0", "agent_id": "1001", "outcome": "answered", "offer_id": "o", "created_at": at(2)}
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
        (Story(visits=2), "comes (None) from None, not v0"),
        (Story(visit={"outcome": "abandoned_ringing"}), "the outcome is abandoned_ringing, not completed_by_caller"),
        (Story(legs=[], left_at=10), "the outcome is completed_by_caller, not abandoned_waiting"),
        (Story(legs=[(8, None, 10)], left_at=10), "the outcome is completed_by_caller, not abandoned_ringing"),
        (Story(left_at=None), "the outcome is completed_by_caller, not completed_by_agent"),
        (Story(legs=[(2, 3, 10), (4, 5, 9)]), "talked with 1001, 1001, in the records with 1001"),
        (Story(visit={"agent_id": "1002"}), "1001 talked with this caller, in the records 1002"),
        (Story(visit={"talk_seconds": 4.0}), "1001 talked 7.00 s"),
        (Story(visit={"wait_seconds": 7.0}), "the caller waited 2.99 s for 1001, in the records 7.0"),
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


SECOND: dict[str, Any] = {"visit_id": "v1", "call_id": "c", "entered_via": "transfer", "from_visit_id": "v0"}


@dataclass
class SentStory:
    """As before, but the agent sends the caller on at 5 s to a queue whose agent answers at 7 s, until 10 s."""

    way: Any = "refer"
    number: str = "7002"
    peer: str = CALLER
    first: dict[str, Any] = field(default_factory=dict)
    second: dict[str, Any] = field(default_factory=dict)
    second_leg: tuple[float, float | None, float] = (5.2, 7.0, 10.0)
    offers: int = 2
    left: float = 10.0
    """When the caller hangs up."""
    handed: float = 5.0
    """When the first agent is out."""
    town: list[tuple[float, float | None, float]] = field(default_factory=list)
    consulted: tuple[float, float] | None = None
    """A queue that the agent asked, as the records have it."""

    def problems(
        self, *more: LegLog, visits: int = 2, first: dict[str, Any] | None = None, offered: dict[str, Any] | None = None
    ) -> list[str]:
        """more: legs that there are as well; first: what else is recorded of the first visit; offered: one offer more,
        of the second."""
        caller = CallerLog(CALLER, phone_call("4101", 0, 0.01, self.left), T0 + self.left)
        sent = SentOn(self.way, self.number, T0 + 3.2, handed_at=T0 + self.handed)
        legs = [
            LegLog("1001", phone_call(CALLER, 2, 3, self.handed), "answer", sent=sent),
            LegLog("1004", phone_call(self.peer, *self.second_leg), "answer"),
        ]
        call = Call(call_id="c", caller_number=CALLER, started_at=at(0.01), ended_at=at(self.left), outcome="x")
        known = {"arrived_at": at(0.02), "wait_seconds": 3.0, "talk_seconds": 2.0, "agent_id": "1001"}
        told = {"visit_id": "v0", "call_id": "c", "outcome": "transferred", **known, **self.first, **(first or {})}
        v0 = QueueVisit(**told)
        known = {"arrived_at": at(5), "wait_seconds": 2.0, "talk_seconds": 3.0, "agent_id": "1004"}
        second = QueueVisit(**{**SECOND, "outcome": "completed_by_caller", **known, **self.second})
        offers = [
            Offer(visit_id=f"v{one}", agent_id=agent, outcome="answered", offer_id=agent, created_at=at(2 + 4 * one))
            for one, agent in enumerate(("1001", "1004")[: self.offers])
        ]
        offers += [Offer(visit_id="v1", agent_id="1005", offer_id="more", **offered)] if offered else []
        legs = legs if self.number != OUTSIDE else legs[:1]
        found = [v0, second][:visits]
        if self.consulted is not None:
            began, ended = (at(moment) for moment in self.consulted)
            known = {"entered_via": "consult", "from_visit_id": "v0", "outcome": "abandoned_waiting"}
            found += [QueueVisit(visit_id="asked", call_id="c", arrived_at=began, ended_at=ended, **known)]
        town = [LegLog(OUTSIDE, phone_call("4001", *leg), "answer") for leg in self.town]
        return audit(Log([caller], [*legs, *more], town), Rows([call], found, offers), Outages())


@pytest.mark.parametrize(
    "story",
    [
        SentStory(),
        SentStory("attended", "7002", peer="1001", second_leg=(3.5, 4, 10), second={"talk_seconds": 6.0}),
        SentStory("attended", "1004", peer="1001", second_leg=(3.5, 4, 10), second={"talk_seconds": 5.0}, offers=1),
    ],
    ids=["blind", "after a queue's agent was asked", "after a colleague was asked"],
)
def test_a_caller_who_is_sent_on_has_a_visit_for_each_part(story: SentStory) -> None:
    """A queue's agent who was consulted had a visit from the answer on, a colleague has one from the handover on."""
    assert story.problems() == []


@pytest.mark.parametrize(
    ("story", "found"),
    [
        (SentStory(second={"from_visit_id": "v9"}), "visit v1 comes (transfer) from v9, not v0"),
        (SentStory(second={"entered_via": "menu"}), "visit v1 comes (menu) from v0, not v0"),
        (SentStory(first={"from_visit_id": "v9"}), "the first visit comes from v9"),
        (SentStory(first={"outcome": "completed_by_agent"}), "visit v0 is completed_by_agent, and v1 follows it"),
        (SentStory(first={"talk_seconds": 7.0}), "1001 talked 2.00 s"),
        (SentStory(second={"talk_seconds": 7.0}), "1004 talked 3.00 s"),
        (SentStory(second={"agent_id": None}), "talked with 1001, 1004, in the records with 1001"),
        (SentStory(second={"wait_seconds": 7.0}), "the caller waited 2.00 s for 1004, in the records 7.0"),
        (SentStory(second={"outcome": "transferred"}), "the outcome is transferred, not completed_by_caller"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_part_that_does_not_fit_is_found(story: SentStory, found: str) -> None:
    """A chain that is broken, a part that is longer or somebody else's."""
    assert any(found in problem for problem in story.problems())


@pytest.mark.parametrize(
    ("outcome", "second_leg", "problems"),
    [
        ("abandoned_ringing", (3.5, None, 10), []),
        ("abandoned_waiting", (8.0, None, 10), ["the outcome is abandoned_waiting, not abandoned_ringing"]),
        ("abandoned_ringing", (3.5, None, 6), ["the outcome is abandoned_ringing, not abandoned_waiting"]),
    ],
    ids=["rings", "rings, told otherwise", "has rung"],
)
def test_a_phone_that_rang_for_a_consult_rings_for_the_caller_who_was_handed_over(
    outcome: str, second_leg: Any, problems: list[str]
) -> None:
    """It shows the agent who asked, and began before the caller was in that queue: still they left while it rang."""
    second = {"outcome": outcome, "agent_id": None, "wait_seconds": 5.0, "talk_seconds": None}
    story = SentStory("attended", "7002", peer="1001", second_leg=second_leg, second=second, offers=1)
    assert [problem.partition("): ")[2] for problem in story.problems()] == problems


def test_a_caller_who_leaves_while_the_colleague_rings_has_talked_to_the_first_agent_until_then() -> None:
    """Handed over by keys at 5 s to a phone that nobody answers; Asterisk calls the agent back at 8 s. Until one has
    answered the talk is the first agent's, and that ring is no offer."""
    story = SentStory("attended_keys", "1004", peer="1001", second_leg=(4.5, None, 8), offers=1)
    called_back = LegLog("1001", phone_call(CALLER, 8.1, None, 10), "answer")
    kept = {"talk_seconds": 7.0, "outcome": "completed_by_caller"}
    assert story.problems(called_back, visits=1, first=kept) == []
    (problem,) = story.problems(called_back, visits=1, first={**kept, "talk_seconds": 2.0})
    assert "1001 talked 7.00 s" in problem
    (problem,) = story.problems(called_back, visits=1, first={**kept, "outcome": "abandoned_waiting"})
    assert "the outcome is abandoned_waiting, not completed_by_caller" in problem


def test_who_hung_up_before_the_agent_handed_over_was_handed_to_nobody() -> None:
    """The two agents talk on without the caller, whose talk was the first agent's."""
    story = SentStory("attended_keys", "7002", peer="1001", second_leg=(3.5, 4, 10), offers=1, left=4.6)
    assert story.problems(visits=1, first={"outcome": "completed_by_caller", "talk_seconds": 1.6}) == []
    assert story.problems(visits=2, first={"talk_seconds": 1.6})


@pytest.mark.parametrize(
    ("consulted", "recorded", "found"),
    [
        ((3.4, 9.0), {}, []),
        ((3.4, 9.0), {"talk_seconds": 6.0}, ["1001 talked 2.50 s"]),
        ((3.4, 9.0), {"outcome": "transferred"}, ["the outcome is transferred, not completed_by_caller"]),
        (None, {}, ["1001 talked 6.00 s"]),
        ((3.4, 4.5), {}, ["1001 talked 6.00 s"]),
    ],
    ids=["until the caller left", "until the agent left", "handed over", "without a consult", "after the consult"],
)
def test_an_agent_who_consults_by_keys_may_outstay_the_caller(consulted: Any, recorded: Any, found: list[str]) -> None:
    """The caller hangs up at 5.5 s, the agent is with the queue until 9 s: the talk was over with the caller. A phone
    that is not hung up on for no reason is a fault."""
    ring = (3.5, None, 3.6)
    story = SentStory(
        "attended_keys", "7002", "1001", second_leg=ring, left=5.5, handed=9, consulted=consulted, offers=1
    )
    told = {"talk_seconds": 2.5, "outcome": "completed_by_caller", **recorded}
    problems = [problem.partition("): ")[2] for problem in story.problems(visits=1, first=told)]
    assert [problem.partition(" until ")[0] for problem in problems] == found


@pytest.mark.parametrize(
    ("town", "talked", "outcome", "found"),
    [
        ((4.5, None, 10), 7.0, "completed_by_caller", []),
        ((4.5, None, 10), 2.0, "completed_by_caller", ["1001 talked 7.00 s"]),
        (
            (4.5, None, 10),
            7.0,
            "transferred",
            ["the outcome is transferred, not completed_by_caller"],
        ),
        ((4.5, 8, 10), 5.0, "transferred", []),
        ((4.5, 8, 10), 2.0, "transferred", ["1001 talked 5.00 s"]),
        ((4.5, 4.8, 10), 2.0, "transferred", []),
        ((4.5, 4.8, 10), 5.0, "transferred", ["1001 talked 2.00 s"]),
        ((4.5, None, 4.9), 7.0, "transferred", ["1001 talked 2.00 s"]),
    ],
    ids=[
        "nobody answers",
        "nobody answers, told too short",
        "nobody answers, told handed over",
        "answers late",
        "answers late, told too short",
        "has answered",
        "has answered, told too long",
        "has refused before",
    ],
)
def test_a_talk_is_the_agents_until_somebody_outside_has_answered(
    town: Any, talked: float, outcome: str, found: list[str]
) -> None:
    """Handed over by keys at 5 s, to a phone outside that rings then, is answered or is not."""
    story = SentStory("attended_keys", OUTSIDE, town=[town], offers=1)
    problems = [
        problem.partition("): ")[2]
        for problem in story.problems(visits=1, first={"talk_seconds": talked, "outcome": outcome})
    ]
    assert [problem.partition(" until ")[0] for problem in problems] == found


def test_a_talk_is_the_agents_until_a_colleague_has_answered() -> None:
    """Handed over by keys at 5 s while the colleague's phone rings, answered at 8 s: each has the caller once."""
    second = {"arrived_at": at(8), "wait_seconds": 0.0, "talk_seconds": 2.0}
    story = SentStory("attended_keys", "1004", peer="1001", second_leg=(4.5, 8, 10), second=second, offers=1)
    assert story.problems(first={"talk_seconds": 5.0}) == []
    (problem,) = story.problems(first={"talk_seconds": 2.0})
    assert "1001 talked 5.00 s" in problem


def test_an_offer_too_short_for_a_phone_to_ring_is_ringing_or_waiting() -> None:
    """Made and taken back in the moment in which the caller hung up."""
    offer = {"created_at": at(9.9), "ended_at": at(10.0), "outcome": "cancel_caller"}
    waited = {"outcome": "abandoned_ringing", "agent_id": None, "wait_seconds": 5.0, "talk_seconds": None}
    story = SentStory("attended", "7002", peer="1001", second_leg=(3.5, None, 6), second=waited, offers=1)
    assert story.problems(offered=offer) == []


@dataclass
class CallbackStory:
    """A caller is let go at 5 s, an agent picks up at 7 s, the caller's phone rings at 9 s; they talk from 10 to 14."""

    callback: dict[str, Any] = field(default_factory=dict)
    attempt: dict[str, Any] = field(default_factory=dict)
    visit: dict[str, Any] = field(default_factory=dict)
    rings: int = 1
    attempts: int = 1

    def problems(self) -> list[str]:
        caller = CallerLog(CALLER, phone_call("4101", 0, 0.01, 5.0), confirmed_at=T0 + 3)
        agent = LegLog("1001", phone_call(CALLER, 6, 7, 14), "answer", left_at=T0 + 14)
        town = [LegLog(CALLER, phone_call("4001", 9, 10, 14), "answer") for _ in range(self.rings)]
        call = Call(call_id="c", caller_number=CALLER, started_at=at(0.01), ended_at=at(5), outcome="callback_taken")
        asked = QueueVisit(visit_id="v0", call_id="c", outcome="callback_taken", arrived_at=at(0.02))
        called = {"visit_id": "b", "call_id": "a0", "outcome": "completed_by_agent", "agent_id": "1001"}
        visit = QueueVisit(**{**called, "arrived_at": at(0.02), "talk_seconds": 4.0, **self.visit})
        callback = {"callback_id": "b", "number": CALLER, "asked_at": at(5), "ended_at": at(10), "outcome": "answered"}
        attempts = [
            CallbackAttempt(
                **{
                    "attempt_id": f"a{one}",
                    "callback_id": "b",
                    "agent_id": "1001",
                    "started_at": at(7),
                    "ended_at": at(10),
                },
                **{"outcome": "answered", **self.attempt},
            )
            for one in range(self.attempts)
        ]
        offer = Offer(visit_id="b", agent_id="1001", outcome="answered", offer_id="a0", created_at=at(6))
        rows = Rows([call], [asked, visit], [offer], [Callback(**{**callback, **self.callback})], attempts)
        return audit(Log([caller], [agent], town), rows, Outages())


def test_a_callback_that_fits_has_no_fault() -> None:
    """Let go with a promise, and called once."""
    assert CallbackStory().problems() == []


@pytest.mark.parametrize(
    ("story", "found"),
    [
        (CallbackStory(callback={"outcome": None}), "it has no end"),
        (CallbackStory(visit={"outcome": None}), "its visit has no end"),
        (CallbackStory(attempt={"outcome": None}), "CallbackAttempt to 1001 has no end"),
        (CallbackStory(attempt={"outcome": "busy"}), "0 answered attempts, and the callback is answered"),
        (CallbackStory(attempts=2), "2 answered attempts"),
        (CallbackStory(rings=0), "the attempt at"),
        (CallbackStory(rings=2), "and there was no attempt"),
        (CallbackStory(visit={"talk_seconds": 9.0}), "they talked 4.00 s"),
        (CallbackStory(visit={"agent_id": "1002"}), "1001 picked up, in the records 1002"),
        (CallbackStory(visit={"outcome": "completed_by_caller"}), "the outcome is completed_by_caller"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_thing_about_a_callback_that_does_not_fit_is_found(story: CallbackStory, found: str) -> None:
    """No end, two answers, a ring too many or too few, another talk than the phones had."""
    assert any(found in problem for problem in story.problems())
