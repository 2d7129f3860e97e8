"""What is journalled of recordings, and that a pause which is not confirmed stops them."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acd.callback import AttemptOutcome, CallbackRules
from acd.events import (
    AgentReached,
    CallbackAnswered,
    CallbackBooked,
    CallbackFailed,
    CallerJoined,
    FloorChanged,
    OfferAnswered,
)
from acd.recording import Recorder
from acd.recording_files import raw_of
from acd.recording_rules import RecordingRule
from acd.switchboard import Switchboard
from pbx.ami import ActionRefused, AmiEvent, AmiReply, LinkDown
from tests.unit.acd.shell import QUEUE, Desk

CHANNEL = "PJSIP/1001-00000001"
RAW = "2026/11/22/v-1795328729"
FILE = f"{RAW}.wav"


class Ami:
    """Asterisk's side of one leg: its variables, whether it records, and which actions it refuses."""

    def __init__(self) -> None:
        self.variables = {"RECORDING": RAW, "RECORDING_PAUSED": ""}
        self.refused: dict[str, Exception] = {}
        self.actions: list[str] = []
        self.muted = False
        self.on_key = lambda: None

    async def send(self, action: str, fields: Mapping[str, str]) -> AmiReply:
        self.actions.append(action)
        if action in self.refused:
            raise self.refused[action]
        match action:
            case "Getvar":
                return AmiReply.of("Response", {"Value": self.variables[fields["Variable"]]})
            case "Setvar":
                self.variables[fields["Variable"]] = fields["Value"]
            case "MixMonitorMute":
                self.muted = fields["State"] == "1"
            case "PlayDTMF":
                self.on_key()
        return AmiReply.of("Response", {})


class Room:
    """A recorder, its folder, and a talk of agent 1001."""

    def __init__(self, folder: Path, mode: str = "always") -> None:
        self.desk, self.ami, self.folder = Desk(), Ami(), folder
        link: Any = self.ami
        self.switchboard = Switchboard(link, self.desk.distributor, 0.0)
        rules = {"orders": RecordingRule(mode)}
        self.recorder = Recorder(
            self.desk.distributor, self.switchboard, link, rules, folder, lambda prompt, language: [prompt]
        )
        self.switchboard.listeners.append(self.recorder)
        self.desk.see_phones()

    def tell(self, name: str, **headers: str) -> None:
        told = {"Channel": CHANNEL, "Uniqueid": "leg", "Linkedid": "call-v", **headers}
        self.switchboard._take(AmiEvent.of(name, told))

    async def began(self) -> None:
        self.tell("MixMonitorStart")
        await asyncio.gather(*self.recorder._tasks)

    def see(self, *, alive: bool) -> None:
        self.recorder.see({"leg": AmiEvent.of("CoreShowChannel", {"Channel": CHANNEL})} if alive else {})

    async def look(self) -> None:
        """One round of looking after the files, and all that was begun."""
        await asyncio.gather(*self.recorder._tasks)
        running = asyncio.ensure_future(self.recorder.run())
        await asyncio.sleep(0)
        await asyncio.wait([running], timeout=0.9)
        running.cancel()

    def talk(self) -> None:
        self.desk.ready("1001")
        self.desk.join("v")
        self.desk.distributor.post(OfferAnswered("v", "1001"))
        self.tell("Newchannel")

    def write(self, seconds: float = 1.0) -> None:
        raw = raw_of(self.folder, FILE)
        raw.parent.mkdir(parents=True, exist_ok=True)
        raw.write_bytes(bytes(int(seconds * 32_000)))

    def lines(self, *verbs: str) -> list[dict[str, Any]]:
        return [line for line in self.desk.journal.lines if line["verb"] in verbs]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


async def test_a_recording_is_told_from_its_first_to_its_last_second(room: Room) -> None:
    """MixMonitorStart opens the row with file, visit and agent; the leg's end closes it with the seconds of sound."""
    await room.began()
    room.write()
    room.tell("Hangup")
    await room.look()
    begin, end = room.lines("RECORDING", "RECORDINGEND")
    assert (begin["file"], begin["visit_id"], begin["agent_id"], begin["channel_id"]) == (FILE, "v", "1001", "leg")
    assert (end["file"], end["seconds"], end["fault"]) == (FILE, 1.0, "")
    assert (room.folder / FILE).exists()


async def test_a_recording_of_another_channel_is_not_ours(room: Room) -> None:
    """Only agents' legs are asked for what they record; a name that is not ours is left alone."""
    room.tell("MixMonitorStart", Channel="PJSIP/trunk-local-1")
    room.ami.variables["RECORDING"] = "demo"
    await room.began()
    assert room.lines("RECORDING") == []


async def test_a_file_that_is_not_there_is_a_fault(room: Room) -> None:
    """Disk full or no right to write: the row says so, once, and nothing else happens."""
    await room.began()
    room.recorder._check_new(room.desk.distributor.open.recordings[FILE].started_at + 10)
    room.tell("MixMonitorStop")
    await room.look()
    (end,) = room.lines("RECORDINGEND")
    assert (end["fault"], end["seconds"]) == ("not_written", 0.0)
    (fault,) = room.desk.distributor.faults.told(0.0)
    assert (fault["fault"], fault["count"]) == ("recording not_written", 1)
    assert FILE in fault["reason"]


async def test_a_file_that_was_cut_short_is_a_fault(room: Room) -> None:
    """Less sound than time: the disk ran full in the middle."""
    await room.began()
    room.desk.distributor.open.recordings[FILE].started_at -= 60
    room.write()
    room.tell("Hangup")
    await room.look()
    assert room.lines("RECORDINGEND")[0]["fault"] == "short"


async def test_what_was_recorded_without_an_acd_gets_its_rows(room: Room) -> None:
    """A file that no journal knows of is finished and told of, with the start from its name; a stranger's is left."""
    room.write()
    (room.folder / "notes.raw").write_bytes(b"1234")
    await room.look()
    begin, end = room.lines("RECORDING", "RECORDINGEND")
    assert (begin["visit_id"], begin["started_at"], begin["agent_id"]) == ("v", 1795328729.0, "")
    assert end["ended_at"] == pytest.approx((room.folder / FILE).stat().st_mtime, abs=5)
    assert (room.folder / "notes.raw").exists()


async def test_a_pause_is_recorded_before_it_is_made(room: Room) -> None:
    """Confirmed by Asterisk it holds until resumed; both are on record."""
    await room.began()
    assert await room.recorder.pause(CHANNEL, "leg", "1001")
    assert room.ami.muted and room.ami.variables["RECORDING_PAUSED"] == "1"
    assert await room.recorder.resume(CHANNEL, "leg", "1001")
    assert not room.ami.muted and room.ami.variables["RECORDING_PAUSED"] == ""
    assert [line["verb"] for line in room.lines("RECORDINGPAUSE", "RECORDINGRESUME")] == [
        "RECORDINGPAUSE",
        "RECORDINGRESUME",
    ]


@pytest.mark.parametrize("refused", ["MixMonitorMute", "Setvar", "Getvar"])
async def test_a_pause_that_is_not_confirmed_stops_the_recording(room: Room, refused: str) -> None:
    """Whatever part of it fails, it counts as failed, and StopMixMonitor follows."""
    await room.began()
    room.ami.refused[refused] = ActionRefused(refused)
    assert not await room.recorder.pause(CHANNEL, "leg", "1001")
    assert "StopMixMonitor" in room.ami.actions
    assert room.desk.distributor.open.recordings[FILE].stop_owed
    assert "recording not_paused" in [one["fault"] for one in room.desk.distributor.faults.told(0.0)]


async def test_a_stop_that_could_not_be_made_is_owed(room: Room) -> None:
    """The link is down at the pause: when it is back, the recording is stopped first of all."""
    await room.began()
    room.ami.refused = dict.fromkeys(("Getvar", "StopMixMonitor"), LinkDown("away"))
    assert not await room.recorder.pause(CHANNEL, "leg", "1001")
    room.ami.refused, room.ami.actions = {}, []
    room.see(alive=True)
    await asyncio.gather(*room.recorder._tasks)
    assert "StopMixMonitor" in room.ami.actions and "MixMonitorMute" not in room.ami.actions


async def test_a_restarted_acd_holds_the_pause(room: Room) -> None:
    """Killed between the record of a pause and the act, the next process makes it; never does one end it."""
    await room.began()
    room.desk.distributor.record("RECORDINGPAUSE", file=FILE, by="1001")
    room.see(alive=True)
    await asyncio.gather(*room.recorder._tasks)
    assert room.ami.muted
    assert room.lines("RECORDINGRESUME") == []


async def test_what_ended_in_a_gap_is_closed(room: Room) -> None:
    """The leg is gone, or its dialplan has stopped the recording: the row is closed with the file's own last second."""
    await room.began()
    room.write()
    room.ami.variables["RECORDING"] = ""
    room.see(alive=True)
    await room.look()
    assert len(room.lines("RECORDINGEND")) == 1
    room.ami.variables["RECORDING"] = RAW
    await room.began()
    room.write()
    room.see(alive=False)
    await room.look()
    assert len(room.lines("RECORDINGEND")) == 2


async def test_a_gap_that_cannot_be_asked_about_leaves_it_open(room: Room) -> None:
    """Asterisk does not answer: the recording counts as running until it does."""
    await room.began()
    room.ami.refused["Getvar"] = LinkDown("away")
    room.see(alive=True)
    await room.look()
    assert FILE in room.desk.distributor.open.recordings


async def test_a_recording_is_started_by_a_key_in_the_agents_name(tmp_path: Path) -> None:
    """On demand: a command starts it, is done at once where it runs already, and stops it."""
    room = Room(tmp_path, "on_demand")
    assert await room.recorder.act("start", "1001", "command") == "not_in_talk"
    room.talk()
    room.ami.on_key = lambda: room.tell("MixMonitorStart")
    assert await room.recorder.act("start", "1001", "command") == ""
    assert await room.recorder.act("start", "1001", "command") == ""
    assert room.ami.actions.count("PlayDTMF") == 1
    assert await room.recorder.act("pause", "1001", "command") == ""
    assert await room.recorder.act("resume", "1001", "command") == ""
    assert await room.recorder.act("stop", "1001", "command") == ""
    assert room.ami.variables["RECORDING"] == ""


@pytest.mark.parametrize(("mode", "act"), [("never", "start"), ("never", "pause"), ("always", "stop")])
async def test_the_queue_decides_what_may_be_asked(tmp_path: Path, mode: str, act: str) -> None:
    """What is never recorded is not started, what always is, is not stopped."""
    room = Room(tmp_path, mode)
    room.talk()
    assert await room.recorder.act(act, "1001", "command") == f"queue_records_{mode}"
    assert room.ami.actions == []


class Keyed:
    """The AGI request of an agent's leg whose user has keyed pause or resume."""

    language, channel, uniqueid = "zh", CHANNEL, "leg"

    def __init__(self, name: str) -> None:
        self.path_rest = name
        self.heard: list[str] = []

    async def get_variable(self, name: str) -> str:
        return "1001"

    async def stream_file(self, clip: str) -> None:
        self.heard.append(clip)


@pytest.mark.parametrize(
    ("name", "refused", "said"),
    [
        ("pause", (), "agent.recording_paused"),
        ("pause", ("MixMonitorMute",), "agent.recording_stopped"),
        ("resume", (), "agent.recording_resumed"),
        ("resume", ("Setvar",), "agent.refused"),
    ],
)
async def test_the_agent_hears_what_became_of_it(room: Room, name: str, refused: tuple[str, ...], said: str) -> None:
    """The words follow what Asterisk confirmed."""
    await room.began()
    room.ami.refused = {action: ActionRefused(action) for action in refused}
    phone: Any = Keyed(name)
    await room.recorder.handle(phone)
    assert phone.heard == [said]


async def test_a_folder_that_cannot_be_read_does_not_end_the_acd(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault is logged, and the next look is taken."""

    def refuse(folder: Path) -> list[str]:
        raise PermissionError(folder)

    monkeypatch.setattr("acd.recording.unfinished", refuse)
    running = asyncio.ensure_future(room.recorder.run())
    await asyncio.wait([running], timeout=0.7)
    assert not running.done()
    running.cancel()


@pytest.mark.parametrize(("mode", "learned"), [("always", 1), ("never", 0)])
async def test_what_began_in_a_gap_is_learned_from_the_legs(tmp_path: Path, mode: str, learned: int) -> None:
    """A restarted ACD asks every agent's leg what it records, where any queue does; the start is in the name."""
    room = Room(tmp_path, mode)
    trunk = AmiEvent.of("CoreShowChannel", {"Channel": "PJSIP/trunk-local-1"})
    room.recorder.see({"leg": AmiEvent.of("CoreShowChannel", {"Channel": CHANNEL}), "call": trunk})
    await asyncio.gather(*room.recorder._tasks)
    assert [line["started_at"] for line in room.lines("RECORDING")] == [1795328729.0] * learned


async def test_what_asterisk_refuses_is_not_done(tmp_path: Path) -> None:
    """A start, a stop, a resume that fail say so."""
    room = Room(tmp_path, "on_demand")
    room.talk()
    room.ami.refused = dict.fromkeys(("PlayDTMF", "StopMixMonitor", "Setvar"), ActionRefused("no"))
    assert await room.recorder.act("start", "1001", "command") == "not_confirmed"
    await room.began()
    assert await room.recorder.act("stop", "1001", "command") == "not_confirmed"
    assert await room.recorder.act("pause", "1001", "command") == "not_confirmed"
    assert await room.recorder.act("resume", "1001", "command") == "not_confirmed"


NUMBER = "13900000081"


async def ahead(room: Room) -> str:
    """An agent has the line for a callback and the caller is being dialled: the file is begun, and named."""
    rules = replace(QUEUE, callback=CallbackRules(attempts=1))
    room.desk.distributor.post(FloorChanged(replace(room.desk.engine.floor, queues={"orders": rules})))
    joined = CallerJoined("v", "call-0", "orders", NUMBER)
    room.desk.distributor.post(CallbackBooked(joined, NUMBER))
    room.desk.ready("1001")
    (visit,) = room.desk.engine.visits.values()
    room.ami.variables["RECORDING"] = f"2026/11/22/{visit.visit_id}-1795328729"
    room.desk.distributor.post(AgentReached(visit.visit_id, visit.call_id))
    room.tell("Newchannel", Linkedid=visit.call_id)
    room.tell("MixMonitorStart", Linkedid=visit.call_id)
    await asyncio.gather(*room.recorder._tasks)
    return visit.call_id


async def test_a_callback_is_recorded_from_its_talk_on(room: Room) -> None:
    """Its file is begun before anybody is dialled; it is a recording when the caller has answered, and from then on."""
    attempt_id = await ahead(room)
    (callback_id,) = room.desk.engine.visits
    assert room.lines("RECORDING") == []
    room.desk.distributor.post(CallbackAnswered(callback_id, attempt_id))
    (connected,) = room.lines("CONNECT")
    (begun,) = room.lines("RECORDING")
    assert (begun["visit_id"], begun["agent_id"], begun["channel_id"]) == (callback_id, "1001", "leg")
    assert begun["started_at"] == connected["at"]


async def test_a_callback_whose_answer_came_before_the_files_name(room: Room) -> None:
    """Learned in the talk, or by the next process from a picture: it began with the talk as well."""
    attempt_id = await ahead(room)
    (callback_id,) = room.desk.engine.visits
    room.recorder._ahead.clear()
    room.desk.distributor.post(CallbackAnswered(callback_id, attempt_id))
    assert room.lines("RECORDING") == []
    await room.began()
    (connected,), (begun,) = room.lines("CONNECT"), room.lines("RECORDING")
    assert begun["started_at"] == pytest.approx(connected["at"], abs=0.5)


async def test_nothing_is_left_of_a_callback_that_nobody_answered(room: Room) -> None:
    """No row, and the empty file goes once Asterisk has closed it; also one that a dead process has left behind."""
    attempt_id = await ahead(room)
    (callback_id,) = room.desk.engine.visits
    raw = raw_of(room.folder, f"2026/11/22/{callback_id}-1795328729")
    raw.parent.mkdir(parents=True)
    raw.touch()
    room.desk.distributor.post(CallbackFailed(callback_id, attempt_id, AttemptOutcome.BUSY))
    room.tell("Hangup", Cause="16", Linkedid=attempt_id)
    with raw.open("ab"):
        await room.look()
        assert raw.exists()
    await room.look()
    assert not raw.exists()
    raw.touch()
    room.see(alive=False)
    await room.look()
    await room.look()
    assert not raw.exists()
    assert room.lines("RECORDING", "RECORDINGEND") == []


async def test_a_file_with_a_voice_in_it_is_never_removed(room: Room) -> None:
    """A callback that is over all the same: whatever was written stays."""
    attempt_id = await ahead(room)
    (callback_id,) = room.desk.engine.visits
    raw = raw_of(room.folder, f"2026/11/22/{callback_id}-1795328729")
    raw.parent.mkdir(parents=True)
    raw.write_bytes(bytes(32_000))
    room.desk.distributor.post(CallbackFailed(callback_id, attempt_id, AttemptOutcome.BUSY))
    room.tell("Hangup", Cause="16", Linkedid=attempt_id)
    await room.look()
    assert raw.exists()
