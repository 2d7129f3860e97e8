"""`hotline acd simulate`: which staffings are tried, and what came of each."""

import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import prod
from pathlib import Path

from acd.model import Floor
from acd.simulation.result import Result, result_of
from acd.simulation.staff import NobodyCould, ever_served_by, staffed
from acd.simulation.textbook import Textbook, textbook
from acd.simulation.traffic import Traffic
from dialplan.loader import SiteInvalid, load_site
from dialplan.traffic import Traffic as WrittenTraffic
from dialplan.traffic import TrafficInvalid, load_traffic
from hotline.faults import HotlineError
from hotline.floor_of_site import floor_of
from hotline.forecast import as_text, forecast
from hotline.simulation_jobs import Task, replicate
from hotline.traffic_of_file import traffic_of

STAFFINGS_MAX = 1_000
AGENTS_MAX = 5_000
_GROUP = re.compile(r"([a-z0-9_]+(?:\+[a-z0-9_]+)*)=([0-9]+)(?:\.\.([0-9]+))?", re.ASCII)

Group = tuple[str, ...]
"""Queues that the same agents serve."""


class SimulationRefused(HotlineError):
    """The site, the traffic file or the staffing cannot be simulated; the message says everything that is wrong."""


@dataclass(frozen=True)
class Records:
    """Where traffic comes from instead of a file, and where it is written for the planner to go on with."""

    source: str
    """A state folder, an SQLite file or a database's URL."""
    first: date | None = None
    last: date | None = None
    save: Path | None = None


@dataclass(frozen=True)
class Staffing:
    """One answer to `how many agents`, and what came of it."""

    numbers: dict[Group, int]
    """Empty: the site's own agents."""
    floor: Floor
    result: Result
    textbook: dict[str, Textbook]
    """By queue; only where a formula fits."""


def simulate(
    site: Path, source: Path | Records, hours: float | None, seeds: int, agents: Sequence[str], jobs: int | None = None
) -> list[Staffing]:
    """Try every staffing under the same callers, and show the progress on stderr.

    source: a traffic file, or records.
    agents: `queue=n`, `queue=low..high` or `queue+queue=...`, as typed. jobs: processes; None: one a processor.
    Raises SimulationRefused, and ForecastRefused for records that say too little.
    """
    floor, traffic = _read(site, source, hours)
    floors = list(_floors(floor, traffic, agents))
    for _, one in floors:
        _refuse_unserved(one, traffic)
    began = time.monotonic()
    tasks = [Task(one, traffic, seed) for _, one in floors for seed in range(1, seeds + 1)]
    tallies = replicate(tasks, jobs or len(os.sched_getaffinity(0)))
    agent_hours = sum(len(task.floor.agents) * task.seconds for task in tasks) / 3600
    print(f"{agent_hours:,.0f} agent-hours simulated in {time.monotonic() - began:.1f} s", file=sys.stderr)
    return [
        Staffing(numbers, one, result_of(tallies[place * seeds : (place + 1) * seeds]), _theory(one, traffic))
        for place, (numbers, one) in enumerate(floors)
    ]


def _theory(floor: Floor, traffic: Traffic) -> dict[str, Textbook]:
    found = {queue_id: textbook(floor, traffic, queue_id) for queue_id in traffic.queues}
    return {queue_id: one for queue_id, one in found.items() if one is not None}


def _read(site: Path, source: Path | Records, hours: float | None) -> tuple[Floor, Traffic]:
    try:
        floor = floor_of(load_site(site))
        written = (
            _recorded(source, floor)
            if isinstance(source, Records)
            else load_traffic(source, floor.queues, floor.segments)
        )
        return floor, traffic_of(written, hours)
    except (SiteInvalid, TrafficInvalid) as invalid:
        raise SimulationRefused(f"nothing was simulated\n{invalid}") from invalid


def _recorded(records: Records, floor: Floor) -> WrittenTraffic:
    written = forecast(records.source, floor, records.first, records.last)
    if records.save is not None:
        try:
            records.save.write_text(as_text(written), "utf-8")
        except OSError as refusal:
            raise SimulationRefused(f"{records.save} cannot be written: {refusal.strerror}") from refusal
    return written


def _floors(floor: Floor, traffic: Traffic, agents: Sequence[str]) -> Iterator[tuple[dict[Group, int], Floor]]:
    """Every combination of the ranges; without ranges the site's agents."""
    if not agents:
        yield {}, floor
        return
    ranges = dict(_range(text, floor) for text in agents)
    if len(ranges) < len(agents):
        raise SimulationRefused("--agents names the same queues twice")
    if prod(len(numbers) for numbers in ranges.values()) > STAFFINGS_MAX:
        raise SimulationRefused(f"--agents asks for more than {STAFFINGS_MAX} staffings; narrow the ranges")
    for combination in product(*ranges.values()):
        numbers = dict(zip(ranges, combination, strict=True))
        try:
            yield numbers, staffed(floor, traffic, numbers)
        except NobodyCould as asked:
            raise SimulationRefused(f"--agents: no single agent could serve all who ask for {asked}") from asked


def _range(text: str, floor: Floor) -> tuple[Group, range]:
    match = _GROUP.fullmatch(text)
    if match is None:
        raise SimulationRefused(f"--agents {text}: write queue=12, queue=10..20, or queue+queue=5 for who serves both")
    queues = tuple(match[1].split("+"))
    for queue_id in queues:
        if queue_id not in floor.queues:
            raise SimulationRefused(f"--agents {text}: the site's queues are {', '.join(sorted(floor.queues))}")
    low, high = int(match[2]), int(match[3] or match[2])
    if not low <= high <= AGENTS_MAX:
        raise SimulationRefused(f"--agents {text}: the lower number comes first, and {AGENTS_MAX} is the most")
    return queues, range(low, high + 1)


def _refuse_unserved(floor: Floor, traffic: Traffic) -> None:
    """Callers whom no agent may serve are a mistake in the question, not an answer to it."""
    for queue_id in traffic.queues:
        for need, able in ever_served_by(floor, traffic, queue_id):
            if not able:
                raise SimulationRefused(f"no agent serves callers of {queue_id} who ask for {str(need) or 'nothing'}")
