"""Scenario files: what may stand in them, and what an admin is told otherwise."""

from pathlib import Path

import pytest

from dialplan.check_scenarios import check_scenario, known_results
from dialplan.faults import Fault, render_all
from dialplan.loader import check_site, load_site
from dialplan.scenario import Scenario, read_scenarios
from tests.unit.dialplan.site_text import write_site

SHOP = load_site(Path(__file__).parents[3] / "dialplan" / "sites" / "shop")

GOOD = """\
given:
  {called: "4001", caller: "13800138000", language: zh, at: "2026-10-01 09:00", scripts: {order_status: [done, person]}}
steps:
  - hear: [welcome, pick_language]
  - hearing: main
  - press: star
  - wait: 0.5
  - hang_up
expect:
  outcome: left_in_menu
  path: [welcome.welcome, welcome.pick_language]
"""


def read(text: str) -> tuple[list[Scenario], list[str]]:
    """The scenarios, and every fault as it is shown."""
    scenarios, document = read_scenarios("a.ivrtest.yaml", text.encode())
    faults: list[Fault] = [*document.faults]
    for scenario in scenarios:
        faults += check_scenario(scenario, SHOP)
    return scenarios, [render_all([fault], {"a.ivrtest.yaml": document.lines}) for fault in sorted(faults)]


def test_a_good_file_is_read_whole() -> None:
    """Every word of the format: one scenario takes the name of its file, star is read as *, hang_up needs no value."""
    (scenario,), faults = read(GOOD)
    assert faults == []
    assert scenario.name == "a"
    assert scenario.given.scripts == {"order_status": ("done", "person")}
    assert [step.word for step in scenario.steps] == ["hear", "hearing", "press", "wait", "hang_up"]
    assert (scenario.steps[2].press, scenario.steps[3].wait) == ("*", 0.5)


def test_a_file_may_hold_several() -> None:
    """Each under its name; a broken one does not keep the others from being read."""
    text = "scenarios:\n  one:\n    steps: [hang_up]\n  two:\n    steps: {}\n  three: {steps: [{press: '1'}]}\n"
    scenarios, faults = read(text)
    assert [scenario.name for scenario in scenarios] == ["one", "three"]
    (fault,) = faults
    assert fault.splitlines() == [
        "a.ivrtest.yaml:5:12: found an empty mapping; expected a list [wrong-type]",
        "      steps: {}",
        "             ^",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "  - hera: main",
            '4:5: found the key "hera"; expected one of hang_up, hear, hearing, press, wait; did you mean "hear"?',
        ),
        ("  - hear: mian", '4:11: found no prompt "mian"; did you mean "main"? [unknown-prompt]'),
        ("  - hear: [main, mian]", '4:18: found no prompt "mian"; did you mean "main"? [unknown-prompt]'),
        ("  - hearing: qqqq", '4:14: found no prompt "qqqq"; expected one of agent.after_call'),
        ("  - press: 12", "4:12: found 12, a number; expected keys of a phone in quotes"),
        ('  - press: "1a"', '4:12: found "1a"; expected keys of a phone in quotes, such as "12#", or star or pound'),
        ("  - wait: soon", '4:11: found "soon"; expected seconds, such as 5 or 0.5 [wrong-type]'),
        ("  - wait: 0", "4:11: found 0, a number; expected more than 0 seconds, 3600 at most [out-of-range]"),
        ("  - wait: .inf", "4:11: found"),
        ('  - {press: "1", wait: 1}', "4:5: found 2 of them; expected one of hang_up, hear, hearing, press, wait"),
        ("  - hear:", "4:5: found none of them; expected one of hang_up, hear, hearing, press, wait [wrong-value]"),
        ("  - hang", '4:5: found "hang"; expected a mapping of keys'),
        ("  - hang_up: false", "4:14: found false, a truth value; expected"),
    ],
)
def test_a_bad_step_is_named_where_it_stands(line: str, told: str) -> None:
    """File, line, column, what was found, what was expected, and what was probably meant."""
    _, (fault,) = read(f"given: {{entry: chinese}}\nsteps:\n  - hear: main\n{line}\n")
    assert fault.startswith(f"a.ivrtest.yaml:{told}")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('called: "4003"', '1:17: found no number "4003"; did you mean "4002"? [unknown-number]'),
        ("called: 4001", "1:17: found 4001, a number; expected text; quote it"),
        ("entry: chinees", '1:16: found no node "chinees"; did you mean "chinese"? [unknown-node]'),
        ('entry: chinese, called: "4001"', "1:8: found both entry and called; expected one of them [wrong-value]"),
        ("language: de", '1:19: found no language "de"; expected one of en, zh [unknown-language]'),
        ("at: tomorrow", '1:13: found "tomorrow"; expected a day and a time, such as "2026-10-01 09:00" [bad-date]'),
        ("scripts: {order: done}", '1:19: found no script "order"; expected one of order_status [unknown-script]'),
        ("scripts: {order_status: [done, dnoe]}", '1:40: found no result of order_status "dnoe"; did you mean "done"?'),
        ("queues: {orders: ful}", '1:26: found no result of orders "ful"; did you mean "full"? [unknown-result]'),
        ("callbacks: {support: taken}", '1:21: found no queue "support"; expected one of orders [unknown-queue]'),
        (
            "backends: {points: failed}",
            '1:20: found no backend "points"; did you mean "member_points"? [unknown-backend]',
        ),
        (
            "backends: {place_order: {nmber: '1'}}",
            '1:34: found no field of place_order "nmber"; did you mean "number"?',
        ),
        ("backends: {place_order: [failed, {nmber: '1'}]}", "1:43: found no field of place_order"),
        ("backends: {place_order: {number: 1}}", "1:20: found a mapping of keys; expected not_found, refused, failed"),
        ("backends: {place_order: {slow: 0}}", "1:20: found a mapping of keys; expected not_found, refused, failed"),
        ("backends: {place_order: lost}", '1:20: found "lost"; expected not_found, refused, failed, locked, or'),
        ("colour: red", '1:9: found the key "colour"; expected one of at, backends, ballots, callbacks, called'),
    ],
)
def test_a_beginning_that_the_site_does_not_have_is_named(given: str, told: str) -> None:
    """A number, node, script or result that does not exist would test something else than what was meant."""
    _, (fault,) = read(f"given: {{{given}}}\nsteps: [hang_up]\n")
    assert fault.startswith(f"a.ivrtest.yaml:{told}")


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        (
            "outcome: gone",
            "2:19: found \"gone\"; expected 'queue', 'script', 'callback', 'transfer', 'hung_up' or 'left_in_menu'",
        ),
        ("queue: order", '2:17: found no queue "order"; did you mean "orders"? [unknown-queue]'),
        ("node: chinese.mian", '2:16: found no node "chinese.mian"; did you mean "chinese.main"? [unknown-node]'),
        ("path: [chinese.main, chinese]", '2:31: found no node "chinese"; did you mean'),
        ("script: points", '2:18: found no script "points"; expected one of order_status [unknown-script]'),
    ],
)
def test_an_end_that_the_site_does_not_have_is_named(expect: str, told: str) -> None:
    """What is expected is held to the site as well: else a test could never pass, and nobody would see why."""
    _, (fault,) = read(f"steps: [hang_up]\nexpect: {{{expect}}}\n")
    assert fault.startswith(f"a.ivrtest.yaml:{told}")


@pytest.mark.parametrize(
    "text", ["", "steps: hang_up\n", "- hang_up\n", "scenarios: {}\nsteps: [hang_up]\n", "steps: [\n"]
)
def test_what_is_no_scenario_at_all_is_told(text: str) -> None:
    """A file that is empty, a list, or not YAML has a fault and no scenario."""
    scenarios, faults = read(text)
    assert scenarios == []
    assert faults


def test_results_are_those_of_the_nodes() -> None:
    """What may come of a script is what its nodes go on by, and that it died; of a queue and a proposal, what the words
    allow."""
    known = known_results(SHOP)
    assert known["script"] == {"order_status": ("done", "person", "failed")}
    assert set(known["queue"]) == {"orders", "support"}
    assert set(known["callback"]) == {"orders"}


def test_scenarios_are_part_of_a_site(tmp_path: Path) -> None:
    """In `tests/` they are no strays; beside the menus nobody would run them, and `hotline check` says so."""
    folder = write_site(tmp_path)
    (folder / "tests").mkdir()
    (folder / "tests" / "a.ivrtest.yaml").write_text(GOOD, "utf-8")
    assert check_site(folder).faults == ()
    (folder / "a.ivrtest.yaml").write_text(GOOD, "utf-8")
    assert [(fault.file, fault.rule) for fault in check_site(folder).faults] == [("a.ivrtest.yaml", "stray-file")]
