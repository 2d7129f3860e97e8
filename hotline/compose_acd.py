"""Composition root of `hotline acd`: reads what the last process left, joins the rooms, and serves until SIGTERM."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from acd.agents import AgentDesk, Book
from acd.desk import Desk
from acd.desk_api import DeskApi
from acd.distributor import Distributor
from acd.engine import Engine
from acd.events import FloorChanged, Restored
from acd.hold import Holder
from acd.ids import Ids
from acd.lamps import Lamps
from acd.ledger import Ledger
from acd.model import Floor
from acd.status_api import StatusApi
from acd.switchboard import EVENTS, Switchboard
from acd.trace import Trace
from db.engine import open_engine
from db.journal import Journal, read_since_carry
from db.last_agents import last_agents
from db.trace_files import TraceJournal
from dialplan.loader import load_site
from dialplan.site import Site
from hotline.control import Control
from hotline.floor_of_site import floor_of
from hotline.opening import Opening
from hotline.ports import HOST
from hotline.readiness import announce_ready
from hotline.serving import serve_until_told
from hotline.settings import AMI_USER, Settings, load
from hotline.state import State
from hotline.succession import Successor
from hotline.voices import site_voice
from ivr.voice import UnknownPrompt, Voice
from pbx.ami import AmiAddress, AmiClient
from pbx.fastagi import AgiServer

log = logging.getLogger(__name__)

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
    site = load_site(state.site)
    # May take its time: before callers are given the seconds in which to come back.
    voice = site_voice(site, state.site / "prompts")
    ledger = Ledger.fold(read_since_carry(state.journal, JOURNAL))
    journal = Journal(state.journal, JOURNAL)
    journal.start_segment(ledger.carry())
    engine, trace = _traced(floor_of(site), state, settings.trace_days)
    distributor = Distributor(engine, journal, ledger, trace)
    distributor.post(await _restored(ledger, settings))

    opening = Opening.of_site(site)
    opening.tell(distributor.post)
    speaker = Speaker(voice)
    desk = Desk(distributor, [reason.id for reason in site.not_ready_reasons.values()])
    several = [extension for extension, agent in site.agents.items() if agent.max_phones > 1]
    codes = AgentDesk(desk, speaker.clips, book_of(site))
    holder = Holder(distributor, new_id, several, speaker.files)
    server = AgiServer({"hold": holder.hold, "agent": codes.handle})
    api = StatusApi(distributor, state.acd_socket, DeskApi(desk, distributor).add_to)
    ami = AmiClient(AmiAddress(HOST, settings.ports.ami, AMI_USER, settings.ami_secret), events=EVENTS)
    lamps = asyncio.create_task(Lamps(ami, distributor).run())
    switchboard = Switchboard(ami, distributor, ledger.switch_started_at, site.feature_codes.includes)

    async def use(changed: tuple[Floor, Voice]) -> None:
        floor, speaker.voice = changed
        known = set(engine.phones)
        distributor.post(FloorChanged(floor))
        await switchboard.look_for(engine.phones.keys() - known)

    control = Control(state.control("acd"), Successor(state, _floor_and_voice, use).answer)
    await server.start(HOST, settings.ports.acd)
    await api.start()
    await ami.start()
    await control.start()
    announce_ready()
    hours = asyncio.create_task(opening.run(distributor.post))
    try:
        await switchboard.run()
    finally:
        await control.close()
        hours.cancel()
        lamps.cancel()
        await ami.close()
        await api.close()
        await server.close()
        journal.close()
        if trace is not None:
            trace.journal.close()


def _floor_and_voice(site_folder: Path) -> tuple[Floor, Voice]:
    site = load_site(site_folder)
    return floor_of(site), site_voice(site, site_folder / "prompts")


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


def book_of(site: Site) -> Book:
    """What the site says of its agents' codes."""
    pins = {extension: agent.pin for extension, agent in site.agents.items() if agent.pin is not None}
    return Book(pins, {key: reason.id for key, reason in site.not_ready_reasons.items()})


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
