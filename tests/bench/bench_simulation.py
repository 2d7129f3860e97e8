"""How much of a floor's day one second simulates. Run: python -m tests.bench.bench_simulation

Prints `name value unit target` lines. A floor of 40 agents, 85 % busy with calls of three and a half minutes: two
queues, half of the agents serve both, callers give up, phones ring for four seconds and some are not answered. The days
run side by side, one process a processor, as `hotline acd simulate` runs them; what else the machine does counts.
"""

import os
import resource
import statistics
import time

from acd.model import AgentProfile, Floor, QueueRules
from acd.simulation.traffic import Arrivals, QueueTraffic, Shape, Spread, Traffic
from hotline.simulation_jobs import Task, replicate

AGENTS, HOURS, ROUNDS = 40, 16.0, 5
TALK_SECONDS, WRAP_UP_SECONDS, BUSY = 180.0, 30.0, 0.85
TARGET_AGENT_HOURS = 1_000.0


def floor() -> Floor:
    skills = ({"orders": 5}, {"orders": 5, "parcels": 5}, {"parcels": 5}, {"orders": 5, "parcels": 5})
    agents = {f"{n:03}": AgentProfile(f"{n:03}", "", skills[n % len(skills)]) for n in range(AGENTS)}
    queues = {name: QueueRules(name, {name: 1}, wrap_up_seconds=WRAP_UP_SECONDS) for name in ("orders", "parcels")}
    return Floor(queues, agents)


def traffic() -> Traffic:
    per_hour = AGENTS * BUSY * 3600 / (TALK_SECONDS + WRAP_UP_SECONDS) / 2
    queue = QueueTraffic(
        Arrivals.constant(per_hour),
        Spread(Shape.LOGNORMAL, TALK_SECONDS, 120.0),
        Spread(Shape.EXPONENTIAL, 120.0),
        ring_seconds=4.0,
        no_answer_share=0.02,
    )
    return Traffic({"orders": queue, "parcels": queue}, HOURS * 3600)


def processor_seconds() -> float:
    """Of all workers that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def agent_hours_per_second(jobs: int, seeds: range) -> tuple[float, float]:
    """By the clock on the wall, and per second of one processor."""
    tasks = [Task(floor(), traffic(), seed) for seed in seeds]
    agent_hours = AGENTS * HOURS * len(tasks)
    began, used = time.monotonic(), processor_seconds()
    replicate(tasks, jobs)
    return agent_hours / (time.monotonic() - began), agent_hours / (processor_seconds() - used)


def main() -> None:
    jobs = len(os.sched_getaffinity(0))
    measured = [agent_hours_per_second(jobs, range(number, number + 2 * jobs)) for number in range(ROUNDS)]
    on_the_wall, of_one = (statistics.median(speeds) for speeds in zip(*measured, strict=True))
    print(f"simulation_processes {jobs} processes -")
    print(f"simulation_of_one_processor {of_one:.0f} agent-hours/s -")
    print(f"simulation_speed {on_the_wall:.0f} agent-hours/s >={TARGET_AGENT_HOURS:.0f}")


if __name__ == "__main__":
    main()
