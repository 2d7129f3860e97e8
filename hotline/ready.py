"""STATE/ready.json: everything that a phone, a test or a script needs to use a hotline that is up."""

import json
import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from dialplan.site import Site
from hotline.asterisk_tree import Asterisk
from hotline.ports import HOST
from hotline.settings import Settings
from hotline.state import State, write_private


def describe(
    state: State, site: Site, settings: Settings, asterisk: Asterisk, pids: Mapping[str, int]
) -> dict[str, Any]:
    """The content of ready.json. Holds passwords."""
    return {
        "site": {"name": site.name, "folder": str(settings.site), "languages": site.languages},
        "sip": {"host": HOST, "port": settings.ports.sip},
        "numbers": dict(site.numbers),
        "agents": [
            {
                "extension": agent.extension,
                "name": agent.name,
                "password": settings.agent_passwords[agent.extension],
                "skills": agent.skills,
            }
            for agent in site.agents.values()
        ],
        "phones": [
            {"extension": phone.extension, "name": phone.name, "password": settings.agent_passwords[phone.extension]}
            for phone in site.phones.values()
        ],
        "feature_codes": site.feature_codes.model_dump(),
        "database_url": settings.database_url,
        "acd_socket": str(state.acd_socket),
        "log": str(state.log),
        "pids": {"hotline": os.getpid(), **pids},
        "versions": {
            "hotline": version("hotline"),
            "asterisk": asterisk.version,
            "python": platform.python_version(),
        },
    }


def publish(state: State, content: Mapping[str, Any]) -> None:
    """Readers see the old file or the new one, mode 0600."""
    write_private(state.ready, json.dumps(content, ensure_ascii=False, indent=2))


def line(state: State, site: Site, settings: Settings) -> str:
    """The one line that says that calls can come."""
    return (
        f"ready: {site.name} takes calls at SIP {HOST}:{settings.ports.sip}, numbers {_listed(site.numbers)}, "
        f"agents {_listed(site.agents)}; details in {state.ready}; Ctrl-C stops"
    )


def _listed(words: Mapping[str, object], most: int = 6) -> str:
    shown = ", ".join(list(words)[:most])
    return shown + (f" and {len(words) - most} more" if len(words) > most else "")
