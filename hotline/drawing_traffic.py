"""What the records tell of the ways through the menus, for a drawing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy.exc import OperationalError, ProgrammingError

from db.engine import open_engine
from db.reports.walks import walks
from hotline.drawing import Traffic
from hotline.faults import HotlineError
from hotline.reporting import local_zone, midnight
from hotline.settings import load
from hotline.state import State

_HUNG_UP = "left_in_menu"


def traffic_of(state: State, first: date | None, last: date | None, version: str | None = None) -> Traffic:
    """The steps of the days first to last, both included; today where they are left out.

    Args:
        version: of the published site that the calls ran; None: all of them.

    Raises StateMissing, and HotlineError when the database cannot be read.
    """
    zone = local_zone()
    today = datetime.now(zone).date()
    start = midnight(first or last or today, zone)
    end = midnight((last or today) + timedelta(days=1), zone)
    engine = open_engine(load(state).database_url)
    try:
        return count(walks(engine, start, end, version))
    except (OperationalError, ProgrammingError) as refusal:
        raise HotlineError(f"the records cannot be read: {str(refusal.orig).splitlines()[0]}") from refusal
    finally:
        engine.dispose()


def count(walked: Iterable[Sequence[tuple[str, str]]]) -> Traffic:
    """The counts of these walks, each a list of addresses and results."""
    calls = list(walked)
    return Traffic(
        steps=Counter(address for call in calls for address, _ in call),
        left=Counter(address for call in calls for address, result in call if result == _HUNG_UP),
        ways=Counter((here, there) for call in calls for (here, _), (there, _) in pairwise(call)),
    )
