"""What the records tell of a call is what the rehearsal of the same call shows."""

import json
from pathlib import Path

import pytest

from db.segments import segment_path
from dialplan.scenario import Given, Scenario
from hotline.live_test.records import IvrJournal, Line, Told, before_our_hang_up, tell
from hotline.rehearsing import results_of, stage_of
from hotline.scenario_files import files_of, read_file
from hotline.scenario_running import path_of, run
from hotline.settings import SHOP_SITE
from ivr.transcript import Ended, Event, Recorded

SHOP = stage_of(SHOP_SITE)
SCENARIOS = [scenario for path in files_of(SHOP_SITE) for scenario in read_file(SHOP, path).scenarios]


def lines_of(transcript: tuple[Event, ...] | list[Event]) -> list[Line]:
    return [{"verb": event.verb, **event.fields} for event in transcript if isinstance(event, Recorded)]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: f"{scenario.given.language}: {scenario.name}")
def test_the_records_tell_what_the_rehearsal_shows(scenario: Scenario) -> None:
    """Of every call of the shop's scenarios that comes to an end: outcome, queue or script, and every node in order.
    Scripts, full queues and proposals that it comes back from are on the way, and no end."""
    transcript = run(scenario, SHOP).transcript
    told = tell(lines_of(transcript), SHOP.flow, scenario.given)
    end = transcript[-1]
    if isinstance(end, Ended):
        assert (told.outcome, told.name, list(told.path)) == (end.outcome, end.name, path_of(transcript))
    else:  # it asks for a key: of the node that it is at there is no record yet
        assert (told.outcome, list(told.path)) == ("", path_of(transcript)[:-1])


def test_the_language_is_the_one_spoken_last() -> None:
    """Chosen in the call, else that of its beginning."""
    given = Given(called="4001", language="zh")
    call = SHOP.begin(given, results_of(given))
    assert tell(lines_of(call.transcript), SHOP.flow, given).language == "zh"
    for key in "20":
        call.press(key)
    assert tell(lines_of(call.transcript), SHOP.flow, given).language == "en"


def test_a_step_that_was_recorded_twice_is_one() -> None:
    """An IVR that was killed writes the step's line again."""
    given = Given(called="4002")
    call = SHOP.begin(given, results_of(given))
    call.listen()
    lines = lines_of(call.transcript)
    doubled = [line for line in lines for _ in range(2 if line["verb"] == "IVRSTEP" else 1)]
    assert tell(doubled, SHOP.flow, given) == tell(lines, SHOP.flow, given)


def test_what_is_done_for_those_who_are_gone_is_no_part_of_the_way() -> None:
    """Where we have hung up ourselves, to have the record of the node at which the call stood."""
    steps = [
        {"verb": "IVRSTEP", "result": "said"},
        {"verb": "IVRSTEP", "result": "left_in_menu"},
        {"verb": "IVRSTEP", "result": "set"},
        {"verb": "IVREND"},
    ]
    told = Told("left_in_menu", "", {}, ("a.hello", "a.ask", "a.note"), "zh")
    assert before_our_hang_up(told, steps) == ("a.hello", "a.ask")
    assert before_our_hang_up(told, steps[:1]) == told.path


def test_only_new_lines_are_read(tmp_path: Path) -> None:
    """Those of calls before are not looked at, a line that is being written waits for its end, a new segment is read
    from its beginning."""
    first, second = (segment_path(tmp_path, "ivr", number) for number in (1, 2))
    first.write_text(_line("CALLSTART", "old", at=1.0))
    journal = IvrJournal(tmp_path)
    assert journal.call_of("138", 0.0) is None
    with first.open("a") as file:
        file.write(_line("CALLSTART", "early", at=5.0) + _line("CALLSTART", "new", at=7.0)[:-9])
    assert journal.call_of("138", 6.0) is None
    with first.open("a") as file:
        file.write(_line("CALLSTART", "new", at=7.0)[-9:])
    second.write_text(_line("IVREND", "new", at=8.0))
    assert journal.call_of("138", 6.0) == "new"
    assert [line["verb"] for line in journal.of_call("new")] == ["CALLSTART", "IVREND"]


def _line(verb: str, call_id: str, at: float) -> str:
    return json.dumps({"at": at, "verb": verb, "call_id": call_id, "caller_number": "138"}) + "\n"
