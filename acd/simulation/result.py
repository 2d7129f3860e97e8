"""What all replications of one staffing came to: estimates for each queue, skill and group of agents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from acd.model import Floor
from acd.simulation.estimate import Estimate, quantile, ratio
from acd.simulation.run import Run
from acd.simulation.tally import AgentCounts, CallerCounts, Tally
from acd.simulation.traffic import Traffic

STEADY_BATCHES = 8
"""Batches of one replication when all its time is alike; a day whose traffic changes is one batch."""

FORMULAS = ("F1", "F2", "F3", "F4", "F5")
"""Names of the service levels, in the order of `CallerCounts.service_levels`."""


@dataclass(frozen=True)
class CallerFigures:
    """Callers of one queue, of one skill, or of all. Counts are sums over the replications."""

    offered: int
    answered: int
    abandoned: int
    let_go: int
    unserved: int
    service_levels: Mapping[str, Estimate | None]
    answer_seconds: Estimate | None
    """ASA: mean wait of those who were answered."""
    wait_seconds: Estimate | None
    """Mean wait of all, however it ended."""
    delayed_share: Estimate | None
    """P(wait): nobody could be rung at once."""
    abandoned_share: Estimate | None
    wait_p50: Estimate | None
    wait_p90: Estimate | None
    wait_p95: Estimate | None
    occupancy: Estimate | None
    """Of the groups of agents that answered these callers; None for a skill."""


@dataclass(frozen=True)
class GroupFigures:
    """Agents of equal skills. Counts are sums over the replications."""

    agents: int
    offers: int
    answered: int
    no_answers: int
    occupancy: Estimate | None
    """Talk and wrap-up, of the time that the agents were not away."""


@dataclass(frozen=True)
class Result:
    """One staffing under one traffic."""

    total: CallerFigures
    queues: Mapping[str, CallerFigures]
    skills: Mapping[str, CallerFigures]
    groups: Mapping[str, GroupFigures]


def batches_for(traffic: Traffic) -> int:
    """STEADY_BATCHES, or one where the traffic changes during the day."""
    return STEADY_BATCHES if traffic.is_steady else 1


def simulate(floor: Floor, traffic: Traffic, seeds: Sequence[int], batches: int | None = None) -> Result:
    """Run a replication for each seed, one after the other. batches: of each; None: `batches_for` the traffic."""
    return result_of([Run(floor, traffic, seed, batches or batches_for(traffic)).finish() for seed in seeds])


def result_of(tallies: Sequence[Tally]) -> Result:
    """Put the replications of one staffing together. There is at least one, and all are of the same staffing."""
    groups = _groups(tallies)
    answering = {queue_id: _groups_answering(tallies, queue_id) for queue_id in tallies[0].queues}
    everybody = sorted(set().union(*answering.values()))
    skills = sorted(set().union(*(tally.skills for tally in tallies)))
    sizes = tallies[0].group_sizes
    return Result(
        total=caller_figures(_callers(tallies), [groups[name] for name in everybody]),
        queues={
            queue_id: caller_figures(_callers(tallies, queue_id=queue_id), [groups[name] for name in names])
            for queue_id, names in answering.items()
        },
        skills={skill: caller_figures(_callers(tallies, skill=skill), []) for skill in skills},
        groups={name: _group_figures(sizes[name], batches) for name, batches in groups.items()},
    )


def _callers(tallies: Sequence[Tally], **of: str) -> list[CallerCounts]:
    return [counts for tally in tallies for counts in tally.callers(**of)]


def _groups(tallies: Sequence[Tally]) -> dict[str, list[AgentCounts]]:
    groups: dict[str, list[AgentCounts]] = {}
    for tally in tallies:
        for name, batches in tally.groups().items():
            groups.setdefault(name, []).extend(batches)
    return groups


def _groups_answering(tallies: Sequence[Tally], queue_id: str) -> list[str]:
    return sorted(set().union(*(tally.answering.get(queue_id, ()) for tally in tallies)))


def caller_figures(batches: Sequence[CallerCounts], groups: Sequence[Sequence[AgentCounts]]) -> CallerFigures:
    """Estimate from all batches of these callers. groups: the batches of each group that answered them."""
    for counts in batches:
        counts.waits.sort()
    waits = [counts.waits for counts in batches]
    offered = [counts.offered for counts in batches]
    levels = zip(*(counts.service_levels() for counts in batches), strict=True)
    return CallerFigures(
        offered=sum(offered),
        answered=sum(counts.answered for counts in batches),
        abandoned=sum(counts.abandoned for counts in batches),
        let_go=sum(counts.let_go for counts in batches),
        unserved=sum(counts.unserved for counts in batches),
        service_levels={
            name: ratio([up for up, _ in level], [low for _, low in level])
            for name, level in zip(FORMULAS, levels, strict=True)
        },
        answer_seconds=ratio(
            [counts.answered_wait_seconds for counts in batches], [counts.answered for counts in batches]
        ),
        wait_seconds=ratio([counts.wait_seconds for counts in batches], offered),
        delayed_share=ratio([counts.delayed for counts in batches], offered),
        abandoned_share=ratio([counts.abandoned for counts in batches], offered),
        wait_p50=quantile(waits, 0.50),
        wait_p90=quantile(waits, 0.90),
        wait_p95=quantile(waits, 0.95),
        occupancy=_occupancy(groups),
    )


def _group_figures(agents: int, batches: Sequence[AgentCounts]) -> GroupFigures:
    return GroupFigures(
        agents=agents,
        offers=sum(counts.offers for counts in batches),
        answered=sum(counts.answered for counts in batches),
        no_answers=sum(counts.no_answers for counts in batches),
        occupancy=_occupancy([batches]),
    )


def _occupancy(groups: Sequence[Sequence[AgentCounts]]) -> Estimate | None:
    """Of some groups together; each is given by the same batches."""
    together = list(zip(*groups, strict=True))
    return ratio(
        [sum(counts.handling_seconds for counts in batch) for batch in together],
        [sum(counts.staffed_seconds for counts in batch) for batch in together],
    )
