"""Composition root of `hotline acd`: reads what the last process left, joins the rooms, and serves until SIGTERM."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from acd.agents import AgentDesk
from acd.callback_api import CallbackApi
from acd.callback_calls import CallbackCalls
from acd.callback_line import CallbackLine
from acd.callback_menu import CallbackMenu
from acd.desk import Desk
from acd.desk_api import DeskApi
from acd.distributor import Distributor
from acd.engine import Engine
from acd.events import FloorChanged, Restored
from acd.heard import EVENTS
from acd.hold import Holder
from acd.ids import Ids
from acd.joined_sounds import JoinedSounds
from acd.lamps import Lamps
from acd.ledger import Ledger
from acd.line import Line
from acd.line_api import LineApi
from acd.model import Floor
from acd.outside import Outside
from acd.oversight_api import OversightApi
from acd.recording import Recorder
from acd.recording_rules import Rules
from acd.status_api import StatusApi
from acd.supervise import Supervision
from acd.switchboard import Switchboard
from acd.trace import Trace
from db.engine import open_engine
from db.journal import Journal, read_since_carry
from db.last_agents import last_agents
from db.trace_files import TraceJournal
from hotline.control import Control
from hotline.ports import HOST
from hotline.readiness import announce_ready
from hotline.serving import collect_seldom, serve_until_told
from hotline.settings import AMI_USER, Settings, load
from hotline.state import State, speech_cache
from hotline.succession import Successor
from hotline.words_of_site import SiteWords, words_of
from ivr.voice import UnknownPrompt, Voice
from pbx.ami import AmiAddress, AmiClient
from pbx.fastagi import AgiServer

log = logging.getLogger(__name__)

Join = Callable[[Sequence[str]], str]
"""Makes one sound of several."""
JOURNAL: Final = "acd"
LAST_AGENT_DAYS: Final = 30
"""How far back a caller's last agent is looked for in the database."""
DATABASE_PATIENCE_SECONDS: Final = 2.0
"""Callers are waiting: what the database does not say by then is done without."""


def main(state: State) -> None:
    """Distribute callers until SIGTERM."""
    serve_until_told(lambda: serve(state))


async def serve(state: State) -> None:
    """Run the distributor until cancelled. Callers who are held then re-enter through the dialplan's loop."""
    settings = load(state)
    words = words_of(state.site)  # may take its time: before callers are given the seconds in which to come back
    ledger = Ledger.fold(read_since_carry(state.journal, JOURNAL))
    journal = Journal(state.journal, JOURNAL)
    journal.start_segment(ledger.carry())
    engine, trace = _traced(words.floor, state, settings.trace_days)
    distributor = Distributor(engine, journal, ledger, trace)
    distributor.post(await _restored(ledger, settings))
    opening, outside, speaker = words.opening, words.outside, Speaker(words.voice)
    opening.tell(distributor.post)
    desk = Desk(distributor, words.reasons)
    ami = AmiClient(AmiAddress(HOST, settings.ports.ami, AMI_USER, settings.ami_secret), events=EVENTS)
    switchboard = Switchboard(ami, distributor, ledger.switch_started_at, words.is_code)
    recorder = Recorder(distributor, switchboard, ami, words.recording, state.recordings, speaker.clips)
    supervision = Supervision(distributor, switchboard, ami, recorder, words.supervisors, speaker.clips, new_id)
    line = CallbackLine(ami, distributor, outside, words.several)
    switchboard.listeners += [line, recorder, supervision]
    join = JoinedSounds(speech_cache() / "joined").one_of
    holder = Holder(distributor, new_id, words.several, speaker.files, words.recording, join, outside)
    codes = AgentDesk(desk, speaker.clips, words.book)
    callbacks = _callbacks(distributor, speaker, outside, words.recording, join)
    api = _api(state, distributor, desk, OversightApi(supervision, recorder))
    lamps = asyncio.create_task(Lamps(ami, distributor).run())

    async def use(now: SiteWords) -> None:
        speaker.voice, codes.book, switchboard.legs.is_code = now.voice, now.book, now.is_code
        desk.not_ready_reasons, supervision.rights = now.reasons, now.supervisors
        recorder.rules = callbacks.recording = now.recording
        line.several = now.several
        outside.become(now.outside)
        opening.become(now.opening)
        known = set(engine.phones)
        distributor.post(FloorChanged(now.floor))
        holder.become(now.several, now.recording)
        opening.tell(distributor.post)
        await switchboard.look_for(engine.phones.keys() - known)

    control = Control(state.control("acd"), Successor(state, words_of, use).answer)
    server = _server(holder, callbacks, codes, recorder, supervision)
    await server.start(HOST, settings.ports.acd)
    for room in (api, ami, control):
        await room.start()
    _announce()
    hours = asyncio.create_task(opening.run(distributor.post))
    try:
        async with asyncio.TaskGroup() as work:
            work.create_task(switchboard.run())
            work.create_task(recorder.run())
    finally:
        hours.cancel()
        lamps.cancel()
        for one in (control, ami, api, server):
            await one.close()
        journal.close()
        if trace is not None:
            trace.journal.close()


def _callbacks(
    distributor: Distributor, speaker: "Speaker", outside: Outside, recording: Rules, join: Join
) -> CallbackCalls:
    menu = CallbackMenu(distributor, speaker.files, outside, new_id, join)
    return CallbackCalls(distributor, speaker.files, outside, recording, join, menu.handle)


def _server(
    holder: Holder, callbacks: CallbackCalls, codes: AgentDesk, recorder: Recorder, supervision: Supervision
) -> AgiServer:
    """All that Asterisk's dialplan asks."""
    of_oversight = {"recording": recorder.handle, "supervise": supervision.handle}
    return AgiServer({"hold": holder.hold, "callback": callbacks.handle, "agent": codes.handle, **of_oversight})


def _announce() -> None:
    """Ready: all that was loaded by now stays for good, the site and the floor as well."""
    collect_seldom()
    announce_ready()


def _api(state: State, distributor: Distributor, desk: Desk, oversight: OversightApi) -> StatusApi:
    """All that is asked and told over the unix socket."""
    routes = (DeskApi(desk, distributor), LineApi(Line(distributor)), CallbackApi(distributor), oversight)
    return StatusApi(distributor, state.acd_socket, *(one.add_to for one in routes))


class Speaker:
    """What the site says, as it says it now."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def files(self, prompt: str, language: str, /, **slots: str | int) -> list[str]:
        return self.voice.files(prompt, language, **slots)

    def clips(self, prompt: str, language: str) -> list[str]:
        """For feature codes. A prompt that the site does not have is silence: what was asked for is done."""
        try:
            return self.voice.files(prompt, language)
        except UnknownPrompt:
            log.warning("action=feature_code missing_prompt=%s", prompt)
            return []


def new_id() -> str:
    """An id for a visit or an offer, unique over restarts and machines."""
    return uuid.uuid4().hex


def _traced(floor: Floor, state: State, keep_days: float) -> tuple[Engine, Trace | None]:
    """An engine, and the trace of its decisions where one is kept."""
    if keep_days <= 0:
        return Engine(floor, new_id), None
    ids = Ids(new_id)
    trace = Trace(TraceJournal(state.trace, keep_days=keep_days), ids, run=new_id())
    trace.open(engine := Engine(floor, ids))
    return engine, trace


async def _restored(ledger: Ledger, settings: Settings) -> Restored:
    """What the journal knows, and under it the last agents of the days before that journal began."""
    restored = ledger.restored(time.monotonic() - time.time())
    earlier = await _last_agents(settings)
    return replace(restored, last_agents={**earlier, **restored.last_agents})


async def _last_agents(settings: Settings) -> Mapping[str, str]:
    since = datetime.now(UTC) - timedelta(days=LAST_AGENT_DAYS)
    try:
        async with asyncio.timeout(DATABASE_PATIENCE_SECONDS):
            found = await asyncio.to_thread(_read_last_agents, settings.database_url, since)
    except Exception as fault:  # whatever ails the database, callers are not kept waiting for it
        log.warning("action=last_agents fault=%s", fault)
        return {}
    return {number: agent_id for number, (agent_id, _) in sorted(found.items(), key=lambda item: item[1][1])}


def _read_last_agents(database_url: str, since: datetime) -> dict[str, tuple[str, datetime]]:
    engine = open_engine(database_url)
    try:
        return last_agents(engine, since)
    finally:
        engine.dispose()
