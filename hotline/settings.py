"""What one state folder remembers between starts: ports, secrets, which site, which database."""

import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hotline.faults import StateMissing
from hotline.ports import ChosenPorts, choose
from hotline.state import State, write_private

SHOP_SITE = Path(__file__).parent.parent / "dialplan" / "sites" / "shop"
AMI_USER = "acd"
TRACE_DAYS = 7.0
AMI_SECRET_BYTES = 32
PASSWORD_BYTES = 12  # 96 bits: short enough to type into a phone


@dataclass(frozen=True)
class Settings:
    site: Path
    """The folder that the admin edits. The children read the copy of it in the state folder."""
    database_url: str
    ports: ChosenPorts
    ami_secret: str
    agent_passwords: dict[str, str]
    """by extension"""
    demo_orders: bool
    """Whether the shop's made-up orders belong in the database."""
    trace_days: float = TRACE_DAYS
    """How long the ACD's trace is kept; 0: none is written."""


def default_site() -> Path:
    """$HOTLINE_SITE, else the shop."""
    return Path(os.environ.get("HOTLINE_SITE") or SHOP_SITE)


def default_database_url(state: State) -> str:
    """$HOTLINE_DATABASE, else SQLite in the state folder."""
    return os.environ.get("HOTLINE_DATABASE") or f"sqlite:///{state.database}"


def settle(
    state: State,
    site: Path,
    agents: Iterable[str],
    *,
    sip_port: int | None = None,
    database_url: str | None = None,
    trace_days: float | None = None,
) -> Settings:
    """Make or renew the settings of a state folder that this process holds, and keep them.

    Passwords and ports stay as they were: phones remember both. agents: the extensions of the site's phones.
    Raises PortTaken.
    """
    earlier = load(state) if state.settings.exists() else None
    settings = Settings(
        site=site.absolute(),
        database_url=database_url or (earlier.database_url if earlier else default_database_url(state)),
        ports=choose(earlier.ports if earlier else None, sip_port),
        ami_secret=earlier.ami_secret if earlier else new_secret(AMI_SECRET_BYTES),
        agent_passwords=_passwords(earlier.agent_passwords if earlier else {}, agents),
        demo_orders=site.resolve() == SHOP_SITE.resolve(),
        trace_days=(earlier.trace_days if earlier else TRACE_DAYS) if trace_days is None else trace_days,
    )
    keep(state, settings)
    return settings


def keep(state: State, settings: Settings) -> None:
    """Write them down; a reader finds the old ones or the new."""
    write_private(state.settings, json.dumps({**asdict(settings), "site": str(settings.site)}, indent=2))


def with_agents(settings: Settings, agents: Iterable[str]) -> Settings:
    """With a password for every one of these agents as well; the others keep theirs, in case they come back."""
    passwords = {**settings.agent_passwords, **_passwords(settings.agent_passwords, agents)}
    return replace(settings, agent_passwords=passwords)


def _passwords(known: dict[str, str], agents: Iterable[str]) -> dict[str, str]:
    return {extension: known.get(extension) or new_secret(PASSWORD_BYTES) for extension in agents}


def load(state: State) -> Settings:
    """Raises StateMissing."""
    try:
        written = json.loads(state.settings.read_text("utf-8"))
        read = Settings(**{**written, "site": Path(written["site"])})
        return replace(read, ports=ChosenPorts(**written["ports"]))
    except FileNotFoundError:
        raise StateMissing(
            f"{state.folder} has no settings yet; `hotline up --state {state.folder}` makes them"
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as damage:
        raise StateMissing(f"{state.settings} cannot be read ({damage}); remove it to begin anew") from damage


def new_secret(byte_count: int) -> str:
    """Random URL-safe letters: nothing in them means anything to Asterisk's configuration files."""
    return secrets.token_urlsafe(byte_count)
