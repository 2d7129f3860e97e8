"""The rendered configuration on a real Asterisk: it starts clean, and each context does what ARCHITECTURE.md says."""

from __future__ import annotations

import asyncio
import csv
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from db.legs import parse_leg
from dialplan.loader import load_site
from dialplan.render import IVR_TRIES, Places, Ports, Secrets, render
from dialplan.site import Site
from hotline.asterisk_tree import Asterisk, find_asterisk
from hotline.phones.baresip import Account
from hotline.phones.patience import eventually
from hotline.phones.softphone import PhoneError, Softphone
from hotline.ports import any_free_port, choose
from pbx.agi_session import AgiSession
from pbx.ami import AmiAddress, AmiClient
from pbx.ami_message import AmiEvent
from pbx.errors import ActionRefused
from pbx.fastagi import AgiServer, Handler

pytestmark = pytest.mark.live

SHOP = Path(__file__).parents[2] / "dialplan" / "sites" / "shop"
MUSIC_EVENTS = frozenset({"MusicOnHoldStart", "MusicOnHoldStop"})
START_SECONDS = 10.0
WARM_START_SECONDS = 3.0


@dataclass
class Switch:
    """One Asterisk with the shop's configuration."""

    asterisk: Asterisk
    site: Site
    ports: Ports
    places: Places
    secrets: Secrets
    process: asyncio.subprocess.Process | None = None
    servers: list[AgiServer] = field(default_factory=list)

    @property
    def messages(self) -> str:
        path = self.places.log / "messages.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def refusals(self, port: int) -> int:
        """How often an AGI connection to this port was refused so far."""
        return self.messages.count(f"Connecting to '127.0.0.1:{port}' failed")

    async def start(self) -> float:
        """Start Asterisk; return the seconds until AMI took a login."""
        self.places.make()
        for name, text in render(self.site, self.ports, self.places, self.secrets).items():
            (self.places.etc / name).write_text(text, "utf-8")
        began = time.monotonic()
        self.process = await asyncio.create_subprocess_exec(
            *self.asterisk.command, "-C", str(self.places.etc / "asterisk.conf"), "-f",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with self.ami():
            return time.monotonic() - began

    def ami(self, events: frozenset[str] = frozenset()) -> Ami:
        return Ami(AmiClient(AmiAddress("127.0.0.1", self.ports.ami, "acd", self.secrets.ami), events=events))

    def console(self, command: str) -> str:
        """What Asterisk's console says to a command."""
        line = [*self.asterisk.command, "-C", str(self.places.etc / "asterisk.conf"), "-rx", command]
        return subprocess.run(line, capture_output=True, text=True, timeout=10, check=True).stdout

    async def serve(self, port: int, routes: Mapping[str, Handler]) -> AgiServer:
        server = AgiServer(routes)
        await server.start("127.0.0.1", port)
        self.servers.append(server)
        return server

    def agent(self, extension: str, folder: Path, password: str | None = None) -> Softphone:
        secret = password or self.secrets.agents[extension]
        return Softphone(Account(extension, "127.0.0.1", self.ports.sip, secret), folder=folder / extension)

    def caller(self, folder: Path, number: str = "13900001111") -> Softphone:
        return Softphone(Account(number, "127.0.0.1", self.ports.sip), folder=folder / number)

    def legs(self) -> list[dict[str, object]]:
        text = self.places.legs.read_text("utf-8") if self.places.legs.exists() else ""
        return [parse_leg(line) for line in text.splitlines()]

    async def stop(self) -> None:
        for server in self.servers:
            await server.close()
        await self.kill()

    async def kill(self) -> None:
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


class Ami:
    """An AMI link for the length of a block; entering waits until it is up."""

    def __init__(self, client: AmiClient) -> None:
        self.client = client

    async def __aenter__(self) -> AmiClient:
        await self.client.start()
        await eventually(lambda: self.client.up, START_SECONDS, "AMI to be up")
        return self.client

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()


async def events_so_far(ami: AmiClient) -> list[AmiEvent]:
    """The events that came before the answer to a ping: AMI keeps the order."""
    await ami.send("Ping", {})
    found: list[AmiEvent] = []
    while True:
        try:
            letter = await asyncio.wait_for(ami.next(), 0.2)
        except TimeoutError:
            return found
        if isinstance(letter, AmiEvent):
            found.append(letter)


def kept_contacts(switch: Switch) -> str:
    with closing(sqlite3.connect(switch.places.lib / "astdb.sqlite3")) as database:
        rows = database.execute("SELECT key FROM astdb WHERE key LIKE '/registrar/contact/%'").fetchall()
    return str(rows)


@pytest.fixture
async def stopped(tmp_path: Path) -> AsyncIterator[Switch]:
    asterisk, site = find_asterisk(), load_site(SHOP)
    chosen = choose(None, any_free_port(socket.SOCK_DGRAM))  # 5060 is what test_up starts on, and comes back to
    run = Path(tempfile.mkdtemp(prefix="conf-"))
    ports = Ports(chosen.sip, chosen.ami, chosen.ivr, chosen.script, chosen.acd, chosen.rtp_first, chosen.rtp_last)
    places = Places(tmp_path / "asterisk", run, asterisk.data, asterisk.modules, asterisk.moh, tmp_path / "recordings")
    passwords = {extension: secrets.token_hex(8) for extension in site.extensions}
    switch = Switch(asterisk, site, ports, places, Secrets(secrets.token_hex(8), passwords))
    yield switch
    await switch.stop()
    shutil.rmtree(run)


@pytest.fixture
async def switch(stopped: Switch) -> Switch:
    await stopped.start()
    stopped.console("core waitfullybooted")  # AMI answers before the last module is there
    return stopped


async def test_asterisk_starts_clean_and_fast(stopped: Switch) -> None:
    """No error and no warning in its log, AMI up within 3 seconds, every module and every context there."""
    seconds = await stopped.start()
    assert seconds < WARM_START_SECONDS
    assert not [line for line in stopped.messages.splitlines() if " ERROR[" in line or " WARNING[" in line]
    running = stopped.console("module show")
    loaded = (stopped.places.etc / "modules.conf").read_text().split("\nload = ")[1:]
    assert not [module for module in loaded if module.strip() not in running]
    dialplan = stopped.console("dialplan show")
    contexts = ("hotline", "hotline-answer", "ivr", "script", "queue", "agents", "agent-code")
    assert not [name for name in contexts if f"[ Context '{name}' created by 'pbx_config' ]" not in dialplan]


async def test_the_ami_account_can_do_its_work_and_nothing_else(switch: Switch) -> None:
    """The lists that a snapshot is made of are granted; commands, files, modules, SHELL() are not (S2, S4)."""
    async with switch.ami() as ami:
        assert await ami.collect("CoreShowChannels") == []
        assert await ami.collect("BridgeList") == []
        devices = {event["Device"] for event in await ami.collect("DeviceStateList")}
        assert {f"PJSIP/{extension}" for extension in switch.site.agents} <= devices
        assert (await ami.send("CoreStatus", {}))["CoreStartupTime"]
        for action, fields in {
            "Command": {"Command": "core show version"},
            "GetConfig": {"Filename": "manager.conf"},
            "ModuleLoad": {"Module": "app_system.so", "LoadType": "load"},
            "Getvar": {"Variable": "SHELL(id)"},
            "Originate": {"Channel": "Local/s@ivr", "Application": "System", "Data": "true"},
        }.items():
            with pytest.raises(ActionRefused):
                await ami.send(action, fields)


async def test_a_call_goes_from_ivr_to_script_to_queue(switch: Switch, tmp_path: Path) -> None:
    """Each sentinel leads on, each session finds its variables, and the caller's words arrive filtered."""
    seen: list[tuple[str, ...]] = []

    async def ivr(session: AgiSession) -> None:
        result = await session.get_variable("IVR_RESULT")
        entry = [await session.get_variable(name) or "" for name in ("HOTLINE_CALLED", "HOTLINE_ENTRY")]
        name = await session.get_variable("CALLERID(name)") or ""
        seen.append(("ivr", session.caller_number, name, session.language, *entry, result or ""))
        await session.set_variable("IVR_SCRIPT", "order_status;../x")
        await session.set_variable("ACD_QUEUE", "orders")
        await session.set_variable("IVR_NEXT", "queue" if result else "script")

    async def script(session: AgiSession) -> None:
        seen.append(("script", session.headers["agi_network_script"]))
        await session.set_variable("IVR_RESULT", "person")

    async def hold(session: AgiSession) -> None:
        seen.append(("hold", await session.get_variable("ACD_QUEUE") or ""))
        await session.set_variable("ACD_DONE", "timed_out")

    await switch.serve(switch.ports.ivr, {"ivr": ivr})
    await switch.serve(switch.ports.script, {"order_statusx": script})
    await switch.serve(switch.ports.acd, {"hold": hold})
    async with switch.caller(tmp_path, "+86-139x0000") as phone:
        call = await phone.call("4001")
        await call.closed(10)
    first = ("ivr", "+861390000", "", "zh", "4001", "welcome.welcome", "")
    assert seen == [first, ("script", "order_statusx"), (*first[:-1], "person"), ("hold", "orders")]


async def test_a_session_that_dies_is_entered_again(switch: Switch, tmp_path: Path) -> None:
    """Without the sentinel the caller comes back to the same context, with the variables the dead session left."""
    entered: list[str] = []

    async def ivr(session: AgiSession) -> None:
        entered.append(await session.get_variable("IVR_NODE") or "none")
        await session.set_variable("IVR_NODE", "chinese.main")
        if len(entered) > 1:
            await session.set_variable("IVR_NEXT", "queue")

    async def hold(session: AgiSession) -> None:
        entered.append(await session.get_variable("ACD_VISIT") or "none")
        await session.set_variable("ACD_VISIT", "visit-1")
        if len(entered) > 4:
            await session.set_variable("ACD_DONE", "abandoned_waiting")

    await switch.serve(switch.ports.acd, {"hold": hold})
    async with switch.caller(tmp_path) as phone:
        call = await phone.call("4001")  # nobody serves menus yet: the call stands, and tries
        await switch.serve(switch.ports.ivr, {"ivr": ivr})
        await call.closed(10)
    assert entered == ["none", "chinese.main", "none", "visit-1", "visit-1"]


async def test_a_talk_outlives_the_acd_and_is_not_queued_again(switch: Switch, tmp_path: Path) -> None:
    """The ACD goes away while they talk: they talk on, and when the agent hangs up the caller is let go."""
    held: list[str] = []

    async def ivr(session: AgiSession) -> None:
        await session.set_variable("IVR_NEXT", "queue")

    async def hold(session: AgiSession) -> None:
        held.append(session.uniqueid)
        await session.execute("Dial", "PJSIP/1001,10,gtm(default)", timeout_seconds=30)

    await switch.serve(switch.ports.ivr, {"ivr": ivr})
    acd = await switch.serve(switch.ports.acd, {"hold": hold})
    async with switch.agent("1001", tmp_path) as agent, switch.caller(tmp_path) as phone:
        call = await phone.call("4001")
        talk = await agent.answer_next()
        assert talk.peer == "13900001111"
        await acd.close()
        assert not call.is_closed and talk.is_talking
        await talk.hang_up()
        await call.closed(5)
    assert len(held) == 1
    await eventually(lambda: len(switch.legs()) == 2, 5, "the lines of the talk and of the caller's end")
    leg, end = switch.legs()
    assert (end["destination_channel"], end["linkedid"]) == ("", leg["linkedid"])
    assert (leg["cdr_disposition"], leg["source"], leg["answered_at"] is not None) == ("ANSWERED", "13900001111", True)
    assert str(leg["destination_channel"]).startswith("PJSIP/1001-")


async def test_a_dial_without_answer_leaves_a_leg_and_the_caller_waits_on(switch: Switch, tmp_path: Path) -> None:
    """The ACD dies while a phone rings that nobody answers: the caller is held again; each leg has its line."""
    held: list[str] = []

    async def ivr(session: AgiSession) -> None:
        await session.set_variable("IVR_NEXT", "queue")

    async def hold(session: AgiSession) -> None:
        held.append(await session.get_variable("DIALSTATUS") or "")
        if len(held) > 1:
            await session.set_variable("ACD_DONE", "timed_out")
        else:
            await session.execute("Dial", "PJSIP/1001,1,gtm(default)", timeout_seconds=30)

    await switch.serve(switch.ports.ivr, {"ivr": ivr})
    await switch.serve(switch.ports.acd, {"hold": hold})
    async with switch.agent("1001", tmp_path), switch.caller(tmp_path) as phone:
        call = await phone.call("4001")
        await call.closed(10)
    assert held == ["", ""]
    await eventually(lambda: len(switch.legs()) >= 2, 5, "the legs' lines")
    assert "NO ANSWER" in {leg["cdr_disposition"] for leg in switch.legs()}
    with switch.places.legs.open(encoding="utf-8", newline="") as lines:
        assert {len(row) for row in csv.reader(lines)} == {14}


async def test_the_music_plays_on_while_the_acd_is_away(switch: Switch, tmp_path: Path) -> None:
    """Nobody serves the queue: the caller's music starts once and is not interrupted by the tries to get in."""

    async def ivr(session: AgiSession) -> None:
        await session.set_variable("IVR_NEXT", "queue")

    await switch.serve(switch.ports.ivr, {"ivr": ivr})
    async with switch.ami(MUSIC_EVENTS) as ami, switch.caller(tmp_path) as phone:
        call = await phone.call("4001")
        await eventually(lambda: switch.refusals(switch.ports.acd) >= 4, 10, "four tries to reach the ACD")
        assert call.is_talking
        assert [event.name for event in await events_so_far(ami)] == ["MusicOnHoldStart"]


async def test_callers_are_not_lost_when_there_are_no_menus(
    stopped: Switch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The IVR stays away: after the last try the caller is given to the site's first queue."""
    held: list[tuple[str | None, ...]] = []

    async def hold(session: AgiSession) -> None:
        held.append((await session.get_variable("ACD_QUEUE"), await session.get_variable("ACD_SKILLS")))
        await session.set_variable("ACD_DONE", "timed_out")

    monkeypatch.setattr("dialplan.render.RETRY_SECONDS", "0.01")
    await stopped.start()
    await stopped.serve(stopped.ports.acd, {"hold": hold})
    async with stopped.caller(tmp_path) as phone:
        call = await phone.call("4001")
        await call.closed(10)
    assert held == [("orders", None)]
    assert stopped.refusals(stopped.ports.ivr) == IVR_TRIES


async def test_a_phone_is_known_again_after_the_switch_was_killed(switch: Switch, tmp_path: Path) -> None:
    """Registrations are kept in the state folder: an agent can be rung before the phone registers anew."""

    async def ring(session: AgiSession) -> None:
        await session.execute("Dial", "PJSIP/1001,10")
        await session.set_variable("IVR_NEXT", "hangup")

    await switch.serve(switch.ports.ivr, {"ivr": ring})
    async with switch.agent("1001", tmp_path) as agent, switch.caller(tmp_path) as phone:
        # Asterisk commits its database once a second (main/db.c, db_sync_thread).
        await eventually(lambda: "1001" in kept_contacts(switch), 5, "the registration in the database")
        await switch.kill()
        await switch.start()
        await phone.dial("4001")
        await agent.incoming()


async def test_a_caller_who_hangs_up_is_gone(switch: Switch, tmp_path: Path) -> None:
    """The session is told of the hang-up and may finish; nothing is entered again, and no channel is left."""
    told: list[str | None] = []

    async def ivr(session: AgiSession) -> None:
        told.append("entered")
        await session.hung_up.wait()
        told.append(session.ended_by)

    await switch.serve(switch.ports.ivr, {"ivr": ivr})
    async with switch.caller(tmp_path) as phone, switch.ami() as ami:
        call = await phone.call("4001")
        await eventually(lambda: told == ["entered"], 5, "the session")
        await call.hang_up()
        await eventually(lambda: len(told) == 2, 5, "the session's end")
        await eventually(lambda: len(switch.legs()) == 1, 5, "the leg's line")
        assert await ami.collect("CoreShowChannels") == []
    assert told == ["entered", "hangup"]


async def test_an_agent_is_who_authenticated_and_a_caller_is_no_agent(switch: Switch, tmp_path: Path) -> None:
    """A feature code tells the ACD the endpoint's extension; from a carrier neither codes nor extensions exist."""
    told: list[tuple[str, str | None]] = []

    async def agent_desk(session: AgiSession) -> None:
        told.append((session.path_rest, await session.get_variable("AGENT_ID")))
        await session.command("ANSWER")

    await switch.serve(switch.ports.acd, {"agent": agent_desk})
    async with switch.agent("1003", tmp_path) as agent:
        for code in ("*11", "*12", "*13", "*14"):
            await (await agent.call(code)).closed(5)
    assert told == [(word, "1003") for word in ("log_in", "ready", "not_ready", "log_off")]
    async with switch.caller(tmp_path) as phone:
        for number in ("*11", "1001", "4003", "s"):
            refused = await phone.dial(number)
            assert (await refused.closed(5)).startswith("404")
    with pytest.raises(PhoneError, match="401"):
        await switch.agent("1001", tmp_path, password="guess").start()


async def test_a_code_that_nobody_took_is_told_by_a_tone(switch: Switch, tmp_path: Path) -> None:
    """The ACD is away, or dies before it has done what was asked: the agent hears a tone instead of nothing."""

    async def dies(session: AgiSession) -> None:
        return

    async with switch.agent("1003", tmp_path) as agent:
        away = await agent.call("*12")
        await away.closed(5)
        await switch.serve(switch.ports.acd, {"agent": dies})
        killed = await agent.call("*12")
        await killed.closed(5)
    for call in (away, killed):
        assert call.established_at is not None and call.closed_at is not None
        assert call.closed_at - call.established_at > 1.5


async def test_a_colleague_who_rings_or_talks_is_busy(switch: Switch, tmp_path: Path) -> None:
    """A second call to an agent's phone is refused at once; one to an idle phone rings."""
    async with (
        switch.agent("1001", tmp_path / "a") as wang,
        switch.agent("1002", tmp_path / "b") as li,
        switch.agent("1003", tmp_path / "c") as chen,
    ):
        first = await li.dial("1001")
        ringing = await wang.incoming()
        assert (await (await chen.dial("1001")).closed(3)).startswith("486")
        await ringing.answer()
        assert (await (await chen.dial("1001")).closed(3)).startswith("486")
        await first.hang_up()
        await ringing.closed(5)
        await chen.dial("1001")
        await wang.incoming()
