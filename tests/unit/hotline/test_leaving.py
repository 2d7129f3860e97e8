"""A site of messages, transfers, surveys and maintenance: rehearsed, drawn, and walked at the terminal."""

import pytest

from dialplan.scenario import read_scenarios
from hotline.drawing import draw_site
from hotline.rehearsing import Stage, stage_of
from hotline.scenario_running import run
from hotline.settings import SHOP_SITE
from ivr.transcript import Recorded
from tests.unit.dialplan.site_text import write_site
from tests.unit.hotline.test_cli import hotline


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    return stage_of(write_site(tmp_path_factory.mktemp("site") / "tea", "good_leaving"))


def told(stage: Stage, text: str) -> list[str]:
    """What is wrong with this scenario."""
    (scenario,), document = read_scenarios("a.ivrtest.yaml", text.encode())
    assert not document.faults
    return [fault.message for fault in run(scenario, stage).faults]


TRANSFERRED = """
given: {entry: main.whom, transfers: {"1001": answered}}
steps:
  - hear: main.ask.polite.prompt
  - press: "4"
  - hear: choose
  - wait: 7
  - press: pound
expect: {outcome: queue, messages: {comment: 1}, path: [main.whom, main.desk, main.ask, main.person]}
"""


def test_a_scenario_says_what_comes_of_a_transfer(tea: Stage) -> None:
    """The caller comes back from the talk, answers by key and by word, and goes on; a wrong count is told."""
    assert told(tea, TRANSFERRED) == []
    assert told(tea, TRANSFERRED.replace("comment: 1", "comment: 2")) == ["1 left; expected 2"]


def test_answers_are_recorded_as_they_are_given(tea: Stage) -> None:
    """Who hangs up in a spoken answer has given it, and the one before."""
    (scenario,), _ = read_scenarios("a.ivrtest.yaml", TRANSFERRED.replace("press: pound", "hang_up: true").encode())
    events = [event for event in run(scenario, tea).transcript if isinstance(event, Recorded)]
    answers = [(event.fields["question"], event.fields["answer"]) for event in events if event.verb == "SURVEY"]
    assert answers == [("polite", "4"), ("why", "comment")]


@pytest.mark.parametrize(("words", "heard"), [("Back at noon.", "maintenance"), ("bye", "bye")])
def test_a_call_under_maintenance_goes_where_the_handler_says(tea: Stage, words: str, heard: str) -> None:
    """It hears the words, or the prompt, then what follows there, whatever it called for."""
    text = f"given: {{called: '4001', maintenance: {words}}}\nsteps: [{{hear: {heard}}}, {{hear: [bye, bye]}}]\n"
    assert told(tea, text + "expect: {outcome: hung_up, path: [main.later, main.end]}") == []


def test_without_a_handler_a_call_ends_when_it_is_told() -> None:
    """The shop has none: the words, and the end."""
    shown = hotline("try", "4001", "--keys", "1", "--maintenance", "We are back at noon.").stdout
    first, *rest = shown.splitlines()[1:]
    assert first.split()[0] == "maintenance" and first.endswith("We are back at noon.")
    assert [line.split(None, 1)[1] for line in rest] == ["the call is hung up"]


def test_whoever_speaks_at_the_terminal_is_recorded() -> None:
    """~8 are eight seconds of a message; the keys that follow end it and send it."""
    shown = hotline("try", "service.complaint", "--lang", "en", "--keys", "~8 # 1", "--records").stdout
    assert "complaint: the caller speaks for 8.0 s" in shown
    assert "MESSAGE " in shown and "seconds=8.0" in shown


def test_a_transfer_leads_out_of_the_picture(tea: Stage) -> None:
    """An arrow to whom callers are sent, as it is written."""
    arrows = {(arrow.source, arrow.target) for arrow in draw_site(tea.site).arrows}
    assert ("main.desk", "to {desk}") in arrows


def test_the_shops_document_is_one_that_fax_machines_take() -> None:
    """A TIFF file of the width that every machine prints, 1,728 dots (ITU-T T.4)."""
    data = (SHOP_SITE / "faxes" / "price_list.tif").read_bytes()
    entries = int.from_bytes(data[4:8], "little")
    tags = range(entries + 2, entries + 2 + 12 * int.from_bytes(data[entries : entries + 2], "little"), 12)
    width = next(at for at in tags if int.from_bytes(data[at : at + 2], "little") == 256)
    size = 2 if data[width + 2] == 3 else 4
    assert int.from_bytes(data[width + 8 : width + 8 + size], "little") == 1728
