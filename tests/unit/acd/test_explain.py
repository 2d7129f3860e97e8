"""Why this agent, or why nobody yet: each reason, asked of an engine in which it holds."""

from dataclasses import replace
from typing import Any

import pytest

from acd.commands import RingAgents
from acd.engine import Engine
from acd.events import (
    AgentAsked,
    CallerJoined,
    DeviceChanged,
    FloorChanged,
    OfferAnswered,
    OfferFailed,
    Restored,
    SwitchLost,
    SwitchSeen,
    Tick,
)
from acd.explain import Explanation, Reason, explain
from acd.ids import Ids
from acd.model import AgentState, Device, Floor, OfferOutcome, QueueRules, Skills, Step, Strategy
from acd.requirement import parse
from tests.unit.acd.floors import floor_of, seen

ORDERS = QueueRules("orders", {"zh": 3})
SUPPORT = QueueRules("support", {"it": 1})
AGENTS: dict[str, Skills] = {"1001": {"zh": 5}, "1002": {"zh": 5}, "1003": {"it": 5}}


class Asked:
    """An engine that is asked at each of its offers."""

    def __init__(self, floor: Floor | None = None) -> None:
        self.offers: dict[str, Explanation] = {}
        self.ids = Ids(lambda: f"offer-{len(self.offers) + 1}")
        self.engine = Engine(floor or floor_of(AGENTS, ORDERS, SUPPORT), self.ids)
        self.now = 0.0

    def at(self, now: float, *events: Any) -> None:
        self.now = now
        for event in events:
            for visit_id, agent_id in self.told_by(event):
                self.offers[visit_id] = self.before[visit_id, agent_id]

    def told_by(self, event: Any) -> list[tuple[str, str]]:
        """Who is offered to whom now; `before` has what could be said of every pair when each id was drawn."""
        self.before: dict[tuple[str, str], Explanation] = {}
        self.ids.watch = self.look
        commands = self.engine.handle(event, self.now)
        rings = [one for one in commands if isinstance(one, RingAgents)]
        return [(one.visit_id, offer.agent_id) for one in rings for offer in one.offers]

    def look(self, offer_id: str) -> None:
        for visit in self.engine.visits.values():
            for agent_id in self.engine.agents:
                pair = visit.visit_id, agent_id
                self.before.setdefault(pair, explain(self.engine, visit, self.now, agent_id))

    def why(self, visit_id: str) -> Explanation:
        return explain(self.engine, self.engine.visits[visit_id], self.now)


def open_floor() -> Asked:
    asked = Asked()
    asked.at(0.0, seen(AGENTS))
    return asked


def joins(visit_id: str, queue_id: str = "orders", **told: Any) -> CallerJoined:
    return CallerJoined(visit_id, f"call-{visit_id}", queue_id, f"number-{visit_id}", **told)


def ready(agent_id: str) -> AgentAsked:
    return AgentAsked(agent_id, AgentState.READY)


def against(why: Explanation, agent_id: str) -> list[str]:
    (candidate,) = (one for one in why.candidates if one.agent_id == agent_id)
    return [reason.word for reason in candidate.against]


def words(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.word for reason in reasons]


def test_the_longest_idle_of_several_is_named_with_the_others() -> None:
    """Who decided: idle time, and among how many."""
    asked = open_floor()
    asked.at(1.0, ready("1002"))
    asked.at(5.0, ready("1001"))
    asked.at(9.0, joins("zhang"))
    why = asked.offers["zhang"]
    assert (why.chosen, why.by) == ("1002", Reason("longest_idle", {"agent_id": "1002", "seconds": 8.0, "of": 2}))
    assert [(one.agent_id, one.able, one.idle_seconds) for one in why.candidates] == [
        ("1002", True, 8.0),
        ("1001", True, 4.0),
        ("1003", False, None),
    ]
    assert (why.against, why.ahead, why.caller.place, why.caller.needs) == ((), (), 1, "zh >= 3")


def test_the_only_one_free_is_said_to_be() -> None:
    """No order had to decide."""
    asked = open_floor()
    asked.at(1.0, ready("1001"), joins("zhang"))
    assert asked.offers["zhang"].by == Reason("only_one_free", {"agent_id": "1001"})


def test_phones_that_ring_together_are_said_to() -> None:
    """With ring_all no order decides; each of the offers is explained alike."""
    asked = Asked(floor_of(AGENTS, QueueRules("orders", {"zh": 3}, strategy=Strategy.RING_ALL)))
    asked.at(0.0, seen(AGENTS), ready("1001"), ready("1002"))
    asked.at(9.0, joins("zhang"))
    assert asked.offers["zhang"].by == Reason("rung_together", {"of": 2})
    assert words(asked.why("zhang").against) == ["rings", "rings"]


def test_the_last_agent_comes_before_the_longest_idle() -> None:
    """Who knows the caller is taken first."""
    asked = Asked()
    asked.at(0.0, Restored(last_agents={"number-zhang": "1001"}), seen(AGENTS), ready("1002"))
    asked.at(5.0, ready("1001"))
    asked.at(9.0, joins("zhang"))
    assert asked.offers["zhang"].by == Reason("last_agent", {"agent_id": "1001"})


def test_each_thing_that_keeps_an_agent_from_a_caller() -> None:
    """Skills, state, phone, rest, refusal, wish: all that hold are told, not only the first."""
    asked = open_floor()
    asked.at(1.0, ready("1001"), joins("zhang"))
    (offer,) = asked.engine.visits["zhang"].offers.values()
    asked.at(3.0, OfferFailed(offer.offer_id, "zhang", OfferOutcome.RNA), DeviceChanged("1002", Device.UNREACHABLE))
    asked.at(3.5, AgentAsked("1002", AgentState.NOT_READY, "lunch"))
    why = asked.why("zhang")
    assert against(why, "1001") == ["rests", "refused_this_caller"]
    assert against(why, "1002") == ["not_ready", "phone"]
    assert against(why, "1003") == ["lacks", "not_ready"]
    told = {one.agent_id: one.against for one in why.candidates}
    assert told["1001"][0].about == {"seconds": 1.5}
    assert told["1002"][0].about == {"state": "not_ready", "seconds": 0.0, "reason": "lunch"}
    assert told["1003"][0].about == {"needs": "zh >= 3", "has": {"zh": 0}}


def test_an_agent_in_a_call_is_told_with_it() -> None:
    """With whom, since when, and that they are about to leave."""
    asked = open_floor()
    asked.at(1.0, ready("1001"), joins("zhang"), OfferAnswered("zhang", "1001"))
    asked.at(4.0, AgentAsked("1001", AgentState.LOGGED_OFF, "home"), joins("li"))
    (first, second) = next(one.against for one in asked.why("li").candidates if one.agent_id == "1001")
    assert first.about == {"state": "on_call", "seconds": 3.0, "visit_id": "zhang"}
    assert second == Reason("about_to_leave", {"state": "logged_off", "reason": "home"})


def test_who_is_ahead_and_why_they_were_passed_over() -> None:
    """freeswitch#2511: an order that is not first come, first served is explained caller by caller."""
    asked = open_floor()
    asked.at(1.0, joins("wang", "support"))
    asked.at(2.0, joins("zhang"))
    asked.at(3.0, ready("1001"))
    why = asked.offers["zhang"]
    (ahead,) = why.ahead
    assert (ahead.visit_id, ahead.queue, ahead.waited_seconds, why.caller.place) == ("wang", "support", 2.0, 2)
    assert ahead.why == Reason("lacks", {"needs": "it", "has": {"it": 0}})


def test_a_caller_ahead_who_was_refused_by_the_agent() -> None:
    """Not by skill: this agent has just rejected them."""
    asked = open_floor()
    asked.at(1.0, ready("1001"), joins("zhang"))
    (offer,) = asked.engine.visits["zhang"].offers.values()
    asked.at(2.0, OfferFailed(offer.offer_id, "zhang", OfferOutcome.REJECT), joins("li"))
    asked.at(7.0, DeviceChanged("1001", Device.IDLE))
    (ahead,) = asked.offers["li"].ahead
    assert (ahead.visit_id, ahead.why.word) == ("zhang", "refused_this_caller")


def kept() -> Asked:
    """1001 talks to chen; zhang, who knows 1001, is kept for them."""
    asked = Asked()
    asked.at(0.0, Restored(last_agents={"number-zhang": "1001"}), seen(AGENTS), ready("1001"))
    asked.at(1.0, joins("chen"), OfferAnswered("chen", "1001"))
    asked.at(2.0, joins("zhang"))
    return asked


def test_a_caller_who_is_kept_for_the_last_agent() -> None:
    """For whom and how long still; the others are told to be not the last agent."""
    asked = kept()
    asked.at(5.0, ready("1002"))
    why = asked.why("zhang")
    assert why.against == (Reason("kept_for_last_agent", {"agent_id": "1001", "seconds": 17.0}),)
    assert against(why, "1002") == ["caller_is_kept"]


def test_a_caller_ahead_who_is_kept_for_another_agent() -> None:
    """The next one is served before, and told why."""
    asked = kept()
    asked.at(5.0, joins("li"))
    asked.at(6.0, ready("1002"))
    (ahead,) = asked.offers["li"].ahead
    assert (ahead.visit_id, ahead.why.word) == ("zhang", "kept_for_last_agent")


def test_an_agent_who_is_kept_for_a_caller() -> None:
    """Somebody else's last agent is told to be kept, and for whom."""
    asked = kept()
    asked.at(5.0, joins("li"))
    why = asked.why("li")
    reasons = next(one.against for one in why.candidates if one.agent_id == "1001")
    assert Reason("kept_for_another", {"visit_id": "zhang", "caller_number": "number-zhang"}) in reasons


def test_a_caller_ahead_of_one_for_whom_the_agent_was_kept() -> None:
    """The agent comes back and takes the caller who knows them, before one who came earlier."""
    asked = Asked()
    asked.at(0.0, Restored(last_agents={"number-zhang": "1001"}), seen(AGENTS), ready("1001"))
    asked.at(1.0, joins("chen"), OfferAnswered("chen", "1001"))
    asked.at(2.0, joins("li"))
    asked.at(3.0, joins("zhang"))
    asked.at(4.0, ready("1001"))
    asked.at(5.0, *_talk_over())
    (ahead,) = asked.offers["zhang"].ahead
    assert (ahead.visit_id, ahead.why) == ("li", Reason("agent_kept_for_this_caller", {"agent_id": "1001"}))


def _talk_over() -> list[Any]:
    from acd.events import TalkEnded

    return [TalkEnded("chen", by_agent=True), ready("1001")]


def test_nobody_has_what_it_takes() -> None:
    """No agent of the site, or none who is logged on."""
    asked = open_floor()
    asked.at(1.0, joins("zhang", skills={"fr": 9}), joins("li"))
    assert words(asked.why("zhang").against) == ["nobody_able"]
    assert asked.why("li").against == (Reason("nobody_able_logged_on", {"agent_ids": ["1001", "1002"]}),)


def test_with_nobody_free_those_ahead_wait_as_well() -> None:
    """No agent to blame it on."""
    asked = open_floor()
    asked.at(1.0, joins("zhang"))
    asked.at(2.0, joins("li"))
    (ahead,) = asked.why("li").ahead
    assert (ahead.visit_id, ahead.why.word) == ("zhang", "nobody_free_for_them")


def test_those_ahead_whom_none_of_several_free_ones_can_serve() -> None:
    """One word for all of them."""
    asked = open_floor()
    asked.at(1.0, ready("1003"), AgentAsked("1001", AgentState.NOT_READY), joins("wang", skills={"fr": 1}))
    asked.at(2.0, joins("li", skills={"fr": 2}))
    asked.at(3.0, ready("1002"))
    assert asked.why("li").ahead[0].why.word == "nobody_free_for_them"


def test_a_lost_link_and_a_restart_keep_everybody_waiting() -> None:
    """Nothing is offered before Asterisk was seen, the callers are back, or have had the time."""
    asked = open_floor()
    asked.at(1.0, joins("zhang"), SwitchLost())
    assert "switch_lost" in words(asked.why("zhang").against)


def test_after_a_restart() -> None:
    """The caller who has not come back, and the seconds that all of them are given."""
    from acd.events import RestoredVisit

    visit = RestoredVisit("zhang", "call-zhang", "orders", "138", "zh >= 3", 0, -5.0)
    asked = Asked()
    asked.at(0.0, Restored(visits=(visit,)), SwitchSeen({}, {}, frozenset({"zhang"}), {}), joins("li"))
    asked.at(0.5, DeviceChanged("1001", Device.IDLE))
    assert words(asked.why("zhang").against)[:2] == ["settling", "caller_not_back"]
    assert asked.why("zhang").against[0].about == {"seconds": 1.5}


@pytest.mark.parametrize("answered", [False, True])
def test_a_caller_who_does_not_wait_any_more(answered: bool) -> None:
    """Rings or talks: with whom and for how long."""
    asked = open_floor()
    asked.at(1.0, ready("1001"), joins("zhang"))
    if answered:
        asked.at(2.0, OfferAnswered("zhang", "1001"))
    asked.at(4.0, DeviceChanged("1002", Device.IDLE))
    (reason,) = asked.why("zhang").against
    assert reason == (
        Reason("talks", {"agent_id": "1001", "seconds": 2.0})
        if answered
        else Reason("rings", {"agent_id": "1001", "seconds": 3.0})
    )


# Requirements, steps, tiers, strategies, reserve, named agents


def rules(**told: Any) -> Asked:
    asked = Asked(floor_of(AGENTS, QueueRules("orders", {"zh": 3}, **told)))
    asked.at(0.0, seen(AGENTS))
    return asked


def test_what_is_lacking_is_the_part_that_is_not_met() -> None:
    """Of a requirement of several parts those that this agent does not meet, with the levels that there are."""
    asked = rules(requires=parse("it >= 2 or fr"))
    asked.at(1.0, joins("zhang"))
    told = {one.agent_id: one.against[0].about for one in asked.why("zhang").candidates}
    assert told["1001"] == {"needs": "fr or it >= 2", "has": {"fr": 0, "it": 0}}
    assert told["1003"] == {"needs": "zh >= 3", "has": {"zh": 0}}


def test_the_step_reached_and_the_next_one_are_told() -> None:
    """All the steps of this caller, the one that counts now, and when which others may serve as well."""
    asked = rules(steps=(Step(20.0, parse("it")), Step(60.0, reserve=True)))
    asked.at(1.0, ready("1001"), AgentAsked("1001", AgentState.NOT_READY), joins("zhang"))
    why = asked.why("zhang")
    assert (why.caller.step, [step["needs"] for step in why.caller.steps][:2]) == (0, ["zh >= 3", "it or zh >= 3"])
    assert why.against[-1] == Reason("next_step", {"seconds": 20.0, "needs": "it or zh >= 3"})
    asked.at(21.0, Tick(), ready("1003"))
    assert asked.offers["zhang"].by == Reason("only_one_free", {"agent_id": "1003"})
    assert asked.offers["zhang"].caller.step == 1


def test_an_agent_in_reserve_is_told_to_be() -> None:
    """Able by skill, and not to be taken before a step opens the reserve."""
    floor = floor_of(AGENTS, QueueRules("orders", {"zh": 3}, steps=(Step(20.0, reserve=True),)))
    kept_back = replace(floor.agents["1002"], reserve=True)
    asked = Asked(replace(floor, agents={**floor.agents, "1002": kept_back}))
    asked.at(0.0, seen(AGENTS), AgentAsked("1001", AgentState.NOT_READY), ready("1002"))
    asked.at(1.0, joins("zhang"))
    assert against(asked.why("zhang"), "1002") == ["reserve_not_open"]
    asked.at(21.0, Tick())
    assert asked.offers["zhang"].chosen == "1002"


def test_a_tier_with_one_agent_in_it_decides() -> None:
    """Before any order: the only one of the first tier that has somebody."""
    asked = rules(prefer=(parse("zh >= 8"), parse("zh >= 5")))
    asked.at(1.0, FloorChanged(_with_expert(asked.engine.floor)))
    asked.at(2.0, ready("1001"), ready("1002"))
    asked.at(3.0, joins("zhang"))
    assert asked.offers["zhang"].by == Reason("only_one_of_tier", {"agent_id": "1002", "tier": 1, "of": 2})


def _with_expert(floor: Floor) -> Floor:
    return replace(floor, agents={**floor.agents, "1002": replace(floor.agents["1002"], skills={"zh": 9})})


@pytest.mark.parametrize(
    ("strategy", "measure"),
    [
        (Strategy.LONGEST_IDLE, {"seconds": 9.0}),
        (Strategy.LEAST_OCCUPIED, {"percent": 0}),
        (Strategy.FEWEST_CALLS, {"calls": 0}),
        (Strategy.ROUND_ROBIN, {"seconds": None}),
        (Strategy.FIXED_ORDER, {"position": 1}),
    ],
)
def test_each_strategy_is_told_with_its_measure(strategy: Strategy, measure: dict[str, Any]) -> None:
    """What the order went by, of the agent who was taken."""
    asked = rules(strategy=strategy)
    asked.at(1.0, ready("1001"), ready("1002"))
    asked.at(10.0, joins("zhang"))
    assert asked.offers["zhang"].by == Reason(strategy.value, {"agent_id": "1001", "of": 2, **measure})


def test_the_agent_asked_for_by_name() -> None:
    """Comes before everything else, is waited for, and the others are told so."""
    asked = rules()
    asked.at(1.0, ready("1001"), joins("chen"), OfferAnswered("chen", "1001"), ready("1002"))
    asked.at(2.0, joins("zhang", named_agent_id="1001"))
    assert asked.why("zhang").against[0].word == "kept_for_named_agent"
    assert "caller_is_kept" in against(asked.why("zhang"), "1002")
    asked.at(3.0, *_talk_over())
    assert asked.offers["zhang"].by == Reason("named_agent", {"agent_id": "1001"})


def test_whoever_would_not_be_taken_today_is_past_the_last_tier() -> None:
    """A trace of other rules may have such an offer; it is explained all the same."""
    asked = rules()
    asked.at(1.0, ready("1001"), ready("1002"), ready("1003"), SwitchLost(), joins("zhang"))
    why = explain(asked.engine, asked.engine.visits["zhang"], 1.0, "1003")
    assert why.by == Reason("longest_idle", {"agent_id": "1003", "of": 0, "seconds": 0.0})
