"""Callbacks with real Asterisk and real phones: the caller hangs up, keeps the place, and is called."""

import asyncio

import pytest

from hotline.demo.quick_site import ORDERS_NUMBER
from hotline.phones.patience import eventually
from tests.live.street import LI, NEWS_SECONDS, STRANGER, WANG, ZHANG, Street, street

__all__ = ["street"]

pytestmark = [pytest.mark.live, pytest.mark.timeout(150)]


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
    await outside.closed(20.0)  # asked the survey, and silent
    await eventually(lambda: play.facts.visits(ZHANG)[1].ended_at is not None, NEWS_SECONDS, "the end of the talk")
    visit = play.facts.visits(ZHANG)[1]
    assert (visit.outcome, visit.agent_id) == ("completed_by_agent", WANG)
    assert [offer.outcome for offer in play.facts.offers(visit)] == ["answered"]
    assert [call.direction for call in agent.calls] == ["outgoing", "incoming"], "the code for ready, and one ring"
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


@pytest.mark.parametrize("street", [{"callback": {"mode": "caller_first"}}], indirect=True)
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
