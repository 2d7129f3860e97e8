"""A call without a phone: the walk performed on a virtual clock, and all that happens in it written down.

Theory of operation. A rehearsal stands still where the world would take time: while a prompt plays, and while a key is
waited for. The caller then does something: `press` takes no time, `pass_time` and its kin take some. What the walk asks
for in between takes none. A key is met as a session meets it: it stops the prompt where that can be stopped, is the
answer where one is waited for, and is lost else. The records are those that a session writes; the tests hold both to
the same lines. Time is counted in whole milliseconds, so that one second and two are three.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ivr.actions import (
    Action,
    Answered,
    AskBackend,
    Await,
    AwaitAnswer,
    Came,
    CastVote,
    DropMessage,
    Enter,
    Finish,
    GiveUp,
    HasVoted,
    Hear,
    HearFile,
    HearMessage,
    KeepMessage,
    Leave,
    Mark,
    MeasureMessage,
    Reply,
    SendFax,
    SettleAccount,
    Speak,
    TakeFax,
    TakeMessage,
    TryAccount,
    Walking,
)
from ivr.checkpoint import Checkpoint, restore
from ivr.flow import Flow
from ivr.given import FROM_CALLER, Answers, Given, Results, Speaker, nowhere, unanswered
from ivr.hours import is_open
from ivr.messages import file_of
from ivr.step_record import step_fields, step_id
from ivr.transcript import (
    Asked,
    Away,
    Ended,
    Entered,
    Event,
    Faxed,
    Heard,
    LanguageChosen,
    Left,
    Pressed,
    Recorded,
    Silent,
    Spoke,
    VariableSet,
    Voted,
)
from ivr.walk import AWAY, Limits, Walk

_NAMED_BY = {"script": "IVR_SCRIPT", "queue": "ACD_QUEUE", "callback": "ACD_QUEUE", "transfer": "IVR_TO"}
"""The variable that says to whom a call is handed, by the outcome."""
_LEFT = "left_in_menu"
_VOTED = {"voted": "yes", "new": "no"}
"""Whether a number has its vote in a ballot; nobody can tell where it is neither."""
_MESSAGE = "message"
"""What is heard in a review, in place of a prompt's id."""
_FILE_SECONDS = 3.0
"""A sound file that is no prompt is known to Asterisk alone."""


@dataclass
class _Sound:
    """What is being played, and what comes after it in the same breath."""

    prompt: str
    text: str
    began: int
    ends: int
    stop_keys: str


@dataclass(frozen=True)
class _Question:
    """What a backend is asked, and when it will have answered."""

    backend: str
    asked: int
    answered: int
    reply: Reply


@dataclass
class _Recording:
    """What the caller says is being recorded: whatever time passes, they speak."""

    kind: str
    began: int
    ends: int
    silence: int
    stop_keys: str


class Rehearsal:
    """One call from its beginning; made, it stands at the first prompt or wait.

    Raises:
        KeyError: the entry is no node of the flow.
    """

    def __init__(
        self,
        flow: Flow,
        speaker: Speaker,
        given: Given,
        results: Results = nowhere,
        limits: Limits | None = None,
        answers: Answers = unanswered,
    ) -> None:
        self.transcript: list[Event] = []
        self.over = False
        self._flow = flow
        self._speaker = speaker
        self._given = given
        self._results = results
        self._limits = limits
        self._now = 0
        self._sounds: deque[_Sound] = deque()
        self._answers = answers
        self._question: _Question | None = None
        self._waits_until: int | None = None
        self._tries: dict[tuple[str, str], list[int]] = {}
        self._votes: dict[str, str] = {}
        self._timer: tuple[int, float] | None = None
        self._recording: _Recording | None = None
        self._spoken = 0.0
        self._entered_at = given.at
        self._known: dict[str, str] = dict(given.variables)
        self._record_start()
        checkpoint = Checkpoint(self._start(), variables=dict(given.variables))
        self._set_out(checkpoint, given.language, "", given.maintenance)
        self._go_on(None)

    # -- what can be seen ------------------------------------------------------------------------------------------

    @property
    def hearing(self) -> str | None:
        """The prompt that is being played."""
        return self._sounds[0].prompt if self._sounds else None

    @property
    def plays_file(self) -> bool:
        """What is being played is a sound file, which is no prompt."""
        return bool(self._sounds) and not self._sounds[0].text

    @property
    def asked_for(self) -> float | None:
        """Seconds that are left for a key, or to speak; None while neither is waited for."""
        if self._recording is not None:
            return (self._recording.ends - self._now) / 1000
        return None if self._timer is None else (self._timer[0] - self._now) / 1000

    @property
    def waits_for(self) -> str | None:
        """The backend whose answer is waited for, in silence."""
        return self._question.backend if self._question and self._waits_until is not None else None

    @property
    def is_recording(self) -> bool:
        """The caller is being recorded: while time passes, they speak."""
        return self._recording is not None

    @property
    def address(self) -> str:
        """The node that the call is at, or was at last."""
        return self._walk.step.address

    @property
    def language(self) -> str:
        return self._walk.language

    @property
    def variables(self) -> Mapping[str, str]:
        return self._walk.checkpoint.variables

    @property
    def values(self) -> Mapping[str, str]:
        """All that a prompt may name now."""
        return self._walk.values

    @property
    def seconds(self) -> float:
        """How long the call has lasted."""
        return self._now / 1000

    # -- what a caller does ----------------------------------------------------------------------------------------

    def press(self, key: str) -> None:
        """Press a key now; it takes no time."""
        if self._recording is not None and not self.over:
            self._add(Pressed(self.seconds, key, "", taken := key in self._recording.stop_keys))
            if taken:
                self._recorded(self._recording, self._now)
            return
        sound = self._sounds[0] if self._sounds else None
        taken = not self.over and (sound is None or key in sound.stop_keys)
        if sound and taken:
            self._cut(sound)
        shown = "x" if self._walk.keys_are_secret and key.isdigit() else key
        self._add(Pressed(self.seconds, shown, sound.prompt if sound else "", taken))
        if taken:
            self._stop()
            self._go_on(key)

    def run_out(self) -> None:
        """Say nothing until what is played now has been heard, or what is waited for now has not come."""
        if self._sounds:
            self._heard_out(self._sounds.popleft())
        elif self._waits_until is not None:
            self._waited(self._waits_until)
        elif self._timer is not None:
            self._timed_out(self._timer)
        elif self._recording is not None:
            self._fall_silent(self._recording)

    def listen(self) -> None:
        """Hear everything until a key is asked for, or the call is over."""
        while self._sounds or self._waits_until is not None:
            self.run_out()

    def keep_silent(self) -> None:
        """Hear everything, and let the time for one key run out."""
        self.listen()
        self.run_out()

    def pass_time(self, seconds: float) -> None:
        """Do nothing for so long; while the caller is recorded, speak."""
        end = self._now + _milliseconds(seconds)
        while not self.over and self._next_moment() <= end:
            if self._recording is not None:
                self._recorded(self._recording, self._recording.ends)
            else:
                self.run_out()
        self._now = self._now if self.over else end

    def hang_up(self) -> None:
        """Leave; a call that is over stays as it was."""
        if self.over:
            return
        if self._sounds:
            self._cut(self._sounds[0])
        if self._recording is not None:
            self._note_spoken(self._recording, self._now)
        self._stop()
        left_at = self.address
        result = self._last_words() or _LEFT
        self._record_step(result)
        self._add(self._left(result))
        self._farewell()
        self._end(_LEFT, "", left_at)

    # -- the walk --------------------------------------------------------------------------------------------------

    def _start(self) -> str:
        hours, entry = self._flow.hours, self._given.entry
        closed = hours is not None and not is_open(hours, datetime.fromtimestamp(self._given.at, UTC))
        if self._given.called and hours and closed:
            entry = hours.closed
        return self._flow.resolve(entry)

    def _set_out(self, checkpoint: Checkpoint, language: str, result: str, maintenance: str = "") -> None:
        self._walk = Walk(
            self._flow,
            checkpoint,
            language,
            script_result=result,
            limits=self._limits,
            clock=self._epoch,
            facts={"caller_number": self._given.caller, "called_number": self._given.called},
            maintenance=maintenance,
        )
        self._actions = self._walk.actions()

    def _go_on(self, came: Came) -> None:
        """Tell the walk what came of its last action, and do what it asks for until that takes time."""
        answer = came
        while not (self.over or self._sounds or self._timer or self._recording or self._waits_until is not None):
            action = _sent(self._actions, answer)
            self._note_variables()
            if action is None:
                return
            answer = self._perform(action)

    def _perform(self, action: Action) -> Came:
        """Do one action; what came of it at once."""
        match action:
            case Enter():
                self._entered_at = self._epoch()
                self._add(Entered(self.seconds, self.address, self._walk.step.kind))
            case Hear(prompts, stop_keys):
                for prompt in prompts:
                    said = self._speaker(prompt, self.language, self._walk.values)
                    self._play(prompt, said.text, said.seconds, stop_keys)
            case HearFile(file, stop_keys):
                self._play(file, "", _FILE_SECONDS, stop_keys)
            case Await(seconds):
                self._timer = (self._now + _milliseconds(seconds), seconds)
            case Speak(language):
                self._add(LanguageChosen(self.seconds, language))
                self._record("LANGUAGE", language=language)
            case Answered(question, answer):
                self._record("SURVEY", visit_id="", question=question, answer=answer)
            case HasVoted(ballot):
                return self._has_voted(ballot)
            case CastVote(ballot, choice):
                self._votes[ballot] = self._step_id()
                fields = {"step_id": self._step_id(), "caller_number": self._given.caller}
                self._record("VOTE", **fields, ballot=ballot, choice=choice)
                self._add(Voted(self.seconds, ballot, choice))
            case AskBackend():
                given = self._answers(action)
                self._question = _Question(
                    action.backend, self._now, self._now + _milliseconds(given.seconds), given.reply
                )
            case AwaitAnswer(seconds):
                return self._await_answer(seconds)
            case GiveUp():
                self._answered("given_up")
            case TryAccount():
                return self._try(action)
            case SettleAccount(backend, account, right):
                counted = self._tries.get((backend, account), [])
                self._tries[backend, account] = [] if right else counted[:-1]
            case Leave(result):
                self._record_step(result)
                self._add(self._left(result))
            case Finish():
                self._finish(action)
            case Mark():
                pass
            case _:
                return self._perform_message(action)
        return None

    def _await_answer(self, seconds: float) -> Came:
        """The answer, if it is there; else the rehearsal stands still until it is, or the time is over."""
        question = self._question
        if question is None:
            return Reply("failed")
        if question.answered <= self._now:
            self._answered(question.reply.outcome, question.reply.fields)
            return question.reply
        if seconds > 0:
            self._waits_until = min(question.answered, self._now + _milliseconds(seconds))
        return None

    def _answered(self, outcome: str, fields: Mapping[str, str] | None = None) -> None:
        question, self._question = self._question, None
        if question is not None:
            took = (self._now - question.asked) / 1000
            self._add(Asked(self.seconds, question.backend, outcome, took, fields or {}))

    def _try(self, action: TryAccount) -> str:
        """As given; else as the records count, within this one call."""
        if self._results("account", action.backend) == "locked":
            return "locked"
        since = self._now - action.minutes * 60_000
        counted = [at for at in self._tries.get((action.backend, action.account), []) if at > since]
        if len(counted) >= action.failures:
            return "locked"
        self._tries[action.backend, action.account] = [*counted, self._now]
        return "open"

    def _perform_message(self, action: Action) -> str | None:
        """Do one action that concerns messages and faxes."""
        match action:
            case TakeMessage() if not self._given.records:
                return None
            case TakeMessage(kind, question, seconds, silence, stop_keys):
                self._begin_message(kind, question)
                ends = self._now + seconds * 1000
                self._recording = _Recording(kind, self._now, ends, silence * 1000, stop_keys)
            case MeasureMessage():
                return f"{self._spoken:.2f}"
            case HearMessage(stop_keys):
                self._play(_MESSAGE, "", self._spoken, stop_keys)
            case KeepMessage(kind, seconds, pages):
                told = {"kind": kind, "seconds": seconds, "pages": pages, "language": self.language}
                self._record("MESSAGE", **self._message(), **told, caller_number=self._given.caller)
            case DropMessage():
                self._record("MESSAGEDROP", **self._message())
            case SendFax(file):
                return self._fax(file.rpartition("/")[2].partition(".")[0], "sent")
            case TakeFax():
                self._begin_message("fax", "")
                return self._fax(FROM_CALLER, "1")
        return None

    def _fax(self, name: str, done: str) -> str | None:
        failed = self._results("fax", name) == "failed"
        self._add(Faxed(self.seconds, name, "failed" if failed else "done"))
        return None if failed else done

    def _begin_message(self, kind: str, question: str) -> None:
        moment = datetime.fromtimestamp(self._epoch(), self._flow.timezone)
        file = file_of(kind, question, moment, self._step_id())
        within = self._walk.checkpoint.within
        if within[-1:] != [file]:
            self._walk.checkpoint.within = [*([question] if question else []), file]
            told = {"kind": kind, "language": self.language, "caller_number": self._given.caller}
            self._record("MESSAGEBEGIN", **self._message(), **told)

    def _message(self) -> dict[str, object]:
        return {"file": self._walk.checkpoint.within[-1], "node": self._walk.step.address}

    def _recorded(self, recording: _Recording, until: int) -> None:
        """The recording ends, and all until then was said."""
        self._now = until
        self._note_spoken(recording, until)
        self._go_on(f"{self._spoken:.2f}")

    def _fall_silent(self, recording: _Recording) -> None:
        said = self._now
        self._now = min(self._now + recording.silence, recording.ends)
        self._note_spoken(recording, said)
        self._go_on(f"{self._spoken:.2f}")

    def _note_spoken(self, recording: _Recording, until: int) -> None:
        self._recording = None
        self._spoken = (until - recording.began) / 1000
        self._add(Spoke(recording.began / 1000, recording.kind, self._spoken))

    def _last_words(self) -> str | None:
        """What a caller who hangs up leaves."""
        words = self._walk.last_words()
        answer: Came = None
        try:
            while True:
                answer = self._perform(words.send(answer))
        except StopIteration as end:
            return str(end.value) if end.value is not None else None

    def _has_voted(self, ballot: str) -> str | None:
        """As given; where nothing is, whoever has a number has the one vote that is cast in this call."""
        given = self._results("ballot", ballot)
        if given is not None or not self._given.caller:
            return _VOTED.get(given or "unknown")
        return "no" if self._votes.get(ballot) in (None, self._step_id()) else "yes"

    def _finish(self, finish: Finish) -> None:
        """Hand the call on; it comes back when there is a result that the node can go on with."""
        name = finish.variables.get(_NAMED_BY.get(finish.outcome, ""), "")
        if finish.outcome not in _NAMED_BY:
            self._end(finish.outcome, "")
            return
        result = self._results(finish.outcome, name)
        if result is None:
            self._end(finish.outcome, name)
            return
        self._record_end(finish.outcome, self.address)
        self._add(Away(self.seconds, finish.outcome, name, result))
        if finish.outcome in AWAY or result in finish.variables["ACD_OUTCOMES"].split():
            self._come_back(finish.outcome, result)
        else:
            self._add(Ended(self.seconds, finish.outcome, self.address, name))
            self.over = True

    def _come_back(self, outcome: str, result: str) -> None:
        """A session that begins knows of the call what the channel has kept: the checkpoint and the language."""
        checkpoint = self._walk.checkpoint
        checkpoint.script_since = self._entered_at if outcome in AWAY else None
        kept = checkpoint.channel_variables()
        self._set_out(restore(kept["IVR_NODE"], kept["IVR_VARS"]), self.language, result)

    def _farewell(self) -> None:
        """What the site wants done for a caller who is gone; nothing of it is heard."""
        actions = self._walk.farewell()
        while (action := _sent(actions, None)) is not None:
            self._note_variables()
            if not isinstance(action, Finish | Hear | HearFile | Await):
                self._perform(action)

    # -- time ------------------------------------------------------------------------------------------------------

    def _play(self, prompt: str, text: str, seconds: float, stop_keys: str) -> None:
        began = self._sounds[-1].ends if self._sounds else self._now
        self._sounds.append(_Sound(prompt, text, began, began + _milliseconds(seconds), stop_keys))

    def _next_moment(self) -> int:
        if self._sounds:
            return self._sounds[0].ends
        if self._waits_until is not None:
            return self._waits_until
        if self._recording is not None:
            return self._recording.ends
        return self._timer[0] if self._timer else self._now

    def _heard_out(self, sound: _Sound) -> None:
        self._now = sound.ends
        self._add(_heard(sound, sound.ends, whole=True))
        self._go_on(None)

    def _timed_out(self, timer: tuple[int, float]) -> None:
        self._now, seconds = timer
        self._timer = None
        self._add(Silent(self.seconds, seconds))
        self._go_on(None)

    def _waited(self, until: int) -> None:
        """For a backend: its answer is there now, or it is not."""
        self._now, self._waits_until = until, None
        question = self._question
        self._go_on(self._await_answer(0.0) if question and question.answered <= until else None)

    def _cut(self, sound: _Sound) -> None:
        self._add(_heard(sound, self._now, whole=False))

    def _stop(self) -> None:
        self._sounds.clear()
        self._timer = None
        self._waits_until = None
        self._recording = None

    def _epoch(self) -> float:
        return self._given.at + self.seconds

    # -- what is written down ----------------------------------------------------------------------------------------

    def _add(self, event: Event) -> None:
        self.transcript.append(event)

    def _left(self, result: str) -> Left:
        return Left(self.seconds, self.address, result, self._walk.step.input, self._walk.values)

    def _note_variables(self) -> None:
        for name, value in self.variables.items():
            if self._known.get(name) != value:
                self._known[name] = value
                self._add(VariableSet(self.seconds, name, value))

    def _record(self, verb: str, **fields: object) -> None:
        self._add(Recorded(self.seconds, verb, {"call_id": self._given.call_id, **fields}))

    def _record_start(self) -> None:
        given = self._given
        self._record("CALLSTART", caller_number=given.caller, called_number=given.called, language=given.language)

    def _record_step(self, result: str) -> None:
        fields = step_fields(self._walk, self._given.call_id, self._entered_at, result)
        self._add(Recorded(self.seconds, "IVRSTEP", fields))

    def _step_id(self) -> str:
        return step_id(self._walk, self._given.call_id)

    def _record_end(self, outcome: str, address: str) -> None:
        self._record("IVREND", node=address, outcome=outcome)

    def _end(self, outcome: str, name: str, address: str = "") -> None:
        """End the call at this node; without one, at that which it has come to."""
        ended_at = address or self.address
        self._record_end(outcome, ended_at)
        self._add(Ended(self.seconds, outcome, ended_at, name))
        self.over = True


def _sent(actions: Walking[None], answer: Came) -> Action | None:
    """The action that follows, or None at the end of the walk."""
    try:
        return actions.send(answer)
    except StopIteration:
        return None


def _heard(sound: _Sound, until: int, *, whole: bool) -> Heard:
    return Heard(sound.began / 1000, sound.prompt, sound.text, (until - sound.began) / 1000, whole)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
