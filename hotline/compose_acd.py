"""Composition root of `hotline acd`: reads what the last process left, joins the rooms, and serves until SIGTERM."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from acd.agents import AgentDesk, Book, Clips
from acd.desk import Desk
from acd.desk_api import DeskApi
from acd.distributor import Distributor
from acd.engine import Engine
from acd.events import Restored
from acd.hold import Holder
from acd.lamps import Lamps
from acd.ledger import Ledger
from acd.status_api import StatusApi
from acd.switchboard import EVENTS, Switchboard
from db.engine import open_engine
from db.journal import Journal, read_since_carry
from db.last_agents import last_agents
from dialplan.loader import load_site
from dialplan.site import Site
from hotline.floor_of_site import floor_of
from hotline.opening import Opening
from hotline.ports import HOST
from hotline.readiness import announce_ready
from hotline.serving import serve_until_told
from hotline.settings import AMI_USER, Settings, load
from hotline.state import State
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
    voice = site_voice(site, state)  # may take its time: before callers are given the seconds in which to come back
    ledger = Ledger.fold(read_since_carry(state.journal, JOURNAL))
    journal = Journal(state.journal, JOURNAL)
    journal.start_segment(ledger.carry())
    distributor = Distributor(Engine(floor_of(site), new_id), journal, ledger)
    distributor.post(await _restored(ledger, settings))

    opening = Opening.of_site(site)
    opening.tell(distributor.post)
    desk = Desk(distributor, [reason.id for reason in site.not_ready_reasons.values()])
    several = [extension for extension, agent in site.agents.items() if agent.max_phones > 1]
    codes = AgentDesk(desk, clips_of(voice), book_of(site))
    holder = Holder(distributor, new_id, several, voice.files)
    server = AgiServer({"hold": holder.hold, "agent": codes.handle})
    api = StatusApi(distributor, state.acd_socket, DeskApi(desk, distributor).add_to)
    ami = AmiClient(AmiAddress(HOST, settings.ports.ami, AMI_USER, settings.ami_secret), events=EVENTS)
    lamps = asyncio.create_task(Lamps(ami, distributor).run())
    await server.start(HOST, settings.ports.acd)
    await api.start()
    await ami.start()
    announce_ready()
    hours = asyncio.create_task(opening.run(distributor.post))
    try:
        await Switchboard(ami, distributor, ledger.switch_started_at, site.feature_codes.includes).run()
    finally:
        hours.cancel()
        lamps.cancel()
        await ami.close()
        await api.close()
        await server.close()
        journal.close()


def new_id() -> str:
    """An id for a visit or an offer, unique over restarts and machines."""
    return uuid.uuid4().hex


def book_of(site: Site) -> Book:
    """What the site says of its agents' codes."""
    pins = {extension: agent.pin for extension, agent in site.agents.items() if agent.pin is not None}
    return Book(pins, {key: reason.id for key, reason in site.not_ready_reasons.items()})


def clips_of(voice: Voice) -> Clips:
    """The voice for feature codes. A prompt that the site does not have is silence: what was asked for is done."""

    def clips(prompt: str, language: str) -> list[str]:
        try:
            return voice.files(prompt, language)
        except UnknownPrompt:
            log.warning("action=feature_code missing_prompt=%s", prompt)
            return []

    return clips


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
