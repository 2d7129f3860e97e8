"""The AGI requests of callbacks: an agent who holds the line, a caller who was called first."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from acd.callback import CallbackRules
from acd.callback_calls import CallbackCalls
from acd.events import AgentReached, CallbackAnswered, CallbackAsked, CallbackCancelled, CallerTransferred, TalkTaken
from acd.model import QueueRules, Visit, VisitState
from acd.outside import Outside
from acd.recording_rules import RecordingRule, Rules
from pbx.fastagi import AgiServer
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import AGENTS, Desk
from tests.unit.acd.test_hold_speech import PLAYED, clips
from tests.unit.pbx.peers import AgiPeer, agi_call, agi_header, parse_args, until

NUMBER = "13900000081"
OUTSIDE = Outside(lambda number: number == NUMBER, "carrier", "4001")


class Line:
    """Asterisk's end of the channel of agent 1001, whose phone rang for a callback."""

    def __init__(self, desk: Desk, peer: AgiPeer, visit: Visit) -> None:
        self.desk, self.peer, self.visit = desk, peer, visit
        self.offer_id = visit.call_id
        self.options = ""
        """What Dial was told beside the leg's own variables."""

    async def tell(self, status: str = "", cause: str = "", answered: str = "", callback_id: str | None = None) -> None:
        """Answer what the session asks about its channel."""
        assert parse_args(await self.peer.command())[:3] == ["GET", "FULL", "VARIABLE"]
        callback_id = self.visit.visit_id if callback_id is None else callback_id
        text = "|".join([callback_id, self.offer_id, status, cause, answered])
        self.peer.say(f"200 result=1 ({b64encode(f'.{text}'.encode()).decode()})")

    async def next(self) -> list[str]:
        return parse_args(await self.peer.command())

    async def answer(self, reply: str = "200 result=0") -> list[str]:
        self.peer.say(reply)
        return await self.next()

    async def dialled(self) -> None:
        """The session begins, whispers and dials."""
        await self.tell()
        assert await self.next() == ["STREAM", "FILE", f"zh/callback.whisper-{NUMBER}", "D"]
        assert await self.answer(PLAYED) == ["SET", "VARIABLE", "CALLERID(num)", "4001"]
        dial = await self.answer()
        assert dial[:2] == ["EXEC", "Dial"]
        leg = f"{self.visit.visit_id}^orders^{NUMBER}^zh^"
        assert dial[2].startswith(f"PJSIP/{NUMBER}@trunk-carrier,30,grTF(survey^s^1)b(callback-leg^s^1({leg}")
        self.options = dial[2].partition(leg)[2]

    def ended(self, verb: str) -> list[str]:
        return [line["outcome"] for line in self.desk.journal.lines if line["verb"] == verb]


@asynccontextmanager
async def opened(
    outside: Outside = OUTSIDE, path: str = "agent", recording: Rules | None = None
) -> AsyncIterator[Line]:
    queue = QueueRules("orders", {}, callback=CallbackRules(attempts=2))
    desk = Desk(floor_of({agent_id: {} for agent_id in AGENTS}, queue))
    desk.see_phones()
    desk.join("zhang")
    desk.distributor.post(CallbackAsked("zhang", NUMBER, "zh"))
    desk.ready("1001")
    (visit,) = desk.engine.visits.values()
    server = AgiServer({"callback": CallbackCalls(desk.distributor, clips, outside, recording).handle})
    port = await server.start("127.0.0.1", 0)
    async with agi_call(
        port, agi_header(agi_network_script=f"callback/{path}", agi_channel="PJSIP/1001-00000001")
    ) as peer:
        yield Line(desk, peer, visit)
    await server.close()


async def test_the_caller_is_dialled_from_the_agents_channel() -> None:
    """Whisper, the site's own number, Dial; the caller answers, and the caller's hang-up ends the talk."""
    async with opened() as line:
        await line.dialled()
        assert line.desk.journal.verbs[-1] == "CALLBACKATTEMPT"
        line.desk.distributor.post(CallbackAnswered(line.visit.visit_id, line.offer_id))
        line.peer.say("200 result=0")
        await line.tell("ANSWER", "16", "25")
        assert await line.next() == ["SET", "VARIABLE", "ACD_DONE", "callback"]
        assert "COMPLETECALLER" in line.desk.journal.verbs


async def test_a_callback_that_is_taken_back_during_the_whisper_calls_nobody() -> None:
    """The caller rings in, or an operator cancels, while the agent hears what it is about: their line ends."""
    async with opened() as line:
        await line.tell()
        assert (await line.next())[:2] == ["STREAM", "FILE"]
        line.desk.distributor.post(CallbackCancelled(line.visit.visit_id))
        assert await line.answer(PLAYED) == ["SET", "VARIABLE", "ACD_DONE", "callback"]


async def test_an_answer_that_ami_did_not_tell_was_a_talk() -> None:
    """Dial says so: connected when it was, and completed."""
    async with opened() as line:
        await line.dialled()
        line.peer.say("200 result=0")
        await line.tell("ANSWER", "16", "0")
        await line.next()
        assert line.ended("CALLBACKATTEMPTEND") == ["answered"]
        assert [verb for verb in line.desk.journal.verbs if verb in ("CONNECT", "COMPLETECALLER")] != []


@pytest.mark.parametrize(
    ("status", "cause", "outcome"),
    [
        ("BUSY", "17", "busy"),
        ("NOANSWER", "19", "no_answer"),
        ("CONGESTION", "21", "busy"),
        ("CHANUNAVAIL", "20", "unreachable"),
    ],
)
async def test_a_caller_who_does_not_answer(status: str, cause: str, outcome: str) -> None:
    """The agent hears so before anybody else is offered to them; then the attempt is over."""
    async with opened() as line:
        await line.dialled()
        line.peer.say("200 result=0")
        await line.tell(status, cause)
        assert await line.next() == ["STREAM", "FILE", "zh/callback.not_reached", "D"]
        assert line.visit.state is VisitState.OFFERED
        await line.answer(PLAYED)
        assert line.ended("CALLBACKATTEMPTEND") == [outcome]


@pytest.mark.parametrize(
    ("answered", "outcome", "verb"), [("", "agent_left", "OFFEREND"), ("12", "answered", "CONNECT")]
)
async def test_the_agent_hangs_up(answered: str, outcome: str, verb: str) -> None:
    """Before the caller answered it was an attempt of the agent's; after it a talk that the agent ended."""
    async with opened() as line:
        await line.dialled()
        line.peer.say("HANGUP\n200 result=-1")
        await line.tell("ANSWER" if answered else "CANCEL", "", answered)
        await until(lambda: line.ended("CALLBACKATTEMPTEND") == [outcome])
        assert verb in line.desk.journal.verbs


@pytest.mark.parametrize(("status", "outcome"), [("ANSWER", "answered"), ("BUSY", "busy")])
async def test_a_restarted_acd_accounts_and_does_not_dial_again(status: str, outcome: str) -> None:
    """A channel on which a Dial was made tells what became of it, and nothing more is done on it."""
    async with opened() as first:
        await first.dialled()
    async with agi_again(first) as line:
        await line.tell(status, "17", "8" if status == "ANSWER" else "")
        assert await line.next() == ["SET", "VARIABLE", "ACD_DONE", "callback"]
        assert line.ended("CALLBACKATTEMPTEND") == [outcome]


@asynccontextmanager
async def agi_again(first: Line) -> AsyncIterator[Line]:
    """The dialplan sends the same channel in again; the attempt is as open as the last process left it."""
    callback = first.visit.callback
    assert callback is not None and callback.attempt is not None
    server = AgiServer({"callback": CallbackCalls(first.desk.distributor, clips, OUTSIDE).handle})
    port = await server.start("127.0.0.1", 0)
    async with agi_call(
        port, agi_header(agi_network_script="callback/agent", agi_channel="PJSIP/1001-00000001")
    ) as peer:
        yield Line(first.desk, peer, first.visit)
    await server.close()


async def test_a_callback_that_was_taken_back_lets_the_agent_go() -> None:
    """Nobody is dialled for a callback that is over."""
    async with opened() as line:
        await line.tell(callback_id="gone")
        assert await line.next() == ["SET", "VARIABLE", "ACD_DONE", "callback"]


async def test_a_number_that_is_not_allowed_is_not_dialled() -> None:
    """The rules are asked at the moment of the call."""
    async with opened(Outside()) as line:
        await line.tell()
        assert await line.next() == ["SET", "VARIABLE", "ACD_DONE", "callback"]
        assert line.ended("CALLBACKEND") == ["callback_failed"]


async def test_a_caller_who_was_called_hears_who_calls() -> None:
    """And is then led to the queue by the dialplan: the request ends without a sentinel."""
    async with opened(path="caller") as line:
        assert await line.next() == ["STREAM", "FILE", "zh/callback.hello", "D"]
        line.peer.say(PLAYED)
        assert await line.peer.reader.readline() == b""


RECORDED = {"orders": RecordingRule("always", "closed")}


async def test_a_recorded_queues_caller_hears_so_before_the_talk() -> None:
    """Dial plays the notice to the caller alone, in their language, and begins the file so that it holds the talk only;
    who hangs up in the notice has talked to nobody."""
    async with opened(recording=RECORDED) as line:
        await line.dialled()
        arrived = line.options.partition(")")[0]
        day = f"{datetime.fromtimestamp(float(arrived)):%Y/%m/%d}"
        assert line.options == f"{arrived}))B(talk^s^1(always^{day}/{line.visit.visit_id}^^b))A(zh/closed)"
        line.peer.say("200 result=0")
        await line.tell("ANSWER", "16", "")
        assert await line.next() == ["STREAM", "FILE", "zh/callback.not_reached", "D"]
        await line.answer(PLAYED)
        assert line.ended("CALLBACKATTEMPTEND") == ["no_answer"]


async def test_a_second_phone_of_the_agent_is_let_go() -> None:
    """Picked up a moment too late: nobody is dialled from it."""
    async with opened() as line:
        line.desk.distributor.post(AgentReached(line.visit.visit_id, line.offer_id))
        line.offer_id = f"2~{line.offer_id}"
        await line.tell()
        assert await line.next() == ["SET", "VARIABLE", "ACD_DONE", "callback"]
        assert line.ended("CALLBACKATTEMPTEND") == []


async def test_a_talk_that_was_taken_over_goes_on() -> None:
    """A supervisor has the caller now: the end of the first agent's Dial is not the talk's."""
    async with opened() as line:
        await line.dialled()
        line.desk.distributor.post(CallbackAnswered(line.visit.visit_id, line.offer_id))
        line.desk.distributor.post(TalkTaken(line.visit.visit_id, "1002"))
        line.peer.say("200 result=0")
        await line.tell("ANSWER", "16", "25")
        assert await line.next() == ["SET", "VARIABLE", "ACD_DONE", "callback"]
        assert (line.visit.state, line.visit.agent_id) == (VisitState.CONNECTED, "1002")


async def test_a_caller_who_was_sent_on_is_not_told_as_gone() -> None:
    """The Dial is over before AMI tells that the agent has sent the caller on: its news is waited for."""
    async with opened() as line:
        await line.dialled()
        line.desk.distributor.post(CallbackAnswered(line.visit.visit_id, line.offer_id))
        line.peer.say("HANGUP\n200 result=-1")
        await line.tell("ANSWER", "16", "25")
        line.desk.distributor.post(CallerTransferred(line.visit.visit_id, "7002"))
        await until(lambda: line.visit.visit_id not in line.desk.distributor._takers)
        verbs = line.desk.journal.verbs
        assert "BLINDTRANSFER" in verbs and not {"COMPLETEAGENT", "COMPLETECALLER"}.intersection(verbs)
