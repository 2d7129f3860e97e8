"""Composition root of `hotline ivr`: the menus on one AGI port, the shop's dialogues on another."""

import asyncio

from db.journal import Journal
from dialplan.loader import load_site
from hotline.flow_of_site import flow_of
from hotline.ports import HOST
from hotline.readiness import announce_ready
from hotline.scripts import scripts_of
from hotline.serving import serve_until_told
from hotline.settings import load
from hotline.state import State
from hotline.voices import site_voice
from ivr.session import make_handler
from pbx.fastagi import AgiServer
from pbx.script_server import ScriptServer

JOURNAL = "ivr"
DRAIN_SECONDS = 1.0
"""Callers who are in a menu when the IVR is stopped enter it again at the same node, so there is no need to wait."""


def main(state: State) -> None:
    """Serve callers until SIGTERM."""
    serve_until_told(lambda: serve(state))


async def serve(state: State) -> None:
    """Serve until cancelled. Raises HotlineError where nothing can be spoken."""
    settings = load(state)
    site = load_site(state.site)
    voice = site_voice(site, state)
    journal = Journal(state.journal, JOURNAL)
    journal.start_segment()
    menus = AgiServer({"ivr": make_handler(flow_of(site), voice, journal)})
    dialogues = ScriptServer(scripts_of(site, settings, voice, journal))
    await menus.start(HOST, settings.ports.ivr)
    dialogues.start(HOST, settings.ports.script)
    announce_ready()
    try:
        await asyncio.Event().wait()
    finally:
        await menus.drain(DRAIN_SECONDS)
        await asyncio.to_thread(dialogues.close)
        journal.close()
