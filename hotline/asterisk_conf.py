"""Asterisk's configuration for one state folder: what the renderer needs, from what hotline has settled."""

from dataclasses import asdict
from pathlib import Path

from dialplan.loader import load_site
from dialplan.render import Places, Ports, Secrets, render
from dialplan.site import Site
from hotline.asterisk_tree import Asterisk
from hotline.ports import ChosenPorts
from hotline.settings import Settings
from hotline.state import State, write_private

SHOWN_PORTS = ChosenPorts(sip=5060, rtp_first=10_000, rtp_last=11_999, ami=5038, ivr=4573, script=4574, acd=4575)


def write_configuration(site: Site, settings: Settings, state: State, asterisk: Asterisk) -> Path:
    """Write every file and return the asterisk.conf to start with.

    Files of an earlier start that are not rendered any more are removed: Asterisk would read them.
    """
    places = _places(state, asterisk)
    places.make()
    secrets = Secrets(ami=settings.ami_secret, agents=settings.agent_passwords)
    rendered = render(site, Ports(**asdict(settings.ports)), places, secrets)
    for left in places.etc.glob("*.conf"):
        if left.name not in rendered:
            left.unlink()
    for name, text in rendered.items():
        write_private(places.etc / name, text)
    return places.etc / "asterisk.conf"


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
    return render(site, Ports(**asdict(SHOWN_PORTS)), _places(state, asterisk), secrets)


def _places(state: State, asterisk: Asterisk) -> Places:
    return Places(state=state.asterisk, run=state.run, data=asterisk.data, modules=asterisk.modules, moh=asterisk.moh)
