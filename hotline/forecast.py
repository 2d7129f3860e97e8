"""Traffic from the records: what callers did on past days, as the traffic file that a planner would have written."""

import io
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from acd.model import Floor
from db.engine import open_engine
from db.reports.traffic import QueueHistory, queue_histories
from dialplan.traffic import QueueTraffic, Spread, Traffic
from hotline.askers import askers_of
from hotline.faults import HotlineError
from hotline.reporting import local_zone, midnight
from hotline.settings import load
from hotline.state import State

_NO_ANSWER_SHARE_MAX: Final = 0.9
"""As in a traffic file: of agents who never answer nothing can be forecast."""


class ForecastRefused(HotlineError):
    """The records say too little, or cannot be read."""


def forecast(source: str, floor: Floor, first: date | None = None, last: date | None = None) -> Traffic:
    """The traffic of the days first to last, both included; of yesterday where they are left out.

    Several days are averaged, half-hour by half-hour. A queue that the site has no more is left out, and said so.

    source: a state folder, an SQLite file or a database's URL. Raises ForecastRefused.
    """
    yesterday = datetime.now(local_zone()).date() - timedelta(days=1)
    first, last = first or last or yesterday, last or first or yesterday
    histories = _read(source, first, last)
    known = floor.queues.keys()
    for queue_id in sorted(histories.keys() - known):
        print(f"{queue_id}: left out, the site has no such queue", file=sys.stderr)
    talks = [history for queue_id, history in histories.items() if queue_id in known and history.talks]
    if not talks:
        raise ForecastRefused(f"no call was answered from {first} to {last}: there is nothing to forecast from")
    usual = max(talks, key=lambda history: history.talks)
    return Traffic(queues={name: _traffic(floor, name, one, usual) for name, one in histories.items() if name in known})


def as_text(traffic: Traffic) -> str:
    """The traffic file that says this; what has its default is left out."""
    stream = io.StringIO()
    yaml = YAML(typ="rt")
    yaml.dump(traffic.model_dump(exclude_defaults=True), stream)
    return stream.getvalue()


def _read(source: str, first: date, last: date) -> dict[str, QueueHistory]:
    zone = local_zone()
    try:
        engine = open_engine(_url(source))
    except ArgumentError as refusal:
        raise ForecastRefused(f"{source}: not a state folder, an SQLite file or a database's URL") from refusal
    try:
        return queue_histories(engine, midnight(first, zone), midnight(last + timedelta(days=1), zone), tz=zone)
    except (OperationalError, ProgrammingError) as refusal:
        raise ForecastRefused(f"the records cannot be read: {str(refusal.orig).splitlines()[0]}") from refusal
    finally:
        engine.dispose()


def _url(source: str) -> str:
    path = Path(source)
    if path.is_dir():
        return load(State.at(path)).database_url
    return f"sqlite:///{path.absolute()}" if path.is_file() else source


def _traffic(floor: Floor, queue_id: str, history: QueueHistory, usual: QueueHistory) -> QueueTraffic:
    """A queue in which nobody was answered has its talks as long as the busiest queue's."""
    patience = history.patience_mean_seconds
    return QueueTraffic(
        arrivals={_times(*slot): round(number, 2) for slot, number in history.arrivals.items()},
        handling=_talk(history if history.talks else usual),
        patience=None if patience is None else Spread(mean_seconds=round(patience, 1)),
        ring_seconds=round(history.ring_mean_seconds, 1),
        no_answer_share=min(round(history.no_answer_share, 3), _NO_ANSWER_SHARE_MAX),
        callers=askers_of(floor, queue_id, history.asked),
    )


def _talk(history: QueueHistory) -> Spread:
    """Talks are lognormal where there are enough to tell their spread (Brown et al., JASA 2005), else exponential."""
    mean, deviation = max(0.1, round(history.talk_mean_seconds, 1)), round(history.talk_sd_seconds, 1)
    if deviation > 0:
        return Spread(shape="lognormal", mean_seconds=mean, sd_seconds=deviation)
    return Spread(mean_seconds=mean)


def _times(begin: int, end: int) -> str:
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (begin, end))
