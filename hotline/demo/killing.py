"""Chapters e and f: processes are killed while callers are there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from hotline.demo.play import RECORDS_SECONDS, Play
from hotline.demo.quick_site import MAIN_NUMBER, ORDERS_NUMBER
from hotline.phones.call import PhoneCall
from hotline.phones.patience import eventually

DESKS = ("1001", "1002", "1003", "1006")
"""All can take Chinese callers of the order desk."""
FIRST_OF_CROWD = 13_900_000_100
TALKING, WAITING = 4, 20
IN_MENU = "13900000051"
LOST_IN_MENU, LOST_WAITING, LOST_TALKING, AFTERWARDS = "13900000061", "13900000062", "13900000063", "13900000064"
BACK_SECONDS = 20.0


async def kill_the_acd(play: Play) -> None:
    """With 20 callers waiting and 4 talking the ACD is killed: nobody is dropped and the order is kept."""
    await play.cast.ready(*DESKS)
    crowd = play.cast.crowd(ORDERS_NUMBER, first=FIRST_OF_CROWD)
    numbers = [str(FIRST_OF_CROWD + index) for index in range(TALKING + WAITING)]
    await crowd.start(len(numbers))
    talks = await asyncio.gather(*(_answer(play, desk) for desk in DESKS))
    await eventually(lambda: len(play.facts.visits(*numbers)) == len(numbers), 20, "all callers in the queue")
    arrival = [visit.caller_number for visit in play.facts.visits(*numbers)]
    play.tell(f"{TALKING} callers talk, {WAITING} wait. The ACD is killed with -9.")
    killed = play.house.kill("acd")
    await play.house.back("acd", killed, BACK_SECONDS)
    play.tell("The ACD is back.")
    play.check("nobody was dropped", crowd.counts().over == 0, crowd.counts())
    play.check("who talked goes on talking", all(talk.is_talking for talk in talks))
    served = await _serve_again(play, talks)
    waited = [number for number in arrival if number not in {talk.peer for talk in talks}]
    play.check("the order of arrival is kept", served == waited[: len(served)], served)
    await crowd.stop()
    await _check_crowd(play, numbers)
    await play.cast.log_off(*DESKS)


async def _answer(play: Play, desk: str) -> PhoneCall:
    return await (await play.cast.agent(desk)).answer_next(20)


async def _serve_again(play: Play, talks: Sequence[PhoneCall]) -> list[str]:
    """Let one agent after another hang up and take the next caller; return those callers in turn."""
    served = []
    for desk, talk in zip(DESKS, talks, strict=True):
        phone = await play.cast.agent(desk)
        play.check(f"no call was offered to {desk} in the talk", len([c for c in phone.calls if not c.is_closed]) == 1)
        await talk.hang_up()
        served.append((await phone.answer_next(20)).peer)
    play.tell(f"The agents take the next callers: {', '.join(served)}.")
    return served


async def _check_crowd(play: Play, numbers: Sequence[str]) -> None:
    """Everybody has hung up: every fact is in the records, once."""
    facts = play.facts

    def open_visits() -> int:
        return sum(visit.outcome is None for visit in facts.visits(*numbers))

    def answered() -> int:
        return sum(offer.outcome == "answered" for visit in facts.visits(*numbers) for offer in facts.offers(visit))

    await play.expect("every visit has its end", open_visits, 0)
    await play.expect("every caller has one call, with its end", lambda: _ended_callers(play, numbers), numbers)
    visits = facts.visits(*numbers)
    play.check("every caller has one visit", sorted(str(visit.caller_number) for visit in visits) == numbers)
    connected = sum(visit.connected_at is not None for visit in visits)
    play.check(
        "every talk has one answered offer", answered() == connected == 2 * TALKING, f"{answered()}, {connected}"
    )
    play.check("no record was refused", not facts.rejected(), [one.reason for one in facts.rejected()])


def _ended_callers(play: Play, numbers: Sequence[str]) -> list[str]:
    return sorted(str(call.caller_number) for call in play.facts.calls(*numbers) if call.outcome)


async def kill_the_ivr(play: Play) -> None:
    """The IVR is killed while a caller is in the menu: the caller hears the menu again, and it works."""
    call = await play.cast.call(IN_MENU, MAIN_NUMBER)
    await play.hears_start(call, play.prompts("pick_language", "zh")[0])
    await call.digits("2")
    menu = play.prompts("main", "en")[0]
    await play.hears_start(call, menu)
    play.tell(f"{IN_MENU} is in the English menu. The IVR is killed with -9.")
    so_far = play.seconds_heard(call)
    killed = play.house.kill("ivr")
    await play.house.back("ivr", killed, BACK_SECONDS)
    await play.hears_start(call, menu, after_seconds=so_far)
    await call.digits("1")
    await play.hears_start(call, play.prompts("ask_order", "en")[0])
    play.tell(f"{IN_MENU} has heard the menu again, in English, and goes on.")
    play.check("a caller in the menu survives the IVR", call.is_talking)
    await call.hang_up()
    await play.expect("and is recorded as one call", lambda: _ended_callers(play, [IN_MENU]), [IN_MENU])


@dataclass(frozen=True)
class Lost:
    """What was going on when Asterisk went."""

    phones: tuple[PhoneCall, ...]
    numbers: tuple[str, ...] = (LOST_IN_MENU, LOST_WAITING, LOST_TALKING)


async def kill_asterisk(play: Play) -> None:
    """Asterisk is killed: what was open is closed with its cause, agents are free, and calls are taken again."""
    desk = DESKS[0]
    lost = await _fill(play, desk)
    play.tell("One caller talks, one waits, one is in the menu. Asterisk is killed with -9.")
    killed = play.house.kill("asterisk")
    await play.house.back("asterisk", killed, BACK_SECONDS)
    await asyncio.gather(*(call.hang_up() for call in lost.phones))
    await _check_lost(play, lost, desk)
    call = await play.cast.call(AFTERWARDS, ORDERS_NUMBER)
    talk = await (await play.cast.agent(desk)).answer_next(BACK_SECONDS)
    play.tell(f"Asterisk is back: {talk.peer} is answered.")
    play.check("calls are taken again", talk.peer == AFTERWARDS, talk.peer)
    await call.hang_up()
    await talk.closed()
    await play.expect("no record stays open", lambda: any(play.facts.open_records().values()), False)
    await play.cast.log_off(desk)


async def _fill(play: Play, desk: str) -> Lost:
    await play.cast.ready(desk)
    talking = await play.cast.call(LOST_TALKING, ORDERS_NUMBER)
    answered = await _answer(play, desk)
    waiting = await play.cast.call(LOST_WAITING, ORDERS_NUMBER)
    in_menu = await play.cast.call(LOST_IN_MENU, MAIN_NUMBER)
    await play.hears_start(in_menu, play.prompts("welcome", "zh")[0])
    await eventually(lambda: play.facts.visit(LOST_WAITING), RECORDS_SECONDS, "a caller who waits")
    return Lost((talking, answered, waiting, in_menu))


async def _check_lost(play: Play, lost: Lost, desk: str) -> None:
    def calls() -> dict[str | None, str | None]:
        return {call.caller_number: call.outcome for call in play.facts.calls(*lost.numbers)}

    def visits() -> dict[str | None, str | None]:
        return {visit.caller_number: visit.outcome for visit in play.facts.visits(LOST_WAITING, LOST_TALKING)}

    lost_calls = dict.fromkeys(lost.numbers, "switch_lost")
    await play.expect("open calls are closed with the cause", calls, lost_calls)
    await play.expect("and so are the visits", visits, dict.fromkeys((LOST_WAITING, LOST_TALKING), "switch_lost"))
    await play.expect("the agent is free", lambda: play.facts.agent_state(desk), "ready")
