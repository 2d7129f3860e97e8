"""How long the engine takes for one event on a large floor. Run: python -m tests.bench.bench_engine

Prints `name value unit target` lines. One case is a floor with thousands of callers waiting for agents in talks, the
other one with agents to spare; a talk begins or ends, a caller comes or leaves, an agent misses a call, time passes.
Measured in processor time, so that what else the machine does is not counted, less what it takes to ask that clock. The
collector of garbage is set as in `hotline acd`: what was there before the first caller is not looked through again, and
the rest seldom.
"""

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from acd.commands import Command, RingAgents
from acd.engine import Engine
from acd.events import (
    AgentAsked,
    CallerJoined,
    CallerLeft,
    Event,
    OfferAnswered,
    OfferFailed,
    SwitchSeen,
    TalkEnded,
    Tick,
)
from acd.model import AgentProfile, AgentState, Device, Floor, Offer, OfferOutcome, QueueRules
from hotline.serving import collect_seldom

AGENTS, PROFILES, CLASSES, QUEUES = 2_000, 30, 64, 8
EVENTS = 20_000
WARM_UP = 4_000
"""Events until the line that was filled at one moment has got the spread of a real one."""
RUNS = 5
"""Of each case: another program on the machine can slow one of them down by half."""
SEED = 7
TARGET_MICROSECONDS = 100.0
TARGET_RATE = 50_000
FLOORS = (10, 100, 1_000, 5_000)
"""Agents, with as many callers waiting: a decision is to cost the same on each."""
TARGET_FLATNESS = 2.0
EVENT_SECONDS = 40.0
"""Between two events, for each agent of the floor."""


def clock_microseconds() -> float:
    """What the clock adds to everything that is measured with it: a system call, which nobody makes in production."""
    beside = []
    for _ in range(10_000):
        started = time.process_time_ns()
        beside.append(time.process_time_ns() - started)
    return statistics.median(beside) / 1e3


def large_floor(rng: random.Random, number: int) -> Floor:
    skills = [f"skill-{n}" for n in range(12)]
    profiles = [{one: rng.randint(2, 9) for one in rng.sample(skills, 5)} for _ in range(PROFILES)]
    agents = [AgentProfile(f"{n:05}", "", rng.choice(profiles)) for n in range(number)]
    queues = [QueueRules(f"queue-{n}", {skills[n]: 1}, wrap_up_seconds=10.0) for n in range(QUEUES)]
    return Floor({queue.queue_id: queue for queue in queues}, {agent.agent_id: agent for agent in agents})


@dataclass
class Shift:
    """Drives one engine and measures every event."""

    rng: random.Random
    waiting: int
    talking: int
    agents: int = AGENTS
    now: float = 0.0
    took: list[float] = field(default_factory=list)
    offers: list[tuple[str, Offer]] = field(default_factory=list)
    talks: list[str] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        numbers = iter(range(10_000_000))
        self.clock = clock_microseconds()
        floor = large_floor(self.rng, self.agents)
        self.engine = Engine(floor, lambda: str(next(numbers)))
        collect_seldom()
        self.needs = [{f"skill-{self.rng.randrange(12)}": self.rng.randint(1, 5)} for _ in range(CLASSES // QUEUES)]
        self.engine.handle(SwitchSeen({}, {}, frozenset(), dict.fromkeys(floor.agents, Device.IDLE)), 0.0)
        for agent_id in floor.agents:
            self.engine.handle(AgentAsked(agent_id, AgentState.READY), self.rng.random())
        while len(self.engine.line) < self.waiting:
            self.take(self.engine.handle(self.join(), self.now))

    def take(self, commands: list[Command]) -> None:
        rings = (command for command in commands if isinstance(command, RingAgents))
        self.offers += [(ring.visit_id, offer) for ring in rings for offer in ring.offers]

    def join(self) -> CallerJoined:
        name = f"visit-{len(self.callers)}"
        self.callers.append(name)
        queue, number = f"queue-{self.rng.randrange(QUEUES)}", f"138{self.rng.randrange(20_000)}"
        return CallerJoined(
            name, name, queue, number, self.rng.choice(self.needs), priority=self.rng.choice((0, 0, 0, 1))
        )

    def events(self) -> Iterator[Event]:
        """Arrivals and ends in balance, so that the line keeps its length."""
        while True:
            yield from self.answers()
            if self.talks and (len(self.talks) > self.talking or 0 < self.waiting <= len(self.engine.line)):
                yield TalkEnded(self.talks.pop(self.rng.randrange(len(self.talks))), by_agent=False)
            else:
                yield self.join()
            if self.rng.random() < 0.1:
                yield CallerLeft(self.callers[-self.rng.randrange(1, min(500, len(self.callers)))])

    def answers(self) -> Iterator[Event]:
        while self.offers:
            visit_id, offer = self.offers.pop()
            if self.rng.random() < 0.1:
                yield OfferFailed(offer.offer_id, visit_id, OfferOutcome.RNA)
            else:
                self.talks.append(visit_id)
                yield OfferAnswered(visit_id, offer.agent_id)

    def run(self) -> None:
        for event, number in zip(self.events(), range(WARM_UP + EVENTS), strict=False):
            if number == WARM_UP:
                self.took.clear()
            end = self.now + EVENT_SECONDS / self.agents
            while (deadline := self.engine.next_deadline()) is not None and deadline <= end:
                self.now = max(self.now, deadline)
                self.measure(Tick())
            self.now = end
            self.measure(event)

    def measure(self, event: Event) -> None:
        started = time.process_time_ns()
        commands = self.engine.handle(event, self.now)
        self.took.append((time.process_time_ns() - started) / 1e3 - self.clock)
        self.take(commands)


def report(name: str, waiting: int, talking: int) -> None:
    """Of several runs of the same shift, the medians."""
    figures = []
    for _ in range(RUNS):
        shift = Shift(random.Random(SEED), waiting, talking)
        shift.run()
        took = sorted(shift.took)
        figures.append((took[len(took) // 2], took[len(took) * 99 // 100], took[-1], statistics.fmean(took)))
    p50, p99, longest, mean = (statistics.median(runs) for runs in zip(*figures, strict=True))
    print(f"engine_{name}_p50 {p50:.1f} us -")
    print(f"engine_{name}_p99 {p99:.1f} us {TARGET_MICROSECONDS:.0f}")
    print(f"engine_{name}_max {longest:.1f} us -")
    print(f"engine_{name}_rate {1e6 / mean:.0f} events/s >={TARGET_RATE}")
    print(f"engine_{name}_waiting {len(shift.engine.line)} callers -")
    print(f"engine_{name}_free {len(shift.engine.free)} agents -")


def report_flatness() -> None:
    """How much more an event costs on the largest floor than on the smallest."""
    means = []
    for agents in FLOORS:
        shift = Shift(random.Random(SEED), waiting=agents, talking=agents, agents=agents)
        shift.run()
        means.append(statistics.fmean(shift.took))
        print(f"engine_{agents}_agents_mean {means[-1]:.1f} us -")
    print(f"engine_flatness {max(means) / means[0]:.2f} x {TARGET_FLATNESS:.0f}")


def main() -> None:
    for name, waiting, talking in (("crowded", 10_000, AGENTS), ("quiet", 0, AGENTS // 2)):
        report(name, waiting, talking)
    report_flatness()


if __name__ == "__main__":
    main()
