"""Messages and faxes: what was said is left once, whoever hangs up or dies, and what was taken back is gone."""

import wave
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dialplan.leaving import RecordNode
from ivr.actions import DropMessage, Enter, Hear, KeepMessage, Leave, MeasureMessage, TakeMessage
from ivr.checkpoint import Checkpoint, restore
from ivr.collector import KEYS
from ivr.flow import Flow
from ivr.given import Given
from ivr.message_folder import BEEP_SECONDS, MessageFolder
from ivr.nodes import FaxReceive, FaxSend, HangUp, Queue, Record
from ivr.rehearsal import Rehearsal
from ivr.session import IvrSettings, make_handler
from ivr.transcript import Recorded, Spoke
from ivr.walk import Walk
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice
from tests.unit.ivr.walking import flow_of

COMPLAINT = Record(
    ("speak",), "complaint", "thanks", "person", 60, 5, 2, review=("review",), discarded="bye", too_short="nothing"
)
FLOW = flow_of(
    leave=COMPLAINT,
    thanks=HangUp(("thanks",)),
    bye=HangUp(("bye",)),
    nothing=HangUp(("nothing",)),
    person=Queue("orders"),
)
TAKE = TakeMessage("complaint", "", 60, 5, "#")


def begun(flow: Flow, checkpoint: Checkpoint | None = None) -> Walk:
    return Walk(flow, checkpoint or Checkpoint("m.leave"), "zh")


# -- the walk ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "done", "left"),
    [("1", KeepMessage("complaint", 4.0), Leave("sent")), ("*", DropMessage(), Leave("discarded"))],
)
def test_a_message_is_sent_or_taken_back(verdict: str, done: object, left: Leave) -> None:
    """After the prompt the caller speaks; 1 in the review leaves the message, star takes it back."""
    actions = begun(FLOW).actions()
    assert [next(actions), actions.send(None)] == [Enter(), Hear(("speak",), KEYS)]
    assert actions.send(None) == TAKE
    assert actions.send("4.00") == Hear(("review",), KEYS)
    assert actions.send(verdict) == done
    assert actions.send(None) == left


def test_three_records_anew_and_nobody_is_asked_what_was_not_said() -> None:
    """3 takes the message again; what is shorter than min_seconds is dropped without a review."""
    actions = begun(FLOW).actions()
    for answer in (None, None, None):
        actions.send(answer)
    assert actions.send("9.00") == Hear(("review",), KEYS)
    assert actions.send("3") == TAKE
    assert actions.send("1.99") == DropMessage()
    assert actions.send(None) == Leave("too_short")


def test_where_nothing_can_be_recorded_the_call_goes_where_failed_says() -> None:
    """Without a place for the file there is nothing to keep and nothing to drop."""
    walk = begun(FLOW)
    actions = walk.actions()
    for answer in (None, None, None):
        actions.send(answer)
    assert actions.send(None) == Leave("failed")
    next(actions)
    assert walk.step.address == "m.person"


def test_keys_pressed_ahead_do_not_review() -> None:
    """A key during the prompt passes over it, and is forgotten as the caller begins to speak."""
    actions = begun(FLOW).actions()
    next(actions)
    actions.send(None)
    assert actions.send("1") == TAKE
    assert actions.send("5.00") == Hear(("review",), KEYS)


def test_who_begins_again_finds_what_was_said() -> None:
    """A walk from a checkpoint in a message measures it, and goes on with the review; one that is too short is said
    again."""
    text = Checkpoint("m.leave", within=["2026/01/01/c-1.wav"]).channel_variables()
    checkpoint = restore(text["IVR_NODE"], text["IVR_VARS"])
    assert checkpoint.within == ["2026/01/01/c-1.wav"]
    actions = begun(FLOW, checkpoint).actions()
    next(actions)
    assert actions.send(None) == MeasureMessage()
    assert actions.send("3.00") == Hear(("review",), KEYS)
    again = begun(FLOW, Checkpoint("m.leave", within=["x.wav"])).actions()
    for answer in (None, None):
        again.send(answer)
    assert again.send("0.50") == Hear(("speak",), KEYS)


# -- the session ------------------------------------------------------------------------------------------------------


def settings(folder: Path) -> IvrSettings:
    return IvrSettings(messages=MessageFolder(folder), clock=lambda: 1_767_225_600.0)


async def call(folder: Path, *acts: str, flow: Flow = FLOW) -> tuple[ScriptedAgi, Records]:
    records, agi = Records(), ScriptedAgi(acts, {"HOTLINE_ENTRY": "m"})
    await make_handler(flow, soundless_voice(flow), records, settings(folder), folder=Path("/site"))(agi)
    return agi, records


FILE = "2026/01/01/1700000000.1-1.wav"


async def test_a_message_is_told_with_its_file(tmp_path: Path) -> None:
    """It is announced before there is a file, and left with its length; the file stays where it was written."""
    _, records = await call(tmp_path, "say 4", "#", "1")
    (begin,), (message,) = records.of("MESSAGEBEGIN"), records.of("MESSAGE")
    named = {"file": FILE, "call_id": "1700000000.1", "node": "m.leave", "kind": "complaint", "language": "zh"}
    assert begin == {"verb": "MESSAGEBEGIN", **named, "caller_number": "13800138000"}
    assert message == {**begin, "verb": "MESSAGE", "seconds": 4.0, "pages": 0}
    assert (tmp_path / FILE).exists()
    assert records.index(begin) < records.index(message)


async def test_what_is_taken_back_is_deleted(tmp_path: Path) -> None:
    """Nothing is left, and the file is gone."""
    _, records = await call(tmp_path, "say 4", "#", "*")
    assert [line["verb"] for line in records if line["verb"].startswith("MESSAGE")] == ["MESSAGEBEGIN", "MESSAGEDROP"]
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("acts", [("say 4", "hangup"), ("say 4", "#", "hangup"), ("say 4", ".", "!hangup")])
async def test_who_hangs_up_has_left_what_they_said(tmp_path: Path, acts: tuple[str, ...]) -> None:
    """While they speak, or in the review: the message is left, the step was `sent`, and the call has one end."""
    _, records = await call(tmp_path, *acts)
    assert [line["seconds"] for line in records.of("MESSAGE")] == [4.0]
    assert [line["result"] for line in records.of("IVRSTEP")] == ["sent"]
    assert [line["outcome"] for line in records.of("IVREND")] == ["left_in_menu"]
    assert (tmp_path / FILE).exists()


async def test_who_hangs_up_without_a_word_has_left_nothing(tmp_path: Path) -> None:
    """Too short a message is dropped, and the caller has left in the menu."""
    _, records = await call(tmp_path, "say 1", "hangup")
    assert records.of("MESSAGE") == []
    assert [line["result"] for line in records.of("IVRSTEP")] == ["left_in_menu"]
    assert not (tmp_path / FILE).exists()


async def test_killed_anywhere_in_a_message(tmp_path: Path) -> None:
    """Before whatever command the process dies: the message is left under one name, and nothing is told twice."""
    commands = len((await call(tmp_path / "whole", "say 4", "#", "1"))[0].commands)
    for killed_at in range(commands):
        folder, records, variables = tmp_path / str(killed_at), Records(), {"HOTLINE_ENTRY": "m"}
        handle = make_handler(FLOW, soundless_voice(FLOW), records, settings(folder), folder=Path("/site"))
        acts = ["say 4", "#", "1"]
        first = ScriptedAgi(acts, variables, killed_at=killed_at)
        with pytest.raises(Killed):
            await handle(first)
        # The caller does what they had not done yet, and says once more what nobody has heard.
        await handle(ScriptedAgi(first.acts or ["1"], variables))
        assert {line["file"] for line in records.of("MESSAGE")} == {FILE}
        assert (folder / FILE).exists()


async def test_without_a_folder_nobody_leaves_anything() -> None:
    """The caller goes where `failed` says, and nothing is told."""
    records, variables = Records(), {"HOTLINE_ENTRY": "m"}
    await make_handler(FLOW, soundless_voice(FLOW), records)(ScriptedAgi([], variables))
    assert variables["ACD_QUEUE"] == "orders"
    assert not records.of("MESSAGEBEGIN")


async def test_the_caller_speaks_after_a_tone(tmp_path: Path) -> None:
    """The last that is played before a recording is the tone, in a file of the line's own kind."""
    agi, _ = await call(tmp_path, "say 4", "#", "1")
    before = agi.commands[agi.commands.index(f"RECORD {(tmp_path / FILE).with_suffix('')}.wav") - 1]
    assert before == f"PLAY {tmp_path / 'beep'}"
    with wave.open(str(tmp_path / "beep.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        assert sound.getnframes() / 8000 == BEEP_SECONDS


async def test_a_folder_that_cannot_be_written_is_failed(tmp_path: Path) -> None:
    """The disk refuses: the caller goes where `failed` says, and the call goes on."""
    (tmp_path / "file").write_text("")
    agi, records = await call(tmp_path / "file")
    assert agi.variables["ACD_QUEUE"] == "orders"
    assert records.of("MESSAGE") == []


# -- faxes ------------------------------------------------------------------------------------------------------------

FAXES = flow_of(
    send=FaxSend("faxes/prices.tif", "receive", "bye"),
    receive=FaxReceive("bye", "person"),
    bye=HangUp(),
    person=Queue("o"),
)


async def test_faxes_go_through(tmp_path: Path) -> None:
    """The document of the site is sent as sound, and what comes is a message with its pages."""
    agi, records = await call(tmp_path, flow=FAXES)
    received = tmp_path / "2026/01/01/1700000000.1-2.tif"
    sent = [command for command in agi.commands if "FAX " in command]
    assert sent == ["SendFAX /site/faxes/prices.tif,F", f"ReceiveFAX {received},F"]
    assert [line["result"] for line in records.of("IVRSTEP")] == ["sent", "received", "hung_up"]
    assert [(line["kind"], line["pages"]) for line in records.of("MESSAGE")] == [("fax", 2)]


async def test_a_machine_that_hangs_up_when_it_is_done_has_sent_its_fax(tmp_path: Path) -> None:
    """The end of the call is the end of the fax: it is asked for afterwards what came."""
    flow = flow_of(receive=FAXES.nodes["m.receive"], bye=HangUp(("bye",)), person=Queue("o"))
    _, records = await call(tmp_path, "hangup", flow=flow)
    assert [line["pages"] for line in records.of("MESSAGE")] == [2]
    assert [line["result"] for line in records.of("IVRSTEP")] == ["received", "left_in_menu"]


async def test_a_fax_is_sent_once_whoever_dies(tmp_path: Path) -> None:
    """A process that comes back to a fax under way asks the channel what came of it, and sends none itself."""
    whole, _ = await call(tmp_path, flow=FAXES)
    for killed_at in range(len(whole.commands)):
        records, variables = Records(), {"HOTLINE_ENTRY": "m"}
        handle = make_handler(FAXES, soundless_voice(FAXES), records, settings(tmp_path), folder=Path("/site"))
        first = ScriptedAgi([], variables, killed_at=killed_at)
        with pytest.raises(Killed):
            await handle(first)
        second = ScriptedAgi([], variables)
        await handle(second)
        sent = [command for agi in (first, second) for command in agi.commands if command.startswith("SendFAX")]
        assert len(sent) == 1


async def test_a_fax_that_does_not_come_leaves_nothing(tmp_path: Path) -> None:
    """No machine, no page: the caller goes where `failed` says, and the records show no message."""
    records, variables = Records(), {"HOTLINE_ENTRY": "m.receive"}
    agi = ScriptedAgi([], variables)
    agi.fax = {"FAXSTATUS": "FAILED", "FAXPAGES": "0"}
    await make_handler(FAXES, soundless_voice(FAXES), records, settings(tmp_path), folder=Path("/site"))(agi)
    assert (variables["ACD_QUEUE"], records.of("MESSAGE")) == ("o", [])
    assert len(records.of("MESSAGEDROP")) == 1


async def test_of_a_fax_that_breaks_off_the_pages_that_came_are_kept(tmp_path: Path) -> None:
    """Asterisk says that it failed, and how many pages it has: they are a message."""
    records, agi = Records(), ScriptedAgi([], {"HOTLINE_ENTRY": "m.receive"})
    agi.fax = {"FAXSTATUS": "FAILED", "FAXPAGES": "1"}
    await make_handler(FAXES, soundless_voice(FAXES), records, settings(tmp_path), folder=Path("/site"))(agi)
    assert [(line["kind"], line["pages"]) for line in records.of("MESSAGE")] == [("fax", 1)]
    assert records.of("MESSAGEDROP") == []


# -- a rehearsal ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TwoSeconds:
    """Every prompt lasts as long."""

    text: str
    seconds: float = 2.0


@pytest.mark.parametrize("ending", ["1", "*", "hangup"])
async def test_a_rehearsal_writes_the_same_lines(tmp_path: Path, ending: str) -> None:
    """Four seconds of speech, then sent, taken back or hung up: what a rehearsal records of messages and steps is what
    a session does."""
    _, records = await call(tmp_path, "say 4", "#", ending)
    given = Given("m", "zh", caller="13800138000", at=1_767_225_600.0, call_id="1700000000.1")
    rehearsed = Rehearsal(FLOW, lambda prompt, language, values: TwoSeconds(prompt), given)
    rehearsed.listen()
    rehearsed.pass_time(4)
    rehearsed.press("#")
    rehearsed.listen()
    if ending == "hangup":
        rehearsed.hang_up()
    else:
        rehearsed.press(ending)
    lines = [{"verb": event.verb, **event.fields} for event in rehearsed.transcript if isinstance(event, Recorded)]
    assert [line for line in lines if line["verb"].startswith("MESSAGE")] == [
        line for line in records if line["verb"].startswith("MESSAGE")
    ]
    sent = [line["result"] for line in lines if line["verb"] == "IVRSTEP"][:1]
    assert sent == [line["result"] for line in records.of("IVRSTEP")][:1]


@pytest.mark.parametrize(("node", "seconds"), [(COMPLAINT, 5), (replace(COMPLAINT, silence_seconds=3), 3)])
def test_silence_ends_a_recording(node: Record, seconds: int) -> None:
    """Asterisk is told for how long, 5 seconds where nothing is said, and the silence is no part of what was said."""
    flow = Flow({**FLOW.nodes, "m.leave": node}, FLOW.entries)
    actions = begun(flow).actions()
    for answer in (None, None):
        actions.send(answer)
    assert actions.send(None) == TakeMessage("complaint", "", 60, seconds, "#")
    rehearsed = Rehearsal(flow, lambda prompt, language, values: TwoSeconds(prompt), Given("m", "zh"))
    rehearsed.listen()
    rehearsed.pass_time(4)
    rehearsed.run_out()
    assert (rehearsed.hearing, rehearsed.seconds) == ("review", 2 + 4 + seconds)
    assert RecordNode(type="record", prompt="speak", next="bye", **{"as": "complaint"}).silence_seconds == 5


def test_whoever_speaks_too_long_is_cut_off() -> None:
    """A recording ends by itself after max_seconds, and all of it counts."""
    rehearsed = Rehearsal(FLOW, lambda prompt, language, values: TwoSeconds(prompt), Given("m", "zh"))
    rehearsed.listen()
    assert rehearsed.is_recording
    rehearsed.pass_time(200)
    (spoke,) = [event for event in rehearsed.transcript if isinstance(event, Spoke)]
    assert spoke.seconds == 60
