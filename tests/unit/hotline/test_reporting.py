"""Reports: which days, and how they are printed."""

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db.migrate import upgrade
from db.reports import Report
from hotline import reporting
from hotline.faults import HotlineError
from hotline.report_printing import print_csv, print_json, print_table
from hotline.reporting import local_zone, make_report, midnight
from hotline.settings import settle
from hotline.state import State

ARRIVAL = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
BESIDE = Report("Menus", ("day", "calls"), (("2026-11-22", 3),), ("calls: all",))
REPORT = Report("Queues", ("at", "queue", "wait_seconds"), ((ARRIVAL, "订单, 一", None),), ("at: arrival",), (BESIDE,))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.delenv("HOTLINE_DATABASE", raising=False)
    made = State.at(tmp_path)
    settle(made, tmp_path, [])
    return made


@pytest.mark.parametrize("name", reporting.REPORTS)
def test_every_report_works_on_an_empty_database(state: State, name: str) -> None:
    """A hotline without a single call has reports without rows, and still says what the columns mean."""
    upgrade(f"sqlite:///{state.database}")
    report = make_report(name, state)
    assert report.rows == ()
    assert report.definitions


def test_days_are_whole_and_the_last_one_is_included(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """--from and --to name days of the machine's zone: from midnight to the midnight after the last one."""
    asked: list[tuple[datetime, datetime]] = []

    def report(engine: object, start: datetime, end: datetime, *, tz: object) -> Report:
        asked.append((start, end))
        return REPORT

    monkeypatch.setenv("TZ", "Asia/Shanghai")
    monkeypatch.setattr(reporting, "REPORTS", {"daily": report})
    make_report("daily", state, date(2026, 11, 1), date(2026, 11, 2))
    make_report("daily", state, None, date(2026, 11, 2))
    zone = ZoneInfo("Asia/Shanghai")
    november = [midnight(date(2026, 11, day), zone) for day in (1, 2, 3)]
    assert asked == [(november[0], november[2]), (november[1], november[2])]


def test_database_without_tables_is_one_sentence(state: State) -> None:
    """Records that were never made are the operator's to mend, not a traceback."""
    with pytest.raises(HotlineError, match="the records cannot be read: no such table"):
        make_report("calls", state)


def test_zone_without_a_name_is_todays_offset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose zone is unknown, or unknown to Python, still has an offset."""
    monkeypatch.delenv("TZ", raising=False)
    assert local_zone(tmp_path / "none").utcoffset(ARRIVAL) is not None
    monkeypatch.setenv("TZ", "Mars/Olympus")
    assert local_zone().utcoffset(ARRIVAL) is not None


def test_csv_is_one_table_that_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    """A comma in a value is kept, a missing value is empty, a time has its zone."""
    print_csv(REPORT)
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["at", "queue", "wait_seconds"], ["2026-11-22T08:30:00+00:00", "订单, 一", ""]]


def test_json_has_rows_by_column_and_what_is_beside(capsys: pytest.CaptureFixture[str]) -> None:
    """Programs get every table, with null where nothing was measured."""
    print_json(REPORT)
    printed = json.loads(capsys.readouterr().out)
    assert printed["rows"] == [{"at": "2026-11-22T08:30:00+00:00", "queue": "订单, 一", "wait_seconds": None}]
    assert printed["further"][0]["rows"] == [{"day": "2026-11-22", "calls": 3}]


def test_table_shows_values_and_definitions(capsys: pytest.CaptureFixture[str]) -> None:
    """People see every table with the meaning of its columns, and a dash where nothing was measured."""
    print_table(REPORT)
    shown = capsys.readouterr().out
    assert all(words in shown for words in ("Queues", "订单, 一", "-", "at: arrival", "Menus", "calls: all"))


def test_wide_table_is_turned_rather_than_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """A table too wide for the terminal shows a line for each column, and no value is cut."""
    columns = tuple(f"a_long_column_name_{number}" for number in range(10))
    print_table(Report("Wide", columns, (tuple(range(100, 110)),), ()))
    lines = capsys.readouterr().out.splitlines()
    assert any(line.split() == ["a_long_column_name_7", "│", "107"] for line in lines)
