"""Chapters b and c: who gets the call."""

from db.schema import QueueVisit
from hotline.demo.play import RECORDS_SECONDS, Play
from hotline.demo.quick_site import LAST_AGENT_HOLD_SECONDS, ORDERS_NUMBER, RING_SECONDS, SUPPORT_NUMBER
from hotline.phones.patience import eventually

LIN = "13900000021"
ZHAO = "13900000022"
SUN = "13900000031"
QIAN = "13900000032"

WANG, LI = "1001", "1002"
"""Both have the skill `orders`."""
ZHANG, LIU = "1004", "1005"
"""Both have the skill `support`, and no other."""


async def find_the_right_agent(play: Play) -> None:
    """By skill; then the agent who knows the caller; then, when that one is busy for too long, another."""
    await play.cast.ready(ZHANG, WANG)
    play.tell(f"Ready: {_who(play, WANG)}, who knows orders, and {_who(play, ZHANG)}, who does not.")
    await _by_skill(play)
    await play.cast.is_in(WANG, "ready")
    await _by_last_agent(play)
    await _busy_last_agent(play)
    await play.cast.log_off(ZHANG, WANG, LI)


async def _by_skill(play: Play) -> None:
    first = await play.cast.call(LIN, ORDERS_NUMBER)
    talk = await (await play.cast.agent(WANG)).answer_next()
    play.tell(f"{LIN} wants the order desk and gets {_who(play, WANG)}.")
    await play.cast.ready(LI)  # before the talk ends: however short the wrap-up is, this one has waited longer
    await first.hang_up()
    await talk.closed()
    visit = await _ended_visit(play, LIN)
    rung = [offer.agent_id for offer in play.facts.offers(visit)]
    play.check("the call reaches the agent with the skill, and rings nobody else", rung == [WANG], rung)


async def _by_last_agent(play: Play) -> None:
    intervals = {agent: play.facts.agent_interval(agent) for agent in (LI, WANG)}
    since = {agent: interval.started_at for agent, interval in intervals.items() if interval}
    play.check("the other agent has been idle longer", since[LI] < since[WANG], since)
    again = await play.cast.call(LIN, ORDERS_NUMBER)
    talk = await (await play.cast.agent(WANG)).answer_next()
    play.tell(f"{LIN} calls again and gets {_who(play, WANG)} again, though {_who(play, LI)} has waited longer.")
    await talk.hang_up()
    await again.hang_up()  # before the question how it was
    visit = await _ended_visit(play, LIN)
    play.check("a caller who calls again gets the same agent", visit.agent_id == WANG, visit.agent_id)


async def _busy_last_agent(play: Play) -> None:
    await play.cast.not_ready(LI)
    await play.cast.is_in(WANG, "ready")
    other = await play.cast.call(ZHAO, ORDERS_NUMBER)
    await (await play.cast.agent(WANG)).answer_next()
    await play.cast.ready(LI)
    third = await play.cast.call(LIN, ORDERS_NUMBER)
    talk = await (await play.cast.agent(LI)).answer_next(LAST_AGENT_HOLD_SECONDS + 5)
    play.tell(f"{LIN} calls a third time; {_who(play, WANG)} is busy, so after a while {_who(play, LI)} rings.")
    for call in (talk, other):
        await call.hang_up()
    await third.hang_up()
    visit = await _ended_visit(play, LIN)
    rung = [offer.agent_id for offer in play.facts.offers(visit)]
    before_ring = (visit.wait_seconds or 0.0) - (visit.ring_seconds or 0.0)
    play.check("a busy last agent is waited for, then another agent rings", rung == [LI], rung)
    play.check(
        "and not before the hold time is over",
        LAST_AGENT_HOLD_SECONDS - 0.1 <= before_ring < LAST_AGENT_HOLD_SECONDS + 1,
        f"{before_ring:.2f} s of {LAST_AGENT_HOLD_SECONDS} s",
    )


async def pass_on_after_no_answer(play: Play) -> None:
    """An agent does not answer: the caller keeps the head of the line and the arrival time; the next agent rings."""
    await play.cast.ready(ZHANG)
    first = await play.cast.call(SUN, SUPPORT_NUMBER)
    unanswered = await (await play.cast.agent(ZHANG)).incoming()
    second = await play.cast.call(QIAN, SUPPORT_NUMBER)
    arrived_at = (await _open_visit(play, SUN)).arrived_at
    play.tell(f"{SUN} rings at {_who(play, ZHANG)}, who does not answer; {QIAN} waits behind.")
    await unanswered.closed(RING_SECONDS + 5)
    await play.cast.ready(LIU)
    ringing = await (await play.cast.agent(LIU)).incoming()
    play.check("the next agent rings for the caller who came first", ringing.peer == SUN, ringing.peer)
    await ringing.answer()
    play.tell(f"{_who(play, LIU)} takes {ringing.peer}.")
    for call in (first, second):
        await call.hang_up()
    visit = await _ended_visit(play, SUN)
    ends = [(offer.agent_id, offer.outcome) for offer in play.facts.offers(visit)]
    play.check("both offers are recorded", ends == [(ZHANG, "rna"), (LIU, "answered")], ends)
    play.check("the arrival time is the original one", visit.arrived_at == arrived_at, visit.arrived_at)
    await play.cast.log_off(ZHANG, LIU)


def _who(play: Play, extension: str) -> str:
    return play.house.desks[extension].name


async def _open_visit(play: Play, caller_number: str) -> QueueVisit:
    def visit() -> QueueVisit | None:
        return play.facts.visit(caller_number)

    found = await eventually(visit, RECORDS_SECONDS, f"the record of {caller_number}'s visit")
    assert found is not None
    return found


async def _ended_visit(play: Play, caller_number: str) -> QueueVisit:
    """The caller's latest visit, once it is over."""

    def visit() -> QueueVisit | None:
        latest = play.facts.visit(caller_number)
        return latest if latest and latest.ended_at else None

    found = await eventually(visit, RECORDS_SECONDS, f"the end of {caller_number}'s visit")
    assert found is not None
    return found
