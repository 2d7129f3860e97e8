"""One caller's AGI request: the walk performed on the caller's channel, and recorded.

A session ends on purpose when it has set IVR_NEXT, as its very last command; the dialplan enters it again until then.
So a killed IVR is entered again, finds its checkpoint, and the caller hears the node's prompt once more. Each record
is written before the act that it explains; what a killed process wrote twice has the same step_id twice.

A key costs the caller one round trip to Asterisk: the next prompt. So what a session has to know comes with the
request, a prompt and the wait for its answer are one command (`ivr.playing`), and checkpoints lie in files.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ivr.actions import (
    Action,
    Answered,
    AskBackend,
    Await,
    AwaitAnswer,
    Came,
    CastVote,
    Enter,
    Finish,
    GiveUp,
    HasVoted,
    Hear,
    HearFile,
    Leave,
    Mark,
    SettleAccount,
    Speak,
    TryAccount,
    Walking,
)
from ivr.backends import Accounts, AccountsUnknown, Backends, NoAccounts, NoBackends, Request
from ivr.ballots import Ballots, NoBallots, VotesUnknown
from ivr.checkpoint import Kept, channel_assignments, restore
from ivr.flow import Flow, menu_of
from ivr.hours import is_open
from ivr.inquiry import Inquiry
from ivr.keeping import Checkpoints, OnChannel
from ivr.maintenance import NO_MAINTENANCE, Maintenance
from ivr.menus import Menus, OnlyOne, Shelf
from ivr.message_folder import MessageFolder
from ivr.message_taking import Journal, MessageTaking, Places
from ivr.playing import Playing
from ivr.sealing import NoSealing, Sealing
from ivr.step_record import step_fields, step_id
from ivr.voice import Voice
from ivr.walk import AWAY, Limits, Walk
from pbx.errors import CallerGone, SwitchError, SwitchGone
from pbx.fastagi import AgiSession

log = logging.getLogger(__name__)

_NEXT = {"queue": "queue", "script": "script", "callback": "callback", "transfer": "transfer", "hung_up": "hangup"}
"""IVR_NEXT for each outcome."""

QUESTION = (
    "${IVR_TRIES}|${IVR_NODE}|${IVR_VARS}|${IVR_RESULT}|${HOTLINE_ENTRY}|${CHANNEL(linkedid)}|"
    "${IVR_VERSION}|${HOTLINE_CALLED}"
)
"""All that a session wants to know; what a caller could have a say in comes last. The dialplan sends the answer with
the request (`agi_arg_1`)."""


@dataclass(frozen=True)
class IvrSettings:
    limits: Limits = field(default_factory=Limits)
    clock: Callable[[], float] = time.time
    """Epoch seconds, for the records and the opening hours."""
    ballots: Ballots = field(default_factory=NoBallots)
    sealing: Sealing = field(default_factory=NoSealing)
    """Of what the checkpoint holds that no log may show."""
    accounts: Accounts = field(default_factory=NoAccounts)
    checkpoints: Checkpoints = field(default_factory=OnChannel)
    messages: MessageFolder | None = None
    """None: nobody can leave anything."""
    maintenance: Callable[[], Maintenance] = lambda: NO_MAINTENANCE
    """Asked as each call begins."""


Handler = Callable[[AgiSession], Awaitable[None]]


def make_handler(
    flow: Flow,
    voice: Voice,
    journal: Journal,
    settings: IvrSettings | None = None,
    *,
    backends: Backends | None = None,
    folder: Path | None = None,
) -> Handler:
    """The handler of the AGI route `ivr`, where there is one version of the site. Arguments and errors as `Menus`."""
    return handler_of(OnlyOne(Menus(flow, voice, backends or NoBackends(), folder)), journal, settings)


def handler_of(shelf: Shelf, journal: Journal, settings: IvrSettings | None = None) -> Handler:
    """The handler of the AGI route `ivr`: each call gets the menus that were the newest as it began."""

    async def handle(agi: AgiSession) -> None:
        await IvrSession(agi, shelf, journal, settings or IvrSettings()).run()

    return handle


class IvrSession:
    """One AGI request of one call."""

    def __init__(self, agi: AgiSession, shelf: Shelf, journal: Journal, settings: IvrSettings) -> None:
        self._agi = agi
        self._shelf = shelf
        self._menus = shelf.newest
        self._maintenance = NO_MAINTENANCE
        self._journal = journal
        self._settings = settings
        self._call_id = agi.uniqueid
        self._walk: Walk | None = None
        self._entered_at = settings.clock()
        self._ended = False
        self._inquiry = Inquiry(agi, shelf.newest.backends)
        self._resumed_step: int | None = None
        self._playing = Playing(agi, self._set_pending, self._was_whole, self._count_unplayed)
        # Variables that are set before the caller hears or is asked anything: each command costs a round trip, and a
        # node that only leads on needs none of its own.
        self._pending: dict[str, str] = {}
        self._outdated = {"IVR_NEXT": "", "IVR_RESULT": ""}
        """No longer true once a node is entered; set with a checkpoint that goes to the channel, or at the end."""

    async def run(self) -> None:
        """Walk until the caller is handed on or gone; every way out but the death of this process is recorded.

        Raises:
            SwitchError: Asterisk refused or did not answer a command that the walk cannot do without; the dialplan
                enters again at the checkpoint.
        """
        try:
            walk = self._walk = await self._begin()
            actions = walk.actions()
            action = next(actions, None)
            while action is not None:
                action = _send(actions, await self._perform(walk, action))
        except CallerGone:
            await self._left("left_in_menu")
        except SwitchGone:
            await self._left("switch_lost")
        finally:
            self._inquiry.give_up()

    async def _begin(self) -> Walk:
        tries, node, variables, result, entry, call_id, version, called = await self._ask()
        self._call_id = call_id or self._call_id
        language = self._agi.language
        if kept := self._checkpoint_of_the_dead(tries):
            node, language, version, variables = kept
            result = ""
        is_lost = not await self._take_menus(version, node or entry) and node != ""
        if not node:
            self._maintenance = self._settings.maintenance()
            self._record_start(called)
            entry = self._start(entry)
        flow = self._menus.flow
        known = flow.find(menu_of(node)) if is_lost else flow.find(node)
        address = known or flow.find(entry) or flow.refuge("")
        if address is None:
            raise LookupError(f"HOTLINE_ENTRY is {entry!r}: no such node, and no queue to send the caller to")
        if not is_lost and address != (node or flow.find(entry)):
            log.error("unknown node action=begin linkedid=%s node=%s entry=%s", self._call_id, node, entry)
        checkpoint = restore(address, variables, self._settings.sealing.unseal)
        self._resumed_step = checkpoint.step if node else None
        if is_lost:  # what it was about to come back to was a node of the other version
            checkpoint.begin_anew()
            result = ""
        self._entered_at = checkpoint.script_since or self._entered_at
        settings = self._settings
        return Walk(
            flow,
            checkpoint,
            self._language(language),
            script_result=result,
            limits=settings.limits,
            clock=settings.clock,
            facts={"caller_number": self._agi.caller_number, "called_number": called},
            maintenance=self._maintenance.words,
        )

    async def _take_menus(self, version: str, reference: str) -> bool:
        """Find the menus of the call's version, or else the newest; whether they are those that the call had, if any.

        A call keeps the version that it began with. Where the dialplan leads it to a node that only the newest has (a
        survey, the number of a transfer), it has that from there on.
        """
        newest = self._shelf.newest
        own = await self._shelf.of(version) if version else newest
        if own is None:
            log.error("version lost action=begin linkedid=%s version=%s", self._call_id, version)
        self._menus = own or newest
        if not self._menus.flow.find(reference) and newest.flow.find(reference):
            self._menus = newest
        self._inquiry = Inquiry(self._agi, self._menus.backends)
        if self._menus.version != version:
            self._outdated["IVR_VERSION"] = self._menus.version
        return own is not None

    def _checkpoint_of_the_dead(self, tries: str) -> Kept | None:
        """What a session kept that did not end on purpose. In a first try whatever lies there is of an earlier visit to
        the menus, which ended well."""
        return self._settings.checkpoints.find(self._agi.uniqueid) if tries not in ("", "0") else None

    async def _ask(self) -> list[str]:
        """What the channel knows, as QUESTION has it."""
        answer = self._agi.headers.get("agi_arg_1") or await self._agi.get_variable(QUESTION) or ""
        return (answer.split("|", 7) + [""] * 8)[:8]

    def _start(self, entry: str) -> str:
        """Where a new call starts: at its number's entry, or outside the hours where they say.

        A call with a checkpoint is never asked: who came in time is not sent away when the hours end.
        """
        hours = self._menus.flow.hours
        if hours is None or is_open(hours, datetime.fromtimestamp(self._entered_at, UTC)):
            return entry
        return hours.closed

    def _language(self, language: str) -> str:
        """The caller's language, or the site's first where the site does not speak that; the channel has it, too."""
        languages = self._menus.voice.languages
        if language not in languages:
            language = languages[0]
        if language != self._agi.language:
            self._pending["CHANNEL(language)"] = language
        return language

    async def _perform(self, walk: Walk, action: Action) -> Came:
        """Do one action; what came of it."""
        match action:
            case Enter():
                self._entered_at = self._settings.clock()
                self._keep(walk)
            case Mark():
                self._keep(walk)
            case Hear(prompts, stop_keys, then_seconds):
                return await self._playing.play(self._files(walk, prompts), stop_keys, then_seconds)
            case HearFile(file, stop_keys):
                return await self._playing.play([file], stop_keys)
            case Await(seconds):
                return await self._playing.wait(seconds)
            case Speak(language):
                self._journal.append("LANGUAGE", call_id=self._call_id, language=language)
                self._pending["CHANNEL(language)"] = language
            case Answered(question, answer):
                await self._record_answer(question, answer)
            case HasVoted(ballot):
                return await self._has_voted(walk, ballot)
            case CastVote(ballot, choice):
                self._record_vote(walk, ballot, choice)
            case AskBackend():
                await self._ask_backend(walk, action)
            case AwaitAnswer(seconds):
                return await self._inquiry.answer(seconds)
            case GiveUp():
                self._inquiry.give_up()
            case TryAccount():
                return await self._try_account(walk, action)
            case SettleAccount():
                await self._settle_account(action)
            case Leave(result):
                self._record_step(walk, result)
            case Finish():
                await self._finish(walk, action)
            case _:
                return await self._messages(walk).perform(walk, action, self._step_id(walk), self._day())
        return None

    async def _ask_backend(self, walk: Walk, action: AskBackend) -> None:
        """The checkpoint was kept before anything is done: a second try after our death has the same key."""
        await self._set_pending()
        key = f"{self._call_id}:{walk.step.address}:{walk.checkpoint.step}" if action.writes else ""
        again = walk.checkpoint.step == self._resumed_step
        self._inquiry.begin(Request(action.backend, action.inputs, action.fields, key, again))

    async def _try_account(self, walk: Walk, action: TryAccount) -> str | None:
        self._keep(walk)  # with this try of the call
        await self._set_pending()
        limits = {"failures": action.failures, "minutes": action.minutes}
        try:
            is_open = await self._settings.accounts.begin_try(
                action.backend, action.account, **limits, at=self._settings.clock()
            )
        except AccountsUnknown:
            return None
        return "open" if is_open else "locked"

    async def _settle_account(self, action: SettleAccount) -> None:
        try:
            await self._settings.accounts.settle(action.backend, action.account, right=action.right)
        except AccountsUnknown as fault:
            # The caller is known all the same; that the try stays counted is on the safe side.
            log.error("not settled action=auth linkedid=%s cause=%s", self._call_id, fault)

    def _messages(self, walk: Walk) -> MessageTaking:
        return MessageTaking(
            self._agi,
            self._journal,
            Places(self._settings.messages, self._menus.folder),
            lambda more: self._prepare(walk, more),
            lambda file, stop_keys: self._playing.play([file], stop_keys),
            self._call_id,
        )

    def _day(self) -> datetime:
        return datetime.fromtimestamp(self._settings.clock(), self._menus.flow.timezone)

    async def _prepare(self, walk: Walk, more: Mapping[str, str]) -> None:
        """Keep the checkpoint, and set what waits and these variables as well."""
        self._keep(walk)
        self._pending |= more
        await self._set_pending()

    def _keep(self, walk: Walk) -> None:
        """Before anything is done at this node. What the call came back with is of the node before."""
        variables = self._checkpoint(walk)
        kept = Kept(variables["IVR_NODE"], walk.language, self._menus.version, variables["IVR_VARS"])
        if not self._settings.checkpoints.keep(self._agi.uniqueid, kept):
            self._pending |= self._outdated | variables
            self._outdated = {}

    async def _finish(self, walk: Walk, finish: Finish) -> None:
        self._record_end(walk.checkpoint.address, finish.outcome)
        variables = {**self._outdated, **finish.variables}
        if finish.outcome in AWAY:
            walk.checkpoint.script_since = self._entered_at
        if finish.outcome in (*AWAY, "queue"):  # from a queue, too, the caller may come back
            variables |= self._checkpoint(walk)
        await self._set(variables, last=("IVR_NEXT", _NEXT[finish.outcome]))
        self._settings.checkpoints.forget(self._agi.uniqueid)

    def _checkpoint(self, walk: Walk) -> dict[str, str]:
        return walk.checkpoint.channel_variables(self._settings.sealing.seal)

    async def _set(self, variables: dict[str, str], last: tuple[str, str] | None = None) -> None:
        """Set channel variables in one command, in this order: a killed process has set all of them or none."""
        pending, self._pending = self._pending, {}
        assignments = channel_assignments(pending | variables) + channel_assignments(dict([last] if last else []))
        await self._agi.execute("MSet", *assignments)

    async def _set_pending(self) -> None:
        if self._pending:
            await self._set({})

    def _files(self, walk: Walk, prompts: Sequence[str]) -> list[str]:
        if prompts == (self._maintenance.words,):
            return self._maintenance.spoken(walk.language)
        values, voice = walk.values, self._menus.voice
        return [file for prompt in prompts for file in voice.files(prompt, walk.language, **values)]

    def _was_whole(self, file: str, samples: int) -> bool:
        return self._menus.voice.was_whole(file, samples)

    def _count_unplayed(self) -> None:
        if self._walk is not None:
            self._walk.step.unplayed += 1

    async def _left(self, outcome: str) -> None:
        """Record that the caller, or the switch, went away; nothing if the call had been handed on just before."""
        self._settings.checkpoints.forget(self._agi.uniqueid)
        if self._ended:
            return
        if self._walk is None:
            # Gone before the first answer: the number dialled is then known only to Asterisk's own header.
            self._record_start(self._agi.headers.get("agi_dnid", ""))
            self._record_end(None, outcome)
            return
        left_at = self._walk.checkpoint.address
        self._record_step(self._walk, await self._last_words(self._walk) or outcome)
        try:
            await self._farewell(self._walk)
        finally:  # whatever the site wants done, the end of this call is owed
            self._record_end(left_at, outcome)

    async def _last_words(self, walk: Walk) -> str | None:
        """What a caller who is gone has left in a message; None: nothing, or nobody can tell."""
        words = walk.last_words()
        answer: Came = None
        try:
            while True:
                answer = await self._perform(walk, words.send(answer))
        except StopIteration as end:
            return str(end.value) if end.value is not None else None
        except SwitchError as silence:  # the records still show that a message was begun
            log.warning("unknown what was left action=hangup linkedid=%s cause=%s", self._call_id, silence)
            return None

    async def _farewell(self, walk: Walk) -> None:
        """What the site wants done for a caller who is gone: nothing of it is heard, and all of it recorded."""
        actions = walk.farewell()
        action = next(actions, None)
        while action is not None:
            if isinstance(action, Enter):
                self._entered_at = self._settings.clock()
            elif not isinstance(action, Finish | Hear):
                await self._perform(walk, action)
            action = _send(actions, None)

    def _record_start(self, called_number: str) -> None:
        self._journal.append(
            "CALLSTART",
            call_id=self._call_id,
            channel=self._agi.channel,
            caller_number=self._agi.caller_number,
            called_number=called_number,
            language=self._agi.language,
            version=self._menus.version,
        )

    def _record_step(self, walk: Walk, result: str) -> None:
        self._journal.append("IVRSTEP", **step_fields(walk, self._call_id, self._entered_at, result))

    async def _record_answer(self, question: str, answer: str) -> None:
        """The visit that the survey is about is known to the caller's channel alone: the ACD may have died since. Who
        hangs up right after the key has answered."""
        visit_id = await self._agi.get_variable("${ACD_VISIT}", after_hangup=True)
        fields = {"call_id": self._call_id, "visit_id": visit_id or "", "question": question, "answer": answer}
        self._journal.append("SURVEY", **fields)

    async def _has_voted(self, walk: Walk, ballot: str) -> str | None:
        number = self._agi.caller_number
        if not number:
            return None
        try:
            step_id = await self._settings.ballots.step_of_vote(ballot, number)
        except VotesUnknown:
            return None
        # A vote of this very step was cast by a process that died before the caller went on: it is this one.
        return "no" if step_id in (None, self._step_id(walk)) else "yes"

    def _record_vote(self, walk: Walk, ballot: str, choice: str) -> None:
        number, step_id = self._agi.caller_number, self._step_id(walk)
        fields = {"call_id": self._call_id, "step_id": step_id, "caller_number": number}
        self._journal.append("VOTE", **fields, ballot=ballot, choice=choice)
        self._settings.ballots.note(ballot, number, step_id)

    def _step_id(self, walk: Walk) -> str:
        return step_id(walk, self._call_id)

    def _record_end(self, address: str | None, outcome: str) -> None:
        self._ended = True
        self._journal.append("IVREND", call_id=self._call_id, node=address, outcome=outcome)


def _send(actions: Walking[None], answer: Came) -> Action | None:
    """The action that follows, or None at the end of the walk."""
    try:
        return actions.send(answer)
    except StopIteration:
        return None
