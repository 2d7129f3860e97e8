"""What is done at a phone that rings, by an agent or by somebody in the town."""

import contextlib
import time
from collections.abc import Awaitable, Callable

from hotline.phones.softphone import PhoneError
from tests.soak.chances import RingPlan
from tests.soak.log import LegLog, Log, clock

OTHER_SIDE_SECONDS = 5.0
"""How long a hang-up may take to reach the other phone: longer only when somebody was lost on the way."""
IGNORED_SECONDS = 20.0
"""How long a phone may ring that nobody answers."""

BeforeTalk = Callable[[LegLog], Awaitable[None]]
BeforeHangUp = Callable[[], Awaitable[None]]


async def nothing(*_: LegLog) -> None:
    """Talk at once, and just hang up."""


async def pick_up(
    leg: LegLog,
    plan: RingPlan,
    log: Log,
    before_talk: BeforeTalk = nothing,
    before_hang_up: BeforeHangUp = nothing,
) -> None:
    """Let it ring, do the deed, talk, and hang up unless somebody else has.

    Args:
        before_talk: what an agent waits for, before the talk's time begins.
        before_hang_up: what an agent may do at the end of a talk instead.
    """
    try:
        await leg.call.closed(plan.after_seconds)
    except PhoneError:
        await _do(leg, plan, log, before_talk, before_hang_up)


async def _do(leg: LegLog, plan: RingPlan, log: Log, before_talk: BeforeTalk, before_hang_up: BeforeHangUp) -> None:
    try:
        match plan.deed:
            case "reject":
                await leg.call.reject()
                await leg.call.closed(OTHER_SIDE_SECONDS)
            case "ignore":
                await leg.call.closed(IGNORED_SECONDS)
            case "answer":
                await leg.call.answer()
                await before_talk(leg)
                await _talk(leg, plan.talk_seconds, before_hang_up)
    except PhoneError as late:
        if not leg.call.is_closed:
            what = f"the leg of {leg.call.peer} at {leg.agent_id}, {clock(leg.call.started_at)}"
            log.stuck.append(f"{what}: {leg.deed} did not end it: {late}")
            with contextlib.suppress(PhoneError):  # it is told already, and the others go on
                await leg.call.hang_up()


async def _talk(leg: LegLog, seconds: float, before_hang_up: BeforeHangUp) -> None:
    try:
        await leg.call.closed(seconds)
        return
    except PhoneError:  # still up: this one has talked for long enough
        await before_hang_up()
    if not leg.call.is_closed:
        leg.left_at = time.time()
        await leg.call.hang_up()
