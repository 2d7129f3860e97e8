"""Recording, supervision and the survey after a talk, with real Asterisk, real SIP and real sound."""

import asyncio
import wave
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.oversight import Recording, RecordingPause, SupervisorAct, SurveyAnswer
from hotline.demo.house import House
from hotline.demo.play import Play
from hotline.demo.quick_site import ORDERS_NUMBER, SUPPORT_NUMBER, make_quick_site
from hotline.faults import HotlineError
from hotline.live_status import ask
from hotline.oversight import ask_to_record, ask_to_supervise
from hotline.phones.baresip import Account
from hotline.phones.call import PhoneCall
from hotline.phones.patience import eventually
from hotline.phones.softphone import Softphone
from hotline.phones.sound import RATE_HZ, read_samples

pytestmark = [pytest.mark.live, pytest.mark.timeout(150)]

WANG, ZHANG, BOSS = "1001", "1004", "1006"
CALLER = "13900000090"
LIN = "13900000070"
BOSS_HZ = 1500.0
"""Away from the tones of the others, and of the keys."""
HEARD, QUIET = 0.25, 0.05

Row = TypeVar("Row")


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    site = make_quick_site(tmp_path / "site")
    queues = site / "queues.yaml"
    head, support = queues.read_text("utf-8").split("support:\n")
    queues.write_text(f"{head}support:\n  record: always\n  record_notice: closed\n{support}", "utf-8")
    async with House(tmp_path, site) as house:
        view = Play.at(house, lambda text: None, lambda check: None)
        try:
            yield view
        except BaseException:
            print(house.log_tail())
            raise
        finally:
            await view.cast.close()


def rows(play: Play, model: type[Row]) -> Sequence[Row]:
    with Session(play.house.engine) as session:
        found = session.scalars(select(model)).all()
        session.expunge_all()
        return found


def hears(call: PhoneCall, number: str, seconds: float = 1.0) -> float:
    """How much of what this phone heard last is that number's tone."""
    assert call.recording is not None
    return share(read_samples(call.recording)[-int(seconds * RATE_HZ) :], number)


def share(sound: np.ndarray[Any, Any], number: str) -> float:
    """By blocks of 50 ms: a packet that comes late on a busy machine is a jump of the phase, which costs one block."""
    size = RATE_HZ // 20
    blocks = sound[: sound.size // size * size].reshape(-1, size)
    turn = np.hanning(size) * np.exp(-2j * np.pi * _hz(number) * np.arange(size) / RATE_HZ)
    levels = np.sqrt(np.mean(np.square(blocks), axis=1)) + 1e-9
    return float(np.mean(np.abs(blocks @ turn) / size / levels)) * 2


def _hz(number: str) -> float:
    return BOSS_HZ if number == BOSS else 400.0 + int(number[-2:]) * 2.5


def channels(play: Play, recording: Recording) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Agent and caller."""
    path = play.house.state.recordings / recording.file
    assert path.stat().st_mode & 0o777 == 0o600
    with wave.open(str(path)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getsampwidth()) == (2, RATE_HZ, 2)
        both = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64)
    return both[0::2], both[1::2]


def longest_silence(sounds: np.ndarray[Any, Any]) -> float:
    """Seconds without a single sample."""
    edges = np.flatnonzero(np.concatenate(([True], sounds, [True])))
    return float(np.diff(edges).max() - 1) / RATE_HZ


async def ended(play: Play, number: int = 1) -> Sequence[Recording]:
    """Recordings, once so many are over."""

    def over() -> Sequence[Recording]:
        found = [one for one in rows(play, Recording) if one.ended_at is not None]
        return found if len(found) == number else []

    return await eventually(over, 15, f"{number} recordings to be over")


async def supervisor(play: Play) -> Softphone:
    """The supervisor's phone, with a tone that cannot be taken for another's."""
    desk, sip = play.house.desks[BOSS], play.house.sip
    phone = Softphone(
        Account(BOSS, sip.host, sip.port, desk.password), folder=play.house.folder / "phones" / BOSS, tone_hz=BOSS_HZ
    )
    play.cast.agents[BOSS] = phone
    await phone.start()
    return phone


async def talk(play: Play, agent: str, caller: str, number: str) -> tuple[PhoneCall, PhoneCall]:
    """The caller's and the agent's line, once both have heard the notice and hear each other."""
    call = await play.cast.call(caller, number)
    line = await (await play.cast.agent(agent)).answer_next(15)
    await play.cast.is_in(agent, "on_call", 20)
    return call, line


async def test_a_recorded_talk_with_a_pause_that_outlives_the_acd(play: Play) -> None:
    """Both voices, each on its channel; silence for the pause, also after kill -9 of the ACD, until it is ended; the
    caller was told before, and the row is closed with the talk."""
    await play.cast.ready(ZHANG)
    call, line = await talk(play, ZHANG, CALLER, SUPPORT_NUMBER)
    await play.hears(call, play.prompts("closed", "zh"))
    began = await eventually(lambda: rows(play, Recording), 10, "the recording's row")
    assert (began[0].agent_id, began[0].ended_at) == (ZHANG, None)
    await asyncio.sleep(2)
    await line.digits("*72")
    await eventually(lambda: rows(play, RecordingPause), 10, "the pause's row")
    await asyncio.sleep(1)
    killed = play.house.kill("acd")
    await play.house.back("acd", killed)
    await asyncio.sleep(2)
    assert rows(play, RecordingPause)[0].ended_at is None
    await line.digits("*73")
    await eventually(lambda: rows(play, RecordingPause)[0].ended_at, 10, "the end of the pause")
    await asyncio.sleep(2.5)
    await line.hang_up()
    await call.closed(20)
    (recording,) = await ended(play)
    (visit,) = play.facts.visits(CALLER)
    assert recording.file.endswith(".wav") and visit.visit_id in recording.file
    assert recording.visit_id == visit.visit_id
    assert recording.fault is None
    agent, caller = channels(play, recording)
    assert agent.size / RATE_HZ == pytest.approx(recording.seconds, abs=0.1)
    second = RATE_HZ
    assert share(agent[:second], ZHANG) > HEARD > QUIET > share(agent[:second], CALLER)
    assert share(caller[:second], CALLER) > HEARD > QUIET > share(caller[:second], ZHANG)
    assert share(caller[-second:], CALLER) > HEARD
    both = (agent != 0) | (caller != 0)
    assert longest_silence(both) > 3.0, "as long as was waited in the pause, at the least"


async def test_a_caller_who_hangs_up_in_the_notice_was_in_the_queue(play: Play) -> None:
    """The notice plays to one who waits: the visit is there from the first moment, and abandoned."""
    call = await play.cast.call(CALLER, SUPPORT_NUMBER)
    await play.hears_start(call, play.prompts("closed", "zh")[0])
    await call.hang_up()
    ended = await eventually(
        lambda: (found := play.facts.call(CALLER)) is not None and found.ended_at and found, 10, "the end of the call"
    )
    visit = await eventually(
        lambda: (found := play.facts.visit(CALLER)) is not None and found.ended_at and found, 10, "and of the visit"
    )
    assert ended and visit
    assert (visit.outcome, ended.outcome) == ("abandoned_waiting", "abandoned_waiting")
    assert (visit.arrived_at - ended.started_at).total_seconds() < 1.0


async def test_an_agent_who_is_free_rings_while_the_caller_has_heard_nothing(play: Play) -> None:
    """No offer waits for the notice; both hear it as the agent picks up, the caller to its end, and of all that is said
    nothing is in the recording, which begins with the talk."""
    await play.cast.ready(ZHANG)
    call = await play.cast.call(CALLER, SUPPORT_NUMBER)
    ring = await (await play.cast.agent(ZHANG)).incoming(3.0)
    assert play.best_score(call, play.prompts("closed", "zh")) < 0.3
    line = await ring.answer()
    await play.hears(call, play.prompts("closed", "zh"))
    await play.hears(line, play.prompts("closed", "zh"))
    await play.cast.is_in(ZHANG, "on_call")
    await asyncio.sleep(1.5)
    await line.hang_up()
    await call.closed(20)
    (recording,) = await ended(play)
    (visit,) = play.facts.visits(CALLER)
    agent, _ = channels(play, recording)
    assert share(agent[:RATE_HZ], ZHANG) > HEARD
    assert (visit.talk_seconds or 0.0) == pytest.approx(agent.size / RATE_HZ, abs=0.5)


async def test_a_pause_without_an_acd_stops_the_recording(play: Play) -> None:
    """Nobody can confirm the pause: Asterisk itself stops the recording, and the talk goes on."""
    await play.cast.ready(ZHANG)
    call, line = await talk(play, ZHANG, CALLER, SUPPORT_NUMBER)
    await eventually(lambda: rows(play, Recording), 10, "the recording's row")
    killed = play.house.kill("acd")
    await line.digits("*72")
    await play.house.back("acd", killed)
    (recording,) = await ended(play)
    assert call.is_talking and line.is_talking
    assert recording.seconds is not None and recording.seconds < 10


async def test_on_demand_by_key_and_by_command(play: Play) -> None:
    """Nothing is recorded until asked for; what is stopped and started again is a second file; a caller's keys do
    nothing."""
    await play.cast.ready(WANG)
    call, line = await talk(play, WANG, CALLER, ORDERS_NUMBER)
    await asyncio.sleep(1)
    await call.digits("*71")
    await asyncio.sleep(1)
    assert not rows(play, Recording)
    await line.digits("*71")
    await eventually(lambda: rows(play, Recording), 10, "the recording that was keyed")
    await asyncio.sleep(1)
    await line.digits("*70")
    await ended(play)
    await asyncio.to_thread(ask_to_record, play.house.state, "start", WANG)
    await asyncio.sleep(1)
    await asyncio.to_thread(ask_to_record, play.house.state, "pause", WANG)
    with pytest.raises(HotlineError, match="not talking"):
        await asyncio.to_thread(ask_to_record, play.house.state, "start", ZHANG)
    await call.hang_up()
    await line.closed()
    first, second = sorted(await ended(play, 2), key=lambda one: one.file)
    assert first.file != second.file and {first.fault, second.fault} == {None}
    (pause,) = rows(play, RecordingPause)
    assert (pause.file, pause.by, pause.ended_at is None) == (second.file, "command", False)


async def test_a_talk_goes_on_where_nothing_can_be_written(play: Play) -> None:
    """The folder refuses: caller and agent talk, and the record says that there is no sound."""
    play.house.state.recordings.rmdir()
    play.house.state.recordings.write_text("no folder")
    await play.cast.ready(ZHANG)
    call, line = await talk(play, ZHANG, CALLER, SUPPORT_NUMBER)
    await asyncio.sleep(3)
    assert hears(call, ZHANG) > HEARD
    await line.hang_up()
    await call.closed(20)
    (recording,) = await ended(play)
    assert (recording.fault, recording.seconds) == ("not_written", 0.0)
    assert "not_written" in (play.house.state.log / "acd.log").read_text()
    status = await asyncio.to_thread(ask, play.house.state.acd_socket)
    (fault,) = [one for one in status["faults"] if one["fault"] == "recording not_written"]
    assert fault["count"] == 1 and "disk full" in fault["reason"]


async def test_a_supervisor_listens_whispers_barges_and_takes_over(play: Play) -> None:
    """Each mode is heard by those who should, switched by key; after the take-over the agent wraps up, the caller talks
    to the supervisor, and every act has its row."""
    await play.cast.ready(ZHANG)
    boss = await supervisor(play)
    idle = await boss.call(f"*21{ZHANG}")
    await idle.closed(15)
    call, line = await talk(play, ZHANG, CALLER, SUPPORT_NUMBER)
    spy = await boss.call(f"*21{ZHANG}")
    await asyncio.sleep(2.5)
    assert min(hears(spy, ZHANG), hears(spy, CALLER)) > HEARD
    assert max(hears(line, BOSS), hears(call, BOSS)) < QUIET
    await spy.digits("5")
    await asyncio.sleep(2.5)
    assert hears(line, BOSS) > HEARD > QUIET > hears(call, BOSS)
    await spy.digits("6")
    await asyncio.sleep(2.5)
    assert min(hears(line, BOSS), hears(call, BOSS)) > HEARD
    await spy.digits("7")
    await line.closed(10)
    await asyncio.sleep(2)
    assert hears(call, BOSS) > HEARD > QUIET > hears(call, ZHANG)
    await play.cast.is_in(ZHANG, "ready")
    await play.cast.is_in(BOSS, "on_call")
    await spy.hang_up()
    await call.closed(20)
    visit = await eventually(lambda: play.facts.visit(CALLER), 10, "the visit")
    await eventually(lambda: play.facts.visits(CALLER)[0].outcome, 10, "its end")
    assert play.facts.visits(CALLER)[0].outcome == "completed_by_agent"
    await play.cast.is_in(BOSS, "logged_off")
    recordings = await ended(play, 2)
    assert {one.agent_id for one in recordings} == {ZHANG, BOSS}
    (taken,) = [one for one in recordings if one.agent_id == BOSS]
    left, right = channels(play, taken)
    assert share(left[-RATE_HZ:], BOSS) > HEARD and share(right[-RATE_HZ:], CALLER) > HEARD
    acts = sorted(rows(play, SupervisorAct), key=lambda act: act.started_at)
    told = [(act.mode, act.refused, act.route, act.visit_id == visit.visit_id) for act in acts]
    assert told == [
        ("listen", "not_in_talk", "phone", False),
        ("listen", None, "phone", True),
        ("whisper", None, "key", True),
        ("barge", None, "key", True),
        ("take_over", None, "key", True),
    ]
    assert all(act.ended_at is not None for act in acts)


async def test_who_is_no_supervisor_is_refused_and_recorded(play: Play) -> None:
    """The code of an ordinary agent is answered with a refusal; a caller's phone cannot even dial it."""
    await play.cast.ready(ZHANG)
    call, _ = await talk(play, ZHANG, CALLER, SUPPORT_NUMBER)
    wang = await play.cast.agent(WANG)
    refused = await wang.call(f"*23{ZHANG}")
    await refused.closed(15)
    assert play.best_score(refused, play.prompts("supervise.not_allowed", "zh")) > 0.6
    stranger = await (await play.cast.caller(LIN)).dial(f"*23{ZHANG}")
    assert (await stranger.closed(10)).startswith("404")
    with pytest.raises(HotlineError, match=r"agents\.yaml"):
        await asyncio.to_thread(ask_to_supervise, play.house.state, "barge", ZHANG, WANG)
    acts = await eventually(lambda: len(found := rows(play, SupervisorAct)) == 2 and found, 10, "both refusals")
    assert {(act.supervisor_id, act.refused) for act in acts or ()} == {(WANG, "not_allowed")}
    assert hears(call, ZHANG) > HEARD


async def test_a_command_rings_the_supervisor_and_survives_the_acd(play: Play) -> None:
    """`hotline supervise` rings the phone, which then listens; a killed ACD does not end it, and its end is known; an
    agent who is logged off by it goes when the talk is over."""
    await play.cast.ready(ZHANG)
    _, line = await talk(play, ZHANG, CALLER, SUPPORT_NUMBER)
    boss = await supervisor(play)
    await asyncio.to_thread(ask_to_supervise, play.house.state, "listen", ZHANG, BOSS)
    spy = await boss.answer_next()
    await asyncio.sleep(2)
    assert hears(spy, CALLER) > HEARD
    killed = play.house.kill("acd")
    await play.house.back("acd", killed)
    await asyncio.sleep(1.5)
    assert hears(spy, CALLER) > HEARD
    await asyncio.to_thread(ask_to_supervise, play.house.state, "log_off", ZHANG, BOSS)
    await line.hang_up()
    await play.cast.is_in(ZHANG, "logged_off")
    await spy.closed(10)
    acts = await eventually(
        lambda: (found := rows(play, SupervisorAct)) and all(act.ended_at for act in found) and found, 10, "its end"
    )
    assert [(act.mode, act.route) for act in acts or ()] == [("listen", "command"), ("log_off", "command")]


async def test_the_survey_follows_the_agents_hang_up(play: Play) -> None:
    """The agent hangs up and wraps up at once, the caller answers; the ACD's death in the talk changes nothing."""
    await play.cast.ready(WANG)
    for caller, killing in ((CALLER, False), (LIN, True)):
        await play.cast.is_in(WANG, "ready")
        call, line = await talk(play, WANG, caller, ORDERS_NUMBER)
        await asyncio.sleep(1)
        if killing:
            killed = play.house.kill("acd")
            await line.hang_up()
            await play.house.back("acd", killed)
        else:
            await line.hang_up()
            await play.cast.is_in(WANG, "wrap_up")
        assert call.is_talking
        await play.hears_start(call, play.prompts("rate_us", "zh")[0])
        await call.digits("4")
        await call.closed(15)
    answers = await eventually(lambda: len(found := rows(play, SurveyAnswer)) == 2 and found, 10, "the answers")
    visits = [play.facts.visit(caller) for caller in (CALLER, LIN)]
    assert {(one.visit_id, one.question, one.answer) for one in answers or ()} == {
        (visit.visit_id, "satisfaction", "4") for visit in visits if visit
    }
    await eventually(lambda: all(play.facts.visits(one)[0].ended_at for one in (CALLER, LIN)), 10, "the visits' ends")
    first = play.facts.visits(CALLER)[0]
    assert first.outcome == "completed_by_agent" and first.talk_seconds is not None and first.talk_seconds < 3
    steps = play.facts.steps(first.call_id or "")
    assert [step.node for step in steps][-2:] == ["rate", "thanks"]


def test_tones_are_told_apart() -> None:
    """The measure of these tests: a tone is found alone and in a mixture, and another one is not."""
    times = np.arange(RATE_HZ) / RATE_HZ
    tones = {number: np.sin(2 * np.pi * _hz(number) * times) for number in (ZHANG, CALLER, BOSS)}
    assert share(tones[ZHANG], ZHANG) > HEARD > QUIET > share(tones[ZHANG], CALLER)
    assert min(share(sum(tones.values()), number) for number in tones) > HEARD
    assert share(tones[ZHANG] + tones[CALLER], BOSS) < QUIET
    gap = np.concatenate((tones[ZHANG], np.zeros(RATE_HZ), tones[ZHANG]))
    assert longest_silence(gap != 0) == pytest.approx(1.0, abs=0.01)
