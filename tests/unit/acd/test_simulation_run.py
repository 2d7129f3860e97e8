"""A simulated day: what the run reports to the engine, and what comes out of it."""

from dataclasses import replace

import pytest

from acd.invariants import broken_invariants
from acd.model import AgentProfile, Overflow, Segment, Step, Strategy, WrapUp
from acd.requirement import parse
from acd.simulation.result import simulate
from acd.simulation.run import Run
from acd.simulation.tally import CallerCounts, Tally
from acd.simulation.traffic import Arrivals, Askers, QueueTraffic, Shape, Spread, Traffic
from tests.unit.acd.simulated import QUEUE, RULES, floor_of, patient_traffic

HOUR = 3600.0
CONSTANT_WORK = replace(QUEUE, handling=Spread(Shape.CONSTANT, 100.0))


def day(queue: QueueTraffic, hours: float = 2.0, **more: float) -> Traffic:
    return Traffic({"orders": queue}, hours * HOUR, **more)


def of_orders(tally: Tally) -> CallerCounts:
    (counts,) = tally.callers(queue_id="orders")
    return counts


def test_invariants_hold_all_day() -> None:
    """With ringing, no-answers, impatience and wrap-up at once, the engine's own invariants hold at every minute."""
    queue = replace(QUEUE, patience=Spread(Shape.EXPONENTIAL, 60.0), ring_seconds=5.0, no_answer_share=0.2)
    run = Run(floor_of(10, replace(RULES, wrap_up_seconds=10.0)), day(queue), seed=1)
    for minute in range(1, 121):
        run.advance(minute * 60.0)
        assert list(broken_invariants(run.engine)) == []
    counts = of_orders(run.finish())
    assert counts.offered == counts.answered + counts.abandoned > 300
    assert not run.engine.visits


def test_the_same_seed_gives_the_same_day() -> None:
    """To the last figure; another seed gives another."""
    traffic = patient_traffic(2.0, patience_seconds=120.0)
    first, again, other = (simulate(floor_of(11), traffic, [seed]) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_advancing_in_steps_changes_nothing() -> None:
    """A progress bar may look as often as it likes."""
    traffic = patient_traffic(1.0)
    stepwise = Run(floor_of(11), traffic, seed=1)
    for second in range(0, 3600, 7):
        stepwise.advance(float(second))
    assert of_orders(stepwise.finish()) == of_orders(Run(floor_of(11), traffic, seed=1).finish())


def test_ringing_is_part_of_the_wait() -> None:
    """With agents to spare everybody waits for just the ring, and nobody counts as delayed."""
    counts = of_orders(Run(floor_of(60), day(replace(QUEUE, ring_seconds=4.0)), seed=1).finish())
    assert counts.waits == pytest.approx([4.0] * counts.offered)
    assert counts.delayed == 0


def test_callers_may_give_up_in_ringing() -> None:
    """Patience runs until the answer: with a ring longer than it, everybody is gone."""
    queue = replace(QUEUE, patience=Spread(Shape.CONSTANT, 3.0), ring_seconds=4.0)
    counts = of_orders(Run(floor_of(60), day(queue), seed=1).finish())
    assert (counts.abandoned, counts.abandoned_short) == (counts.offered, counts.offered)
    assert counts.waits == pytest.approx([3.0] * counts.offered)


def test_phone_slower_than_the_ring_time_is_a_no_answer() -> None:
    """The site's ring time ends the offer, and after two in a row the engine sends the agent away for a while."""
    queue = replace(CONSTANT_WORK, ring_seconds=25.0, patience=Spread(Shape.CONSTANT, 300.0))
    tally = Run(floor_of(3), day(queue), seed=1).finish()
    (batch,) = tally.groups()["orders:1"]
    assert (batch.answered, of_orders(tally).answered) == (0, 0)
    assert batch.no_answers > 100
    assert batch.seconds["not_ready"] > 0


def test_agents_who_were_sent_away_come_back() -> None:
    """An agent made not ready for not answering is ready again after back_seconds: the calls are served."""
    queue = replace(CONSTANT_WORK, arrivals=Arrivals.constant(30.0), no_answer_share=0.5)
    counts = of_orders(Run(floor_of(2), day(queue, back_seconds=30.0), seed=1).finish())
    assert counts.answered == counts.offered > 0


def test_wrap_up_keeps_agents_busy() -> None:
    """Occupancy counts it, and callers wait longer for it."""
    busy = simulate(floor_of(11, replace(RULES, wrap_up_seconds=15.0)), patient_traffic(8.0), [1]).queues["orders"]
    free = simulate(floor_of(11), patient_traffic(8.0), [1]).queues["orders"]
    for figures in (busy, free):
        assert figures.occupancy is not None and figures.answer_seconds is not None
    assert busy.occupancy.value > free.occupancy.value + 0.03  # type: ignore[union-attr]  # asserted above
    assert busy.answer_seconds.value > free.answer_seconds.value  # type: ignore[union-attr]  # asserted above


def test_waits_that_we_end_are_told_apart() -> None:
    """wait_seconds_max of the site lets callers go at that moment; they have neither been answered nor given up."""
    rules = replace(RULES, wait_seconds_max=30.0)
    counts = of_orders(Run(floor_of(3, rules), day(CONSTANT_WORK), seed=1).finish())
    assert counts.let_go > 0
    assert counts.abandoned == 0
    assert max(counts.waits) == pytest.approx(30.0)


def test_callers_whom_nobody_serves_are_told_in_the_end() -> None:
    """The simulation does not wait for ever: who asks for a skill that nobody has is never served."""
    queue = replace(CONSTANT_WORK, askers=(Askers(0.5, {"latin": 9}),))
    tally = Run(floor_of(30), day(queue), seed=1).finish()
    counts = of_orders(tally)
    assert 0 < counts.unserved < counts.offered
    assert counts.unserved + counts.answered == counts.offered
    assert [batch.unserved for batch in tally.callers(skill="latin")] == [counts.unserved]


def test_talk_without_end_is_answered_all_the_same() -> None:
    """Who still talks when the simulation gives up on the others was answered; the others were not."""
    queue = replace(QUEUE, handling=Spread(Shape.CONSTANT, 200_000.0))
    counts = of_orders(Run(floor_of(1), day(queue), seed=1).finish())
    assert (counts.answered, counts.unserved) == (1, counts.offered - 1)


def test_offer_that_is_taken_back_is_not_answered() -> None:
    """Where the engine loses patience with a ringing phone, the agent's later answer is not reported."""
    floor = replace(floor_of(3), lease_grace_seconds=-15.0)
    queue = replace(CONSTANT_WORK, ring_seconds=10.0, patience=Spread(Shape.CONSTANT, 300.0))
    tally = Run(floor, day(queue), seed=1).finish()
    (batch,) = tally.groups()["orders:1"]
    assert batch.offers > batch.no_answers == 0
    assert of_orders(tally).answered == 0


def test_priority_of_a_caller_goes_before_the_line() -> None:
    """Preferred callers of the same queue wait less."""
    preferred = replace(QUEUE, askers=(Askers(0.2, {"orders": 1, "vip": 0}, priority=9),))
    result = simulate(floor_of(11), day(preferred, 20.0), [1])
    vip, everybody = result.skills["vip"].wait_seconds, result.total.wait_seconds
    assert vip is not None and everybody is not None
    assert vip.value < everybody.value / 3


def test_callers_who_ask_by_expression_meet_agents_who_can() -> None:
    """A tenth of them wants french or latin; only who has one of these serves them."""
    queue = replace(CONSTANT_WORK, askers=(Askers(0.1, requires=parse("french >= 3 or latin")),))
    floor = floor_of(30)
    profiles = dict(floor.agents)
    profiles["french"] = AgentProfile("french", "", {"orders": 1, "french": 3})
    tally = Run(replace(floor, agents=profiles), day(queue), seed=1).finish()
    answered = sum(batch.answered for batch in tally.callers(skill="french"))
    assert 0 < answered == sum(batch.offered for batch in tally.callers(skill="latin"))
    (able,) = tally.groups()["french:3 orders:1"]
    assert able.answered >= answered


def test_a_head_start_and_a_segment_go_before_the_line() -> None:
    """Of a busy floor, those wait less who come with either; within the same band."""
    kinds = (
        Askers(0.2, {"early": 0}, head_start_seconds=300.0),
        Askers(0.2, {"vip": 0}, segment="vip"),
        Askers(0.6, {"plain": 0}),
    )
    floor = replace(floor_of(11), segments={"vip": Segment("vip", head_start_seconds=300.0)})
    result = simulate(floor, day(replace(QUEUE, askers=kinds), 20.0), [1])
    waits = {skill: one.answer_seconds.value for skill, one in result.skills.items() if one.answer_seconds is not None}
    assert waits["early"] < waits["plain"] / 2
    assert waits["vip"] < waits["plain"] / 2


def test_callers_who_move_to_another_queue_stay_callers_of_their_own() -> None:
    """Moved after 30 s and served there: answered in all, the wait counts from the first queue, patience too."""
    rules = (
        replace(RULES, queue_id="orders", overflow=Overflow("help", after_seconds=30.0, moves=True)),
        replace(RULES, queue_id="help", skills={"help": 1}),
    )
    floor = floor_of(1, *rules)
    agents = {"001": AgentProfile("001", "", {"help": 1})}
    patient = replace(CONSTANT_WORK, arrivals=Arrivals.constant(10.0))
    counts = of_orders(Run(replace(floor, agents=agents), day(patient, 10.0), seed=1).finish())
    assert counts.answered == counts.offered > 50
    assert min(counts.waits) == pytest.approx(30.0)
    hasty = replace(patient, patience=Spread(Shape.CONSTANT, 40.0))
    counts = of_orders(Run(replace(floor, agents=agents), day(hasty, 10.0), seed=1).finish())
    assert counts.answered + counts.abandoned == counts.offered
    assert counts.abandoned > 0
    assert max(counts.waits) == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("mode", "seconds"), [("none", 0.0), ("optional", 0.0), ("timed", 50.0), ("until_disposition", 50.0)]
)
def test_wrap_up_takes_the_time_that_its_mode_gives(mode: str, seconds: float) -> None:
    """Agents of a simulation ask for no more than they must: optional wrap-up is none, a disposition comes in time."""
    rules = replace(RULES, wrap_up=WrapUp(mode), wrap_up_seconds=50.0)
    tally = Run(floor_of(30, rules), day(CONSTANT_WORK), seed=1).finish()
    (batch,) = tally.groups()["orders:1"]
    assert batch.seconds["wrap_up"] == pytest.approx(seconds * batch.answered, rel=0.03, abs=1e-6)


def test_a_full_queue_lets_newcomers_go() -> None:
    """size_max of the site: who comes then is let go at once, neither answered nor given up."""
    counts = of_orders(Run(floor_of(3, replace(RULES, size_max=2)), day(CONSTANT_WORK), seed=1).finish())
    assert counts.let_go > 0
    assert counts.answered + counts.let_go == counts.offered
    assert max(counts.waits) <= 100.0


def test_reserve_agents_help_from_their_step_on() -> None:
    """Nobody else is there: callers wait for the step that opens the reserve, and are served then."""
    rules = replace(RULES, steps=(Step(20.0, reserve=True),))
    floor = floor_of(60, rules)
    busy = AgentProfile("000", "", {"orders": 1})
    agents = {"000": busy} | {
        agent_id: replace(one, reserve=True) for agent_id, one in floor.agents.items() if agent_id != "000"
    }
    counts = of_orders(Run(replace(floor, agents=agents), day(CONSTANT_WORK), seed=1).finish())
    assert counts.answered == counts.offered
    assert max(counts.waits) == pytest.approx(20.0)


def test_more_spread_in_handling_means_longer_waits() -> None:
    """A lognormal handling with the same mean and more variance makes callers wait longer than a constant one."""
    waits = []
    for spread in (Spread(Shape.CONSTANT, 180.0), Spread(Shape.LOGNORMAL, 180.0, 240.0)):
        figures = simulate(floor_of(12), day(replace(QUEUE, handling=spread), 30.0), [1]).total
        assert figures.wait_seconds is not None
        waits.append(figures.wait_seconds.value)
    assert waits[1] > 1.3 * waits[0]


def test_shared_agents_serve_better_than_separate_ones() -> None:
    """Two queues, 6 + 6 agents: with every agent in both, callers wait less (economy of scale)."""
    rules = (RULES, replace(RULES, queue_id="support", skills={"support": 1}))
    half = replace(QUEUE, arrivals=Arrivals.constant(100.0))
    traffic = Traffic({"orders": half, "support": half}, 20 * HOUR)
    apart = floor_of(12, *rules)
    profiles = {
        agent_id: replace(profile, skills={"orders" if number < 6 else "support": 1})
        for number, (agent_id, profile) in enumerate(apart.agents.items())
    }
    separate = simulate(replace(apart, agents=profiles), traffic, [1])
    shared = simulate(apart, traffic, [1])
    assert separate.total.wait_seconds is not None and shared.total.wait_seconds is not None
    assert shared.total.wait_seconds.value < separate.total.wait_seconds.value / 2
    assert set(separate.groups) == {"orders:1", "support:1"}
    assert separate.groups["orders:1"].agents == 6


def test_result_adds_up_over_the_seeds() -> None:
    """Counts are sums, groups and queues agree, and two seeds of one batch each already have an error."""
    traffic = replace(
        patient_traffic(2.0), queues={"orders": replace(QUEUE, arrivals=Arrivals(((0.0, 7200.0, 0.05),)))}
    )
    one, two = simulate(floor_of(12), traffic, [1]), simulate(floor_of(12), traffic, [1, 2])
    assert two.total == two.queues["orders"]
    assert two.total.offered > one.total.offered
    assert two.groups["orders:1"].answered == pytest.approx(two.total.answered, abs=24)
    assert one.total.wait_seconds is not None and two.total.wait_seconds is not None
    assert one.total.wait_seconds.standard_error is None
    assert two.total.wait_seconds.standard_error is not None


def test_queue_without_callers_has_no_figures() -> None:
    """Nothing is divided by nothing."""
    figures = simulate(floor_of(2), day(replace(QUEUE, arrivals=Arrivals.constant(0.0))), [1]).queues["orders"]
    assert (figures.offered, figures.wait_seconds, figures.wait_p90) == (0, None, None)
    assert set(figures.service_levels.values()) == {None}


def test_with_ring_all_somebody_picks_up() -> None:
    """Half of the phones ring out: where eight ring at once nearly every caller is answered after one ring, and where
    one rings at a time only half of them are."""
    queue = replace(QUEUE, handling=Spread(Shape.CONSTANT, 30.0), ring_seconds=4.0, no_answer_share=0.5)
    rules = replace(RULES, ring_seconds=10.0)
    after_one_ring = {}
    for strategy in (Strategy.LONGEST_IDLE, Strategy.RING_ALL):
        floor = replace(floor_of(8, replace(rules, strategy=strategy)), rna_limit=1_000_000)
        counts = of_orders(Run(floor, day(replace(queue, arrivals=Arrivals.constant(20.0)), 10.0), seed=1).finish())
        after_one_ring[strategy] = sum(wait <= 4.0 + 1e-6 for wait in counts.waits) / counts.offered
    assert after_one_ring[Strategy.LONGEST_IDLE] < 0.6
    assert after_one_ring[Strategy.RING_ALL] > 0.9


def test_a_ring_of_several_that_nobody_hears_is_everybodys_miss() -> None:
    """All ring out: each agent who rang has missed a call; but for those who still rest, these are all three."""
    queue = replace(QUEUE, patience=Spread(Shape.CONSTANT, 15.0), no_answer_share=1.0, ring_seconds=4.0)
    floor = replace(floor_of(3, replace(RULES, ring_seconds=10.0, strategy=Strategy.RING_ALL)), rna_limit=1_000_000)
    run = Run(floor, day(replace(queue, arrivals=Arrivals.constant(10.0)), 2.0), seed=1)
    tally = run.finish()
    counts = of_orders(tally)
    misses = sum(batch.no_answers for batches in tally.groups().values() for batch in batches)
    assert counts.answered == 0
    assert 2.5 * counts.offered < misses <= 3 * counts.offered
