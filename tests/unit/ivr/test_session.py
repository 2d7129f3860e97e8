"""A session against a scripted caller: what is heard, what is set on the channel, what is recorded, and when."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ivr.checkpoint import Kept
from ivr.checkpoint_files import CheckpointFiles
from ivr.flow import Flow
from ivr.hours import Hours, Span
from ivr.keeping import Checkpoints, OnChannel
from ivr.nodes import HangUp, Menu, Say
from ivr.session import IvrSettings, make_handler
from pbx.errors import AgiRefused, CallerGone
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, site_flow, soundless_voice

COMMANDS, COMMANDS_WITH_FILES = 23, 18
"""What an undisturbed call of the patient caller costs, with checkpoints on the channel and in files."""
CALL = "1700000000.1"
ENTRY = {"HOTLINE_ENTRY": "main", "HOTLINE_CALLED": "4001"}
CLOSED = Hours(UTC, {}, "main.bye")
FIRST_MINUTE = 22 * 60 + 13
"""The clock of a Line starts on a Tuesday at 22:13:20 UTC."""


class Line:
    """One caller's channel and the records of the call, over as many sessions as the dialplan begins."""

    def __init__(self, hours: Hours | None = None, *, checkpoints: Checkpoints | None = None, **variables: str) -> None:
        self.variables: dict[str, str] = ENTRY | variables
        self.records = Records()
        flow = replace(site_flow(), hours=hours)
        ticks = count(1_700_000_000)
        self.handle = make_handler(
            flow,
            soundless_voice(flow),
            self.records,
            IvrSettings(clock=lambda: float(next(ticks)), checkpoints=checkpoints or OnChannel()),
        )

    async def session(self, *acts: str, **more: Any) -> Any:
        agi = ScriptedAgi(acts, self.variables, **more)
        await self.handle(agi)
        return agi


@pytest.fixture
def line() -> Line:
    return Line()


async def test_a_call_to_a_person(line: Line) -> None:
    """A caller chooses English, then 0: prompts change language, the queue's variables are set, IVR_NEXT last."""
    agi = await line.session("2", "0")
    assert agi.heard == ["zh/welcome", "zh/pick_language", "en/top"]
    assert line.variables["CHANNEL(language)"] == "en"
    variables = (
        "ACD_QUEUE=orders,ACD_SKILLS=mandarin:3 vip:1,ACD_PRIORITY=2,ACD_REQUIRES=,ACD_HEAD_START=0,ACD_OUTCOMES=,"
        "ACD_RECORD_PAUSED="
    )
    checkpoint = "IVR_NODE=main.person,IVR_VARS=.step=6"
    assert agi.commands[-1] == f"MSet {checkpoint},{variables},IVR_NEXT=queue"
    assert [record["verb"] for record in line.records] == [
        "CALLSTART",
        "IVRSTEP",
        "IVRSTEP",
        "LANGUAGE",
        "IVRSTEP",
        "IVRSTEP",
        "IVRSTEP",
        "IVREND",
    ]
    assert line.records[0] == {
        "verb": "CALLSTART",
        "call_id": CALL,
        "channel": "PJSIP/trunk-00000001",
        "caller_number": "13800138000",
        "called_number": "4001",
        "language": "zh",
        "version": "",
    }
    assert line.records.of("IVRSTEP")[1] == {
        "verb": "IVRSTEP",
        "call_id": CALL,
        "step_id": f"{CALL}:2",
        "version": None,
        "menu": "main",
        "node": "pick_language",
        "kind": "menu",
        "task": None,
        "language": "zh",
        "started_at": 1_700_000_002.0,
        "attempts": 1,
        "no_input": 0,
        "no_match": 0,
        "barge_in": False,
        "unplayed": 0,
        "input": "2",
        "result": "matched",
    }
    assert line.records[-1] == {"verb": "IVREND", "call_id": CALL, "node": "main.person", "outcome": "queue"}


async def test_one_command_between_a_key_and_the_next_prompt(line: Line) -> None:
    """From a menu through a language node to the next prompt: the last checkpoint and nothing else."""
    agi = await line.session("2", "0")
    answered = agi.commands.index("ASK zh/pick_language 5000")
    assert [command.split()[0] for command in agi.commands[answered : answered + 3]] == ["ASK", "MSet", "ASK"]
    assert agi.commands[0].startswith("GET ")
    assert len([command for command in agi.commands if command.startswith("GET")]) == 1


async def test_records_come_before_the_acts_they_explain(line: Line) -> None:
    """When the channel is told where to go, the record that says so is already written."""
    told: list[tuple[str, int]] = []
    agi = ScriptedAgi(["2", "0"], line.variables, on_command=lambda command: told.append((command, len(line.records))))
    await line.handle(agi)
    at = dict(told)
    assert at[agi.commands[-1]] == len(line.records)
    assert [written for command, written in told if command.startswith("ASK en/top ")] == [5]


@pytest.mark.parametrize(("end", "outcome"), [("hangup", "left_in_menu"), ("lost", "switch_lost")])
@pytest.mark.parametrize(("acts", "node"), [((), "pick_language"), (("2",), "top"), (("2", "2", ".", "1"), "number")])
async def test_going_away_is_recorded_at_any_moment(
    line: Line, acts: tuple[str, ...], node: str, end: str, outcome: str
) -> None:
    """The step under way and one IVREND are written, with the node; the sentinel is not set."""
    await line.session(*acts, end)
    step, finish = line.records[-2:]
    assert (step["verb"], step["node"], step["result"]) == ("IVRSTEP", node, outcome)
    assert (finish["verb"], finish["node"], finish["outcome"]) == ("IVREND", f"main.{node}", outcome)
    assert line.variables["IVR_NEXT"] == ""


async def test_going_away_during_a_prompt(line: Line) -> None:
    """A hang-up while a prompt plays is met the same way."""
    await line.session("!hangup")
    assert line.records[-1]["outcome"] == "left_in_menu"
    assert line.records[-1]["node"] == "main.welcome"


async def test_gone_before_the_first_answer(line: Line) -> None:
    """A caller who hangs up before we know anything is still a call with a beginning and an end."""
    agi = ScriptedAgi([], line.variables)
    agi.over = CallerGone
    await line.handle(agi)
    assert [record["verb"] for record in line.records] == ["CALLSTART", "IVREND"]
    assert line.records[0]["called_number"] == "4008000000"
    assert line.records[1]["node"] is None


async def test_to_a_script_and_back(line: Line) -> None:
    """The script's name and the marker are set in one command; on return its result leads on, recorded with the time
    since which the call was away, and the caller is not greeted again."""
    await line.session("1", "1")
    assert line.variables["IVR_NEXT"] == "script"
    assert line.variables["IVR_SCRIPT"] == "order_status"
    assert line.variables["IVR_NODE"] == "main.order_status"
    assert line.records[-1] == {"verb": "IVREND", "call_id": CALL, "node": "main.order_status", "outcome": "script"}
    line.variables |= {"IVR_RESULT": "done", "IVR_NEXT": ""}
    agi = await line.session("0")
    assert agi.heard == ["zh/top"]
    assert line.variables["IVR_RESULT"] == ""
    assert len(line.records.of("CALLSTART")) == 1
    script = next(step for step in line.records.of("IVRSTEP") if step["kind"] == "script")
    assert (script["result"], script["step_id"]) == ("done", f"{CALL}:5")
    assert script["started_at"] < line.records.of("IVREND")[0].get("at", script["started_at"] + 1)


async def test_a_script_that_died(line: Line) -> None:
    """IVR_RESULT unset means that the script died: the caller goes where `failed` points."""
    await line.session("1", "1")
    await line.session()
    assert line.variables["IVR_NEXT"] == "queue"
    assert [step["result"] for step in line.records.of("IVRSTEP") if step["kind"] == "script"] == ["failed"]


async def test_a_value_spoken_in_a_prompt(line: Line) -> None:
    """What the caller keyed is spoken back digit by digit from the call's variables."""
    agi = await line.session("1", "2", ".", *"2026#", "0")
    spoken = agi.heard[agi.heard.index("zh/confirm") :]
    assert spoken == ["zh/confirm", "zh/二", "zh/零", "zh/二", "zh/六", "zh/top"]
    assert "order=2026" in line.variables["IVR_VARS"]


def patient(line: Line) -> Callable[[str], str]:
    """A caller who keys an order number in English and then wants a person, however often a prompt is repeated."""
    asked = {"zh/pick_language": "2", "en/ask": "2026#", "en/top": "2."}

    def replies(sound: str) -> str:
        confirmed = [
            step for step in line.records.of("IVRSTEP") if (step["node"], step["result"]) == ("number", "matched")
        ]
        wants_person = sound == "en/top" and confirmed
        return "0" if wants_person else asked.get(sound, "")

    return replies


@pytest.mark.parametrize("killed_at", range(COMMANDS))
async def test_killed_at_any_command_and_entered_again(killed_at: int) -> None:
    """Whenever the process dies, the second session resumes at its checkpoint, the caller arrives, and the records
    without their repetitions are those of an undisturbed call."""
    undisturbed, line = Line(), Line()
    agi = await undisturbed.session(replies=patient(undisturbed))
    assert len(agi.commands) == COMMANDS
    with pytest.raises(Killed):
        await line.session(replies=patient(line), killed_at=killed_at)
    await line.session(replies=patient(line))
    assert line.variables == undisturbed.variables
    assert told_once(line.records) == told_once(undisturbed.records)


@pytest.mark.parametrize("killed_at", range(COMMANDS_WITH_FILES))
async def test_killed_at_any_command_with_checkpoints_in_files(killed_at: int, tmp_path: Path) -> None:
    """The same where checkpoints are kept in files, which the next process finds; at the end none is left."""
    undisturbed, line = Line(checkpoints=CheckpointFiles(tmp_path)), Line(checkpoints=CheckpointFiles(tmp_path))
    agi = await undisturbed.session(replies=patient(undisturbed))
    assert len(agi.commands) == COMMANDS_WITH_FILES
    with pytest.raises(Killed):
        await line.session(replies=patient(line), killed_at=killed_at)
    # As the dialplan does, which enters again.
    line.variables |= {"IVR_TRIES": "1", "IVR_NEXT": ""}
    await line.session(replies=patient(line))
    assert line.variables == undisturbed.variables | {"IVR_TRIES": "1"}
    assert told_once(line.records) == told_once(undisturbed.records)
    assert names_in(tmp_path) == []


async def test_a_first_try_believes_the_channel(tmp_path: Path) -> None:
    """What a session left in files that had already told the dialplan where to go is no checkpoint any more."""
    files = CheckpointFiles(tmp_path)
    files.keep("1700000000.1", Kept("main.number", "en", "", ".step=9"))
    line = Line(checkpoints=files, IVR_NODE="main.top", IVR_VARS=".step=4", IVR_TRIES="0")
    agi = await line.session("0")
    assert agi.heard == ["zh/top"]
    assert names_in(tmp_path) == []


async def test_a_disk_that_takes_no_checkpoint(tmp_path: Path) -> None:
    """Then the channel has it, so that the caller resumes there."""
    line = Line(checkpoints=CheckpointFiles(tmp_path))
    make_folder(tmp_path / "1700000000.1")
    with pytest.raises(Killed):
        await line.session("2", killed_at=6)
    assert line.variables["IVR_NODE"] == "main.top"


async def test_what_comes_with_the_request_is_not_asked_for() -> None:
    """The dialplan sends the answer to the session's question as the request's argument: no command is spent on it."""
    line = Line()
    agi = ScriptedAgi(["0"], line.variables)
    agi.headers = {"agi_arg_1": f"0|main.top|.step=4|||{CALL}||4001"}
    await line.handle(agi)
    assert [command.split()[0] for command in agi.commands] == ["MSet", "ASK", "MSet"]


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


def make_folder(path: Path) -> None:
    path.mkdir()


def told_once(records: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """What the records say, in order, each fact once."""
    names = ("verb", "step_id", "node", "result", "input", "language", "outcome")
    return list(dict.fromkeys(tuple(str(record.get(name)) for name in names) for record in records))


async def test_killed_before_the_sentinel(line: Line) -> None:
    """Death between the last records and IVR_NEXT repeats both under the same step id, and the call still arrives."""
    with pytest.raises(Killed):
        await line.session("2", "0", killed_at=7)
    assert line.records[-1]["outcome"] == "queue"
    assert line.variables["IVR_NEXT"] == ""
    await line.session("0")
    assert line.variables["IVR_NEXT"] == "queue"
    person = [step["step_id"] for step in line.records.of("IVRSTEP") if step["node"] == "person"]
    assert len(person) == 2
    assert len(set(person)) == 1


async def test_a_language_the_site_does_not_speak(line: Line) -> None:
    """A channel in another language is given the site's first."""
    agi = await line.session(language="fr")
    assert agi.heard[0] == "zh/welcome"
    assert line.variables["CHANNEL(language)"] == "zh"


async def test_a_node_that_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    """After a change of the site a call whose node is gone begins at its entry; an unknown entry is a person's."""
    line = Line(IVR_NODE="main.gone", IVR_VARS=".step=4")
    agi = await line.session()
    assert agi.heard[0] == "zh/welcome"
    assert line.records.of("IVRSTEP")[0]["step_id"] == f"{CALL}:4"
    lost = Line(HOTLINE_ENTRY="nowhere")
    await lost.session()
    assert lost.variables["IVR_NEXT"] == "queue"
    assert "unknown node" in caplog.text


async def test_a_call_outside_the_hours() -> None:
    """It starts at the closed node instead of at its number's entry; the records tell by that node's own step."""
    line = Line(CLOSED)
    agi = await line.session()
    assert agi.heard == ["zh/goodbye"]
    assert line.variables["IVR_NEXT"] == "hangup"
    assert [(record["verb"], record.get("node")) for record in line.records] == [
        ("CALLSTART", None),
        ("IVRSTEP", "bye"),
        ("IVREND", "main.bye"),
    ]


@pytest.mark.parametrize(
    ("start_minute", "end_minute", "first_sound"),
    [
        (FIRST_MINUTE, FIRST_MINUTE + 1, "zh/welcome"),
        (FIRST_MINUTE + 1, 1440, "zh/goodbye"),
        (0, FIRST_MINUTE, "zh/goodbye"),
    ],
)
async def test_the_hours_are_asked_by_the_sessions_clock(start_minute: int, end_minute: int, first_sound: str) -> None:
    """The settings' clock decides, to the minute in which the call came."""
    line = Line(Hours(UTC, {1: (Span(start_minute, end_minute),)}, "main.bye"))
    assert (await line.session()).heard[0] == first_sound


async def test_a_caller_who_came_in_time_stays_when_the_hours_end() -> None:
    """A call with a checkpoint resumes there, whatever the hours say by then."""
    line = Line(CLOSED, IVR_NODE="main.top", IVR_VARS=".step=4")
    agi = await line.session("0")
    assert agi.heard == ["zh/top"]
    assert line.variables["IVR_NEXT"] == "queue"


async def test_no_node_and_no_person() -> None:
    """Without any place to begin the session fails loudly instead of hanging up on callers in silence."""
    flow = Flow({"m.bye": HangUp()}, {"m": "m.bye"})
    handle = make_handler(flow, soundless_voice(flow), Records())
    with pytest.raises(LookupError, match="HOTLINE_ENTRY is 'main'"):
        await handle(ScriptedAgi([], dict(ENTRY)))


def test_a_prompt_that_nobody_can_speak() -> None:
    """A flow with a prompt that the voice lacks is refused before the first call."""
    flow = Flow({"m.hi": Say(("hi", "ho"), "bye"), "m.bye": HangUp()}, {"m": "m.hi"})
    with pytest.raises(ValueError, match="no such prompts: hi, ho"):
        make_handler(flow, soundless_voice(site_flow()), Records())


async def test_a_sound_that_cannot_be_played(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """A sound that Asterisk refuses is logged and passed over; the caller goes on."""

    def refuse(command: str) -> None:
        if command == "PLAY zh/welcome":
            raise AgiRefused("STREAM FILE failed (result -1) and the caller is still there")

    agi = ScriptedAgi(["2", "0"], line.variables, on_command=refuse)
    await line.handle(agi)
    assert line.variables["IVR_NEXT"] == "queue"
    assert "not played" in caplog.text


async def test_an_answer_is_recorded_with_the_talk_that_it_is_about() -> None:
    """SURVEY names the visit from the caller's channel, which outlives the ACD; it comes before the step's own end."""
    rate = Menu(("top",), {"4": "bye"}, "bye", survey="satisfaction")
    flow = Flow({"main.rate": rate, "main.bye": HangUp()}, {"main": "main.rate"})
    records = Records()
    handle = make_handler(flow, soundless_voice(flow), records)
    agi: Any = ScriptedAgi(["4"], {"IVR_NODE": "main.rate", "IVR_VARS": ".step=7", "ACD_VISIT": "v1"})
    await handle(agi)
    assert [record["verb"] for record in records] == ["SURVEY", "IVRSTEP", "IVRSTEP", "IVREND"]
    answer, step = records[0], records[1]
    assert (answer["visit_id"], answer["question"], answer["answer"]) == ("v1", "satisfaction", "4")
    assert step["step_id"].endswith(":7")
