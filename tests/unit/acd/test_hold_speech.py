"""What a held caller hears between the music, what stops it, and where the caller goes at the end."""

import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from urllib.parse import quote

import pytest

from acd.announcing import Announcements
from acd.events import FloorChanged, QueueClosed, SwitchLost
from acd.hold import Holder
from acd.model import QueueRules, Segment, VisitOutcome
from acd.music import MusicStep
from acd.recording_rules import NEVER, RecordingRule
from pbx.fastagi import AgiServer
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import AGENTS, Desk
from tests.unit.acd.test_hold import GIVEN
from tests.unit.pbx.peers import AgiPeer, agi_call, parse_args, until

VIP = Segment("vip", numbers=frozenset({"13900000001"}), display="Gold")
SOON = 0.01
"""The first announcement, so that a test need not wait for it."""
TOLD = Announcements(SOON, 1000.0, position=True, comfort=("thanks",))
WOKEN, PLAYED, MISSING = "200 result=68 endpos=800", "200 result=0 endpos=8000", "200 result=-1 endpos=0"
MUSIC = ["EXEC", "StartMusicOnHold", "default"]


def clips(prompt: str, language: str, /, **slots: int | str) -> list[str]:
    if prompt == "nowhere":
        raise KeyError(prompt)
    return [f"{language}/{prompt}{''.join(f'-{value}' for value in slots.values())}"]


class Line:
    """Asterisk's end of a hold session in a queue with these rules."""

    def __init__(self, desk: Desk, peer: AgiPeer, pressed: list[tuple[str, str]], holder: Holder) -> None:
        self.desk, self.peer, self.pressed, self.holder = desk, peer, pressed, holder

    async def enter(self, **values: str) -> list[str]:
        """Answer what a session asks when it begins; what it then sets."""
        given = {**GIVEN, **values}
        text = "|".join(quote(given[name], safe="") for name in GIVEN)
        await self.peer.answer(f"200 result=1 ({b64encode(f'.{text}'.encode()).decode()})")
        return parse_args(await self.peer.answer("200 result=0"))

    async def next(self) -> list[str]:
        """The command that is on the wire now."""
        return parse_args(await self.peer.command())

    async def answer(self, reply: str) -> list[str]:
        """Answer that; the command that follows."""
        self.peer.say(reply)
        return await self.next()


Opens = Callable[..., AbstractAsyncContextManager[Line]]


@pytest.fixture
def open_line() -> Opens:
    @asynccontextmanager
    async def opened(
        announcements: Announcements = TOLD, recording: RecordingRule = NEVER, **rules: object
    ) -> AsyncIterator[Line]:
        queue = QueueRules("orders", {}, ring_seconds=20.0, announcements=announcements, **rules)  # type: ignore[arg-type]  # a test's own words
        floor = floor_of({agent_id: {} for agent_id in AGENTS}, queue)
        greeter = replace(floor.agents["1002"], greeting="wang.hello")
        floor = replace(floor, agents={**floor.agents, "1002": greeter}, segments={"vip": VIP})
        desk = Desk(floor)
        desk.see_phones()
        pressed: list[tuple[str, str]] = []
        desk.distributor.press = lambda channel, digit: pressed.append((channel, digit))
        holder = Holder(desk.distributor, lambda: "zhang", (), clips, {"orders": recording}, "+".join)
        server = AgiServer({"hold": holder.hold})
        async with agi_call(await server.start("127.0.0.1", 0)) as peer:
            yield Line(desk, peer, pressed, holder)
        await server.close()

    return opened


async def test_a_round_is_said_between_the_music(open_line: Opens) -> None:
    """Place and comfort are played in the caller's language, then what was told is kept and the music goes on."""
    async with open_line() as line:
        await line.enter()
        assert await line.next() == ["STREAM", "FILE", "zh/queue.next", "D"]
        assert await line.answer(PLAYED) == ["STREAM", "FILE", "zh/thanks", "D"]
        assert await line.answer(PLAYED) == ["EXEC", "MSet", "ACD_TOLD=1:-1:1"]
        assert await line.answer("200 result=0") == MUSIC


async def test_an_offer_wakes_the_prompt(open_line: Opens) -> None:
    """asterisk#1568, #1386: Asterisk is told to press the digit, once; what follows the prompt is the Dial, with no
    other prompt and no music in between."""
    async with open_line() as line:
        await line.enter()
        await line.next()
        line.desk.ready("1001")
        assert line.pressed == [("PJSIP/a-00000001", "D")]
        assert await line.answer(WOKEN) == ["EXEC", "Dial", "PJSIP/1001,20,gtm(default)"]


async def test_the_digit_of_a_phone_wakes_nobody(open_line: Opens) -> None:
    """A caller's phone can send D as well; that skips the prompt, the round goes on, and nothing else happens."""
    async with open_line() as line:
        await line.enter()
        await line.next()
        assert await line.answer(WOKEN) == ["STREAM", "FILE", "zh/thanks", "D"]
        assert line.pressed == []


async def test_a_sound_that_is_missing_is_no_hang_up(open_line: Opens) -> None:
    """STREAM FILE answers -1 for both; the caller is still there and hears the rest."""
    async with open_line() as line:
        await line.enter()
        await line.next()
        assert await line.answer(MISSING) == ["NOOP"]
        assert await line.answer("200 result=0") == ["STREAM", "FILE", "zh/thanks", "D"]
        assert "zhang" in line.desk.engine.visits


async def test_an_unknown_prompt_is_passed_over(open_line: Opens) -> None:
    """A site that lost a prompt still plays its music."""
    async with open_line(Announcements(SOON, 1000.0, comfort=("nowhere",))) as line:
        await line.enter()
        assert (await line.next())[1] == "MSet"
        assert await line.answer("200 result=0") == MUSIC
        told = line.desk.distributor.faults.told(0.0)
        assert [(one["fault"], one["reason"]) for one in told] == [("sound unknown", "nowhere")]


async def test_a_key_in_a_prompt_is_told_by_ami(open_line: Opens) -> None:
    """The prompt stops for it; the session itself reports it only while AMI is away, so that it counts once."""
    async with open_line(keys={"9": "main.bye"}) as line:
        await line.enter()
        assert await line.next() == ["STREAM", "FILE", "zh/queue.next", "9D"]
        assert (await line.answer("200 result=57 endpos=800"))[1] == "MSet"
        assert "zhang" in line.desk.engine.visits


async def test_a_key_without_ami_leads_out_all_the_same(open_line: Opens) -> None:
    """The node that the key leads to is set for the IVR, and only then the sentinel."""
    async with open_line(keys={"9": "main.bye"}) as line:
        line.desk.distributor.post(SwitchLost())
        await line.enter()
        await line.next()
        way = await line.answer("200 result=57 endpos=800")
        assert way == ["EXEC", "MSet", "IVR_NODE=main.bye,IVR_RESULT=,ACD_NEXT=ivr"]
        assert await line.answer("200 result=0") == ["SET", "VARIABLE", "ACD_DONE", "key_exit"]


async def test_an_outcome_that_the_menu_knows_goes_back_to_it(open_line: Opens) -> None:
    """The queue is closed, and the queue node says where that leads."""
    async with open_line() as line:
        line.desk.distributor.post(QueueClosed("orders"))
        await line.enter(ACD_OUTCOMES="full closed")
        assert (await line.next())[2].startswith("IVR_RESULT=closed,ACD_NEXT=ivr,ACD_WAITED=0.")
        assert await line.answer("200 result=0") == ["SET", "VARIABLE", "ACD_DONE", "closed"]


async def test_who_has_nowhere_to_go_is_owed_a_word(open_line: Opens) -> None:
    """Without a handler the caller hears an apology and no silent hang-up."""
    async with open_line() as line:
        line.desk.distributor.post(QueueClosed("orders"))
        await line.enter()
        assert await line.next() == ["STREAM", "FILE", "zh/queue.sorry", "D"]
        assert await line.answer(PLAYED) == ["SET", "VARIABLE", "ACD_DONE", "closed"]


async def test_a_place_from_another_queue_counts(open_line: Opens) -> None:
    """ACD_WAITED is the place that the caller brings along; the wait that is reported begins now."""
    async with open_line() as line:
        await line.enter(ACD_WAITED="30.5")
        await line.next()
        visit = line.desk.engine.visits["zhang"]
        assert (visit.head_start_seconds, visit.arrived - visit.rank.place) == (30.5, 30.5)


async def test_the_agents_phone_shows_what_was_called(open_line: Opens) -> None:
    """Queue and called number stand for the caller's name, free of what MSet would read as its own."""
    async with open_line(display='Orders, "new"') as line:
        (variables,) = (await line.enter(HOTLINE_CALLED="4001"))[2:]
        assert variables.endswith(",CALLERID(name)=Orders   new 4001")


async def test_the_phone_shows_who_is_a_special_caller(open_line: Opens) -> None:
    """The segment's name, that of the call or of the caller's number, comes first."""
    for told in ({"ACD_SEGMENT": "vip"}, {"CALLERID(num)": "13900000001"}):
        async with open_line(display="Orders") as line:
            (variables,) = (await line.enter(**told))[2:]
            assert variables.endswith(",CALLERID(name)=Gold Orders")


async def test_an_agent_greets_with_their_own_words(open_line: Opens) -> None:
    """In place of the queue's, or where the queue has none; the offer's lease gives them the time for it."""
    async with open_line(Announcements()) as line:
        line.desk.ready("1002")
        await line.enter()
        assert await line.next() == ["EXEC", "Dial", "PJSIP/1002,20,gtm(default)A(:zh/wang.hello)"]
        (offer,) = line.desk.engine.visits["zhang"].offers.values()
        assert offer.lease_deadline - offer.made == 20.0 + 30.0 + 5.0


async def test_a_whisper_tells_the_minutes_waited(open_line: Opens) -> None:
    """Whole minutes since the arrival."""
    async with open_line(Announcements(), whisper="waited") as line:
        line.desk.ready("1001")
        await line.enter(ACD_ARRIVED=str(time.time() - 130.0))
        assert await line.next() == ["EXEC", "Dial", "PJSIP/1001,20,gtm(default)A(/waited-2)"]


async def test_an_agent_who_hangs_up_in_the_whisper_has_not_talked(open_line: Opens) -> None:
    """asterisk#1557: Dial says ANSWER, but the two were never bridged: the offer is an error, the caller keeps the
    place and the other agent is rung at once."""
    async with open_line(Announcements(), whisper="whisper.orders", greeting="hello") as line:
        line.desk.ready("1001")
        await line.enter()
        assert await line.next() == ["EXEC", "Dial", "PJSIP/1001,20,gtm(default)A(/whisper.orders-0:zh/hello)"]
        line.desk.ready("1002")
        line.peer.say("200 result=0")
        await line.peer.answer(f"200 result=1 ({b64encode(b'.ANSWER|16|').decode()})")
        assert await line.next() == MUSIC
        again = await line.answer("200 result=0")
        assert again == ["EXEC", "Dial", "PJSIP/1002,20,gtm(default)A(/whisper.orders-0:zh/wang.hello)"]
        outcomes = [one["outcome"] for one in line.desk.journal.lines if one["verb"] == "OFFEREND"]
        assert outcomes == ["error"] and "CONNECT" not in line.desk.journal.verbs


async def test_a_caller_who_hangs_up_in_the_whisper_has_abandoned(open_line: Opens) -> None:
    """The wait ended at the hang-up; the agent is ready again at once, without wrap-up."""
    async with open_line(Announcements(), whisper="whisper.orders") as line:
        line.desk.ready("1001")
        await line.enter()
        await line.next()
        line.peer.say("HANGUP")
        line.peer.say("200 result=-1")
        await line.peer.answer(f"200 result=1 ({b64encode(b'.ANSWER|16|').decode()})")
        await until(lambda: line.desk.engine.ended, "the visit ends")
        assert line.desk.engine.ended["zhang"] == "abandoned_ringing"
        assert line.desk.engine.agents["1001"].state == "ready"


GENTLE, LIVELY = MusicStep(0.0, "gentle"), MusicStep(60.0, "lively")
LIVELY_SET = ["EXEC", "MSet", "CHANNEL(musicclass)=lively"]
LIVELY_PLAYS = ["EXEC", "StartMusicOnHold", "lively"]


def came_seconds_ago(seconds: float) -> str:
    return str(time.time() - seconds)


async def test_the_music_changes_with_the_wait(open_line: Opens) -> None:
    """A step comes due while the caller waits: the channel is told its music, and it plays."""
    async with open_line(Announcements(), music=(GENTLE, MusicStep(60.05, "lively"))) as line:
        await line.enter(ACD_ARRIVED=came_seconds_ago(60.0), **{"CHANNEL(musicclass)": "gentle"})
        assert await line.next() == LIVELY_SET
        assert await line.answer("200 result=0") == LIVELY_PLAYS


async def test_a_caller_who_is_back_hears_what_the_wait_says(open_line: Opens) -> None:
    """The process that died had not changed it yet; where it had, nothing is started anew."""
    async with open_line(Announcements(), music=(GENTLE, LIVELY)) as line:
        await line.enter(ACD_ARRIVED=came_seconds_ago(70.0), **{"CHANNEL(musicclass)": "gentle"})
        assert await line.next() == LIVELY_SET
    async with open_line(Announcements(), music=(GENTLE, LIVELY)) as line:
        await line.enter(ACD_ARRIVED=came_seconds_ago(70.0), **{"CHANNEL(musicclass)": "lively"})
        line.peer.say("200 result=0")
        line.desk.ready("1001")
        assert await line.next() == ["EXEC", "Dial", "PJSIP/1001,20,gtm(lively)"]


async def test_a_change_of_music_waits_for_the_end_of_a_prompt(open_line: Opens) -> None:
    """The step comes due in an announcement: that is said to its end, and then the new music begins."""
    told = Announcements(SOON, 20.0, comfort=("thanks",))
    async with open_line(told, music=(GENTLE, MusicStep(20.03, "lively"))) as line:
        await line.enter(ACD_ARRIVED=came_seconds_ago(20.0), **{"CHANNEL(musicclass)": "gentle"})
        assert await line.next() == ["STREAM", "FILE", "zh/thanks", "D"]
        await until(lambda: next(iter(line.holder._held)).music.name == "lively", "the step")
        assert line.pressed == []
        assert (await line.answer(PLAYED))[2].startswith("ACD_TOLD=")
        assert await line.answer("200 result=0") == LIVELY_SET
        assert await line.answer("200 result=0") == LIVELY_PLAYS


async def test_a_dial_has_the_music_of_its_moment_and_is_not_held_up(open_line: Opens) -> None:
    """An agent who becomes ready while nothing is due is dialled at once, with the music that plays; when nobody has
    answered the music that is due by then begins."""
    async with open_line(Announcements(), music=(GENTLE, MusicStep(0.3, "lively"))) as line:
        await line.enter(**{"CHANNEL(musicclass)": "gentle"})
        line.peer.say("200 result=0")
        line.desk.ready("1001")
        assert await line.next() == ["EXEC", "Dial", "PJSIP/1001,20,gtm(gentle)"]
        await until(lambda: next(iter(line.holder._held)).music.name == "lively", "the step")
        line.peer.say("200 result=0")
        await line.peer.answer(f"200 result=1 ({b64encode(b'.NOANSWER|16|').decode()})")
        assert await line.next() == LIVELY_SET
        assert await line.answer("200 result=0") == LIVELY_PLAYS


async def test_a_reload_changes_the_music_of_who_waits(open_line: Opens) -> None:
    """The site says something else from now on: no caller has to come again to hear it."""
    async with open_line(Announcements(), music=(GENTLE,)) as line:
        await line.enter(**{"CHANNEL(musicclass)": "gentle"})
        line.peer.say("200 result=0")
        await until(lambda: "zhang" in line.desk.engine.visits, "the visit")
        floor = line.desk.engine.floor
        orders = replace(floor.queues["orders"], music=(MusicStep(0.0, "lively"),))
        line.desk.distributor.post(FloorChanged(replace(floor, queues={**floor.queues, "orders": orders})))
        line.holder.become((), {})
        assert await line.next() == LIVELY_SET
        assert await line.answer("200 result=0") == LIVELY_PLAYS


async def test_a_reload_that_changes_nothing_is_not_heard(open_line: Opens) -> None:
    """The music plays on; the next thing on the wire is the Dial."""
    async with open_line(Announcements(), music=(GENTLE,)) as line:
        await line.enter(**{"CHANNEL(musicclass)": "gentle"})
        line.peer.say("200 result=0")
        await until(lambda: "zhang" in line.desk.engine.visits, "the visit")
        line.holder.become((), {})
        line.desk.ready("1001")
        assert await line.next() == ["EXEC", "Dial", "PJSIP/1001,20,gtm(gentle)"]


RECORDED = RecordingRule("always", "notice")
NOTICE = ["STREAM", "FILE", "zh/notice", "D"]
TALK = "U(talk^always^"


async def test_a_recorded_queue_tells_its_callers_as_the_wait_begins(open_line: Opens) -> None:
    """They are in the queue as they hear it; what was heard to its end is kept on the channel and not said again to
    anybody: the Dial runs [talk] and nothing else before the talk."""
    async with open_line(recording=RECORDED) as line:
        await line.enter()
        assert await line.next() == NOTICE
        assert line.desk.engine.visits["zhang"].attached
        assert await line.answer(PLAYED) == ["EXEC", "MSet", "ACD_NOTICED=1"]
        assert await line.answer("200 result=0") == MUSIC
        assert await line.answer("200 result=0") == ["STREAM", "FILE", "zh/queue.next", "D"]
        line.desk.ready("1001")
        dial = await line.answer(WOKEN)
        assert dial[:2] == ["EXEC", "Dial"] and dial[2].startswith(f"PJSIP/1001,20,gtm(default){TALK}")


async def test_whoever_hangs_up_in_the_notice_has_abandoned_the_queue(open_line: Opens) -> None:
    """A caller of the queue like any other, who waited from the first moment."""
    async with open_line(recording=RECORDED) as line:
        await line.enter()
        assert await line.next() == NOTICE
        line.peer.say("HANGUP")
        line.peer.say("200 result=-1 endpos=800")
        await until(lambda: line.desk.engine.ended, "the visit ends")
        assert line.desk.engine.ended["zhang"] is VisitOutcome.ABANDONED_WAITING


async def test_an_agent_who_is_free_rings_at_once_and_the_notice_is_said_before_the_talk(open_line: Opens) -> None:
    """No offer waits for the notice: caller and agent hear it between answer and bridge, the caller before the
    greeting, the agent after the whisper; [talk] comes after that. Unanswered, it is said in the wait."""
    async with open_line(recording=RECORDED, whisper="for", greeting="hello") as line:
        line.desk.ready("1001")
        await line.enter()
        dial = await line.next()
        assert dial[2].startswith(f"PJSIP/1001,20,gtm(default)A(/for-0+/notice:zh/notice+zh/hello){TALK}")
        line.peer.say("200 result=0")
        await line.peer.answer(f"200 result=1 ({b64encode(b'.NOANSWER|||').decode()})")
        assert await line.next() == MUSIC
        assert await line.answer("200 result=0") == NOTICE


async def test_an_offer_in_the_notice_wakes_it_and_it_is_said_again(open_line: Opens) -> None:
    """A part of it is no notice: the Dial is sent at once and says all of it before the talk."""
    async with open_line(recording=RECORDED) as line:
        await line.enter()
        assert await line.next() == NOTICE
        line.desk.ready("1001")
        assert line.pressed == [("PJSIP/a-00000001", "D")]
        dial = await line.answer(WOKEN)
        assert dial[2].startswith(f"PJSIP/1001,20,gtm(default)A(/notice:zh/notice){TALK}")


async def test_a_caller_who_was_told_before_is_not_told_again(open_line: Opens) -> None:
    """ACD_NOTICED brings it along from a session that died."""
    async with open_line(recording=RECORDED) as line:
        await line.enter(ACD_NOTICED="1")
        assert await line.next() == ["STREAM", "FILE", "zh/queue.next", "D"]


async def test_a_key_in_the_notice_does_not_count_as_having_heard_it(open_line: Opens) -> None:
    """One that leads nowhere stops the notice, which begins anew."""
    async with open_line(recording=RECORDED, keys={"9": "main.bye"}) as line:
        await line.enter()
        assert (await line.next())[2] == "zh/notice"
        assert await line.answer("200 result=57 endpos=800") == ["EXEC", "MSet", "ACD_NOTICED="]
        assert await line.answer("200 result=0") == MUSIC
        assert (await line.answer("200 result=0"))[2] == "zh/notice"
