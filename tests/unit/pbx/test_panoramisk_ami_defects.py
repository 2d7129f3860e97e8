"""P8-P21: each defect of panoramisk 1.4 that touches our AMI path, shown in panoramisk and closed in `pbx`."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from panoramisk import Manager
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from pbx.ami import AmiAddress, AmiClient, AmiEvent, AmiTimes, LinkDown, LinkLost, LinkUp
from pbx.ami_actions import SwitchAction
from pbx.ami_message import AmiReply
from tests.unit.pbx.peers import AmiPeer, message, success, until


class Nowhere:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        """Nothing to close."""


class Listener:
    """panoramisk's factory, reduced to what its protocol calls."""

    forgetable_actions = ("ping", "login")

    def __init__(self) -> None:
        self.events: list[Message] = []
        self.awaiting_actions: list[Action] = []

    def dispatch(self, event: Message) -> None:
        self.events.append(event)

    def connection_lost(self, exc: object) -> None:
        """Nothing to do."""


def stock_protocol() -> AMIProtocol:
    """panoramisk's protocol, connected to nowhere, set up as its manager does."""
    protocol = AMIProtocol()
    protocol.connection_made(Nowhere())
    protocol.factory, protocol.encoding = Listener(), "utf8"
    return protocol


@pytest.fixture
async def stock(peer: AmiPeer) -> AsyncIterator[Manager]:
    """panoramisk's manager, logged in to the fake switch."""
    manager = Manager(host="127.0.0.1", port=peer.port, username="u", secret="s", reconnect_timeout=0)
    await manager.connect()
    await until(lambda: manager.authenticated)
    yield manager
    manager.connect = lambda *_: None
    transport = manager.protocol.transport
    manager.close()
    transport.abort()
    await asyncio.sleep(0)


INJECTED = '"x" <1>\r\n\r\nAction: Command\r\nCommand: core stop now'


async def test_p8_stock_sends_as_many_actions_as_a_value_holds() -> None:
    """panoramisk writes a line end within a value through: one action becomes two."""
    assert str(Action({"Action": "Originate", "CallerID": INJECTED})).count("Action: ") == 2


@pytest.mark.parametrize("value", [INJECTED, "a\rb", "a\nb", "a\0b"])
async def test_p8_ours_refuses_control_characters(link, peer: AmiPeer, value: str) -> None:
    """A value with CR, LF or NUL raises ValueError, and not one byte of the action is sent (S5)."""
    client = await link()
    with pytest.raises(ValueError, match="control character"):
        await client.send("Originate", {"CallerID": value})
    await client.send("Ping", {})
    assert {action["Action"] for action in peer.actions} == {"Login", "Ping"}


async def test_p9_stock_breaks_the_link_on_a_word_in_a_message() -> None:
    """panoramisk raises KeyError, in data_received, at a reply that ends in "successfully queued"."""
    protocol = stock_protocol()
    future = protocol.send({"Action": "PlayDTMF"}, as_list=None)
    reply = success(Message="DTMF successfully queued").replace(b"{id}", future_id(protocol))
    with pytest.raises(KeyError):
        protocol.data_received(reply)
    assert not future.done()


async def test_p10_stock_waits_for_ever_for_a_list_that_is_none() -> None:
    """panoramisk takes "Added interface to queue" for the start of a list."""
    protocol = stock_protocol()
    future = protocol.send({"Action": "QueueAdd"}, as_list=None)
    protocol.data_received(success(Message="Added interface to queue").replace(b"{id}", future_id(protocol)))
    assert not future.done()


@pytest.mark.parametrize("text", ["DTMF successfully queued", "Added interface to queue", "Peers will follow"])
async def test_p9_p10_ours_never_looks_at_the_text(link, peer: AmiPeer, text: str) -> None:
    """Whatever words a reply holds, it is the whole answer unless it says `EventList: start`."""
    peer.answers["PlayDTMF"] = lambda _: success(Message=text)
    assert (await (await link()).send("PlayDTMF", {"Digit": "D"}))["Message"] == text


async def test_p11_stock_replays_actions_after_a_reconnect(stock: Manager, peer: AmiPeer) -> None:
    """panoramisk makes a call again whose answer was lost with the link."""
    peer.answers["Originate"] = lambda _: None
    stock.send_action({"Action": "Originate", "Channel": "PJSIP/1"})
    await until(lambda: peer.named("Originate"))
    peer.drop()
    await until(lambda: len(peer.named("Login")) == 2)
    peer.send(message(Event="FullyBooted", Privilege="system,all"))
    await until(lambda: len(peer.named("Originate")) == 2)


async def test_p11_ours_never_replays(link, peer: AmiPeer) -> None:
    """An action whose answer was lost fails with LinkDown and is not sent on the next link."""
    peer.answers["Originate"] = lambda _: None
    client: AmiClient = await link()
    call = asyncio.create_task(client.send("Originate", {"Channel": "PJSIP/1"}))
    await until(lambda: peer.named("Originate"))
    peer.drop()
    with pytest.raises(LinkDown):
        await call
    assert isinstance(await client.next(), LinkLost)
    assert await client.next() == LinkUp(2)
    peer.send(message(Event="FullyBooted", Privilege="system,all"))
    await client.send("Ping", {})
    assert len(peer.named("Originate")) == 1


async def test_p12_stock_leaves_awaiters_hanging() -> None:
    """panoramisk drops a ping, and a list with its first answer, without ending their futures."""
    protocol = stock_protocol()
    ping = protocol.send({"Action": "Ping"})
    listing = protocol.send({"Action": "QueueStatus"}, as_list=True)
    protocol.data_received(success(EventList="start").replace(b"{id}", future_id(protocol)))
    protocol.close()
    assert not ping.done()
    assert not listing.done()


async def test_p12_ours_fails_everything_that_waits(link, peer: AmiPeer) -> None:
    """An action without answer and a list half told both raise LinkDown when the link is lost."""
    peer.answers["QueueStatus"] = lambda _: success(EventList="start")
    peer.answers["CoreStatus"] = lambda _: None
    client: AmiClient = await link()
    waiting = [asyncio.create_task(client.collect("QueueStatus")), asyncio.create_task(client.send("CoreStatus", {}))]
    await until(lambda: peer.named("CoreStatus") and peer.named("QueueStatus"))
    peer.drop()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [LinkDown, LinkDown]


async def test_p13_stock_waits_for_an_event_that_its_user_may_not_read(stock: Manager, peer: AmiPeer) -> None:
    """Without FullyBooted, which needs read class system, panoramisk never sends what it kept."""
    peer.answers["CoreStatus"] = lambda _: None
    stock.send_action({"Action": "CoreStatus"})
    await until(lambda: peer.named("CoreStatus"))
    peer.drop()
    await until(lambda: len(peer.named("Login")) == 2 and stock.authenticated)
    assert stock.awaiting_actions


async def test_p13_ours_needs_no_fully_booted(link, peer: AmiPeer) -> None:
    """The link is up with the reply to the login, whatever the user may read."""
    client: AmiClient = await link()
    assert (await client.send("CoreStatus", {}))["Response"] == "Success"


async def test_p14_stock_does_not_see_a_silent_link(stock: Manager, peer: AmiPeer) -> None:
    """panoramisk pings a peer that no longer answers, keeps every ping, and stays "connected"."""
    peer.answers["Ping"] = lambda _: None
    for _ in range(3):
        stock.pinger.cancel()
        stock.ping()
    await until(lambda: len(peer.named("Ping")) == 3)
    assert len(stock.protocol.responses) == 3
    assert stock._connected


async def test_p14_ours_ends_a_silent_link(link, peer: AmiPeer) -> None:
    """A link on which nothing comes, pings notwithstanding, is lost after the silence allowed, and made anew."""
    client: AmiClient = await link(times=AmiTimes(0.05, silence_seconds_max=0.2, retry_seconds_first=0.01))
    peer.answers["Ping"] = lambda _: None
    lost = await client.next()
    assert isinstance(lost, LinkLost)
    assert "nothing heard" in lost.cause
    assert await client.next() == LinkUp(2)


async def test_p15_stock_takes_a_refused_login_for_an_answer(peer: AmiPeer) -> None:
    """panoramisk's login raises nothing when the secret is wrong."""
    peer.answers["Login"] = refuse
    manager = Manager(host="127.0.0.1", port=peer.port, username="u", secret="s")
    await manager.connect()
    await until(lambda: manager.protocol is not None and manager.authenticated_future is None)
    assert not manager.authenticated
    manager.connection_lost = lambda exc: None
    manager.close()


async def test_p15_ours_reports_a_refused_login(link, peer: AmiPeer, caplog: pytest.LogCaptureFixture) -> None:
    """A refused login is in `trouble` and in the log, once, without the secret, and sending raises LinkDown."""
    peer.answers["Login"] = refuse
    client: AmiClient = await link(ready=False)
    await until(lambda: len(peer.named("Login")) >= 3)
    assert client.trouble == "login refused: Login: Authentication failed"
    assert not client.up
    with pytest.raises(LinkDown, match="login refused"):
        await client.send("Ping", {})
    assert caplog.text.count("Authentication failed") == 1
    assert "a-secret-word" not in caplog.text


TWO_EVENTS = b"Event: UserEvent\r\nUserEvent: x\r\nEvent: Hangup\r\n\r\n"


async def test_p16_stock_breaks_the_link_on_a_second_event_header() -> None:
    """panoramisk raises within data_received where a UserEvent's body holds `Event:`."""
    with pytest.raises(AttributeError):
        stock_protocol().data_received(TWO_EVENTS)


async def test_p16_ours_takes_the_first_header_of_a_name(link, peer: AmiPeer) -> None:
    """A second `Event:` within a message neither renames it nor harms the link (S26)."""
    client: AmiClient = await link("UserEvent", "Hangup")
    peer.send(TWO_EVENTS + message(Event="Hangup", Cause="16"))
    first, second = await client.next(), await client.next()
    assert isinstance(first, AmiEvent)
    assert isinstance(second, AmiEvent)
    assert (first.name, first["Event"], first.all("Event")) == ("UserEvent", "UserEvent", ["UserEvent", "Hangup"])
    assert (second.name, second["Cause"]) == ("Hangup", "16")
    assert client.epoch == 1


async def test_p17_stock_keeps_no_order(stock: Manager, peer: AmiPeer) -> None:
    """With panoramisk the handler of a later event can end before that of an earlier one has begun to matter."""
    seen: list[str] = []
    second_done = asyncio.Event()

    async def handler(_: Manager, event: Message) -> None:
        if event["N"] == "1":
            await second_done.wait()
        seen.append(event["N"])
        second_done.set()

    stock.register_event("Hangup", handler)
    peer.send(message(Event="Hangup", N="1") + message(Event="Hangup", N="2"))
    await until(lambda: len(seen) == 2)
    assert seen == ["2", "1"]


async def test_p17_ours_keeps_order(link, peer: AmiPeer) -> None:
    """Events are read in the order in which they were sent, one by one."""
    client: AmiClient = await link("Hangup")
    for number in range(50):
        peer.send(message(Event="Hangup", N=str(number)))
    assert [(await client.next())["N"] for _ in range(50)] == [str(number) for number in range(50)]


def originated(_: dict[str, str]) -> bytes:
    return success(Message="Originate successfully queued") + message(
        Event="OriginateResponse", ActionID="{id}", Response="Success", Uniqueid="7.7"
    )


async def test_p18_stock_hides_an_awaited_event_from_its_listener() -> None:
    """panoramisk gives OriginateResponse to the future only."""
    protocol = stock_protocol()
    protocol.send({"Action": "Originate", "Async": "true"}, as_list=None)
    protocol.data_received(originated({}).replace(b"{id}", future_id(protocol)))
    assert protocol.factory.events == []


async def test_p18_ours_gives_it_to_both(link, peer: AmiPeer) -> None:
    """OriginateResponse reaches the awaiter of `originate` and the inbox."""
    peer.answers["Originate"] = originated
    client: AmiClient = await link("OriginateResponse")
    awaited = await client.originate({"Channel": "PJSIP/1", "ChannelId": "7.7"})
    listened = await client.next()
    assert isinstance(listened, AmiEvent)
    assert awaited["Uniqueid"] == listened["Uniqueid"] == "7.7"
    assert peer.named("Originate")[0]["Async"] == "true"


JOSE = message(Event="Hangup", CallerIDName="José")
CUT = JOSE.index("é".encode()) + 1


async def test_p19_stock_loses_a_character_that_was_split() -> None:
    """panoramisk decodes each chunk by itself and throws away what is not whole."""
    protocol = stock_protocol()
    protocol.data_received(JOSE[:CUT])
    protocol.data_received(JOSE[CUT:])
    assert protocol.factory.events[0]["CallerIDName"] == "Jos"


async def test_p19_ours_keeps_split_and_foreign_bytes(link, peer: AmiPeer) -> None:
    """A character split between two segments arrives whole, and Latin-1 bytes can be had back."""
    client: AmiClient = await link("Hangup")
    peer.send(JOSE[:CUT])
    assert client._wire is not None
    framer = client._wire.framer
    await until(lambda: framer._rest == JOSE[:CUT])
    peer.send(JOSE[CUT:] + "Event: Hangup\r\nCallerIDName: José\r\n\r\n".encode("latin-1"))
    whole, foreign = await client.next(), await client.next()
    assert isinstance(whole, AmiEvent)
    assert isinstance(foreign, AmiEvent)
    assert foreign["CallerIDName"].encode("utf-8", "surrogateescape") == "José".encode("latin-1")


async def test_p20_stock_drops_an_empty_last_header_and_keeps_escapes() -> None:
    """panoramisk strips `PausedReason: ` away, gives '' for what was never sent, and leaves O\\'Neil escaped."""
    protocol = stock_protocol()
    protocol.data_received(message(Event="QueueMemberPaused", CallerIDName="O\\'Neil", PausedReason=""))
    event = protocol.factory.events[0]
    assert "PausedReason" not in event
    assert event["CallerIDName"] == "O\\'Neil"
    assert event.nonsense == ""


async def test_p20_ours_keeps_empty_headers_and_unescapes(link, peer: AmiPeer) -> None:
    """An empty last header is there, an absent one raises KeyError, and names come as they were said."""
    client: AmiClient = await link("QueueMemberPaused")
    peer.send(message(Event="QueueMemberPaused", CallerIDName="O\\'Neil", PausedReason=""))
    event = await client.next()
    assert isinstance(event, AmiEvent)
    assert event["PausedReason"] == ""
    assert event["CallerIDName"] == "O'Neil"
    with pytest.raises(KeyError):
        event["Nonsense"]


async def test_p21_stock_cannot_send_before_it_is_connected() -> None:
    """panoramisk raises AttributeError, which says nothing of the link."""
    with pytest.raises(AttributeError):
        Manager().send_action({"Action": "Ping"})


async def test_p21_ours_says_that_there_is_no_link() -> None:
    """Before `start`, `send` raises LinkDown."""
    client = AmiClient(AmiAddress("127.0.0.1", 1, "u", "s"), events=frozenset())
    with pytest.raises(LinkDown, match="no link yet"):
        await client.send("Ping", {})


async def test_an_answer_out_of_order_settles_the_action() -> None:
    """An OriginateResponse that overtakes its reply ends the action as soon as the reply is there."""
    action = SwitchAction("Originate", {}, final_event="OriginateResponse")
    assert not action.add_message(AmiEvent.of("OriginateResponse", {"Uniqueid": "1"}))
    assert action.add_message(AmiReply.of("Response", {"Response": "Success"}))
    assert action.future.done()


def refuse(_: dict[str, str]) -> bytes:
    return message(Response="Error", ActionID="{id}", Message="Authentication failed")


def future_id(protocol: AMIProtocol) -> bytes:
    """ActionID of the newest action of panoramisk's protocol."""
    return str(list(protocol.responses.values())[-1].action_id).encode()
