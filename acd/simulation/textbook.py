"""Which page of the textbook fits a queue, and what it says."""

from dataclasses import dataclass

from acd.model import Floor
from acd.simulation.erlang import ErlangA, ErlangC, NoSteadyState
from acd.simulation.staff import agents_with, ever_served_by, need_for_all
from acd.simulation.traffic import QueueTraffic, Shape, Spread, Traffic


@dataclass(frozen=True)
class Textbook:
    """Theory's figures for one queue; they mean what the figures of the same names in a result mean."""

    model: str
    exact: bool
    """False: handling is not quite exponential (its shape, ringing or wrap-up), so theory is near, not right."""
    service_levels: tuple[float, float, float, float, float]
    delayed_share: float
    wait_seconds: float
    abandoned_share: float
    occupancy: float


def textbook(floor: Floor, traffic: Traffic, queue_id: str) -> Textbook | None:
    """Return what theory says; None where no formula fits: see `_fits`, or the agents cannot keep up."""
    queue = traffic.queues[queue_id]
    agents = agents_with(floor, need_for_all(floor, traffic, (queue_id,)))
    if not agents or not _fits(floor, traffic, queue_id):
        return None
    wrap_up = floor.queues[queue_id].wrap_up_seconds
    handling = queue.handling.mean_seconds + queue.ring_seconds + wrap_up
    exact = queue.handling.shape is Shape.EXPONENTIAL and queue.ring_seconds == wrap_up == 0
    try:
        if queue.patience is None:
            return _erlang_c(ErlangC(len(agents), queue.arrivals.peak_rate, handling), queue, exact)
        return _erlang_a(len(agents), handling, queue, queue.patience, exact)
    except NoSteadyState:
        return None


def _fits(floor: Floor, traffic: Traffic, queue_id: str) -> bool:
    """Callers are all alike and come steadily, every agent answers them, and nobody else asks for these agents."""
    queue = traffic.queues[queue_id]
    able = {
        name: {agent_id for _, able in ever_served_by(floor, traffic, name) for agent_id in able}
        for name in traffic.queues
    }
    shared = any(able[queue_id] & able[other] for other in able.keys() - {queue_id})
    alike = queue.arrivals.is_constant and queue.arrivals.peak_rate > 0 and not queue.askers
    patience = queue.patience is None or queue.patience.shape is Shape.EXPONENTIAL
    rules = floor.queues[queue_id]
    plain = rules.wait_seconds_max is None and not rules.steps
    return alike and patience and not shared and plain and queue.no_answer_share == 0


def _erlang_c(model: ErlangC, queue: QueueTraffic, exact: bool) -> Textbook:
    level = model.service_level(_in_line(queue)) if queue.ring_seconds <= queue.service_level_seconds else 0.0
    return Textbook(
        model="Erlang C",
        exact=exact,
        service_levels=(level, level, level, level, level),
        delayed_share=model.waiting_share,
        wait_seconds=model.mean_wait_seconds + queue.ring_seconds,
        abandoned_share=0.0,
        occupancy=model.occupancy * _handled(queue, model.handling_seconds),
    )


def _erlang_a(agents: int, handling: float, queue: QueueTraffic, patience: Spread, exact: bool) -> Textbook:
    model = ErlangA(agents, queue.arrivals.peak_rate, handling, patience.mean_seconds)
    return Textbook(
        model="Erlang A",
        exact=exact,
        service_levels=model.service_levels(_in_line(queue)),
        delayed_share=model.waiting_share,
        wait_seconds=model.mean_wait_seconds + queue.ring_seconds * (1 - model.abandoned_share),
        abandoned_share=model.abandoned_share,
        occupancy=model.occupancy * _handled(queue, handling),
    )


def _in_line(queue: QueueTraffic) -> float:
    """What is left of T for waiting in line when the phone has to ring as well."""
    return max(0.0, queue.service_level_seconds - queue.ring_seconds)


def _handled(queue: QueueTraffic, engaged_seconds: float) -> float:
    """The part of an agent's engagement that is talk and wrap-up, not ringing."""
    return 1 - queue.ring_seconds / engaged_seconds
