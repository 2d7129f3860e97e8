"""A traffic file in the simulator's words."""

from acd.requirement import parse
from acd.simulation import traffic as sim
from dialplan import traffic as file
from dialplan.hours import minutes_of

DEFAULT_HOURS = 8.0
DEFAULT_WARM_UP_HOURS = 1.0


def traffic_of(written: file.Traffic, hours: float | None = None) -> sim.Traffic:
    """Return the traffic; hours: measured time instead of the file's."""
    table = written.table_minutes()
    length = hours or written.hours or ((table[1] - table[0]) / 60 if table else DEFAULT_HOURS)
    warm_up = written.warm_up_hours
    if warm_up is None:
        warm_up = 0.0 if table else DEFAULT_WARM_UP_HOURS
    return sim.Traffic(
        queues={queue_id: _queue(queue) for queue_id, queue in written.queues.items()},
        seconds=length * 3600,
        warm_up_seconds=warm_up * 3600,
        start_clock=table[0] * 60.0 if table else 0.0,
        back_seconds=written.back_seconds,
    )


def _queue(written: file.QueueTraffic) -> sim.QueueTraffic:
    return sim.QueueTraffic(
        arrivals=_arrivals(written),
        handling=_spread(written.handling),
        patience=None if written.patience is None else _spread(written.patience),
        ring_seconds=written.ring_seconds,
        no_answer_share=written.no_answer_share,
        service_level_seconds=written.service_level_seconds,
        askers=tuple(_askers(one) for one in written.callers),
    )


def _askers(written: file.Askers) -> sim.Askers:
    return sim.Askers(
        share=written.share,
        skills=written.skills,
        priority=written.priority,
        requires=parse(written.requires or ""),
        head_start_seconds=written.head_start_seconds,
        segment=written.segment or "",
    )


def _arrivals(written: file.QueueTraffic) -> sim.Arrivals:
    if written.arrivals is None:
        return sim.Arrivals.constant(written.arrivals_per_hour or 0.0)
    steps = ((*minutes_of(text), callers) for text, callers in written.arrivals.items())
    return sim.Arrivals(
        tuple((begin * 60.0, end * 60.0, callers / ((end - begin) * 60.0)) for begin, end, callers in steps)
    )


def _spread(written: file.Spread) -> sim.Spread:
    return sim.Spread(sim.Shape(written.shape), written.mean_seconds, written.sd_seconds or 0.0)
