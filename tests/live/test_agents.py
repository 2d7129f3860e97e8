"""Agents with real Asterisk and real phones: a desk phone and a PIN, calls of their own, dispositions, lamps."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.schema import AgentInterval, AgentStay, Disposition
from hotline.agent_desk import path_of
from hotline.demo.cast import Cast
from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.demo.play import Play
from hotline.demo.quick_site import ORDERS_NUMBER, make_quick_site
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.patience import eventually
from hotline.phones.sipp import Sipp
from hotline.phones.softphone import Softphone
from hotline.phones.sound import RATE_HZ, read_samples

pytestmark = [pytest.mark.live, pytest.mark.timeout(150)]

ZHAO = "13900000001"
NEWS_SECONDS = 15.0

WATCH = """\
<?xml version="1.0" encoding="UTF-8"?>
<scenario name="watch">
  <send retrans="500"><![CDATA[

      SUBSCRIBE sip:$EXTENSION@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
      From: <sip:$WATCHER@[remote_ip]>;tag=[call_number]
      To: <sip:$EXTENSION@[remote_ip]>
      Call-ID: [call_id]
      CSeq: 1 SUBSCRIBE
      Contact: <sip:$WATCHER@[local_ip]:[local_port]>
      Event: $EVENT
      Accept: $ACCEPT
      Expires: 600
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>
  <recv response="401" auth="true"/>
  <send retrans="500"><![CDATA[

      SUBSCRIBE sip:$EXTENSION@[remote_ip]:[remote_port] SIP/2.0
      Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
      From: <sip:$WATCHER@[remote_ip]>;tag=[call_number]
      To: <sip:$EXTENSION@[remote_ip]>
      Call-ID: [call_id]
      CSeq: 2 SUBSCRIBE
      Contact: <sip:$WATCHER@[local_ip]:[local_port]>
      [authentication username=$WATCHER password=$PASSWORD]
      Event: $EVENT
      Accept: $ACCEPT
      Expires: 600
      Max-Forwards: 70
      Content-Length: 0

  ]]></send>
  <recv response="200"/>
  <label id="news"/>
  <recv request="NOTIFY"/>
  <send next="news"><![CDATA[

      SIP/2.0 200 OK
      [last_Via:]
      [last_From:]
      [last_To:]
      [last_Call-ID:]
      [last_CSeq:]
      Content-Length: 0

  ]]></send>
</scenario>
"""


class Floor:
    """A house, the phones in it, and its desk."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.facts = Facts(house.engine)
        self.cast = Cast(house, self.facts)
        self.phones: list[Softphone] = []

    async def desk_phone(self, extension: str) -> Softphone:
        found = next(one for one in self.house.ready["phones"] if one["extension"] == extension)
        account = Account(extension, self.house.sip.host, self.house.sip.port, found["password"])
        phone = Softphone(account, folder=self.house.folder / "phones" / extension)
        self.phones.append(phone)
        await phone.start()
        return phone

    async def dial_code(self, phone: Softphone, code: str) -> None:
        """Dial a feature code and listen to the end of what is said."""
        call = await phone.call(code)
        await call.closed(20)

    async def ask(self, path: str, body: dict[str, object] | None = None) -> Any:
        connector = aiohttp.UnixConnector(str(self.house.ready["acd_socket"]))
        async with aiohttp.ClientSession(connector=connector) as session:
            call = session.get(f"http://acd{path}") if body is None else session.post(f"http://acd{path}", json=body)
            async with call as answer:
                return await answer.json()

    async def state(self, agent_id: str) -> str:
        return str((await self.ask(path_of(agent_id)))["state"])

    def rows(self, table: type[Any]) -> list[Any]:
        with Session(self.house.engine, expire_on_commit=False) as session:
            return list(session.scalars(select(table)))

    async def close(self) -> None:
        await self.cast.close()
        await asyncio.gather(*(phone.close() for phone in self.phones))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_quick_site(tmp_path_factory.mktemp("agents") / "site")
    agents = folder / "agents.yaml"
    two = agents.read_text("utf-8").replace('"1001": {', '"1001": {max_phones: 2, phones: ["1001", "2001"], ')
    agents.write_text(two, "utf-8")
    return folder


@pytest.fixture
async def floor(site: Path, tmp_path: Path) -> AsyncIterator[Floor]:
    async with House(tmp_path, site) as house:
        made = Floor(house)
        try:
            yield made
        finally:
            await made.close()


def seconds_heard(call: PhoneCall) -> float:
    return read_samples(call.recording).size / RATE_HZ if call.recording else 0.0


async def test_an_agent_works_at_a_desk_phone(floor: Floor) -> None:
    """A wrong PIN is refused and asked for again, the right one brings the agent to this phone: ready, a call, the
    disposition and the log-off are keyed there, and the records tell where and what."""
    phone = await floor.desk_phone("2002")
    call = await phone.call("*11")
    await eventually(lambda: seconds_heard(call) > 1.0, 10, "the question to be heard")
    await call.digits("1001#9999#")
    await call.digits("1001#4711#")
    await floor.cast.is_in("1001", "not_ready", 30)
    await call.closed(20)
    await floor.dial_code(phone, "*12")
    await floor.cast.is_in("1001", "ready")
    caller = await floor.cast.call(ZHAO, ORDERS_NUMBER)
    talk = await phone.answer_next(NEWS_SECONDS)
    await floor.cast.is_in("1001", "on_call")
    await caller.hang_up()
    await talk.closed(5)
    await floor.dial_code(phone, "*152")
    await floor.dial_code(phone, "*1599")
    await floor.dial_code(phone, "*14")
    await floor.cast.is_in("1001", "logged_off")
    given = await eventually(lambda: floor.rows(Disposition), 10, "the disposition in the records")
    assert [(row.agent_id, row.code) for row in given] == [("1001", "2")]
    assert [row.phones for row in floor.rows(AgentStay)] == [["2002"]]
    assert "external" not in {row.state for row in floor.rows(AgentInterval)}, "a feature code is no call"


async def test_a_desk_phone_is_locked_after_too_many_wrong_pins(floor: Floor) -> None:
    """Five over two calls; then the phone says so at once and takes no PIN, also of a killed and restarted ACD, and the
    ACD tells what is locked."""
    phone = await floor.desk_phone("2002")
    for tries in (3, 2):
        call = await phone.call("*11")
        await eventually(lambda call=call: seconds_heard(call) > 1.0, 10, "the question to be heard")  # type: ignore[misc]  # bound early
        for _ in range(tries):
            await call.digits("1001#9999#")
        await call.closed(30)
        await asyncio.sleep(1.1)  # the phone names its recordings by the second
    lockouts = (await floor.ask("/status"))["lockouts"]
    assert {(one["kind"], one["name"]) for one in lockouts} == {("phone", "2002"), ("agent", "1001")}
    await floor.house.back("acd", floor.house.kill("acd"))
    call = await phone.call("*11")
    await call.closed(20)
    voice = Play.at(floor.house, lambda told: None, lambda check: None)
    assert voice.best_score(call, voice.prompts("agent.locked", "zh")) > 0.6
    assert floor.facts.agent_state("1001") == "logged_off"


async def test_a_call_of_their_own_is_external(floor: Floor) -> None:
    """Who rings a colleague is external until that call is over, and so is the colleague; no caller is offered."""
    await floor.cast.ready("1001", "1002")
    one, other = await floor.cast.agent("1001"), await floor.cast.agent("1002")
    call = await one.dial("1002")
    await other.answer_next()
    await call.established()
    for agent_id in ("1001", "1002"):
        await floor.cast.is_in(agent_id, "external")
    await call.hang_up()
    for agent_id in ("1001", "1002"):
        await floor.cast.is_in(agent_id, "ready")


async def test_all_phones_of_an_agent_ring(floor: Floor) -> None:
    """Two phones registered as 1001 and a desk phone that is theirs ring for one caller; one answers, the others fall
    silent, and it is one offer."""
    house, folder = floor.house, floor.house.folder / "phones"
    account = Account("1001", house.sip.host, house.sip.port, house.desks["1001"].password)
    phones = [Softphone(account, folder=folder / "office"), Softphone(account, folder=folder / "home")]
    floor.phones += phones
    for phone in phones:
        await phone.start()
    phones.append(await floor.desk_phone("2001"))
    await floor.dial_code(phones[0], "*12")
    await floor.cast.is_in("1001", "ready")
    caller = await floor.cast.call(ZHAO, ORDERS_NUMBER)
    rung = await asyncio.gather(*(phone.incoming(NEWS_SECONDS) for phone in phones))
    talk = await rung[1].answer()
    for other in (rung[0], rung[2]):
        await other.closed(5)
    await floor.cast.is_in("1001", "on_call")
    assert talk.is_talking
    await talk.hang_up()
    await caller.hang_up()  # who would now be asked how it was
    visit = await eventually(lambda: floor.facts.visit(ZHAO), 10, "the visit in the records")
    await eventually(lambda: floor.facts.visit(ZHAO).ended_at, 10, "its end")
    assert [(one.agent_id, one.outcome) for one in floor.facts.offers(visit)] == [("1001", "answered")]


class Watcher:
    """A phone of agent 1003 that has subscribed to agent 1001."""

    def __init__(self, floor: Floor, folder: Path, event: str, accept: str) -> None:
        self._sipp = Sipp(folder, event)
        self._values = {"EXTENSION": "agent-1001", "WATCHER": "1003", "EVENT": event, "ACCEPT": accept}
        self._house = floor.house

    async def __aenter__(self) -> Self:
        values = {**self._values, "PASSWORD": self._house.desks["1003"].password}
        await self._sipp.start(WATCH, values, remote=str(self._house.sip), options=["-m", "1"])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sipp.stop()

    async def sees(self, light: str) -> None:
        """Wait until the last NOTIFY says this."""

        def last() -> bool:
            told = [one.headers for one in self._sipp.messages() if one.method == "NOTIFY"]
            return bool(told) and re.findall(r"<(?:state|note)>([^<]*)<", told[-1])[-1:] == [light]

        await eventually(last, NEWS_SECONDS, f"the lamp to show {light}")


@pytest.mark.parametrize(
    ("event", "accept", "ready", "busy"),
    [
        ("dialog", "application/dialog-info+xml", "terminated", "confirmed"),
        ("presence", "application/pidf+xml", "Ready", "On the phone"),
    ],
)
async def test_lamps_follow_the_agent(
    floor: Floor, tmp_path: Path, event: str, accept: str, ready: str, busy: str
) -> None:
    """A phone that subscribes to an agent is told of each state; what changed while Asterisk was away, of the next."""
    await floor.cast.ready("1001")
    async with Watcher(floor, tmp_path / "before", event, accept) as watcher:
        await watcher.sees(ready)
        await floor.ask(path_of("1001", "not_ready"), {"reason": "lunch"})
        await watcher.sees(busy)
    killed = floor.house.kill("asterisk")
    await floor.ask(path_of("1001", "ready"), {})
    await floor.house.back("asterisk", killed)
    async with Watcher(floor, tmp_path / "after", event, accept) as watcher:
        await watcher.sees(ready)
