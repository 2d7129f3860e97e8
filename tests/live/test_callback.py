"""Callbacks with real Asterisk and real phones: the caller hangs up, keeps the place, and is called."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

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

pytestmark = [pytest.mark.live, pytest.mark.timeout(150)]

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
        """Let the agent key the code for ready; a phone that rings at once may keep the state from being seen."""
        phone = await self.play.cast.agent(WANG)
        call = await phone.call(self.play.house.feature_codes["ready"])
        await asyncio.sleep(0.5)
        await call.hang_up()

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


def make_site(folder: Path, port: int, **callback: object) -> Path:
    site = make_quick_site(folder)
    yaml = YAML()
    text = site / "site.yaml"
    words = yaml.load(text)
    words["trunks"][0]["host"] = f"127.0.0.1:{port}"
    yaml.dump(words, text)
    queues = yaml.load(site / "queues.yaml")
    queues["orders"].update(callback={**CALLBACK, **callback}, ring_seconds=8)
    yaml.dump(queues, site / "queues.yaml")
    return site


@pytest.fixture
async def street(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Street]:
    port = free_ports(3)
    async with House(tmp_path, make_site(tmp_path / "site", port, **getattr(request, "param", {}))) as house:
        play = Play.at(house, lambda told: None, lambda check: None)
        account = Account(ZHANG, house.sip.host, house.sip.port)
        async with Softphone(account, folder=tmp_path / "outside", tone_hz=800.0, port=port) as phone:
            try:
                yield Street(play, phone)
            finally:
                await play.cast.close()


async def test_a_caller_takes_a_callback_and_is_called_in_turn(street: Street) -> None:
    """The caller confirms the number and hangs up; an agent who becomes ready rings for the callback before a later
    caller, hears for whom, and only then the caller's phone rings. The two talk, and the later caller is next."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    assert play.facts.visits(ZHANG)[0].outcome == "callback_taken"
    later = await play.cast.call(LI, ORDERS_NUMBER)
    await eventually(lambda: len(play.facts.visits(LI)) == 1, NEWS_SECONDS, "the later caller")
    await street.agent_is_ready()
    agent = await play.cast.agent(WANG)
    ring = await agent.incoming(NEWS_SECONDS)
    assert ring.peer == ZHANG
    await asyncio.sleep(1.1)  # the phone names its recordings by the second, and the feature code had one
    assert street.phone.calls == []
    talk = await ring.answer()
    await play.hears_start(talk, play.prompts("callback.whisper", "zh", number=ZHANG)[0])
    outside = await street.phone.incoming(NEWS_SECONDS)
    assert outside.peer == "4001"
    assert play.facts.agent_state(WANG) == "offered"
    answered = await outside.answer()
    await play.cast.is_in(WANG, "on_call")
    await answered.hang_up()
    await talk.closed(5.0)
    next_ring = await agent.incoming(NEWS_SECONDS)
    assert next_ring.peer == LI
    assert (await street.callback()).outcome == "answered"
    assert await street.attempts(1) == [("answered", WANG)]
    await eventually(lambda: play.facts.visits(ZHANG)[1].ended_at is not None, NEWS_SECONDS, "the end of the talk")
    assert play.facts.visits(ZHANG)[1].outcome == "completed_by_caller"
    assert len(street.phone.calls) == 1
    await later.hang_up()


async def test_a_busy_caller_is_called_again(street: Street) -> None:
    """A caller who rejects is called again after a while, with one INVITE an attempt, and then given up; the agent is
    free meanwhile, and nobody's miss."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    agent = await play.cast.agent(WANG)
    for _ in range(2):
        talk = await (await agent.incoming(NEWS_SECONDS)).answer()
        await (await street.phone.incoming(NEWS_SECONDS)).reject()
        await talk.closed(15.0)
        await play.cast.is_in(WANG, "ready")
    assert await street.attempts(2) == [("busy", WANG)] * 2
    assert (await street.callback()).outcome == "callback_failed"
    assert len(street.phone.calls) == 2
    outcomes = [offer.outcome for offer in play.facts.offers(play.facts.visits(ZHANG)[1])]
    assert outcomes == ["cancel_caller"] * 2


async def test_the_distributor_dies_while_the_agent_rings(street: Street) -> None:
    """kill -9 while the agent's phone rings: it rings on, nothing else rings, and the next distributor goes on with the
    same attempt; kill -9 in the talk: they talk on, and it is accounted."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    agent = await play.cast.agent(WANG)
    before = len(agent.calls)
    ring = await agent.incoming(NEWS_SECONDS)
    killed = play.house.kill("acd")
    await play.house.back("acd", killed)
    talk = await ring.answer()
    outside = await (await street.phone.incoming(NEWS_SECONDS)).answer()
    await play.cast.is_in(WANG, "on_call")
    killed = play.house.kill("acd")
    await play.house.back("acd", killed)
    await asyncio.sleep(1.0)
    assert talk.is_talking and outside.is_talking
    await talk.hang_up()
    await outside.closed(5.0)
    await eventually(lambda: play.facts.visits(ZHANG)[1].ended_at is not None, NEWS_SECONDS, "the end of the talk")
    visit = play.facts.visits(ZHANG)[1]
    assert (visit.outcome, visit.agent_id) == ("completed_by_agent", WANG)
    assert [offer.outcome for offer in play.facts.offers(visit)] == ["answered"]
    assert len(agent.calls) == before + 1
    assert len(street.phone.calls) == 1


async def test_the_distributor_dies_while_the_caller_rings(street: Street) -> None:
    """kill -9 while the caller's phone rings: it rings on, is answered, and nobody is called twice."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    talk = await (await (await play.cast.agent(WANG)).incoming(NEWS_SECONDS)).answer()
    ring = await street.phone.incoming(NEWS_SECONDS)
    killed = play.house.kill("acd")
    await play.house.back("acd", killed)
    outside = await ring.answer()
    await play.cast.is_in(WANG, "on_call")
    await outside.hang_up()
    await talk.closed(10.0)
    assert await street.attempts(1) == [("answered", WANG)]
    assert len(street.phone.calls) == 1


async def test_a_number_that_is_not_allowed_is_refused(street: Street) -> None:
    """Whoever rings from a number that may not be called keys in another one, which is read back; one that is not
    allowed either is refused."""
    play = street.play
    call = await play.cast.call(STRANGER, ORDERS_NUMBER)
    await eventually(lambda: len(play.facts.visits(STRANGER)) == 1, NEWS_SECONDS, "the visit")
    await call.digits("1")
    await play.hears_start(call, play.prompts("callback.enter", "zh")[0])
    await call.digits("110#")
    await play.hears(call, play.prompts("callback.not_allowed", "zh"))
    await play.hears_start(call, play.prompts("callback.enter", "zh")[0])
    await call.digits(ZHANG + "#")
    await play.hears(call, play.prompts("callback.confirm", "zh", number=ZHANG))
    await call.digits("1")
    await call.closed(20.0)
    assert play.facts.visits(STRANGER)[0].outcome == "callback_taken"
    assert play.facts.visits(ZHANG)[0].outcome is None


@pytest.mark.parametrize("street", [{"mode": "caller_first"}], indirect=True)
async def test_the_caller_is_called_first(street: Street) -> None:
    """With caller_first the caller's phone rings as an agent becomes ready; who answers waits on at the kept place, and
    that agent's phone rings."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    outside = await (await street.phone.incoming(NEWS_SECONDS)).answer()
    agent = await play.cast.agent(WANG)
    ring = await agent.incoming(NEWS_SECONDS)
    assert ring.peer == ZHANG
    await ring.answer()
    await play.cast.is_in(WANG, "on_call")
    await outside.hang_up()
    assert await street.attempts(1) == [("answered", None)]
    await eventually(lambda: play.facts.visits(ZHANG)[1].ended_at is not None, NEWS_SECONDS, "the end of the talk")
    assert play.facts.visits(ZHANG)[1].outcome == "completed_by_caller"
    assert len(street.phone.calls) == 1
