"""Yesterday's records as the traffic of a simulation."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from db.migrate import upgrade
from dialplan.traffic import Spread, load_traffic
from hotline.forecast import ForecastRefused, as_text, forecast
from hotline.reporting import local_zone, midnight
from tests.unit.db.story import T0, Desk, answered
from tests.unit.hotline.test_cli import hotline

DAY = date(2026, 1, 2)


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
    traffic = forecast(str(database), ["orders", "support"], DAY)
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
        forecast(str(database), ["support"], DAY)
    assert "orders: left out, the site has no such queue" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["/no/such/file", "nonsense", "sqlite:////no/such/folder/x.db"])
def test_records_that_cannot_be_read_are_refused(source: str) -> None:
    """Neither a folder, nor a file, nor a URL that opens."""
    with pytest.raises(ForecastRefused):
        forecast(source, ["orders"])


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
        forecast(str(database), ["orders"], tomorrow)
