"""Callbacks whose agent is rung first, with real Asterisk and real phones: several phones, recording, survey,
transfers, and callbacks that a menu proposes."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.oversight import Recording, SurveyAnswer
from db.schema import QueueVisit
from hotline.demo.quick_site import ORDERS_NUMBER
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.patience import NeverHappened, eventually
from hotline.phones.softphone import Softphone
from tests.live.street import LI, NEWS_SECONDS, WANG, ZHANG, Street, street
from tests.live.test_transfers import Floor

__all__ = ["street"]

pytestmark = [pytest.mark.live, pytest.mark.timeout(170)]

COLLEAGUE, SUPPORT, SUPPORT_QUEUE = "1002", "1004", "7002"
DESK = "2001"
TWO_PHONES = {"agents.yaml": {WANG: {"max_phones": 2, "phones": [WANG, DESK]}}}
LONG_WRAP_UP = {"queues.yaml": {"orders": {"wrap_up_seconds": 60}}}
RECORDED = {"queues.yaml": {"orders": {"record": "always", "record_notice": "closed", "survey": "feedback"}}}


async def talk(street: Street) -> tuple[PhoneCall, PhoneCall]:
    """A callback has come to a talk: the agent's line, and the caller's."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    line = await (await (await play.cast.agent(WANG)).incoming(NEWS_SECONDS)).answer()
    outside = await (await street.phone.incoming(NEWS_SECONDS)).answer()
    await play.cast.is_in(WANG, "on_call", NEWS_SECONDS)
    return line, outside


@pytest.fixture
async def phones(street: Street, tmp_path: Path) -> AsyncIterator[list[Softphone]]:
    """All three phones of one agent: two that registered as their extension, and a desk phone."""
    house = street.play.house
    desk = next(one for one in house.ready["phones"] if one["extension"] == DESK)
    first = await street.play.cast.agent(WANG)
    others = [
        Softphone(Account(number, house.sip.host, house.sip.port, password), folder=tmp_path / f"phone-{number}")
        for number, password in ((WANG, house.desks[WANG].password), (DESK, desk["password"]))
    ]
    for phone in others:
        await phone.start()
    yield [first, *others]
    for phone in others:
        await phone.close()


@pytest.mark.parametrize("street", [TWO_PHONES], indirect=True)
async def test_all_phones_of_an_agent_ring_and_one_wins(street: Street, phones: list[Softphone]) -> None:
    """Two registrations and a desk phone ring at once; the distributor dies meanwhile; one is answered, the others
    stop, and the caller is called once. A phone that is rejected leaves the others ringing."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    rings = [await phone.incoming(NEWS_SECONDS) for phone in phones]
    await rings[0].reject()
    killed = play.house.kill("acd")
    await play.house.back("acd", killed)
    await asyncio.sleep(1.5)
    line = await rings[2].answer()
    await rings[1].closed(5.0)
    outside = await (await street.phone.incoming(NEWS_SECONDS)).answer()
    await play.cast.is_in(WANG, "on_call")
    assert line.is_talking
    await outside.hang_up()
    await line.closed(10.0)
    assert await street.attempts(1) == [("answered", WANG)]
    assert len(street.phone.calls) == 1
    visit = play.facts.visits(ZHANG)[1]
    assert [offer.outcome for offer in play.facts.offers(visit)] == ["answered"]


@pytest.mark.parametrize("street", [TWO_PHONES], indirect=True)
async def test_two_phones_are_answered_at_once(street: Street, phones: list[Softphone]) -> None:
    """One of them has the caller, the other is let go; one leg to the caller."""
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    rings = [await phone.incoming(NEWS_SECONDS) for phone in phones]
    lines = await asyncio.gather(*(ring.answer() for ring in rings[:2]), return_exceptions=True)
    outside = await (await street.phone.incoming(NEWS_SECONDS)).answer()
    await street.play.cast.is_in(WANG, "on_call")
    await asyncio.sleep(1.0)
    assert sum(isinstance(one, PhoneCall) and one.is_talking for one in lines) == 1
    assert outside.is_talking and len(street.phone.calls) == 1
    await outside.hang_up()
    assert await street.attempts(1) == [("answered", WANG)]


@pytest.mark.parametrize("street", [RECORDED], indirect=True)
async def test_a_callback_is_recorded_and_asked_about(street: Street) -> None:
    """The caller hears that the talk is recorded before anything is; the file holds the talk and not the ringing, both
    voices; an attempt that came to nothing leaves no file. The agent hangs up, and the caller is asked."""
    play = street.play
    await street.take_callback(ZHANG, "1")
    await street.agent_is_ready()
    agent = await play.cast.agent(WANG)
    await (await agent.incoming(NEWS_SECONDS)).answer()
    await (await street.phone.incoming(NEWS_SECONDS)).reject()
    await street.attempts(1)
    line = await (await agent.incoming(NEWS_SECONDS)).answer()
    ring = await street.phone.incoming(NEWS_SECONDS)
    await asyncio.sleep(4.0)
    outside = await ring.answer()
    await play.hears(outside, play.prompts("closed", "zh"))
    await play.cast.is_in(WANG, "on_call", NEWS_SECONDS)
    await asyncio.sleep(3.0)
    await line.hang_up()
    await play.hears_start(outside, play.prompts("rate_us", "zh")[0])
    await outside.digits("4")
    await outside.closed(15.0)

    def over() -> list[Recording]:
        with Session(play.house.engine, expire_on_commit=False) as session:
            return [one for one in session.scalars(select(Recording)) if one.ended_at is not None]

    (recording,) = await eventually(over, NEWS_SECONDS, "the recording to be over")
    visit = play.facts.visits(ZHANG)[1]
    assert (recording.fault, recording.visit_id, recording.agent_id) == (None, visit.visit_id, WANG)
    assert recording.seconds == pytest.approx(3.0, abs=2.0)
    folder = play.house.state.recordings
    with wave.open(str(folder / recording.file)) as sound:
        both = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64)
    assert min(np.abs(both[0::2]).max(), np.abs(both[1::2]).max()) > 500
    await eventually(lambda: [one.suffix for one in folder.rglob("*.*")] == [".wav"], NEWS_SECONDS, "no empty file")

    def answers() -> list[SurveyAnswer]:
        with Session(play.house.engine, expire_on_commit=False) as session:
            return list(session.scalars(select(SurveyAnswer)))

    (answer,) = await eventually(answers, NEWS_SECONDS, "the answer")
    assert (answer.visit_id, answer.answer) == (visit.visit_id, "4")
    assert visit.outcome == "completed_by_agent"


async def onward(street: Street, outcome: str) -> None:
    """The talk was sent on, and the next one ended so; nobody was called twice."""

    def visits() -> list[QueueVisit]:
        return [one for one in street.play.facts.visits(ZHANG) if one.entered_via != "consult"][1:]

    def ended() -> bool:
        return len(visits()) == 2 and all(one.outcome for one in visits())

    with suppress(NeverHappened):
        await eventually(ended, NEWS_SECONDS, "the visits' ends")
    assert [one.outcome for one in visits()] == ["transferred", outcome]
    first, second = visits()
    assert (second.entered_via, second.from_visit_id) == ("transfer", first.visit_id)
    assert len(street.phone.calls) == 1


@pytest.mark.parametrize("keys", [False, True])
async def test_a_blind_transfer_out_of_a_callback(street: Street, keys: bool) -> None:
    """By REFER or by keys: the agent is out of it, the caller waits in the other queue and talks to its agent."""
    play = street.play
    await play.cast.ready(SUPPORT)
    line, outside = await talk(street)
    if keys:
        await line.digits("##")
        await asyncio.sleep(1.0)
        await line.digits(SUPPORT_QUEUE)
    else:
        await line.transfer(SUPPORT_QUEUE)
    second = await (await play.cast.agent(SUPPORT)).answer_next(NEWS_SECONDS)
    await play.cast.is_in(SUPPORT, "on_call")
    assert outside.is_talking
    await second.hang_up()
    await onward(street, "completed_by_agent")
    await outside.closed(20.0)


@pytest.mark.parametrize("street", [LONG_WRAP_UP], indirect=True)
async def test_a_caller_who_was_sent_on_may_hang_up(street: Street) -> None:
    """In the queue that a called caller was sent to, they are a caller like any: hang up, and it is an abandon. The
    only agent who is there could help that queue, but has the last talk to wrap up."""
    play = street.play
    line, outside = await talk(street)
    await line.transfer(SUPPORT_QUEUE)
    await eventually(lambda: len(play.facts.visits(ZHANG)) == 3, NEWS_SECONDS, "the visit")
    assert outside.is_talking
    await outside.hang_up()
    await onward(street, "abandoned_waiting")


async def test_a_caller_of_a_callback_is_handed_over_to_a_colleague(street: Street) -> None:
    """REFER with Replaces: the two talk on, the first agent is free, and the end is told."""
    play = street.play
    line, outside = await talk(street)
    floor = Floor(play.house)
    floor.cast = play.cast
    colleague = await play.cast.agent(COLLEAGUE)
    await floor.consult(line, COLLEAGUE)
    second = await colleague.answer_next(NEWS_SECONDS)
    await asyncio.sleep(0.7)
    await floor.hand_over(line, COLLEAGUE)
    await play.cast.is_in(WANG, "ready", NEWS_SECONDS)
    assert outside.is_talking and second.is_talking
    await outside.hang_up()
    await second.closed(10.0)
    await onward(street, "completed_by_caller")


async def test_a_caller_of_a_callback_is_handed_over_by_keys(street: Street) -> None:
    """`*2`, the colleague, and the agent hangs up: the caller talks to the colleague."""
    play = street.play
    colleague = await play.cast.agent(COLLEAGUE)
    line, outside = await talk(street)
    await line.digits("*2")
    await asyncio.sleep(1.0)
    await line.digits(COLLEAGUE)
    second = await colleague.answer_next(NEWS_SECONDS)
    await asyncio.sleep(1.0)
    await line.hang_up()
    await play.cast.is_in(COLLEAGUE, "on_call", NEWS_SECONDS)
    assert outside.is_talking and second.is_talking
    await second.hang_up()
    await onward(street, "completed_by_agent")


FULL = {
    "queues.yaml": {"orders": {"size_max": 0}},
    "site.yaml": {
        "outbound": {"trunk": "local", "allow": ["139xxxxxxxx"], "deny": ["13900000082"], "caller_number": "4001"}
    },
}


@pytest.mark.parametrize("street", [FULL], indirect=True)
async def test_a_menu_proposes_a_callback(street: Street) -> None:
    """The queue is full: the caller is asked at once, the distributor dies in the dialogue and asks again, the number
    is confirmed, the place is kept, and the caller is called. Calling once more they wait already; a number that the
    site denies is not read back."""
    play = street.play
    call = await play.cast.call(ZHANG, ORDERS_NUMBER)
    await play.hears(call, play.prompts("callback.confirm", "zh", number=ZHANG)[:1])
    killed = play.house.kill("acd")
    await play.house.back("acd", killed)
    await asyncio.sleep(2.0)
    await call.digits("1")
    await play.hears(call, play.prompts("callback.taken", "zh"))
    await call.closed(20.0)
    again = await play.cast.call(ZHANG, ORDERS_NUMBER)
    await asyncio.sleep(2.0)
    await again.digits("1")
    await again.closed(20.0)
    denied = await play.cast.call(LI, ORDERS_NUMBER)
    await play.hears_start(denied, play.prompts("callback.enter", "zh")[0])
    await denied.digits("*")
    await denied.closed(20.0)
    await eventually(
        lambda: (
            [
                step.result
                for call in play.facts.calls(ZHANG, LI)
                for step in play.facts.steps(call.call_id)
                if step.kind == "callback"
            ]
            == ["taken", "already_waiting", "declined"]
        ),
        NEWS_SECONDS,
        "the steps",
    )
    await street.agent_is_ready()
    await (await (await play.cast.agent(WANG)).incoming(NEWS_SECONDS)).answer()
    outside = await (await street.phone.incoming(NEWS_SECONDS)).answer()
    await play.cast.is_in(WANG, "on_call")
    await outside.hang_up()
    assert await street.attempts(1) == [("answered", WANG)]
    assert play.facts.rejected() == []
