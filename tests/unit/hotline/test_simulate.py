"""`hotline acd simulate` as a planner meets it, and `hotline acd` as the supervisor does."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from acd.simulation.traffic import Shape
from dialplan.traffic import load_traffic
from hotline.settings import SHOP_SITE
from hotline.simulating import SimulationRefused
from hotline.simulating import simulate as run
from hotline.traffic_of_file import traffic_of
from tests.unit.dialplan.test_traffic import GOOD
from tests.unit.hotline.test_cli import hotline

TRAFFIC = """\
hours: 2
queues:
  orders:
    arrivals_per_hour: 60
    handling: {mean_seconds: 60}
    patience: {mean_seconds: 120}
"""


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    path = tmp_path / "traffic.yaml"
    path.write_text(TRAFFIC, "utf-8")
    return path


def simulate(traffic: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return hotline("acd", "simulate", "--traffic", str(traffic), "--seeds", "2", *words)


def test_site_is_shown_in_full(traffic: Path) -> None:
    """Queues, skills and groups of agents on stdout, all five formulas explained; the speed on stderr."""
    done = simulate(traffic)
    assert done.returncode == 0
    for word in (
        "Queues",
        "Agents by skills",
        "english:2 mandarin:10 orders:8",
        "occupancy",
        "F1 (answered + abandoned",
    ):
        assert word in done.stdout
    assert re.search(r"service level F4 +\d+\.\d% ±\d+\.\d", done.stdout)
    assert re.search(r"^36 agent-hours simulated in \d+\.\d s$", done.stderr, re.MULTILINE)
    assert "…" not in done.stdout


def test_sweep_is_a_row_for_each_staffing_and_a_chart(traffic: Path) -> None:
    """Two to four agents: more of them, better service; the textbook stands beside the simulation."""
    done = simulate(traffic, "--agents", "orders=2..4")
    table, chart = done.stdout.split("orders, service level F4")
    assert [line.split()[0] for line in table.splitlines() if line[:1].isdigit()] == ["2", "3", "4"]
    bars = [line.count("█") for line in chart.splitlines() if "█" in line]
    assert bars == sorted(bars)
    assert len(set(bars)) == 3
    assert "Erlang A" in chart


def test_json_has_every_figure(traffic: Path) -> None:
    """One entry a staffing, with estimates and the textbook's figures."""
    done = simulate(traffic, "--agents", "orders=2..3", "--agents", "orders+support=1", "--json", "--hours", "1")
    first, second = json.loads(done.stdout)
    assert (first["agents"], second["agents"]) == (
        {"orders": 2, "orders+support": 1},
        {"orders": 3, "orders+support": 1},
    )
    assert first["queues"]["orders"]["service_levels"]["F4"].keys() == {"value", "standard_error", "half_width"}
    assert first["groups"]["orders:1 support:5"]["agents"] == 1
    assert first["textbook"]["orders"]["model"] == "Erlang A"
    assert first["queues"]["orders"]["offered"] == second["queues"]["orders"]["offered"]


@pytest.mark.parametrize(
    ("agents", "told"),
    [
        (["orders"], "write queue=12"),
        (["orders=3..2"], "the lower number comes first"),
        (["sales=3"], "the site's queues are orders, support"),
        (["orders=1", "orders=2"], "the same queues twice"),
        (["orders=1..99", "support=1..99"], "more than 1000 staffings"),
        (["support=3"], "no agent serves callers of orders who ask for orders"),
    ],
)
def test_staffing_that_cannot_be_is_refused(traffic: Path, agents: list[str], told: str) -> None:
    """Before anything is simulated, with what would be right."""
    with pytest.raises(SimulationRefused, match=re.escape(told)):
        run(SHOP_SITE, traffic, None, 2, agents)


def test_faults_of_the_site_are_told(tmp_path: Path, traffic: Path) -> None:
    """With file, line and column."""
    with pytest.raises(SimulationRefused, match=r"site\.yaml:1:1"):
        run(tmp_path, traffic, None, 2, [])


def test_faults_of_the_traffic_file_are_1(traffic: Path) -> None:
    """With file, line and column, and a caret; nothing on stdout, no traceback."""
    traffic.write_text("queues:\n  ordrs: {arrivals_per_hour: 1, handling: {mean_seconds: 1}}\n", "utf-8")
    done = simulate(traffic)
    assert (done.returncode, done.stdout) == (1, "")
    assert 'traffic.yaml:2:3: found "ordrs"' in done.stderr
    assert "\n    ^" in done.stderr
    assert "Traceback" not in done.stderr


def test_acd_alone_is_the_process_of_the_supervisor(tmp_path: Path) -> None:
    """With --state it is the distributor (here of a state that was never up); without it, help and exit 2."""
    child, bare = hotline("acd", "--state", str(tmp_path)), hotline("acd")
    assert child.returncode == 1
    assert "has no settings yet" in child.stderr
    assert (bare.returncode, "Examples:" in bare.stdout) == (2, True)


def test_help_of_simulate_begins_with_examples() -> None:
    """And it shows a traffic file."""
    shown = hotline("acd", "simulate", "--help").stdout
    assert 0 < shown.index("Examples:") < shown.index("A traffic file:") < shown.index("Options:")


def test_file_becomes_traffic(tmp_path: Path) -> None:
    """Hours become seconds, counts of a part of the day become rates; the day begins with the first table."""
    path = tmp_path / "traffic.yaml"
    path.write_text(GOOD, "utf-8")
    traffic = traffic_of(load_traffic(path, ["orders", "support"]))
    orders, support = traffic.queues["orders"], traffic.queues["support"]
    assert (traffic.seconds, traffic.warm_up_seconds, traffic.start_clock) == (7200.0, 1800.0, 9 * 3600.0)
    assert orders.arrivals.steps == (
        (9 * 3600.0, 9.5 * 3600.0, 80 / 1800),
        (9.5 * 3600.0, 11 * 3600.0, 150 / 5400),
    )
    assert support.arrivals.rate_at(0.0) == 12.5 / 3600
    assert (orders.handling.shape, orders.handling.sd_seconds) == (Shape.LOGNORMAL, 240.0)
    assert traffic_of(load_traffic(path, ["orders", "support"]), hours=1.0).seconds == 3600.0


@pytest.mark.parametrize(
    ("arrivals", "seconds", "warm_up_seconds"),
    [("arrivals_per_hour: 1", 8 * 3600.0, 3600.0), ('arrivals: {"09:00-12:00": 1}', 3 * 3600.0, 0.0)],
)
def test_hours_have_defaults(tmp_path: Path, arrivals: str, seconds: float, warm_up_seconds: float) -> None:
    """Eight hours after one of warm-up where all is constant; the tables' own span, from empty, where it is a day."""
    path = tmp_path / "traffic.yaml"
    path.write_text(f"queues:\n  orders: {{{arrivals}, handling: {{mean_seconds: 60}}}}\n", "utf-8")
    traffic = traffic_of(load_traffic(path, ["orders"]))
    assert (traffic.seconds, traffic.warm_up_seconds) == (seconds, warm_up_seconds)
