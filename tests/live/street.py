"""A house, and a street outside with a phone at which whoever is called back is reached."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.schema import Callback, CallbackAttempt
from hotline.demo.house import House
from hotline.demo.play import Play
from hotline.demo.quick_site import ORDERS_NUMBER, make_quick_site
from hotline.phones.baresip import Account
from hotline.phones.patience import eventually
from hotline.phones.ports import free_ports
from hotline.phones.softphone import Softphone

ZHANG, LI = "13900000081", "13900000082"
STRANGER = "02160000083"
"""A number that the site may not call."""
WANG = "1001"
CALLBACK = {"attempts": 2, "retry_seconds": 4, "ring_seconds": 8}
NEWS_SECONDS = 15.0


class Street:
    """A house, and a phone outside at which whoever is called back is reached."""

    def __init__(self, play: Play, phone: Softphone) -> None:
        self.play = play
        self.phone = phone

    async def take_callback(self, number: str, *keys: str) -> None:
        """Let a caller wait in the queue, press 1 and these keys, and be let go."""
        call = await self.play.cast.call(number, ORDERS_NUMBER)
        await eventually(lambda: len(self.play.facts.visits(number)) == 1, NEWS_SECONDS, "the visit")
        await call.digits("1")
        await asyncio.sleep(1.0)
        for key in keys:
            await call.digits(key)
            await asyncio.sleep(0.5)
        await call.closed(20.0)

    async def agent_is_ready(self) -> None:
        """Let the agent key the code for ready; a phone that rings at once is ready as well."""
        await self.play.cast.ready(WANG)

    async def attempts(self, number: int) -> list[tuple[str | None, str | None]]:
        """Outcome and agent of each attempt so far, once there are so many that are over."""

        def ended() -> list[tuple[str | None, str | None]]:
            with Session(self.play.house.engine) as session:
                found = session.scalars(select(CallbackAttempt).order_by(CallbackAttempt.started_at)).all()
            return [(one.outcome, one.agent_id) for one in found if one.outcome]

        await eventually(lambda: len(ended()) >= number, NEWS_SECONDS, f"{number} attempts in the records")
        return ended()

    async def callback(self) -> Callback:
        """The only callback, once it is over."""

        def over() -> Callback | None:
            with Session(self.play.house.engine) as session:
                (callback,) = session.scalars(select(Callback)).all()
            return callback if callback.ended_at else None

        found = await eventually(over, NEWS_SECONDS, "the end of the callback in the records")
        assert found is not None
        return found


def make_site(folder: Path, port: int, changes: Mapping[str, Mapping[str, Any]]) -> Path:
    """The quick site, with a carrier at this port; `changes` by file and its first key, those of `callback` by word."""
    site = make_quick_site(folder)
    _change(
        site / "site.yaml", {"trunks": [{"name": "local", "addresses": ["127.0.0.1"], "host": f"127.0.0.1:{port}"}]}
    )
    _change(
        site / "queues.yaml", {"orders": {"callback": {**CALLBACK, **changes.get("callback", {})}, "ring_seconds": 8}}
    )
    for file, entries in changes.items():
        if file != "callback":
            _change(site / file, entries)
    return site


def _change(file: Path, entries: Mapping[str, Any]) -> None:
    yaml = YAML()
    words = yaml.load(file)
    for name, entry in entries.items():
        if isinstance(entry, dict) and name in words:
            words[name].update(entry)
        else:
            words[name] = entry
    yaml.dump(words, file)


@pytest.fixture
async def street(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Street]:
    port = free_ports(3)
    async with House(tmp_path, make_site(tmp_path / "site", port, getattr(request, "param", {}))) as house:
        play = Play.at(house, lambda told: None, lambda check: None)
        account = Account(ZHANG, house.sip.host, house.sip.port)
        async with Softphone(account, folder=tmp_path / "outside", tone_hz=800.0, port=port) as phone:
            try:
                yield Street(play, phone)
            finally:
                await play.cast.close()
