"""A traffic file: read into values, or everything that is wrong with it in one run, each at its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialplan.traffic import TrafficInvalid, load_traffic

GOOD = """\
hours: 2
warm_up_hours: 0.5
back_seconds: 90
queues:
  orders:
    arrivals: {"09:00-09:30": 80, "09:30-11:00": 150}
    handling: {shape: lognormal, mean_seconds: 188, sd_seconds: 240}
    patience: {mean_seconds: 120}
    ring_seconds: 4
    no_answer_share: 0.02
    service_level_seconds: 30
    callers: [{share: 0.2, skills: {english: 5}, priority: 3}]
  support:
    arrivals_per_hour: 12.5
    handling: {shape: constant, mean_seconds: 60}
"""


def load(folder: Path, text: str, *queues: str) -> list[str]:
    """Write and read the file; return its faults as people see them, without the source lines."""
    path = folder / "traffic.yaml"
    path.write_text(text, "utf-8")
    try:
        load_traffic(path, queues or ("orders", "support"))
    except TrafficInvalid as invalid:
        return [f"{fault.line}:{fault.column} {fault.rule}: {fault.message}" for fault in invalid.faults]
    return []


def test_good_file_is_read_whole(tmp_path: Path) -> None:
    """Every key has its value; what was left out has its default."""
    path = tmp_path / "traffic.yaml"
    path.write_text(GOOD, "utf-8")
    traffic = load_traffic(path, ["orders", "support"])
    orders, support = traffic.queues["orders"], traffic.queues["support"]
    assert (traffic.hours, traffic.warm_up_hours, traffic.back_seconds) == (2.0, 0.5, 90.0)
    assert orders.arrivals == {"09:00-09:30": 80.0, "09:30-11:00": 150.0}
    assert (orders.handling.shape, orders.handling.sd_seconds) == ("lognormal", 240.0)
    assert orders.patience is not None
    assert orders.patience.shape == "exponential"
    assert (orders.callers[0].share, orders.callers[0].skills, orders.callers[0].priority) == (0.2, {"english": 5}, 3)
    assert (support.arrivals_per_hour, support.patience, support.service_level_seconds) == (12.5, None, 20.0)
    assert traffic.table_minutes() == (9 * 60, 11 * 60)


def test_callers_may_ask_for_all_that_a_menu_can(tmp_path: Path) -> None:
    """An expression, a head start and a segment of the site."""
    path = tmp_path / "traffic.yaml"
    asks = "{share: 0.2, requires: mandarin or english >= 7, head_start_seconds: 30, segment: vip}"
    path.write_text(
        f"queues:\n  orders: {{arrivals_per_hour: 1, handling: {{mean_seconds: 1}}, callers: [{asks}]}}\n", "utf-8"
    )
    (askers,) = load_traffic(path, ["orders"], ["vip"]).queues["orders"].callers
    assert (askers.requires, askers.head_start_seconds, askers.segment) == ("mandarin or english >= 7", 30, "vip")


@pytest.mark.parametrize(
    ("asks", "fault"),
    [
        ("segment: vpi", 'found "vpi", which is not a segment of the site; expected one of member, vip; did you mean'),
        ("requires: orders >> 3", "bad-requirement"),
        ("head_start_seconds: -1", "out-of-range"),
    ],
)
def test_what_callers_cannot_ask_for_is_told(tmp_path: Path, asks: str, fault: str) -> None:
    """A segment that the site does not have, an expression that does not read, a negative head start."""
    path = tmp_path / "traffic.yaml"
    asks = f"{{share: 0.2, {asks}}}"
    path.write_text(
        f"queues:\n  orders: {{arrivals_per_hour: 1, handling: {{mean_seconds: 1}}, callers: [{asks}]}}\n", "utf-8"
    )
    with pytest.raises(TrafficInvalid, match=fault):
        load_traffic(path, ["orders"], ["vip", "member"])


def test_a_segment_needs_a_site_with_segments(tmp_path: Path) -> None:
    """Where the site has none the fault says so."""
    path = tmp_path / "traffic.yaml"
    path.write_text(
        "queues: {orders: {arrivals_per_hour: 1, handling: {mean_seconds: 1}, callers: [{share: 1, segment: vip}]}}\n",
        "utf-8",
    )
    with pytest.raises(TrafficInvalid, match="no segment, since the site has none"):
        load_traffic(path, ["orders"])


def test_constant_arrivals_have_no_table(tmp_path: Path) -> None:
    """There is no first and last time of day where no queue names one."""
    path = tmp_path / "traffic.yaml"
    path.write_text("queues:\n  orders: {arrivals_per_hour: 1, handling: {mean_seconds: 1}}\n", "utf-8")
    assert load_traffic(path, ["orders"]).table_minutes() is None


def test_every_fault_is_told_in_one_run(tmp_path: Path) -> None:
    """Each at its place, with what was expected: unknown keys and queues, wrong numbers, shapes and times."""
    text = """\
hourse: 2
warm_up_hours: -1
queues:
  orders:
    arrivals: {"09:00-09:30": 80, "09:15-10:00": 9}
    handling: {shape: lognormal, mean_seconds: 188}
    patience: {shape: gamma, mean_seconds: 120}
    no_answer_share: 1
    patience_seconds: 3
  suport:
    arrivals_per_hour: many
    handling: {mean_seconds: 0, sd_seconds: 3}
"""
    assert load(tmp_path, text) == [
        '1:1 unknown-key: found the key "hourse"; expected one of back_seconds, hours, queues, warm_up_hours; '
        'did you mean "hours"?',
        "2:16 out-of-range: found -1, a number; expected a number from 0 to 8784",
        '5:15 overlapping-ranges: found "09:00-09:30" and "09:15-10:00"; expected ranges that do not overlap',
        '6:15 sd-seconds: found no "sd_seconds"; expected sd_seconds with lognormal, and only there',
        "7:23 wrong-value: found \"gamma\"; expected 'constant', 'exponential' or 'lognormal'",
        "8:22 out-of-range: found 1, a number; expected a number from 0 to 0.9",
        '9:5 unknown-key: found the key "patience_seconds"; expected one of arrivals, arrivals_per_hour, callers, '
        "handling, no_answer_share, patience, ring_seconds, service_level_seconds; "
        'did you mean "ring_seconds"?',
        '10:3 unknown-queue: found "suport", which is not a queue of the site; expected one of orders, support; '
        'did you mean "support"?',
        '11:24 wrong-type: found "many"; expected a number from 0 to 100000',
        "12:30 out-of-range: found 0, a number; expected a number above 0, at most 86400",
    ]


HANDLING = "handling: {mean_seconds: 1}"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (f"{{{HANDLING}}}", "arrivals: found neither; expected either arrivals_per_hour or arrivals"),
        (
            f'{{{HANDLING}, arrivals_per_hour: 1, arrivals: {{"09:00-10:00": 1}}}}',
            "arrivals: found both; expected either arrivals_per_hour or arrivals",
        ),
        (f'{{{HANDLING}, arrivals: {{"10:00-09:00": 1}}}}', "bad-range: "),
        (f"{{{HANDLING}, arrivals: {{nine: 1}}}}", "bad-range: "),
        (f"{{{HANDLING}, arrivals_per_hour: true}}", "wrong-type: found true, a truth value"),
        ("{handling: {mean_seconds: 1, sd_seconds: 2}, arrivals_per_hour: 1}", "sd-seconds: found sd_seconds with"),
        (
            f"{{{HANDLING}, arrivals_per_hour: 1, callers: [{{share: 0.6}}, {{share: 0.6}}]}}",
            "out-of-range: found shares of 1.2 together",
        ),
        ("12", "wrong-type: found 12, a number; expected a mapping of keys"),
    ],
)
def test_each_mistake_of_a_queue_has_its_fault(tmp_path: Path, entry: str, fault: str) -> None:
    """One mistake, one fault."""
    (told,) = load(tmp_path, f"queues:\n  orders: {entry}\n")
    assert told.split(" ", 1)[1].startswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1 empty-file"),
        ("12\n", "1:1 not-a-mapping"),
        ("hours: 1\n", "1:1 missing-key"),
        ("queues: 3\n", "1:9 wrong-type"),
        ("queues: {}\n", "1:9 empty-value"),
        ("queues: [\n", "1:1 syntax"),
    ],
)
def test_file_that_is_no_traffic_file_says_so(tmp_path: Path, text: str, fault: str) -> None:
    """Empty, not a mapping, without queues, not YAML: one fault, no traceback."""
    (told,) = load(tmp_path, text)
    assert told.startswith(fault)


def test_missing_file_is_a_fault(tmp_path: Path) -> None:
    """It is told by its name."""
    with pytest.raises(TrafficInvalid, match=r"nowhere\.yaml:1:1: the file cannot be read"):
        load_traffic(tmp_path / "nowhere.yaml", [])
