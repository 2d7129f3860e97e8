"""Scenarios that fail: what is said of them; coverage; the command `hotline test`."""

import shutil
from pathlib import Path

import pytest

from dialplan.scenario import read_scenarios
from hotline.coverage import coverage_of
from hotline.rehearsing import Stage, stage_of
from hotline.scenario_files import FileRun, coverage_lines, failures, files_of, run_file
from hotline.scenario_running import Verdict, run
from hotline.settings import SHOP_SITE
from tests.unit.hotline.test_cli import hotline


@pytest.fixture(scope="module")
def shop() -> Stage:
    return stage_of(SHOP_SITE)


def verdict(stage: Stage, text: str) -> Verdict:
    (scenario,), document = read_scenarios("a.ivrtest.yaml", text.encode())
    assert not document.faults
    return run(scenario, stage)


def file_run(stage: Stage, folder: Path, text: str) -> FileRun:
    (folder / "a.ivrtest.yaml").write_text(text, "utf-8")
    return run_file(stage, folder / "a.ivrtest.yaml")


# -- the shop's own --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", files_of(SHOP_SITE), ids=lambda path: path.name)
def test_the_shops_calls_go_as_they_should(shop: Stage, path: Path) -> None:
    """Every scenario of the shop holds."""
    assert list(failures(run_file(shop, path))) == []


def test_the_shops_scenarios_go_every_way(shop: Stage) -> None:
    """All nodes and all edges of the shop's menus are gone through, in both languages, none left out."""
    verdicts = [verdict for path in files_of(SHOP_SITE) for verdict in run_file(shop, path).verdicts]
    covered = coverage_of(shop.graph, (verdict.transcript for verdict in verdicts))
    assert (covered.nodes_missing, covered.edges_missing) == ((), ())
    assert {event.language for one in verdicts for event in one.transcript if hasattr(event, "language")} == {
        "zh",
        "en",
    }
    assert {one.scenario.given.language for one in verdicts} >= {"zh", "en"}


# -- steps -----------------------------------------------------------------------------------------------------------

UNMET = {
    "  - hear: main": "heard welcome at welcome.welcome; expected to hear main",
    "  - hear: [welcome, main]": "heard pick_language at welcome.pick_language; expected to hear main",
    "  - hearing: main": "heard welcome at welcome.welcome; expected to hear main",
    "  - hang_up\n  - hear: main": "the call had ended at welcome.welcome: left_in_menu; expected to hear main",
    "  - hang_up\n  - press: '1'": "the call had ended at welcome.welcome: left_in_menu; expected to press 1",
    "  - hang_up\n  - wait: 1": "the call had ended at welcome.welcome: left_in_menu; expected to wait for 1 s",
    "  - hang_up\n  - hang_up": "the call had ended at welcome.welcome: left_in_menu; expected to hang up",
    "  - press: '1300'": "the call had ended at chinese.support_queue: queue support; expected to press 0",
}


@pytest.mark.parametrize("steps", UNMET)
def test_a_step_that_the_call_does_not_take_is_named(shop: Stage, steps: str) -> None:
    """What the call was at, what was expected of it, and the step that it is about."""
    (fault,) = verdict(shop, f"steps:\n{steps}\n").faults
    assert fault.message == UNMET[steps]
    assert fault.line == 1 + len(steps.splitlines())


def test_hear_waits_in_silence(shop: Stage) -> None:
    """What is heard next may be what is said after the time for a key is over: no key is pressed meanwhile."""
    done = verdict(shop, "given: {entry: chinese}\nsteps:\n  - hear: [main, nothing_pressed, main_short]\n")
    assert not done.faults


# -- the end ---------------------------------------------------------------------------------------------------------

EXPECTATIONS = {
    "outcome: hung_up": "the call had ended at chinese.orders_queue: queue orders; expected outcome hung_up",
    "queue: support": "the call had ended at chinese.orders_queue: queue orders; expected queue support",
    "script: order_status": "the call had ended at chinese.orders_queue: queue orders; expected script order_status",
    "node: chinese.bye": "the call had ended at chinese.orders_queue: queue orders; expected node chinese.bye",
    "language: en": "the call speaks zh; expected language en",
    "variables: {order: '7'}": "no order is set; expected 7",
    "variables: {caller_kind: old}": "caller_kind is new; expected old",
    "path: [chinese.main, chinese.bye]": "the call came to chinese.orders; expected chinese.bye",
    "path: [chinese.main]": "the call went on to chinese.orders; expected no node after 1",
    "path: [chinese.main, chinese.orders, chinese.orders_queue, chinese.bye]": (
        "the call came to no further node; expected chinese.bye"
    ),
}


@pytest.mark.parametrize("expect", EXPECTATIONS)
def test_an_end_that_did_not_come_is_named(shop: Stage, expect: str) -> None:
    """Each expectation says what has come instead."""
    start = "given: {entry: chinese, variables: {caller_kind: new}}\nsteps: [{hear: main}, {press: '0'}]\n"
    (fault,) = verdict(shop, f"{start}expect: {{{expect}}}\n").faults
    assert fault.message == EXPECTATIONS[expect]
    assert fault.line == 3


def test_every_expectation_that_fails_is_told(shop: Stage) -> None:
    """One run shows all of them; a call that goes on has no outcome yet, and the node it stands at is its last one."""
    text = "given: {entry: chinese}\nsteps: [{wait: 1}]\nexpect: {outcome: queue, queue: orders, node: chinese.main}\n"
    assert [fault.message for fault in verdict(shop, text).faults] == [
        "the call waits for a key at chinese.main; expected outcome queue",
        "the call waits for a key at chinese.main; expected queue orders",
    ]


# -- telling ---------------------------------------------------------------------------------------------------------


def test_a_failure_shows_the_call_up_to_there(shop: Stage, tmp_path: Path) -> None:
    """The place in the file with its line, then all that was heard and keyed before it."""
    done = file_run(
        shop, tmp_path, "given: {entry: english, language: en}\nsteps:\n  - press: '3'\n  - hear: goodbye\n"
    )
    (told,) = failures(done)
    assert told.replace(f"{tmp_path}/", "").splitlines() == [
        "a.ivrtest.yaml:4:5: heard please_wait at english.support; expected to hear goodbye [unmet]",
        "    - hear: goodbye",
        "      ^",
        "  the call of a up to there:",
        "      0.0  english.main (menu)",
        "             main            cut 0.0 s  To check an order, press 1. To change or cancel an order, press 2. "
        "For help with something you bought, press 3. For points, prices and orders by phone, press 4. "
        "To speak to a person, press 0.",
        "      0.0  key 3",
        "      0.0  matched → english.support (say)",
    ]
    assert not done.good


def test_a_faulty_scenario_is_not_run(shop: Stage, tmp_path: Path) -> None:
    """The fault is told in place of the call; the other scenarios of the file are run."""
    done = file_run(shop, tmp_path, "scenarios:\n  a: {steps: [{hear: mian}]}\n  b: {steps: [hang_up]}\n")
    assert [one.scenario.name for one in done.verdicts] == ["b"]
    assert "did you mean" in "".join(failures(done))
    assert not done.good


def test_what_was_not_gone_through_is_named(shop: Stage) -> None:
    """Nodes and edges in the order of the files; 99.9 % is not 100."""
    one = verdict(shop, "steps: [{hear: welcome}, {hear: pick_language}, {press: '2'}, {hear: main}, hang_up]")
    lines = list(coverage_lines(coverage_of(shop.graph, [one.transcript])))
    assert lines[0] == "nodes 4 of 59 (6 %)"
    assert "  not entered: chinese.main" in lines
    assert "  not taken: welcome.pick_language choices 1 -> chinese.main" in lines
    assert "  not taken: welcome.pick_language choices 2 -> welcome.speak_english" not in lines
    assert "edges 3 of 97 (3 %)" in lines


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_shop_is_tested_by_default() -> None:
    """`hotline test` runs the shop's own: coverage on stdout, the verdict on stderr, exit 0."""
    done = hotline("test", "--coverage-min", "100")
    assert (done.returncode, done.stdout) == (0, "nodes 59 of 59 (100 %)\nedges 97 of 97 (100 %)\n")
    assert done.stderr.endswith(" passed, 0 failed\n")


def test_too_little_coverage_is_1() -> None:
    """Of one file alone every scenario passes, but the rest of the site is not gone through; without a minimum that is
    well."""
    file = str(SHOP_SITE / "tests" / "closed.ivrtest.yaml")
    assert hotline("test", file).returncode == 0
    done = hotline("test", file, "--coverage-min", "100")
    assert (done.returncode, done.stderr) == (1, "6 passed, 0 failed\n")
    assert "not entered: welcome.welcome" in done.stdout


def test_a_changed_menu_fails_its_scenarios(tmp_path: Path) -> None:
    """Whoever makes keys 2 and 3 change places is told by the scenarios of both desks, and exit 1."""
    site = shutil.copytree(SHOP_SITE, tmp_path / "site")
    menu = site / "menus" / "english.yaml"
    menu.write_text(menu.read_text("utf-8").replace('"2": orders, "3": support', '"2": support, "3": orders'), "utf-8")
    done = hotline("test", str(site))
    assert done.returncode == 1
    assert "the call had ended at english.support_queue: queue support; expected queue orders [unmet]" in done.stdout
    assert done.stderr.endswith(" passed, 5 failed\n")


def test_files_that_are_not_there_are_1(tmp_path: Path) -> None:
    """A site without scenarios, and a name that is no file, are told on stderr."""
    site = shutil.copytree(SHOP_SITE, tmp_path / "site", ignore=shutil.ignore_patterns("tests"))
    for words in (("test", str(site)), ("test", str(site), str(site / "no.ivrtest.yaml"))):
        done = hotline(*words)
        assert (done.returncode, done.stdout) == (1, "")
        assert "ivrtest.yaml" in done.stderr


def test_a_broken_site_is_1(tmp_path: Path) -> None:
    """A site with faults is not walked: they are told as `hotline check` tells them."""
    site = shutil.copytree(SHOP_SITE, tmp_path / "site")
    (site / "menus" / "english.yaml").write_text("entry: nowhere\n", "utf-8")
    done = hotline("test", str(site))
    assert (done.returncode, done.stdout) == (1, "")
    assert "menus/english.yaml:1:1" in done.stderr
