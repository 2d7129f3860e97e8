"""The dialogues of agi_scripts/, each given what it works with."""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy.orm import sessionmaker

from agi_scripts import order_status
from agi_scripts.dialogue import Journal
from db.engine import open_engine
from dialplan.nodes import ScriptNode
from dialplan.site import Site
from hotline.faults import HotlineError
from hotline.settings import Settings
from ivr.voice import Voice
from pbx.script_server import Script
from shop.orders import find_order

PROMPTS: Mapping[str, frozenset[str]] = {order_status.NAME: order_status.PROMPTS}
"""What each script says, by the name that a site's script node uses."""


def scripts_of(site: Site, settings: Settings, voice: Voice, journal: Journal) -> dict[str, Script]:
    """The scripts that this site uses, by name.

    Raises HotlineError: it uses one that does not exist, or has no words for one.
    """
    check_scripts(site, voice)
    makers = _makers(settings, voice, journal)
    return {name: makers[name]() for name in _used(site)}


def check_scripts(site: Site, voice: Voice) -> None:
    """Raises HotlineError: the site uses a script that does not exist, or has no words for one."""
    for name in sorted(_used(site)):
        if name not in PROMPTS:
            raise HotlineError(
                f"the site uses the script {name}, which does not exist; there are: {', '.join(PROMPTS)}"
            )
        unspoken = PROMPTS[name] - voice.prompt_ids
        if unspoken:
            raise HotlineError(f"prompts.yaml lacks what the script {name} says: {', '.join(sorted(unspoken))}")


def _used(site: Site) -> set[str]:
    return {node.script for menu in site.menus.values() for node in menu.nodes.values() if isinstance(node, ScriptNode)}


def _makers(settings: Settings, voice: Voice, journal: Journal) -> Mapping[str, Callable[[], Script]]:
    look_up = partial(find_order, sessionmaker(open_engine(settings.database_url)))
    return {order_status.NAME: lambda: order_status.make(look_up, voice, journal)}
