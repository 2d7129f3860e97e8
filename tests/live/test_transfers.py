"""Transfers, consults and hold with real Asterisk and real phones: who talks to whom, and what is recorded of it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.oversight import SurveyAnswer
from db.schema import QueueVisit
from dialplan.render import AGENT_RING_SECONDS
from hotline.demo.cast import Cast
from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.demo.quick_site import ORDERS_NUMBER, make_quick_site
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.patience import eventually
from hotline.phones.ports import free_ports
from hotline.phones.softphone import Softphone
from tests.attended import hand_over

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

ORDERS, COLLEAGUE, SUPPORT = "1001", "1002", "1004"
SUPPORT_QUEUE = "7002"
CALLER = "13900000001"
OUTSIDE = "13900000007"
SECONDS = 20.0


class Floor:
    """A house with agents at real phones, one of whom talks to a caller."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.facts = Facts(house.engine)
        self.cast = Cast(house, self.facts)

    async def talk(self) -> tuple[PhoneCall, PhoneCall]:
        """The caller's and the agent's side of a talk; the colleagues' phones are there."""
        for extension in (COLLEAGUE, SUPPORT):
            await self.cast.agent(extension)
        await self.cast.ready(ORDERS)
        caller = await self.cast.call(CALLER, ORDERS_NUMBER)
        agent = await (await self.cast.agent(ORDERS)).answer_next()
        await self.cast.is_in(ORDERS, "on_call")
        return caller, agent

    async def consult(self, agent: PhoneCall, number: str) -> PhoneCall:
        """Hold the caller and dial on a second line."""
        await agent.hold()
        return await (await self.cast.agent(ORDERS)).dial(number)

    async def consult_queue_by_keys(self, agent: PhoneCall) -> None:
        """The agent stands in the other queue, the caller waits for them."""
        await agent.digits("*2")
        await asyncio.sleep(1.0)  # the beep
        await agent.digits(SUPPORT_QUEUE)
        await self.house.eventually(
            lambda: [one for one in self.facts.visits() if one.entered_via == "consult"], SECONDS, "the consult"
        )

    async def hand_over(self, agent: PhoneCall, number: str) -> None:
        """REFER with Replaces."""
        await hand_over(self.house, agent, ORDERS, number)

    async def visits(self, *outcomes: str | None) -> list[QueueVisit]:
        """The caller's visits, once they have ended so."""

        def found() -> list[QueueVisit]:
            visits = [one for one in self.facts.visits() if one.entered_via != "consult"]
            return visits if tuple(one.outcome for one in visits) == outcomes else []

        return await self.house.eventually(found, SECONDS, f"visits to have ended {outcomes}")

    async def answer_survey(self, caller: PhoneCall, key: str) -> SurveyAnswer:
        """Key an answer as the menu asks; what is recorded of it."""

        def answers() -> list[SurveyAnswer]:
            with Session(self.house.engine) as session:
                found = list(session.scalars(select(SurveyAnswer)).all())
                session.expunge_all()
            return found

        await asyncio.sleep(1.0)  # the first words of the question; keys in the talk are the agent's and nobody's
        await caller.digits(key)
        (answer,) = await self.house.eventually(answers, SECONDS, "the answer")
        return answer


def make_site(folder: Path, outside_port: int) -> Path:
    """The quick site, whose carrier is a phone on this port."""
    site, yaml = make_quick_site(folder), YAML()
    words = yaml.load(site / "site.yaml")
    words["trunks"][0]["host"] = f"127.0.0.1:{outside_port}"
    yaml.dump(words, site / "site.yaml")
    return site


@pytest.fixture
def outside_port() -> int:
    return free_ports(3)


@pytest.fixture
async def floor(tmp_path: Path, outside_port: int) -> AsyncIterator[Floor]:
    async with House(tmp_path / "house", make_site(tmp_path / "site", outside_port)) as house:
        made = Floor(house)
        try:
            yield made
        finally:
            await made.cast.close()


async def test_a_blind_transfer_to_a_queue(floor: Floor) -> None:
    """The first agent's talk ends as they refer, the caller talks to the next queue's agent, nobody is hung up on."""
    await floor.cast.ready(SUPPORT)
    caller, agent = await floor.talk()
    await agent.transfer(SUPPORT_QUEUE)
    second = await (await floor.cast.agent(SUPPORT)).answer_next()
    assert caller.is_talking
    await second.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (first.agent_id, first.destination, onward.agent_id) == (ORDERS, "support", SUPPORT)
    assert (onward.entered_via, onward.from_visit_id, onward.call_id) == ("transfer", first.visit_id, first.call_id)
    await floor.house.eventually(lambda: floor.facts.call(CALLER).outcome, SECONDS, "the call to end")  # type: ignore[union-attr]  # it began


async def test_a_blind_transfer_to_an_agent_is_that_agents_visit(floor: Floor) -> None:
    """They are on a call of ours and not busy with one of their own, and it is recorded as any."""
    caller, agent = await floor.talk()
    await floor.cast.ready(COLLEAGUE)
    await agent.transfer(COLLEAGUE)
    second = await (await floor.cast.agent(COLLEAGUE)).answer_next()
    await floor.cast.is_in(COLLEAGUE, "on_call")
    await caller.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_caller")
    assert (first.destination_kind, first.destination, onward.agent_id) == ("agent", COLLEAGUE, COLLEAGUE)
    await second.closed()


async def test_a_blind_transfer_to_nobody_brings_the_caller_back(floor: Floor) -> None:
    """The agent asked for is logged off: the caller goes to whoever of the old queue is free, at the old place."""
    caller, agent = await floor.talk()
    await agent.transfer("1006")
    again = await (await floor.cast.agent(ORDERS)).answer_next(20.0)
    assert caller.is_talking
    await again.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (onward.queue, onward.agent_id, onward.from_visit_id) == ("orders", ORDERS, first.visit_id)


@pytest.mark.parametrize("waits_for_answer", [True, False])
async def test_an_attended_transfer_to_a_queue(floor: Floor, waits_for_answer: bool) -> None:
    """Handed over to the agent who had answered the consult, or to the place in the queue; the consult itself is in no
    report, and the first agent is free."""
    if waits_for_answer:
        await floor.cast.ready(SUPPORT)
    caller, agent = await floor.talk()
    await floor.consult(agent, SUPPORT_QUEUE)
    phone = await floor.cast.agent(SUPPORT)
    second = await phone.answer_next() if waits_for_answer else None
    await asyncio.sleep(0.5)  # the REFER must not overtake the answer in Asterisk
    await floor.hand_over(agent, SUPPORT_QUEUE)
    if second is None:
        _, second = await asyncio.gather(floor.cast.ready(SUPPORT), phone.answer_next(20.0))
    assert caller.is_talking and second.is_talking
    await floor.cast.is_in(ORDERS, "ready")  # the handover is done; nobody hangs up within milliseconds of it
    await second.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (first.consult_seconds > 0, onward.agent_id, onward.from_visit_id) == (True, SUPPORT, first.visit_id)
    await caller.closed()


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_an_attended_transfer_to_a_queue_that_rings(floor: Floor, who: str) -> None:
    """Handed over while a phone rings for the consult: whoever answers has the caller at once, for the records too, and
    it is known who hung up."""
    await floor.cast.ready(SUPPORT)
    caller, agent = await floor.talk()
    await floor.consult(agent, SUPPORT_QUEUE)
    ring = await (await floor.cast.agent(SUPPORT)).incoming(SECONDS)
    await asyncio.sleep(0.5)  # the REFER must not overtake the queue's answer in Asterisk
    await floor.hand_over(agent, SUPPORT_QUEUE)
    await floor.cast.is_in(ORDERS, "ready")
    await ring.answer()
    await floor.cast.is_in(SUPPORT, "on_call")
    await (caller if who == "caller" else ring).hang_up()
    _, onward = await floor.visits("transferred", f"completed_by_{who}")
    assert (onward.agent_id, onward.entered_via) == (SUPPORT, "transfer")


async def test_a_consult_that_is_cancelled_leaves_the_caller_with_the_agent(floor: Floor) -> None:
    """The colleague cannot help: hold and consult are seconds of the one talk."""
    caller, agent = await floor.talk()
    line = await floor.consult(agent, COLLEAGUE)
    colleague = await (await floor.cast.agent(COLLEAGUE)).answer_next()
    await asyncio.sleep(0.5)
    await line.hang_up()
    await agent.resume()
    assert caller.is_talking and agent.is_talking
    await colleague.closed()
    await caller.hang_up()
    (visit,) = await floor.visits("completed_by_caller")
    assert (visit.agent_id, visit.consult_seconds > 0.4) == (ORDERS, True)


async def test_an_attended_transfer_by_keys_to_a_colleague(floor: Floor) -> None:
    """`*2`, the extension, and the agent hangs up: the caller talks to the colleague, whose time is recorded."""
    caller, agent = await floor.talk()
    await agent.digits("*2")
    await asyncio.sleep(1.0)  # the beep
    await agent.digits(COLLEAGUE)
    second = await (await floor.cast.agent(COLLEAGUE)).answer_next()
    await asyncio.sleep(0.5)
    await agent.hang_up()
    await floor.cast.is_in(COLLEAGUE, "on_call")
    assert caller.is_talking
    await second.hang_up()
    _, onward = await floor.visits("transferred", "completed_by_agent")
    assert onward.agent_id == COLLEAGUE
    await floor.cast.is_in(COLLEAGUE, "logged_off")


@pytest.mark.parametrize("then", ["answers", "rejects", "is given up"])
async def test_a_transfer_by_keys_to_a_colleague_who_still_rings(floor: Floor, then: str) -> None:
    """The agent hangs up at once. Who answers has the caller from then on; where nobody does Asterisk calls the agent
    back, and the talk goes on; a caller who gives up has talked to the first agent alone."""
    caller, agent = await floor.talk()
    await agent.digits("*2")
    await asyncio.sleep(1.0)  # the beep
    await agent.digits(COLLEAGUE)
    ring = await (await floor.cast.agent(COLLEAGUE)).incoming(SECONDS)
    await asyncio.sleep(0.5)
    await agent.hang_up()
    await asyncio.sleep(1.0)
    assert caller.is_talking
    if then == "answers":
        second = await ring.answer()
        await floor.cast.is_in(COLLEAGUE, "on_call")
        await floor.cast.is_in(ORDERS, "ready")
        await second.hang_up()
        first, onward = await floor.visits("transferred", "completed_by_agent")
        assert (onward.agent_id, (first.talk_seconds or 0) > 1.5) == (COLLEAGUE, True)
        return
    if then == "rejects":
        await ring.reject()
        again = await (await (await floor.cast.agent(ORDERS)).incoming(SECONDS)).answer()
        await floor.house.eventually(lambda: _reason(floor) == "", SECONDS, "the agent to be back")
        assert caller.is_talking
        await again.hang_up()
    else:
        await caller.hang_up()
    outcome = "completed_by_agent" if then == "rejects" else "completed_by_caller"
    (visit,) = await floor.visits(outcome)
    assert (visit.agent_id, visit.consult_seconds > 0.5) == (ORDERS, True)
    await floor.cast.is_in(ORDERS, "ready")
    assert floor.facts.agent_interval(COLLEAGUE) is None


async def test_a_transfer_by_keys_to_a_queue_outlasts_the_acd(floor: Floor) -> None:
    """Handed over while it is dead: the next one finds the caller in the agent's place in the queue."""
    caller, agent = await floor.talk()
    await floor.consult_queue_by_keys(agent)
    pid = floor.house.kill("acd")
    await agent.hang_up()
    await floor.house.back("acd", pid)
    await floor.visits("transferred", None)
    _, second = await asyncio.gather(floor.cast.ready(SUPPORT), (await floor.cast.agent(SUPPORT)).answer_next(20.0))
    await floor.cast.is_in(SUPPORT, "on_call")
    assert caller.is_talking
    await asyncio.sleep(1.0)  # Asterisk takes the Local channel out of the talk
    await second.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (first.destination, onward.agent_id, onward.from_visit_id) == ("support", SUPPORT, first.visit_id)


async def test_a_transfer_by_keys_to_a_queue_outlasts_any_ringing(floor: Floor) -> None:
    """Nobody of that queue is there for longer than Asterisk waits for an answer: the caller keeps waiting, and the
    agent is not called back."""
    caller, agent = await floor.talk()
    await floor.consult_queue_by_keys(agent)
    await agent.hang_up()
    await floor.visits("transferred", None)
    await asyncio.sleep(AGENT_RING_SECONDS + 2.0)
    await floor.visits("transferred", None)
    assert caller.is_talking
    _, second = await asyncio.gather(floor.cast.ready(SUPPORT), (await floor.cast.agent(SUPPORT)).answer_next(20.0))
    await floor.cast.is_in(SUPPORT, "on_call")
    await second.hang_up()
    _, onward = await floor.visits("transferred", "completed_by_agent")
    assert onward.agent_id == SUPPORT


async def test_a_caller_for_whom_nobody_outside_is_there_comes_back_as_who_they_were(
    floor: Floor, outside_port: int, tmp_path: Path
) -> None:
    """The site's own number is shown outside; once back in the queue the caller has theirs, on phones and in rows."""
    account = Account(OUTSIDE, floor.house.sip.host, floor.house.sip.port)
    async with Softphone(account, folder=tmp_path / "outside", port=outside_port) as street:
        caller, agent = await floor.talk()
        await agent.transfer(OUTSIDE)
        await (await street.incoming(SECONDS)).reject()
        again = await (await floor.cast.agent(ORDERS)).answer_next(20.0)
        assert caller.is_talking
        assert again.peer == CALLER
        await again.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (first.caller_number, onward.caller_number) == (CALLER, CALLER)


async def test_the_survey_is_about_the_talk_that_was_the_last(floor: Floor, outside_port: int, tmp_path: Path) -> None:
    """Handed over to a number outside, the caller is asked nothing, nor told anything, when that one hangs up; handed
    over to a colleague, they are asked about the colleague."""
    account = Account(OUTSIDE, floor.house.sip.host, floor.house.sip.port)
    async with Softphone(account, folder=tmp_path / "outside", tone_hz=800.0, port=outside_port) as street:
        caller, agent = await floor.talk()
        await floor.consult(agent, OUTSIDE)
        third = await (await street.incoming(SECONDS)).answer()
        await asyncio.sleep(0.5)
        await floor.hand_over(agent, OUTSIDE)
        (visit,) = await floor.visits("transferred")
        assert (visit.destination_kind, visit.destination) == ("outside", OUTSIDE)
        assert caller.is_talking and third.is_talking
        await third.hang_up()
        await caller.closed(5.0)
    call = await eventually(lambda: floor.facts.call(CALLER), SECONDS, "the call")
    assert "rate" not in [step.node for step in floor.facts.steps(call.call_id)]  # type: ignore[union-attr]  # it began
    await floor.cast.is_in(ORDERS, "ready")
    caller, agent = await floor.talk()
    await floor.consult(agent, COLLEAGUE)
    second = await (await floor.cast.agent(COLLEAGUE)).answer_next()
    await asyncio.sleep(0.5)
    await floor.hand_over(agent, COLLEAGUE)
    await floor.visits("transferred", "transferred", None)
    await second.hang_up()
    answer = await floor.answer_survey(caller, "4")
    *_, onward = await floor.visits("transferred", "transferred", "completed_by_agent")
    assert (answer.visit_id, onward.agent_id) == (onward.visit_id, COLLEAGUE)


async def test_hold_is_a_reason_and_seconds(floor: Floor) -> None:
    """The phone's hold button: the agent is on a call all the time."""
    caller, agent = await floor.talk()
    await agent.hold()
    await floor.house.eventually(lambda: _reason(floor) == "hold", SECONDS, "the agent to hold")
    await agent.resume()
    await floor.house.eventually(lambda: _reason(floor) == "", SECONDS, "the agent to be back")
    await caller.hang_up()
    (visit,) = await floor.visits("completed_by_caller")
    assert 0 < visit.hold_seconds < (visit.talk_seconds or 0)


def _reason(floor: Floor) -> str:
    interval = floor.facts.agent_interval(ORDERS)
    return (interval.reason or "") if interval is not None else "no interval"


async def test_a_blind_transfer_while_the_acd_is_dead(floor: Floor) -> None:
    """Nobody sees it; the channel tells the next ACD, whichever is first there, the caller or its look at Asterisk."""
    caller, agent = await floor.talk()
    pid = floor.house.kill("acd")
    await agent.transfer(SUPPORT_QUEUE)
    await floor.house.back("acd", pid)
    _, second = await asyncio.gather(floor.cast.ready(SUPPORT), (await floor.cast.agent(SUPPORT)).answer_next(20.0))
    assert caller.is_talking
    await second.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (first.destination_kind, first.destination, onward.agent_id) == ("queue", "support", SUPPORT)
    assert (onward.entered_via, onward.from_visit_id) == ("transfer", first.visit_id)


async def test_who_was_answered_and_handed_over_while_the_acd_was_dead(floor: Floor) -> None:
    """The phone rang as the ACD died; its agent answered, asked a colleague and handed the caller over before it was
    back. The two talk on, and each agent has had the caller."""
    phone, colleague = await floor.cast.agent(ORDERS), await floor.cast.agent(COLLEAGUE)
    await floor.cast.ready(ORDERS)
    caller = await floor.cast.call(CALLER, ORDERS_NUMBER)
    agent = await phone.incoming(SECONDS)
    supervisor = floor.house.ready["pids"]["hotline"]
    os.kill(supervisor, signal.SIGSTOP)  # nobody starts it again before this is done
    try:
        pid = floor.house.kill("acd")
        await agent.answer()
        await floor.consult(agent, COLLEAGUE)
        second = await colleague.answer_next()
        await asyncio.sleep(0.5)  # the REFER must not overtake the answer in Asterisk
        await floor.hand_over(agent, COLLEAGUE)
        await agent.closed(SECONDS)
    finally:
        os.kill(supervisor, signal.SIGCONT)
    await floor.house.back("acd", pid)
    await floor.cast.is_in(ORDERS, "ready")
    await floor.cast.is_in(COLLEAGUE, "on_call")
    assert caller.is_talking and second.is_talking
    await second.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (first.agent_id, first.destination, onward.agent_id) == (ORDERS, COLLEAGUE, COLLEAGUE)
    assert (onward.entered_via, onward.from_visit_id, first.ended_at) == ("transfer", first.visit_id, onward.arrived_at)


@pytest.mark.parametrize("dies", ["in the consult", "in the handover"])
async def test_the_acd_dies_while_an_agent_consults(floor: Floor, dies: str) -> None:
    """kill -9 before the handover or during it: caller and colleague talk on, the first agent is free, and every visit
    has its one end."""
    await floor.cast.ready(SUPPORT)
    caller, agent = await floor.talk()
    await floor.consult(agent, SUPPORT_QUEUE)
    second = await (await floor.cast.agent(SUPPORT)).answer_next()
    await asyncio.sleep(0.5)
    pid = floor.house.kill("acd")
    if dies == "in the consult":
        await floor.house.back("acd", pid)
    await floor.hand_over(agent, SUPPORT_QUEUE)
    if dies == "in the handover":
        await floor.house.back("acd", pid)
    await floor.cast.is_in(ORDERS, "ready")
    assert caller.is_talking and second.is_talking
    await second.hang_up()
    first, onward = await floor.visits("transferred", "completed_by_agent")
    assert (first.agent_id, onward.agent_id, onward.call_id) == (ORDERS, SUPPORT, first.call_id)
    assert floor.facts.rejected() == []
