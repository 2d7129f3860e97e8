"""The rungs that a caller passes while waiting."""

from dataclasses import replace

from acd.indexes import Kinds
from acd.ladder import Ladders, climb
from acd.model import AgentProfile, Floor, Overflow, QueueRules, Segment, Step
from acd.requirement import ANYBODY, parse
from tests.unit.acd.floors import free_agent, ladders_for, waiting

EXPERTS = QueueRules(
    "experts",
    {"orders": 1},
    requires=parse("orders >= 8"),
    steps=(Step(20.0, parse("orders >= 5")), Step(40.0, None, reserve=True), Step(60.0, parse("tea"))),
)
AGENTS = {
    "1001": free_agent("1001", {"orders": 9}, 0.0),
    "1002": free_agent("1002", {"orders": 6}, 0.0),
    "1003": free_agent("1003", {"tea": 3}, 0.0),
}


def rungs(queue: QueueRules, requires: str = "", segment: Segment | None = None) -> list[tuple[float, str, bool]]:
    ladder = ladders_for(AGENTS, queue).of(queue, parse(requires), segment)
    return [(rung.after_seconds, str(one.requirement), one.reserve) for rung in ladder for one in [rung.caller_class]]


def test_each_step_widens_the_queue_and_leaves_the_callers_own() -> None:
    """(Base or step 1 or ... step n) and the caller's own; the reserve stays open once it is."""
    assert rungs(EXPERTS, "english") == [
        (0.0, "english and orders >= 8", False),
        (20.0, "english and orders >= 5", False),
        (40.0, "english and orders >= 5", True),
        (60.0, "english and (orders >= 5 or tea)", True),
    ]


def test_segments_wish_is_dropped_in_its_time() -> None:
    """A member's own agents are wanted for a while; then the segment has cost nothing but that."""
    vip = Segment("vip", requires=parse("vip"), requires_seconds=30.0)
    plain = QueueRules("plain", {"orders": 1})
    assert rungs(plain, segment=vip) == [(0.0, "orders and vip", False), (30.0, "orders", False)]


def test_step_that_changes_nothing_is_no_rung() -> None:
    """What is asked for already, or is narrower, opens nothing; so does a segment's wish that the queue has anyway."""
    queue = QueueRules("plain", {}, requires=parse("orders"), steps=(Step(20.0, parse("orders >= 5")),))
    assert rungs(queue, segment=Segment("vip", requires=parse("orders"))) == [(0.0, "orders", False)]


def test_callers_who_ask_alike_are_of_one_class() -> None:
    """Whatever the words and the order of asking: the class is one object, and so is that of a step."""
    ladders = ladders_for(AGENTS, EXPERTS)
    one = ladders.of(EXPERTS, parse("b and a"), None)
    assert one is ladders.of(EXPERTS, parse("a and b and a"), None)
    wide = ladders.of(EXPERTS, parse("a and b"), Segment("vip", requires=parse("vip"), requires_seconds=20.0))
    assert wide[-1].caller_class is one[-1].caller_class


def test_ladders_are_not_remembered_for_ever() -> None:
    """A script that asks for something else of every caller fills no memory; a ladder made again is the same."""
    ladders = ladders_for(AGENTS, EXPERTS)
    first = ladders.of(EXPERTS, parse("a"), None)
    for number in range(5_000):
        ladders.of(EXPERTS, parse(f"a and b{number}"), None)
    again = ladders.of(EXPERTS, parse("a"), None)
    assert [rung.caller_class.requirement for rung in again] == [rung.caller_class.requirement for rung in first]
    assert len(ladders._made) <= 4_096


def test_tiers_are_reserve_last_then_preference_then_flexibility() -> None:
    """Within the reserve and outside of it: preferred first, and of those alike who serve fewest queues."""
    agents = {
        "1001": free_agent("1001", {"orders": 9}, 0.0),
        "1002": free_agent("1002", {"orders": 9, "tea": 3}, 0.0),
        "1003": free_agent("1003", {"orders": 3}, 0.0),
        "1004": free_agent("1004", {"orders": 9}, 0.0),
    }
    agents["1004"].profile = AgentProfile("1004", "", {"orders": 9}, reserve=True)
    tea = QueueRules("tea", {"tea": 1})
    queue = QueueRules("orders", {"orders": 1}, steps=(Step(0.0, None, reserve=True),), prefer=(parse("orders >= 5"),))
    plain = ladders_for(agents, queue, tea).of(queue, ANYBODY, None)[-1].caller_class
    alone, many, weak, reserve = (agent.kind for agent in agents.values())
    assert plain.tiers == (alone | many, weak, reserve)
    flexible = QueueRules("orders", {"orders": 1}, steps=queue.steps, prefer=queue.prefer, least_flexible_first=True)
    ladders = ladders_for(agents, flexible, tea)
    assert ladders.of(flexible, ANYBODY, None)[-1].caller_class.tiers == (alone, many, weak, reserve)
    preferred = ladders.of(flexible, parse("orders >= 5"), None)[-1].caller_class  # flexibility is known by now
    assert preferred.tiers == (alone, many, reserve)


def test_climbing_by_time_and_for_want_of_agents() -> None:
    """A step opens in its time, or at once where nobody logged in can serve; what is open stays open."""
    ladders = Ladders(Floor({"experts": EXPERTS}, {}), Kinds(AGENTS))
    expert, plain, tea = (agent.kind for agent in AGENTS.values())
    visit = waiting("a", 100.0, ladders, queue=EXPERTS)
    climb(visit, expert | plain, 119.9)
    assert visit.step == 0
    climb(visit, expert | plain, 120.0)
    assert visit.step == 1
    climb(visit, tea, 121.0)
    assert (visit.step, visit.has_steps) == (3, False)
    climb(visit, expert, 122.0)
    assert visit.step == 3


def test_nobody_logged_in_opens_every_step() -> None:
    """Whoever comes first in the morning may serve who waits already."""
    visit = waiting("a", 0.0, ladders_for(AGENTS, EXPERTS), queue=EXPERTS)
    climb(visit, 0, 0.0)
    assert visit.step == 3


HELPED = QueueRules("helped", {"orders": 1}, overflow=Overflow("support", after_seconds=30.0))
SUPPORT = QueueRules("support", {"tea": 1})


def helped(overflow: Overflow | None, *, overflowed: bool = False) -> list[tuple[float, str]]:
    queue = replace(HELPED, overflow=overflow)
    ladder = ladders_for(AGENTS, queue, SUPPORT).of(queue, ANYBODY, None, overflowed=overflowed)
    return [(rung.after_seconds, str(rung.caller_class.requirement)) for rung in ladder]


def test_the_other_queue_helps_in_its_time_or_from_the_start() -> None:
    """Overflow is one step more: after its seconds, or at once where the line was too long."""
    assert helped(HELPED.overflow) == [(0.0, "orders"), (30.0, "orders or tea")]
    assert helped(HELPED.overflow, overflowed=True) == [(0.0, "orders or tea")]
    assert helped(Overflow("support", size=3)) == [(0.0, "orders")]


def test_a_queue_that_moves_its_callers_gets_no_help() -> None:
    """Nor does one whose other queue is gone from the site."""
    assert helped(Overflow("support", after_seconds=30.0, moves=True), overflowed=True) == [(0.0, "orders")]
    assert helped(Overflow("gone", after_seconds=30.0), overflowed=True) == [(0.0, "orders")]
