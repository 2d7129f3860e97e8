"""Supervisors: who may do what, what is recorded of it, and what the dialplan is told."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from acd.events import CallerJoined, OfferAnswered
from acd.model import AgentState
from acd.recording import Recorder
from acd.recording_rules import RecordingRule
from acd.supervise import MODES, Supervision, spy_options
from acd.switchboard import Switchboard
from pbx.ami import AmiEvent, AmiReply, LinkDown
from pbx.fastagi import CallerGone
from tests.unit.acd.shell import Desk

AGENT, BOSS = "1001", "1002"
LEG = f"PJSIP/{AGENT}-00000001"
CALLER = "PJSIP/trunk-local-00000000"
ALL = frozenset(MODES)


class Ami:
    """Answers what is asked of the agent's leg, and rings supervisors."""

    def __init__(self) -> None:
        self.variables = {"BRIDGEPEER": CALLER, "RECORDING_PAUSED": ""}
        self.away = False
        self.rung: list[Mapping[str, Any]] = []
        self.outcome = "Success"

    async def send(self, action: str, fields: Mapping[str, str]) -> AmiReply:
        assert action == "Getvar"
        if self.away:
            raise LinkDown("away")
        return AmiReply.of("Response", {"Value": self.variables[fields["Variable"]]})

    async def originate(self, fields: Mapping[str, Any]) -> AmiEvent:
        self.rung.append(fields)
        if self.away:
            raise LinkDown("away")
        return AmiEvent.of("OriginateResponse", {"Response": self.outcome})


class Phone:
    """The AGI request of a supervisor's leg."""

    language = "zh"

    def __init__(self, asked: str, agent_id: str = BOSS, uniqueid: str = "boss", *, leaves: bool = False) -> None:
        self.path_rest = asked
        self.channel = f"PJSIP/{agent_id}-00000009"
        self.uniqueid = uniqueid
        self.variables: dict[str, str] = {}
        self.heard: list[str] = []
        self._leaves = leaves

    async def get_variable(self, name: str) -> str | None:
        return self.variables.get(name)

    async def set_variable(self, name: str, value: str) -> None:
        self.variables[name] = value

    async def command(self, verb: str) -> None:
        assert verb == "ANSWER"
        if self._leaves:
            raise CallerGone

    async def stream_file(self, clip: str) -> None:
        self.heard.append(clip)


class Room:
    """Two agents, of whom the second supervises; `talk` puts the first into a talk."""

    def __init__(self, rights: frozenset[str] = ALL, mode: str = "never") -> None:
        self.desk, self.ami = Desk(), Ami()
        link: Any = self.ami
        self.switchboard = Switchboard(link, self.desk.distributor, 0.0)
        rules = {"orders": RecordingRule(mode)}
        recorder = Recorder(self.desk.distributor, self.switchboard, link, rules, Path("/nowhere"), clips)
        self.supervision = Supervision(
            self.desk.distributor, self.switchboard, link, recorder, {BOSS: rights}, clips, lambda: f"a{len(self.acts)}"
        )
        self.switchboard.listeners.append(self.supervision)
        self.desk.see_phones()

    @property
    def acts(self) -> list[dict[str, Any]]:
        return [line for line in self.desk.journal.lines if line["verb"] == "SUPERVISE"]

    @property
    def ends(self) -> list[str]:
        return [line["act_id"] for line in self.desk.journal.lines if line["verb"] == "SUPERVISEEND"]

    def talk(self) -> "Room":
        self.desk.ready(AGENT)
        self.desk.join("v")
        self.desk.distributor.post(OfferAnswered("v", AGENT))
        self.tell("Newchannel", Channel=LEG, Uniqueid="leg", Linkedid="call-v")
        return self

    def tell(self, name: str, **headers: str) -> None:
        self.switchboard._take(AmiEvent.of(name, headers))

    async def ask(self, asked: str, **how: Any) -> Phone:
        phone = Phone(asked, **how)
        session: Any = phone
        await self.supervision.handle(session)
        return phone


def clips(prompt: str, language: str) -> list[str]:
    return [prompt]


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
async def test_a_supervisor_is_sent_to_the_agents_own_channel(mode: str) -> None:
    """Recorded before the dialplan is told; SUPERVISE is the last that is set."""
    room = Room().talk()
    phone = await room.ask(f"{mode}/{AGENT}")
    assert phone.variables["SUPERVISE_CHANNEL"] == LEG
    assert list(phone.variables)[-1] == "SUPERVISE" and phone.variables["SUPERVISE"] == "spy"
    (act,) = room.acts
    assert (act["supervisor_id"], act["agent_id"], act["visit_id"], act["refused"]) == (BOSS, AGENT, "v", "")
    room.tell("Hangup", Channel="PJSIP/1002-1", Uniqueid="boss", Linkedid="boss")
    assert room.ends == [act["act_id"]]


@pytest.mark.parametrize(
    ("rights", "asked", "dialled_by", "refused", "said"),
    [
        (frozenset({"listen"}), f"barge/{AGENT}", BOSS, "not_allowed", "supervise.not_allowed"),
        (ALL, f"listen/{AGENT}", AGENT, "not_allowed", "supervise.not_allowed"),
        (ALL, f"listen/{AGENT}", "", "not_allowed", "supervise.not_allowed"),
        (ALL, f"promote/{AGENT}", BOSS, "not_allowed", "supervise.not_allowed"),
        (ALL, "listen/9999", BOSS, "no_such_agent", "agent.refused"),
        (ALL, f"listen/{BOSS}", BOSS, "no_such_agent", "agent.refused"),
        (ALL, f"log_off/{BOSS}", BOSS, "no_such_agent", "agent.refused"),
    ],
)
async def test_a_refusal_is_said_and_recorded(
    rights: frozenset[str], asked: str, dialled_by: str, refused: str, said: str
) -> None:
    """Who may not, and what makes no sense, is on record with its reason; the dialplan is told nothing."""
    room = Room(rights).talk()
    phone = await room.ask(asked, agent_id=dialled_by)
    assert phone.heard == [said]
    assert [(act["refused"], act["supervisor_id"]) for act in room.acts] == [(refused, dialled_by)]
    assert "SUPERVISE" not in phone.variables


async def test_an_agent_who_is_in_no_talk_cannot_be_joined() -> None:
    """Ready, ringing, or about to be gone from the switch: said so."""
    room = Room()
    assert (await room.ask(f"listen/{AGENT}")).heard == ["supervise.not_in_talk"]
    room.talk()
    room.switchboard.legs.take_legs([])
    assert (await room.ask(f"listen/{AGENT}")).heard == ["supervise.not_in_talk"]
    assert {act["refused"] for act in room.acts} == {"not_in_talk"}


async def test_a_key_changes_the_mode_and_a_refused_one_changes_nothing() -> None:
    """Each change ends one act and begins another; a right that is missing leaves the supervisor where they are."""
    room = Room(frozenset({"listen", "whisper"})).talk()
    await room.ask(f"listen/{AGENT}")
    await room.ask(f"whisper/{AGENT}")
    phone = await room.ask(f"barge/{AGENT}")
    assert phone.variables["SUPERVISE"] == "spy" and "SUPERVISE_OPTIONS" not in phone.variables
    assert [(act["mode"], act["route"], act["refused"]) for act in room.acts] == [
        ("listen", "phone", ""),
        ("whisper", "key", ""),
        ("barge", "key", "not_allowed"),
    ]
    assert room.ends == ["a0"]


def test_keys_are_for_those_who_have_a_choice() -> None:
    """With one right alone no key leaves ChanSpy."""
    assert spy_options("listen", {"listen"}) == "quES"
    assert spy_options("listen", {"listen", "log_off"}) == "quES"
    assert spy_options("whisper", {"whisper", "barge"}) == "quESwX"


@pytest.mark.parametrize(("mode", "paused"), [("never", ""), ("always", ""), ("on_demand", "1")])
async def test_a_take_over_is_news_when_asterisk_has_made_it(mode: str, paused: str) -> None:
    """The visit is the supervisor's once the caller has been moved; a pause of the recording goes with it."""
    room = Room(mode=mode).talk()
    room.ami.variables["RECORDING_PAUSED"] = paused
    phone = await room.ask(f"take_over/{AGENT}")
    assert (phone.variables["SUPERVISE"], phone.variables["SUPERVISE_CHANNEL"]) == ("take_over", CALLER)
    record = phone.variables["SUPERVISE_RECORD"]
    assert record == "" if mode == "never" else record.startswith(f"{mode},") and record.endswith(f"/v,{paused}")
    assert room.desk.engine.visits["v"].agent_id == AGENT
    room.tell("BridgeEnter", Channel=CALLER, Uniqueid="call-v", Linkedid="call-v")
    room.tell("Hangup", Channel=LEG, Uniqueid="leg", Linkedid="call-v")
    assert room.desk.engine.visits["v"].agent_id == BOSS
    assert room.desk.engine.agents[AGENT].state is AgentState.WRAP_UP
    room.tell("Newchannel", Channel="PJSIP/1002-00000002", Uniqueid="boss", Linkedid="boss")
    found = room.switchboard.legs.talk_leg(BOSS)
    assert found is not None and found[0] == "boss"
    again = await room.ask(f"take_over/{AGENT}")
    assert again.heard == ["supervise.not_in_talk"] or room.acts[-1]["refused"] == "not_in_talk"


async def test_a_supervisor_in_a_talk_of_their_own_takes_no_other() -> None:
    """One caller at a time."""
    room = Room().talk()
    room.desk.ready(BOSS)
    room.desk.distributor.post(CallerJoined("w", "call-w", "orders", ""))
    room.desk.distributor.post(OfferAnswered("w", BOSS))
    await room.ask(f"take_over/{AGENT}")
    assert room.acts[0]["refused"] == "in_a_talk"


async def test_a_take_over_that_asterisk_does_not_answer_is_not_made() -> None:
    """The link is down: said so, the act is over, and the talk goes on."""
    room = Room().talk()
    room.ami.away = True
    phone = await room.ask(f"take_over/{AGENT}")
    assert phone.heard == ["agent.refused"] and "SUPERVISE" not in phone.variables
    assert room.ends == ["a0"]


async def test_a_supervisor_who_hangs_up_at_once_has_done_nothing() -> None:
    """The act is over with the phone."""
    room = Room().talk()
    await room.ask(f"listen/{AGENT}", leaves=True)
    assert room.ends == ["a0"]


async def test_an_agent_is_logged_off() -> None:
    """At once, or as a wish in a talk; one who is off already is not."""
    room = Room().talk()
    phone = await room.ask(f"log_off/{AGENT}")
    assert phone.heard == ["supervise.logged_off"]
    assert room.desk.engine.agents[AGENT].wish == (AgentState.LOGGED_OFF, "supervisor")
    assert await room.supervision.command("log_off", AGENT, AGENT) == "not_allowed"
    room.desk.ready(BOSS)
    assert Room().acts == []
    other = Room()
    assert await other.supervision.command("log_off", AGENT, BOSS) == "logged_off_already"
    other.desk.ready(AGENT)
    assert await other.supervision.command("log_off", AGENT, BOSS) == ""
    assert other.desk.engine.agents[AGENT].state is AgentState.LOGGED_OFF


@pytest.mark.parametrize(
    ("outcome", "away", "failed"),
    [("Success", False, []), ("Failure", False, ["not_answered"]), ("Success", True, ["not_reached"])],
)
async def test_a_command_rings_the_supervisor(outcome: str, away: bool, failed: list[str]) -> None:
    """The phone is rung with a channel id of its own and goes to [supervise]; one that does not answer is on record."""
    room = Room().talk()
    room.ami.outcome, room.ami.away = outcome, away
    assert await room.supervision.command("listen", AGENT, BOSS) == ""
    await asyncio.gather(*room.supervision._tasks)
    (rung,) = room.ami.rung
    assert (rung["Channel"], rung["Context"], rung["Exten"]) == (f"PJSIP/{BOSS}", "supervise", "s")
    assert f"SUPERVISED={AGENT}" in rung["Variable"]
    assert [act["refused"] for act in room.acts] == failed


async def test_after_a_gap_the_acts_of_those_who_are_gone_are_over() -> None:
    """What a restarted ACD, or one whose link is back, does not see any more has ended."""
    room = Room().talk()
    await room.ask(f"listen/{AGENT}")
    room.supervision.see({"boss": AmiEvent.of("CoreShowChannel", {})})
    assert room.ends == []
    room.supervision.see({})
    assert room.ends == ["a0"]
