"""Which scenarios can be real calls; what cannot be is named with its reason, and never passed over."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialplan.scenario import Expect, Given, Scenario
from dialplan.yaml_tree import Document
from hotline.live_test.places import open_to_phones_here, why_not_live
from hotline.rehearsing import stage_of
from hotline.scenario_files import read_file
from tests.unit.hotline.test_cli import CHECKOUT, hotline

FLOWERS = stage_of(CHECKOUT / "dialplan" / "sites" / "flowers")
OPEN, CLOSED = datetime(2026, 10, 12, 2, 0, tzinfo=UTC), datetime(2026, 10, 12, 12, 0, tzinfo=UTC)
GIVEN_ALL = (
    'given: {entry: main, language: zh, caller: "138", at: "2026-10-11 09:00", variables: {a: b}, '
    "queues: {florists: full}}"
)


def reason(tmp_path: Path, text: str, *, running: bool = False, now: datetime = OPEN) -> str:
    file = tmp_path / "a.ivrtest.yaml"
    file.write_text(text)
    read = read_file(FLOWERS, file)
    assert read.faults == ()
    return why_not_live(read.scenarios[0], FLOWERS, running=running, now=now)


def test_a_hotline_of_ones_own_can_be_given_anything(tmp_path: Path) -> None:
    """A node, a language, a moment, variables, results."""
    assert reason(tmp_path, GIVEN_ALL) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("live: false", "it says live: false"),
        (
            "steps: [{hear: [hello, choose]}, {wait: 3}, {press: '1'}, {wait: 300}]",
            "it lasts 303 s, and a real call of a test 180 s at most",
        ),
    ],
)
def test_what_no_phone_can_do(tmp_path: Path, text: str, why: str) -> None:
    """What its author says is not for a phone, and what lasts longer than a phone of a test talks."""
    assert reason(tmp_path, text) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (GIVEN_ALL, "a hotline that runs already cannot be given at, entry, language, queues, variables"),
        ("given: {called: '4000', caller: '138'}", ""),
        ("expect: {variables: {ticket: '1'}}", "the variables of a call are in no record"),
    ],
)
def test_what_a_hotline_that_runs_cannot_be_given(tmp_path: Path, text: str, why: str) -> None:
    """It knows of no scenario: a call to it has a number, a caller, and whatever happens to be so."""
    assert reason(tmp_path, text, running=True) == why


def test_a_site_that_is_closed_answers_otherwise(tmp_path: Path) -> None:
    """Where nobody says when, scenarios are of a moment at which the site is open."""
    assert reason(tmp_path, "given: {called: '4000'}", running=True, now=CLOSED) == "the site is closed now"
    assert reason(tmp_path, "given: {called: '4000'}", now=CLOSED) == ""


def test_a_run_in_which_nothing_was_called_has_failed(tmp_path: Path) -> None:
    """The scenario is named with its place and the reason, counted apart, and not taken for one that passed."""
    file = tmp_path / "a.ivrtest.yaml"
    file.write_text("live: false\n")
    done = hotline("test", str(FLOWERS_SITE), str(file), "--live")
    assert (done.returncode, done.stdout) == (1, f"{file}:1:1: not live: a: it says live: false\n")
    assert done.stderr == "0 passed, 0 failed, 1 not live\n"


FLOWERS_SITE = CHECKOUT / "dialplan" / "sites" / "flowers"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--against", "x"], 2, "is for --live"),
        (["--live", "--coverage-min", "5"], 2, "is measured without --live"),
        (["--live", "--against", "nowhere"], 1, "no hotline is up in"),
    ],
)
def test_wrong_words_are_told(words: list[str], code: int, told: str) -> None:
    """2 for what makes no sense, 1 for a hotline that is not there."""
    done = hotline("test", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr


def test_the_phones_of_a_test_are_let_in(tmp_path: Path) -> None:
    """The copy of a site whose carriers all call from elsewhere has one more; another is left as it is."""
    told = "no carrier in site.yaml calls from 127.0.0.1, as the phones of a test do"
    far = shutil.copytree(FLOWERS_SITE, tmp_path / "far")
    words = (far / "site.yaml").read_text("utf-8")
    (far / "site.yaml").write_text(words.replace("127.0.0.1", "192.0.2.0/24"), "utf-8")
    scenario = Scenario("a", Given(), (), Expect(), Document("", (), {}), ())
    assert why_not_live(scenario, stage_of(far), running=True, now=OPEN) == told
    opened = stage_of(open_to_phones_here(far, tmp_path / "opened"))
    assert [trunk.addresses for trunk in opened.site.trunks] == [["192.0.2.0/24"], ["127.0.0.1"]]
    assert why_not_live(scenario, opened, running=True, now=OPEN) == ""
    near = open_to_phones_here(FLOWERS_SITE, tmp_path / "near")
    assert (near / "site.yaml").read_bytes() == (FLOWERS_SITE / "site.yaml").read_bytes()
