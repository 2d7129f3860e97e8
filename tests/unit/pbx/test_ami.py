"""Facts about the AMI link that are not about one defect of panoramisk."""

import asyncio
import logging

import pytest

from pbx.ami import (
    ActionRefused,
    ActionTimeout,
    AmiAddress,
    AmiClient,
    AmiEvent,
    AmiTimes,
    InboxOverflow,
    LinkLost,
    LinkUp,
)
from tests.unit.pbx.peers import AmiPeer, message, success, until


def names(prefix: str, count: int) -> bytes:
    return b"".join(message(Event=prefix, N=str(number)) for number in range(count))


async def test_link_up_comes_before_the_events_that_follow_it(link, peer: AmiPeer) -> None:
    """Login's reply and an event in one segment are read as LinkUp and then the event."""
    peer.answers["Login"] = lambda _: success() + message(Event="FullyBooted", Status="Fully Booted")
    client: AmiClient = await link("FullyBooted", ready=False)
    assert await client.next() == LinkUp(1)
    event = await client.next()
    assert isinstance(event, AmiEvent)
    assert event.name == "FullyBooted"


async def test_events_before_a_loss_are_read_before_it(link, peer: AmiPeer) -> None:
    """LinkLost stands in the inbox where it happened: after the last event of its epoch."""
    client: AmiClient = await link("Hangup")
    peer.send(names("Hangup", 3))
    peer.drop()
    letters = [await client.next() for _ in range(5)]
    assert [type(letter) for letter in letters] == [AmiEvent, AmiEvent, AmiEvent, LinkLost, LinkUp]
    assert letters[3] == LinkLost(1, "Asterisk closed the connection")
    assert letters[4] == LinkUp(2)


async def test_unwanted_events_do_not_reach_the_inbox(link, peer: AmiPeer) -> None:
    """Only events asked for are kept."""
    client: AmiClient = await link("Hangup")
    peer.send(names("VarSet", 500) + message(Event="Hangup", N="x"))
    event = await client.next()
    assert isinstance(event, AmiEvent)
    assert event["N"] == "x"


async def test_a_slow_reader_is_told_to_ask_again(link, peer: AmiPeer) -> None:
    """More events than the inbox holds become one InboxOverflow, and the link stays up."""
    client: AmiClient = await link("Hangup", inbox_size=10)
    peer.send(names("Hangup", 25))
    await client.send("Ping", {})
    assert await client.next() == InboxOverflow(1)
    assert [(await client.next())["N"] for _ in range(5)] == [str(number) for number in range(20, 25)]
    assert client.up


async def test_a_list_is_collected_and_not_listened_to(link, peer: AmiPeer) -> None:
    """Items of a list go to who asked for it, not to the inbox; an event between two items does go there."""
    peer.answers["DeviceStateList"] = lambda _: (
        success(EventList="start", Message="Device States will follow")
        + message(Event="DeviceStateChange", ActionID="{id}", Device="PJSIP/1", State="INUSE")
        + message(Event="DeviceStateChange", Device="PJSIP/9", State="RINGING")
        + message(Event="DeviceStateChange", ActionID="{id}", Device="PJSIP/2", State="NOT_INUSE")
        + message(Event="DeviceStateListComplete", ActionID="{id}", EventList="Complete", ListItems="2")
    )
    client: AmiClient = await link("DeviceStateChange")
    items = await client.collect("DeviceStateList")
    assert [item["Device"] for item in items] == ["PJSIP/1", "PJSIP/2"]
    event = await client.next()
    assert isinstance(event, AmiEvent)
    assert event["Device"] == "PJSIP/9"


async def test_a_refusal_carries_asterisks_words(link, peer: AmiPeer) -> None:
    """`Response: Error` raises ActionRefused with its Message, for actions and for lists."""
    peer.answers["Redirect"] = lambda _: message(Response="Error", ActionID="{id}", Message="Channel does not exist")
    client: AmiClient = await link()
    with pytest.raises(ActionRefused, match="Redirect: Channel does not exist"):
        await client.send("Redirect", {"Channel": "x"})
    with pytest.raises(ActionRefused):
        await client.collect("Redirect")


async def test_answers_are_matched_by_id_in_any_order(link, peer: AmiPeer) -> None:
    """Two actions at once get their own answers though the second is answered first."""
    waiting: list[bytes] = []

    def hold_back(action: dict[str, str]) -> bytes | None:
        waiting.append(success(Value=action["Variable"]).replace(b"{id}", action["ActionID"].encode()))
        return b"".join(reversed(waiting)) if len(waiting) == 2 else None

    peer.answers["GetVar"] = hold_back
    client: AmiClient = await link()
    first, second = await asyncio.gather(
        client.send("GetVar", {"Variable": "A"}), client.send("GetVar", {"Variable": "B"})
    )
    assert (first["Value"], second["Value"]) == ("A", "B")


async def test_a_late_answer_is_dropped(link, peer: AmiPeer) -> None:
    """No answer in time raises ActionTimeout, nothing stays behind, and the late answer harms nobody."""
    peer.answers["CoreStatus"] = lambda _: None
    client: AmiClient = await link()
    with pytest.raises(ActionTimeout, match=r"CoreStatus: no answer in 0.02 s"):
        await client.send("CoreStatus", {}, timeout_seconds=0.02)
    assert client._wire is not None
    assert client._wire.pending == {}
    peer.send(success().replace(b"{id}", peer.named("CoreStatus")[0]["ActionID"].encode()))
    await client.send("Ping", {})


async def test_a_peer_that_is_not_asterisk_is_left(link, peer: AmiPeer) -> None:
    """Another greeting ends the connection, and `trouble` says why."""
    peer.greeting = b"SSH-2.0-OpenSSH\r\n"
    client: AmiClient = await link(ready=False)
    await until(lambda: peer.connections >= 2)
    assert "does not speak AMI" in (client.trouble or "")


async def test_a_peer_that_never_answers_the_login_is_left(link, peer: AmiPeer) -> None:
    """A login without an answer is given up after its time and tried again."""
    peer.answers["Login"] = lambda _: None
    times = AmiTimes(connect_seconds_max=0.03, retry_seconds_first=0.01, retry_seconds_max=0.02)
    client: AmiClient = await link(ready=False, times=times)
    await until(lambda: peer.connections >= 2)
    assert client.trouble == "no answer to the login in 0.03 s"


async def test_the_link_comes_back_after_the_switch_was_away(link, peer: AmiPeer) -> None:
    """With nobody listening the client keeps trying, and gives a LinkUp of the next epoch when the switch is back."""
    client: AmiClient = await link()
    await peer.close()
    assert isinstance(await client.next(), LinkLost)
    await until(lambda: client.trouble is not None)
    assert not client.up
    await peer.start(peer.port)
    assert await client.next() == LinkUp(2)
    assert (client.epoch, client.up, client.trouble) == (2, True, None)


async def test_retries_grow_and_are_jittered() -> None:
    """Waits double from the first to the longest, each drawn from the upper half; a refused login waits the longest."""
    client = AmiClient(AmiAddress("127.0.0.1", 1, "u", "s"), events=frozenset())
    for tries, ceiling in [(0, 0.2), (1, 0.4), (3, 1.6), (9, 5.0), (10_000, 5.0)]:
        waits = {client._retry_seconds(tries, refused=False) for _ in range(50)}
        assert all(ceiling / 2 <= wait <= ceiling for wait in waits)
        assert len(waits) > 1
    assert client._retry_seconds(0, refused=True) >= 2.5


async def test_a_secret_that_cannot_be_sent_is_refused_at_once() -> None:
    """A secret with a line end raises ValueError at `start`, not in the background."""
    client = AmiClient(AmiAddress("127.0.0.1", 1, "u", "s\r\nAction: x"), events=frozenset())
    with pytest.raises(ValueError, match="control"):
        await client.start()


async def test_close_leaves_nothing_behind(link, peer: AmiPeer) -> None:
    """After `close` there is no task, no connection and no further try."""
    client: AmiClient = await link()
    await client.close()
    assert not client.up
    assert [task for task in asyncio.all_tasks() if task.get_name() == "ami link"] == []
    await client.close()


async def test_no_field_of_an_action_is_logged(link, caplog: pytest.LogCaptureFixture) -> None:
    """Neither secret nor caller's number appears in the log, at any level (S17)."""
    caplog.set_level(logging.DEBUG)
    client: AmiClient = await link()
    await client.send("Originate", {"Channel": "PJSIP/13800138000", "Async": "true"})
    assert "Originate" in caplog.text
    assert "13800138000" not in caplog.text
    assert "a-secret-word" not in caplog.text
    assert "a-secret-word" not in repr(AmiAddress("h", 1, "u", "a-secret-word"))


async def test_a_fault_in_keeping_the_link_reaches_the_reader(link, peer: AmiPeer, monkeypatch) -> None:
    """A bug of ours that ends the keeping of the link is raised at `next`: nobody waits for ever on a dead link."""
    client: AmiClient = await link("Hangup")

    def broken(tries: int, refused: bool) -> float:
        raise ZeroDivisionError

    monkeypatch.setattr(client, "_retry_seconds", broken)
    peer.drop()
    assert await client.next() == LinkLost(1, "Asterisk closed the connection")
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(5):
            await client.next()
