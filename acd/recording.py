"""Recording, seen and steered: Asterisk records by itself, on the agent's leg; here it is journalled and paused.

Asterisk's dialplan starts a recording between answer and bridge ([talk]) or when the agent keys it ([record]), and it
ends with the agent's leg. So no death of ours costs a second of it, and none makes it go on: a pause that nobody
confirms stops the recording, in the dialplan if there is no ACD. What begins and ends is learned from AMI, and what was
missed from the files themselves.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Final

from acd.distributor import Distributor
from acd.legs import Leg
from acd.model import VisitOutcome, VisitState
from acd.open_records import OpenRecording
from acd.recording_files import CHANNEL_WORDS, file_of, finish, is_being_written, parts_of, raw_of, unfinished
from acd.recording_rules import NEVER, RecordingRule, Rules
from acd.switchboard import Switchboard
from pbx.ami import AmiClient, AmiEvent, SwitchError
from pbx.fastagi import AgiSession, SessionOver

log = logging.getLogger(__name__)

Clips = Callable[[str, str], list[str]]

LOOK_SECONDS: Final = 0.5
WRITTEN_SECONDS: Final = 2.0
"""A recording whose file is not there by then cannot be written: disk full, or no right to."""
SHORT_SECONDS: Final = 5.0
"""A file that lacks more than this of its time was cut short: the disk ran full."""
STARTED_SECONDS: Final = 2.0
_START_KEY: Final = "A"
"""features.conf, record_now: a key that phones do not have."""


class Recorder:
    """One per process; `handle` is the handler of the AGI route `recording`, and it listens to the switchboard."""

    def __init__(
        self,
        distributor: Distributor,
        switchboard: Switchboard,
        ami: AmiClient,
        rules: Rules,
        folder: Path,
        clips: Clips,
    ) -> None:
        self._distributor = distributor
        self._switchboard = switchboard
        self._ami = ami
        self.rules = rules
        """Renewed by a reload."""
        self._may_record = any(rule.mode != "never" for rule in rules.values())
        self._folder = folder
        self._clips = clips
        self._ended: dict[str, float] = {}
        """Files that Asterisk is about to close, with the moment when it said so."""
        self._missed = True
        """Files may be there that nobody has told of."""
        self._ahead: dict[str, str] = {}
        """channel_id to file, of callbacks whose caller has not answered yet: there is nothing to record so far."""
        self._unheard: set[str] = set()
        """Files of such callbacks that came to nothing: they are empty, and go."""
        self._faulty: set[str] = set()
        """Open recordings of which a fault has been told."""
        self._tasks: set[asyncio.Task[None]] = set()
        distributor.listeners.append(self._note)

    def rule_of(self, queue_id: str) -> RecordingRule:
        return self.rules.get(queue_id, NEVER)

    # What Asterisk tells

    def hear(self, event: AmiEvent) -> None:
        match event.name:
            case "MixMonitorStart":
                if (agent_id := self._switchboard.legs.agent_of(event["Channel"])) is not None:
                    self._spawn(self._learn(event["Channel"], event["Uniqueid"], agent_id, time.time()))
            case "MixMonitorStop" | "Hangup":
                if (recording := self._distributor.open.recording_of(event["Uniqueid"])) is not None:
                    self._ended.setdefault(recording.file, time.time())
                elif (file := self._ahead.pop(event["Uniqueid"], None)) is not None:
                    self._unheard.add(file)

    def see(self, channels: Mapping[str, AmiEvent]) -> None:
        """After a gap: end what has lost its leg, hold what is paused, stop what is owed a stop, learn what began."""
        for recording in list(self._distributor.open.recordings.values()):
            channel = channels.get(recording.channel_id)
            if channel is None:
                self._ended.setdefault(recording.file, 0.0)
            else:
                self._spawn(self._catch_up(channel["Channel"], recording))
        self._missed = True
        if not self._may_record:
            return
        for channel_id, channel in channels.items():
            agent_id = self._switchboard.legs.agent_of(channel["Channel"])
            if agent_id is not None and self._distributor.open.recording_of(channel_id) is None:
                self._spawn(self._learn(channel["Channel"], channel_id, agent_id, None))

    async def _catch_up(self, channel: str, recording: OpenRecording) -> None:
        """Of a leg that is still up: its dialplan may have stopped the recording meanwhile; a stop that is owed is
        made, and a pause that was promised holds, whether or not the process that promised it came to do it."""
        try:
            going_on = file_of(await self._variable(channel, "RECORDING")) == recording.file
        except SwitchError as fault:
            log.warning("action=catch_up channel=%s fault=%s", channel, fault)
            going_on = True  # the worse case
        if not going_on:
            self._ended.setdefault(recording.file, 0.0)
        elif recording.stop_owed:
            await self._try_stop(channel)
        elif recording.paused:
            await self.pause(channel, recording.channel_id, "restart")

    async def _learn(self, channel: str, channel_id: str, agent_id: str, at: float | None) -> None:
        """Record what this leg's dialplan says is being written; one that is known already is left as it is."""
        try:
            recording = await self._variable(channel, "RECORDING")
            file = file_of(recording)
            visit_id, started_at = parts_of(file) if recording else ("", 0.0)
        except (SwitchError, ValueError) as fault:
            log.info("action=learn_recording channel=%s fault=%s", channel, fault)
            return  # the file itself tells it later
        if not recording or file in self._distributor.open.recordings:
            return
        if self._is_ahead(visit_id):
            self._ahead[channel_id] = file
        else:
            self._record_start(file, visit_id, agent_id, channel_id, self._talk_began(visit_id) or at or started_at)

    def _is_ahead(self, visit_id: str) -> bool:
        """Whether this is a callback of which the agent has the line and the caller has not answered."""
        visit = self._distributor.engine.visits.get(visit_id)
        return visit is not None and visit.callback is not None and visit.state is not VisitState.CONNECTED

    def _was_no_talk(self, visit_id: str) -> bool:
        """Whether this is a callback that has come to no talk so far, or never will."""
        given_up = (VisitOutcome.CALLBACK_FAILED, VisitOutcome.CALLBACK_CANCELLED)
        return self._is_ahead(visit_id) or self._distributor.engine.ended.get(visit_id) in given_up

    def _talk_began(self, visit_id: str) -> float | None:
        """When the two were bridged, of a callback: its file was begun before, and nothing is written until then."""
        visit = self._distributor.engine.visits.get(visit_id)
        if visit is None or visit.callback is None or visit.callback.reached or visit.connected is None:
            return None
        return time.time() - (time.monotonic() - visit.connected)

    def _note(self, line: Mapping[str, Any]) -> None:
        """A callback's caller has answered: from now on there is something to record."""
        if line["verb"] != "CONNECT" or not self._ahead:
            return
        for channel_id, file in list(self._ahead.items()):
            if parts_of(file)[0] == line["visit_id"]:
                del self._ahead[channel_id]
                self._record_start(file, line["visit_id"], line["agent_id"], channel_id, line["at"])

    def _record_start(self, file: str, visit_id: str, agent_id: str, channel_id: str, started_at: float) -> None:
        self._distributor.record(
            "RECORDING",
            file=file,
            visit_id=visit_id,
            agent_id=agent_id,
            channel_id=channel_id,
            started_at=started_at,
            channels=CHANNEL_WORDS,
        )

    # Files

    async def run(self) -> None:
        """Look after the files until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look(time.time())
            except OSError as fault:  # a folder that cannot be read must not end the distributor
                log.error("action=look_after_recordings fault=%s", fault)
                self._distributor.faults.tell("recording folder", fault)

    async def _look(self, now: float) -> None:
        self._check_new(now)
        if self._missed:
            self._missed = False
            await self._take_missed()
        for file, at in list(self._ended.items()):
            await self._close(file, at)
        for file in list(self._unheard):
            self._remove_empty(file)

    def _remove_empty(self, file: str) -> None:
        """Take away what was begun for a talk that never was, once Asterisk has closed it."""
        raw = raw_of(self._folder, file)
        try:
            if is_being_written(raw):
                return
            if raw.stat().st_size == 0:
                raw.unlink()
        except FileNotFoundError:
            log.info("action=remove_empty file=%s it is gone", file)
        self._unheard.discard(file)

    def _check_new(self, now: float) -> None:
        for recording in self._distributor.open.recordings.values():
            unsure = recording.file not in self._ended and now - recording.started_at >= WRITTEN_SECONDS
            if unsure and not raw_of(self._folder, recording.file).exists():
                self._fault(recording.file, "not_written")

    async def _take_missed(self) -> None:
        """Files that no journal knows of began and ended while there was no ACD."""
        for file in await asyncio.to_thread(lambda: list(unfinished(self._folder))):
            if file in self._distributor.open.recordings or file in self._ended:
                continue
            try:
                visit_id, started_at = parts_of(file)
                if is_being_written(raw_of(self._folder, file)):
                    continue
                if self._was_no_talk(visit_id):
                    self._unheard.add(file)
                    continue
            except (ValueError, OSError) as fault:
                log.warning("action=missed_recording file=%s fault=%s", file, fault)
                continue
            self._record_start(file, visit_id, self._agent_of_visit(visit_id), "", started_at)
            self._ended[file] = 0.0

    async def _close(self, file: str, at: float) -> None:
        """Finish a file that Asterisk has closed, and record its end. Another look is taken while it is open."""
        recording = self._distributor.open.recordings.get(file)
        if recording is None:
            self._ended.pop(file, None)
            return
        fault, seconds = "", 0.0
        try:
            if is_being_written(raw_of(self._folder, file)):
                return
            seconds, written_at = await asyncio.to_thread(finish, self._folder, file)
            at = at or written_at
            if at - recording.started_at - seconds > SHORT_SECONDS:
                fault = "short"
        except (FileNotFoundError, NotADirectoryError):
            fault, at = "not_written", at or time.time()
        except OSError as refusal:
            fault, at = "unfinished", at or time.time()
            log.error("action=finish_recording file=%s fault=%s", file, refusal)
        if fault:
            self._fault(file, fault)
        self._ended.pop(file, None)
        self._faulty.discard(file)
        self._distributor.record("RECORDINGEND", file=file, ended_at=at, seconds=seconds, fault=fault)

    def _fault(self, file: str, why: str) -> None:
        """The talk goes on; who looks at the log or the status sees it."""
        if file not in self._faulty:
            self._faulty.add(file)
            self._distributor.faults.tell(f"recording {why}", f"{file}: is the disk full, may Asterisk write there?")
            log.error("action=record file=%s fault=%s: is the disk full, may Asterisk write there?", file, why)

    def _agent_of_visit(self, visit_id: str) -> str:
        visit = self._distributor.engine.visits.get(visit_id)
        return (visit.agent_id if visit is not None else None) or ""

    # What an agent keys in a talk: the dialplan of their own leg asks

    async def handle(self, session: AgiSession) -> None:
        """Pause or resume; the dialplan takes anything but RECORDING_PAUSED=1 for a pause that failed."""
        try:
            agent_id = self._switchboard.legs.agent_of(session.channel) or ""
            if session.path_rest == "pause":
                done = await self.pause(session.channel, session.uniqueid, agent_id)
                prompt = "agent.recording_paused" if done else "agent.recording_stopped"
            else:
                done = await self.resume(session.channel, session.uniqueid, agent_id)
                prompt = "agent.recording_resumed" if done else "agent.refused"
            for clip in self._clips(prompt, session.language):
                await session.stream_file(clip)
        except SessionOver:
            return

    # Acts, by key, command or desk

    async def pause(self, channel: str, channel_id: str, by: str) -> bool:
        """Put silence in place of both voices; True only when Asterisk has confirmed it.

        Recorded before the act, so that a restarted process holds the pause; not confirmed, the recording is stopped.
        """
        recording = self._distributor.open.recording_of(channel_id)
        if recording is not None:
            self._distributor.record("RECORDINGPAUSE", file=recording.file, by=by)
        try:
            if await self._variable(channel, "RECORDING"):
                await self._mute(channel, on=True)
            await self._set_variable(channel, "RECORDING_PAUSED", "1")
        except SwitchError as fault:
            log.error("action=pause_recording channel=%s fault=%s: it is stopped", channel, fault)
            self._distributor.faults.tell("recording not_paused", f"{channel}: {fault}; it is stopped")
            await self._stop(channel, recording, by)
            return False
        return True

    async def resume(self, channel: str, channel_id: str, by: str) -> bool:
        """Let both voices be recorded again. Recorded after the act: of the two errors, silence is the better one."""
        try:
            await self._set_variable(channel, "RECORDING_PAUSED", "")
            if await self._variable(channel, "RECORDING"):
                await self._mute(channel, on=False)
        except SwitchError as fault:
            log.warning("action=resume_recording channel=%s fault=%s", channel, fault)
            return False
        if (recording := self._distributor.open.recording_of(channel_id)) is not None:
            self._distributor.record("RECORDINGRESUME", file=recording.file, by=by)
        return True

    async def act(self, name: str, agent_id: str, by: str) -> str:
        """Start, stop, pause or resume the recording of an agent's talk; empty when done, else why not."""
        found = self._switchboard.legs.talk_leg(agent_id)
        if found is None:
            return "not_in_talk"
        channel_id, leg = found
        visit = self._distributor.engine.visits[self._distributor.engine.agents[agent_id].visit_id or ""]
        mode = self.rule_of(visit.queue.queue_id).mode
        if mode == "never" or (mode == "always" and name == "stop"):
            return f"queue_records_{mode}"
        return await _COMMANDS[name](self, leg, channel_id, by)

    async def _pause_leg(self, leg: Leg, channel_id: str, by: str) -> str:
        return "" if await self.pause(leg.channel, channel_id, by) else "not_confirmed"

    async def _resume_leg(self, leg: Leg, channel_id: str, by: str) -> str:
        if not await self.resume(leg.channel, channel_id, by):
            return "not_confirmed"
        return "" if self._distributor.open.recording_of(channel_id) else await self._start_leg(leg, channel_id, by)

    async def _start_leg(self, leg: Leg, channel_id: str, by: str) -> str:
        """Have the leg's own dialplan start it, by a key in the agent's name: AMI's MixMonitor would need the right to
        run commands on this machine (app_mixmonitor.c, EVENT_FLAG_SYSTEM)."""
        if self._distributor.open.recording_of(channel_id) is not None:
            return ""
        try:
            await self._ami.send("PlayDTMF", {"Channel": leg.channel, "Digit": _START_KEY, "Receive": "true"})
        except SwitchError as fault:
            log.warning("action=start_recording channel=%s fault=%s", leg.channel, fault)
            return "not_confirmed"
        began = time.monotonic()
        while time.monotonic() - began < STARTED_SECONDS:
            if self._distributor.open.recording_of(channel_id) is not None:
                return ""
            await asyncio.sleep(0.02)
        return "not_confirmed"

    async def _stop_leg(self, leg: Leg, channel_id: str, by: str) -> str:
        recording = self._distributor.open.recording_of(channel_id)
        return "" if recording is None or await self._stop(leg.channel, recording, by) else "not_confirmed"

    async def _stop(self, channel: str, recording: OpenRecording | None, by: str) -> bool:
        """Stop a recording for good: what cannot be done now is owed, and done at the next sight of Asterisk."""
        if recording is not None:
            self._distributor.record("RECORDINGSTOP", file=recording.file, by=by)
        return await self._try_stop(channel)

    async def _try_stop(self, channel: str) -> bool:
        try:
            await self._ami.send("StopMixMonitor", {"Channel": channel})
            await self._set_variable(channel, "RECORDING", "")
        except SwitchError as fault:
            log.error("action=stop_recording channel=%s fault=%s", channel, fault)
            self._distributor.faults.tell("recording not_stopped", f"{channel}: {fault}")
            return False
        return True

    # Wire

    async def _mute(self, channel: str, *, on: bool) -> None:
        fields = {"Channel": channel, "Direction": "both", "State": "1" if on else "0"}
        await self._ami.send("MixMonitorMute", fields)

    async def _variable(self, channel: str, name: str) -> str:
        return (await self._ami.send("Getvar", {"Channel": channel, "Variable": name})).get("Value")

    async def _set_variable(self, channel: str, name: str, value: str) -> None:
        await self._ami.send("Setvar", {"Channel": channel, "Variable": name, "Value": value})

    def _spawn(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


_COMMANDS: Final[Mapping[str, Callable[[Recorder, Leg, str, str], Coroutine[Any, Any, str]]]] = {
    "start": Recorder._start_leg,
    "stop": Recorder._stop_leg,
    "pause": Recorder._pause_leg,
    "resume": Recorder._resume_leg,
}
ACTS: Final = tuple(_COMMANDS)
