"""Asterisk's configuration for one state folder: what the renderer needs, from what hotline has settled."""

import os
import shutil
from dataclasses import asdict
from pathlib import Path

from acd.heard import EVENTS
from dialplan.loader import load_site
from dialplan.music import MUSIC_FOLDER
from dialplan.render import Places, Ports, Secrets, render
from dialplan.site import Site
from hotline import compiled, generations
from hotline.asterisk_tree import Asterisk
from hotline.ports import ChosenPorts
from hotline.settings import Settings
from hotline.site_music import prepare_music
from hotline.starting_site import Source
from hotline.state import State, write_private

SHOWN_PORTS = ChosenPorts(sip=5060, rtp_first=10_000, rtp_last=11_999, ami=5038, ivr=4573, script=4574, acd=4575)


def write_configuration(
    site: Site, settings: Settings, state: State, asterisk: Asterisk, source: Source | None = None
) -> Path:
    """Make a generation of the copied site and of every file rendered for it; return the asterisk.conf to start with.

    A child that comes back reads the copy: what Asterisk was configured with, and not a half-made edit.

    source: where the site comes from; None: the folder of the settings.
    """
    places = _places(state, asterisk)
    for old in (places.etc, state.folder / "site"):  # folders of their own, before there were generations
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
    with generations.made(state, source.folder if source else settings.site) as unfinished:
        write_rendered(site, settings, state, asterisk, unfinished)
        compiled.write(site, unfinished)
        if source and source.mark:
            generations.mark(unfinished, source.mark)
        name = generations.finish(state, unfinished)
        generations.point_to(state, name)
        if source and source.mark:
            generations.publish(state, name)
    generations.tidy(state)
    if not places.etc.is_symlink():
        places.etc.symlink_to(Path(os.path.relpath(state.current, places.etc.parent)) / "etc", target_is_directory=True)
    places.make()
    return places.etc / "asterisk.conf"


def write_rendered(site: Site, settings: Settings, state: State, asterisk: Asterisk, unfinished: Path) -> None:
    """Write every file into the empty `etc` of a generation that has its site.

    Raises dialplan.render.UnsafeValue, or HotlineError for music that cannot be played, with nothing written.
    """
    secrets = Secrets(ami=settings.ami_secret, agents=settings.agent_passwords)
    music = prepare_music(site, unfinished / "site")
    ports, places = Ports(**asdict(settings.ports)), _places(state, asterisk)
    rendered = render(site, ports, places, secrets, events=EVENTS, music=music)
    for name, text in rendered.items():
        write_private(unfinished / "etc" / name, text)


def render_for_reading(state: State, site_folder: Path) -> dict[str, str]:
    """What would be written for this site, with example ports and with words instead of secrets.

    Raises dialplan.loader.SiteInvalid.
    """
    site = load_site(site_folder)
    there = Path("/usr/lib/asterisk/modules")
    asterisk = Asterisk(
        ("asterisk",), "", modules=there, data=Path("/usr/share/asterisk"), moh=Path("/usr/share/asterisk/moh")
    )
    secrets = Secrets(ami="AMI-SECRET", agents=dict.fromkeys(site.extensions, "PASSWORD"))
    music = {name: site_folder.absolute() / MUSIC_FOLDER / name for name in site.music}
    ports = Ports(**asdict(SHOWN_PORTS))
    return render(site, ports, _places(state, asterisk), secrets, events=EVENTS, music=music)


def _places(state: State, asterisk: Asterisk) -> Places:
    return Places(
        state=state.asterisk,
        run=state.run,
        data=asterisk.data,
        modules=asterisk.modules,
        moh=asterisk.moh,
        recordings=state.recordings,
    )
