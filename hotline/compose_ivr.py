"""Composition root of `hotline ivr`: the menus on one AGI port, the shop's dialogues on another."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientSession, DummyCookieJar

from db.engine import open_engine
from db.journal import Journal
from dialplan.loader import load_site
from dialplan.site import Site
from hotline.backends.accounts import RecordedAccounts
from hotline.backends.of_site import Means, SiteBackends
from hotline.ballots import RecordedBallots
from hotline.control import Control
from hotline.flow_of_site import flow_of
from hotline.ports import HOST
from hotline.readiness import announce_ready
from hotline.scripts import scripts_of
from hotline.serving import serve_until_told
from hotline.settings import load
from hotline.state import State
from hotline.succession import Successor
from hotline.voices import site_voice
from ivr.message_folder import MessageFolder
from ivr.message_taking import Places
from ivr.sealing import KeySealing
from ivr.session import IvrSettings, make_handler
from ivr.voice import Voice
from pbx.fastagi import AgiServer, AgiSession
from pbx.script_server import Script, ScriptServer

Handler = Callable[[AgiSession], Awaitable[None]]

JOURNAL = "ivr"
DRAIN_SECONDS = 1.0
"""Callers who are in a menu when the IVR is stopped enter it again at the same node, so there is no need to wait."""


ACTIONS_SECONDS = 5.0
"""What a backend is doing for callers is waited for as long."""
CALLS_REMEMBERED = 20_000
"""Calls whose menus are kept after a change of the site; the oldest are forgotten first."""


class Handlers:
    """The menus of each call: those that were the newest when it began, for as long as it lasts."""

    def __init__(self, newest: Handler) -> None:
        self.newest = newest
        self._of_call: OrderedDict[str, Handler] = OrderedDict()

    async def handle(self, session: AgiSession) -> None:
        handler = self._of_call.setdefault(session.uniqueid, self.newest)
        while len(self._of_call) > CALLS_REMEMBERED:
            self._of_call.popitem(last=False)
        await handler(session)


def main(state: State) -> None:
    """Serve callers until SIGTERM."""
    serve_until_told(lambda: serve(state))


async def serve(state: State) -> None:
    """Serve until cancelled. Raises HotlineError where nothing can be spoken."""
    settings = load(state)
    site = load_site(state.site)
    voice = site_voice(site, state.site / "prompts")
    journal = Journal(state.journal, JOURNAL)
    journal.start_segment()
    records = open_engine(settings.database_url)
    counting = open_engine(settings.database_url, writing=True)
    means = Means(ClientSession(cookie_jar=DummyCookieJar()), settings.database_url)
    messages = MessageFolder(state.messages)

    def menus_of(site: Site, folder: Path, voice: Voice) -> Handler:
        menus_settings = IvrSettings(
            ballots=RecordedBallots(records),
            backends=SiteBackends(site.backends, folder, means),
            accounts=RecordedAccounts(counting, means.threads),
            sealing=KeySealing(settings.ami_secret),
            places=Places(messages, folder),
        )
        return make_handler(flow_of(site), voice, journal, menus_settings)

    handlers = Handlers(menus_of(site, state.site, voice))
    menus = AgiServer({"ivr": handlers.handle})
    dialogues = ScriptServer(scripts_of(site, settings, voice, journal))

    def make(site_folder: Path) -> tuple[Handler, dict[str, Script]]:
        changed = load_site(site_folder)
        voice = site_voice(changed, site_folder / "prompts")
        return menus_of(changed, site_folder, voice), scripts_of(changed, settings, voice, journal)

    async def use(changed: tuple[Handler, dict[str, Script]]) -> None:
        handlers.newest, scripts = changed
        dialogues.add(scripts)

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
