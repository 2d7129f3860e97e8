"""Composition root of `hotline ivr`: the menus on one AGI port, the shop's dialogues on another."""

import asyncio
from functools import partial
from pathlib import Path

from aiohttp import ClientSession, DummyCookieJar

from db.engine import open_engine
from db.journal import Journal
from dialplan.site import Site
from hotline.backends.accounts import RecordedAccounts
from hotline.backends.of_site import Means, SiteBackends
from hotline.ballots import RecordedBallots
from hotline.control import Control
from hotline.given_calls import handler_maker
from hotline.maintenance import maintenance_of_calls
from hotline.ports import HOST
from hotline.readiness import announce_ready
from hotline.scripts import scripts_of
from hotline.serving import serve_until_told
from hotline.settings import load
from hotline.shelf import SiteShelf, menus_in, read_version
from hotline.standby import stand_by
from hotline.state import State
from hotline.succession import Successor
from ivr.checkpoint_files import CheckpointFiles
from ivr.menus import Menus
from ivr.message_folder import MessageFolder
from ivr.sealing import KeySealing
from ivr.session import IvrSettings
from pbx.fastagi import AgiServer
from pbx.script_server import Script, ScriptServer

JOURNAL = "ivr"
DRAIN_SECONDS = 1.0
"""Callers who are in a menu when the IVR is stopped enter it again at the same node, so there is no need to wait."""


ACTIONS_SECONDS = 5.0
"""What a backend is doing for callers is waited for as long."""


def main(state: State) -> None:
    """Serve callers until SIGTERM."""
    serve_until_told(lambda: serve(state))


async def serve(state: State) -> None:
    """Serve until cancelled. Raises HotlineError where nothing can be spoken."""
    settings = load(state)
    means = Means(ClientSession(cookie_jar=DummyCookieJar()), settings.database_url)

    def backends_of(site: Site, folder: Path) -> SiteBackends:
        return SiteBackends(site.backends, folder, means)

    loaded = state.current.resolve()
    site, newest = menus_in(loaded, backends_of)
    shelf = SiteShelf(newest, partial(read_version, state, backends_of))
    journal = Journal(state.journal, JOURNAL)
    records = open_engine(settings.database_url)
    counting = open_engine(settings.database_url, writing=True)
    menus_settings = IvrSettings(
        ballots=RecordedBallots(records),
        accounts=RecordedAccounts(counting, means.threads),
        checkpoints=CheckpointFiles(state.checkpoints),
        sealing=KeySealing(settings.ami_secret),
        messages=MessageFolder(state.messages),
        maintenance=partial(maintenance_of_calls, state),
    )
    menus = AgiServer({"ivr": handler_maker()(shelf, journal, menus_settings)})
    dialogues = ScriptServer(scripts_of(site, settings, newest.voice, journal))

    def make(site_folder: Path) -> tuple[Menus, dict[str, Script]]:
        changed, menus = menus_in(site_folder.parent, backends_of)
        return menus, scripts_of(changed, settings, menus.voice, journal)

    async def use(changed: tuple[Menus, dict[str, Script]]) -> None:
        newest, scripts = changed
        shelf.put(newest)
        dialogues.add(scripts)

    await stand_by()
    if state.current.resolve() != loaded:  # another site was put in place meanwhile
        await use(make(state.current.resolve() / "site"))
    journal.start_segment()
    control = Control(state.control("ivr"), Successor(state, make, use).answer)
    await menus.start(HOST, settings.ports.ivr)
    dialogues.start(HOST, settings.ports.script)
    await control.start()
    announce_ready()
    try:
        await asyncio.Event().wait()
    finally:
        await control.close()
        await menus.drain(DRAIN_SECONDS)
        await asyncio.to_thread(dialogues.close)
        await means.close(ACTIONS_SECONDS)
        counting.dispose()
        records.dispose()
        journal.close()
