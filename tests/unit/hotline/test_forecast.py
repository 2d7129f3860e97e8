"""Yesterday's records as the traffic of a simulation."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from acd.model import Floor, QueueRules, Segment
from acd.requirement import parse
from db.migrate import upgrade
from db.reports.traffic import Asked
from dialplan.traffic import Askers, Spread, load_traffic
from hotline.askers import KINDS_MAX, askers_of
from hotline.forecast import ForecastRefused, as_text, forecast
from hotline.reporting import local_zone, midnight
from tests.unit.acd.floors import floor_of
from tests.unit.db.story import T0, Desk, answered, enter_queue, line
from tests.unit.hotline.test_cli import hotline

DAY = date(2026, 1, 2)
ORDERS = QueueRules("orders", {"orders": 5}, priority=1, head_start_seconds=5.0)
VIP = Segment("vip", priority=2, head_start_seconds=60.0, requires=parse("senior"))


def site(*queues: str) -> Floor:
    """A floor with these queues."""
    rules = (replace(ORDERS, queue_id=name, skills={}, priority=0, head_start_seconds=0.0) for name in queues)
    return floor_of({}, *rules)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Three answered calls of that day, from nine o'clock on, in an SQLite file."""
    file = tmp_path / "records.db"
    upgrade(f"sqlite:///{file}")
    desk = Desk(f"sqlite:///{file}", tmp_path)
    nine = midnight(DAY, local_zone()).astimezone(UTC).timestamp() - T0 + 9 * 3600
    for number, talk in enumerate((60.0, 120.0, 240.0)):
        desk.write("acd", *answered(f"c{number}", nine + number * 60, talk))
    desk.apply()
    desk.close()
    return file


def test_records_become_a_traffic_file(database: Path, tmp_path: Path) -> None:
    """Arrivals by half-hour, lognormal talks, nobody who gives up; written down, it reads back as the same."""
    traffic = forecast(str(database), site("orders", "support"), DAY)
    orders = traffic.queues["orders"]
    assert list(traffic.queues) == ["orders"]
    assert orders.arrivals == {"09:00-09:30": 3.0}
    assert orders.handling == Spread(shape="lognormal", mean_seconds=140.0, sd_seconds=91.7)
    assert (orders.patience, orders.ring_seconds, orders.no_answer_share) == (None, 3.0, 0.0)
    written = tmp_path / "traffic.yaml"
    written.write_text(as_text(traffic), "utf-8")
    assert load_traffic(written, ["orders"]) == traffic


def test_a_queue_that_the_site_has_no_more_is_left_out_and_named(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All visits were in `orders`, which this site does not have: nothing is left to forecast from."""
    with pytest.raises(ForecastRefused, match="no call was answered from 2026-01-02 to 2026-01-02"):
        forecast(str(database), site("support"), DAY)
    assert "orders: left out, the site has no such queue" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["/no/such/file", "nonsense", "sqlite:////no/such/folder/x.db"])
def test_records_that_cannot_be_read_are_refused(source: str) -> None:
    """Neither a folder, nor a file, nor a URL that opens."""
    with pytest.raises(ForecastRefused):
        forecast(source, site("orders"))


def test_planner_simulates_yesterday(database: Path, tmp_path: Path) -> None:
    """One command from the records to the table; the file that it leaves can be edited and simulated again."""
    saved = tmp_path / "traffic.yaml"
    words = ("acd", "simulate", "--forecast-from", str(database), "--from", f"{DAY}", "--agents", "orders=2")
    done = hotline(*words, "--seeds", "2", "--save-traffic", str(saved))
    assert done.returncode == 0, done.stderr
    assert "service level F4" in done.stdout
    again = hotline("acd", "simulate", "--traffic", str(saved), "--agents", "orders=2", "--seeds", "2")
    assert again.stdout == done.stdout


@pytest.mark.parametrize(
    "words", [(), ("--traffic", "x", "--forecast-from", "y"), ("--traffic", "x", "--to", f"{DAY}")]
)
def test_traffic_comes_from_one_place(words: tuple[str, ...]) -> None:
    """A file or records, not both, not neither; a day belongs to records."""
    done = hotline("acd", "simulate", *words)
    assert done.returncode == 2
    assert "--forecast-from" in done.stderr


def test_a_day_that_was_not_yet_has_no_records(database: Path) -> None:
    """Tomorrow: the message names the day."""
    tomorrow = datetime.now(local_zone()).date().replace(year=2099)
    with pytest.raises(ForecastRefused, match=f"from {tomorrow}"):
        forecast(str(database), site("orders"), tomorrow)


@pytest.mark.parametrize(
    ("asked", "beyond"),
    [
        (Asked("orders >= 5", 1, 5, ""), None),
        (Asked("orders >= 5 and mandarin >= 3", 1, 5, ""), {"requires": "mandarin >= 3"}),
        (Asked("orders >= 8", 1, 5, ""), {"requires": "orders >= 8"}),
        (Asked("orders >= 5", 4, 35, ""), {"priority": 3, "head_start_seconds": 30}),
        (Asked("orders >= 5 and senior >= 1", 3, 65, "vip"), {"segment": "vip"}),
        (Asked("orders >= 5", 1, None, ""), None),
        (Asked("orders >= 5", 1, 5, "gone"), None),
        (Asked("orders >= 5", 1, 0, ""), None),
        (Asked("orders >>", 1, 5, ""), None),
        (Asked("orders >= 5", 5000, 500_000, ""), {"priority": 1000, "head_start_seconds": 86_400}),
    ],
)
def test_what_the_site_asks_for_by_itself_is_taken_off(asked: Asked, beyond: dict[str, object] | None) -> None:
    """The queue asks for orders 5, band 1 and 5 s; vip for a senior, 2 bands and 60 s. The rest is the caller's own."""
    floor = replace(floor_of({}, ORDERS), segments={"vip": VIP})
    expected = [] if beyond is None else [Askers(share=0.25, **beyond)]
    assert askers_of(floor, "orders", {asked: 1, Asked("orders >= 5", 1, 5, ""): 3}) == expected


def test_kinds_of_callers_have_their_shares_and_the_rarest_are_left_out() -> None:
    """Shares are rounded down, so that all together are never more than everybody."""
    asked = {Asked(f"skill{number} >= 1", 0, 0, ""): 2 if number == 40 else 1 for number in range(KINDS_MAX + 5)}
    found = askers_of(site("orders"), "orders", asked)
    assert len(found) == KINDS_MAX
    assert (found[0].requires, found[0].share) == ("skill40", 0.0357)
    assert sum(one.share for one in found) <= 1


def test_a_forecast_asks_what_callers_asked(tmp_path: Path) -> None:
    """One of two callers wanted mandarin at once: the traffic file says so, and reads back as the same."""
    file = tmp_path / "records.db"
    upgrade(f"sqlite:///{file}")
    desk = Desk(f"sqlite:///{file}", tmp_path)
    nine = midnight(DAY, local_zone()).astimezone(UTC).timestamp() - T0 + 9 * 3600
    wish = {"requirement": "mandarin >= 3", "priority": 2, "head_start_seconds": 30.0, "segment": "vip"}
    desk.write("acd", *answered("a", nine, 60.0), enter_queue("b", nine + 60, **wish))
    desk.write("acd", line("ABANDON", nine + 90, visit_id="v-b", stage="waiting", wait_seconds=30.0, recovered=False))
    desk.apply()
    desk.close()
    floor = replace(site("orders"), segments={"vip": Segment("vip")})
    traffic = forecast(str(file), floor, DAY)
    mandarin = Askers(share=0.5, requires="mandarin >= 3", priority=2, head_start_seconds=30, segment="vip")
    assert mandarin in traffic.queues["orders"].callers
    written = tmp_path / "traffic.yaml"
    written.write_text(as_text(traffic), "utf-8")
    assert load_traffic(written, ["orders"], ["vip"]) == traffic
