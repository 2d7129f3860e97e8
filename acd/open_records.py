"""What the journal has begun and not ended of recordings and of supervisors' acts: part of the ledger.

Whoever records asks here what is open, also after a restart; so nothing is kept twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Line = Mapping[str, Any]


@dataclass(slots=True)
class OpenRecording:
    """A recording that Asterisk writes, as far as we know."""

    file: str
    """Below the folder of recordings, as it will be called when it is finished."""
    visit_id: str
    agent_id: str
    channel_id: str
    """Uniqueid of the agent's leg, with which it ends."""
    started_at: float
    paused: bool = False
    stop_owed: bool = False
    """A pause could not be confirmed, or a stop was asked for: it must not go on, whatever it takes."""


@dataclass(slots=True)
class OpenAct:
    """A supervisor who listens, whispers, barges in, or has taken over."""

    act_id: str
    supervisor_id: str
    agent_id: str
    visit_id: str
    mode: str
    channel_id: str
    """Uniqueid of the supervisor's leg, with which it ends."""


@dataclass(slots=True)
class OpenRecords:
    recordings: dict[str, OpenRecording] = field(default_factory=dict)
    """By file."""
    acts: dict[str, OpenAct] = field(default_factory=dict)
    """By act_id."""

    def apply(self, line: Line) -> None:
        """Raises KeyError where the line lacks a field; nothing is changed then."""
        act = _ACTS.get(line["verb"])
        if act is not None:
            act(self, line)

    def carry(self) -> dict[str, Any]:
        """What a CARRY line tells of this."""
        return {
            "recordings": [asdict(recording) for recording in self.recordings.values()],
            "acts": [asdict(act) for act in self.acts.values()],
        }

    def take_carry(self, line: Line) -> None:
        """Start from a CARRY line; one from before there were recordings has none."""
        self.recordings = {one["file"]: OpenRecording(**one) for one in line.get("recordings", ())}
        self.acts = {one["act_id"]: OpenAct(**one) for one in line.get("acts", ())}

    def recording_of(self, channel_id: str) -> OpenRecording | None:
        """The recording of this agent's leg."""
        return next((one for one in self.recordings.values() if one.channel_id == channel_id), None)

    def act_of(self, channel_id: str) -> OpenAct | None:
        """What the supervisor on this leg is doing."""
        return next((one for one in self.acts.values() if one.channel_id == channel_id), None)

    def _begin_recording(self, line: Line) -> None:
        names = ("file", "visit_id", "agent_id", "channel_id", "started_at")
        self.recordings[line["file"]] = OpenRecording(**{name: line[name] for name in names})

    def _pause(self, line: Line) -> None:
        self._mark(line, paused=True)

    def _resume(self, line: Line) -> None:
        self._mark(line, paused=False)

    def _stop(self, line: Line) -> None:
        self._mark(line, stop_owed=True)

    def _mark(self, line: Line, **marks: bool) -> None:
        if (recording := self.recordings.get(line["file"])) is not None:
            for name, value in marks.items():
                setattr(recording, name, value)

    def _end_recording(self, line: Line) -> None:
        self.recordings.pop(line["file"], None)

    def _begin_act(self, line: Line) -> None:
        if not line["refused"] and line["channel_id"]:
            names = ("act_id", "supervisor_id", "agent_id", "visit_id", "mode", "channel_id")
            self.acts[line["act_id"]] = OpenAct(**{name: line[name] for name in names})

    def _end_act(self, line: Line) -> None:
        self.acts.pop(line["act_id"], None)


_ACTS: Mapping[str, Callable[[OpenRecords, Line], None]] = {
    "RECORDING": OpenRecords._begin_recording,
    "RECORDINGPAUSE": OpenRecords._pause,
    "RECORDINGRESUME": OpenRecords._resume,
    "RECORDINGSTOP": OpenRecords._stop,
    "RECORDINGEND": OpenRecords._end_recording,
    "SUPERVISE": OpenRecords._begin_act,
    "SUPERVISEEND": OpenRecords._end_act,
}
