"""Two of app_queue's own acceptance tests, played by real phones on app_queue and on Hotline in one run.

The cases are those of the suite that Asterisk itself is tested with (asterisk/testsuite, apps/queues:
position_priority_maxlen, wrapup_time, wrapup_time_per_member). Both sides are asserted, where they agree and where they
do not, so that a change of either is noticed; each difference that is meant stands in a table with its reason.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from hotline.asterisk_tree import find_asterisk
from tests.live.two_floors import AppQueueOracle, HotlineOracle, OracleFloor, Players

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

FIRST_CALLER = 13_500_000_000
SITE = 'name: Oracle\nlanguages: [en]\nnumbers: {{{numbers}}}\ntrunks: [{{name: local, addresses: ["127.0.0.1"]}}]\n'


# --- the order of callers --------------------------------------------------------------------------------------------


class Joiner(NamedTuple):
    """One caller of the ordering oracle, in the order of joining."""

    priority: int
    asked_position: int | None
    """what the caller's Queue() asks for as its last argument; Hotline has no such thing"""
    app_queue: int | None
    """the position in which app_queue lets this caller in; None: refused, the queue is full"""
    hotline: int | None
    why_not_the_same: str = ""


QUEUE_JUMP = "nobody is let in before callers of the same priority who came earlier; a head start in seconds is the way"
JOINERS: Sequence[Joiner] = (
    Joiner(0, None, 1, 1),
    Joiner(0, None, 2, 2),
    Joiner(1, None, 1, 1),
    Joiner(1, None, 2, 2),
    Joiner(2, None, 1, 1),
    Joiner(0, 5, 5, 6, QUEUE_JUMP),
    Joiner(0, 200, 7, 7),
    Joiner(0, 1, 4, 8, QUEUE_JUMP),
    Joiner(8, 3, 1, 1),
    Joiner(1, 7, 5, 5),
    Joiner(1, 4, 4, 6, QUEUE_JUMP),
    Joiner(2, 5, None, None),
)
SIZE_MAX = len(JOINERS) - 1
ORDER_DESK = "2001"

ORDER_SITE = {
    "site.yaml": SITE.format(numbers=", ".join(f'"710{priority}": main.p{priority}' for priority in (0, 1, 2, 8))),
    "menus/main.yaml": "entry: p0\nnodes:\n"
    + "".join(f"  p{one}: {{type: queue, queue: bench, priority: {one}}}\n" for one in (0, 1, 2, 8)),
    "queues.yaml": "bench: {name: {en: Bench}, skills: {bench: 1}, wrap_up_seconds: 0, last_agent_hold_seconds: 0"
    + f", size_max: {SIZE_MAX}}}\n",
    "agents.yaml": f'"{ORDER_DESK}": {{name: Agent, skills: {{bench: 5}}}}\n',
}
ORDER_DIALPLAN = "\n".join(
    (
        "exten => _710X!,1,Answer()",
        " same => n,Set(QUEUE_PRIO=${EXTEN:3:1})",
        " same => n,Verbose(1,ENTER ${CALLERID(num)})",
        # The position is the ninth argument since Asterisk 21, where the macro before it went away.
        " same => n,Queue(bench,,,,,,,,${EXTEN:4})",
        " same => n,Verbose(1,STATUS ${CALLERID(num)} ${QUEUESTATUS})",
        " same => n,Hangup()",
    )
)
ORDER_QUEUES = f"""\
[general]
autofill=yes
[bench]
strategy=linear
ringinuse=no
retry=1
maxlen={SIZE_MAX}
member => PJSIP/{ORDER_DESK},,,,,,yes
"""


async def test_callers_join_in_the_same_order(tmp_path: Path) -> None:
    """By priority, then by arrival: the join positions of position_priority_maxlen, all but those that a caller buys by
    asking for a position; and nobody is let into a full queue. One agent then serves each queue in that order."""
    theirs = AppQueueOracle(
        find_asterisk(),
        tmp_path / "app_queue",
        dialplan=ORDER_DIALPLAN,
        queues=ORDER_QUEUES,
        extensions=[ORDER_DESK],
    )
    ours = HotlineOracle(tmp_path / "hotline", ORDER_SITE, [ORDER_DESK])
    async with asyncio.TaskGroup() as both:
        of_app_queue = both.create_task(joined(theirs, tmp_path, with_position=True))
        of_hotline = both.create_task(joined(ours, tmp_path, with_position=False))
    assert of_app_queue.result() == [joiner.app_queue for joiner in JOINERS]
    assert of_hotline.result() == [joiner.hotline for joiner in JOINERS]
    assert [joiner for joiner in JOINERS if bool(joiner.why_not_the_same) != (joiner.app_queue != joiner.hotline)] == []


async def joined(floor: OracleFloor, folder: Path, *, with_position: bool) -> list[int | None]:
    """Let everybody join, one after another, then serve them all; the position in which each came in."""
    numbers = [str(FIRST_CALLER + index) for index in range(len(JOINERS))]
    async with Players(floor, folder) as players:
        for number, joiner in zip(numbers, JOINERS, strict=True):
            asked = joiner.asked_position if with_position else None
            await players.call(f"710{joiner.priority}{asked or ''}", number)
        refused = {number for number in numbers if floor.refused(number)}
        await players.open_desks()
        served = [ring.from_user for ring in await players.served(len(numbers) - len(refused))]
    return [None if number in refused else position_at_entry(number, numbers, served) for number in numbers]


def position_at_entry(number: str, numbers: Sequence[str], served: Sequence[str]) -> int:
    """Who came before this caller and was served before: nothing that happens later changes the order of two."""
    earlier = set(numbers[: numbers.index(number)])
    return 1 + sum(other in earlier for other in served[: served.index(number)])


# --- the rest after a call -------------------------------------------------------------------------------------------

WRAP_UP_SECONDS, OWN_WRAP_UP_SECONDS, SHORT_WRAP_UP_SECONDS = 6, 9, 3
SHARED_DESKS, OWN_DESKS = ("2001", "2002"), ("2003", "2004")
ONE, OTHER, OWN = "7201", "7202", "7203"

WRAP_UP_SITE = {
    "site.yaml": SITE.format(numbers=f'"{ONE}": main.one, "{OTHER}": main.other, "{OWN}": main.own'),
    "menus/main.yaml": "entry: one\nnodes:\n"
    + "".join(f"  {name}: {{type: queue, queue: {name}}}\n" for name in ("one", "other", "own")),
    "queues.yaml": "".join(
        f"{name}: {{name: {{en: Queue}}, skills: {{{skill}: 1}}, wrap_up_seconds: {seconds},"
        " last_agent_hold_seconds: 0}\n"
        for name, skill, seconds in (
            ("one", "shared", WRAP_UP_SECONDS),
            ("other", "shared", WRAP_UP_SECONDS),
            ("own", "own", SHORT_WRAP_UP_SECONDS),
        )
    ),
    "agents.yaml": "".join(f'"{one}": {{name: Agent, skills: {{shared: 1}}}}\n' for one in SHARED_DESKS)
    + "".join(f'"{one}": {{name: Agent, skills: {{own: 1}}}}\n' for one in OWN_DESKS),
}
WRAP_UP_DIALPLAN = "\n".join(
    f"exten => {number},1,Answer()\n same => n,Verbose(1,ENTER ${{CALLERID(num)}})\n same => n,Queue({name})\n"
    " same => n,Hangup()"
    for number, name in ((ONE, "one"), (OTHER, "other"), (OWN, "own"))
)


def wrap_up_queues(*, shared: bool) -> str:
    """queues.conf of the wrap-up oracles; all members are paused until the desks open."""
    queue = f"strategy=linear\nringinuse=no\nretry=1\nwrapuptime={WRAP_UP_SECONDS}\n" + "".join(
        f"member => PJSIP/{one},,,,,,yes\n" for one in SHARED_DESKS
    )
    own = f"strategy=linear\nringinuse=no\nretry=1\nwrapuptime={SHORT_WRAP_UP_SECONDS}\n"
    own += f"member => PJSIP/{OWN_DESKS[0]},,,,,{OWN_WRAP_UP_SECONDS},yes\nmember => PJSIP/{OWN_DESKS[1]},,,,,,yes\n"
    lastcall = "yes" if shared else "no"
    general = f"[general]\nautofill=yes\nshared_lastcall={lastcall}\n"
    return (
        f"{general}[one]\nshared_lastcall={lastcall}\n{queue}[other]\nshared_lastcall={lastcall}\n{queue}[own]\n{own}"
    )


class Rested(NamedTuple):
    """Who took three calls, one after another, and how long the third caller's agent had been left alone."""

    agents: list[str]
    rest_seconds: float


async def test_agents_rest_in_all_their_queues(tmp_path: Path) -> None:
    """Two agents serve two queues, and each has taken a call of the first. The next caller, of the other queue, waits
    for the end of a wrap-up on Hotline, and on app_queue with shared_lastcall=yes; with app_queue's default an agent in
    wrap-up is rung at once.

    Meant: wrap-up is a state of the agent, who can write up but one call at a time, whatever queue the next one is in.
    """
    theirs = [wrap_up_floor(tmp_path, shared=shared) for shared in (True, False)]
    ours = HotlineOracle(tmp_path / "hotline", WRAP_UP_SITE, SHARED_DESKS)
    hotline, sharing, default = await on_each([ours, *theirs], tmp_path, (ONE, ONE, OTHER))
    assert [sorted(rested.agents[:2]) for rested in (hotline, sharing, default)] == [sorted(SHARED_DESKS)] * 3
    assert hotline.rest_seconds >= WRAP_UP_SECONDS
    # app_queue counts in whole seconds of the clock (app_queue.c, update_queue: time(&member->lastcall)).
    assert sharing.rest_seconds > WRAP_UP_SECONDS - 1 > default.rest_seconds


async def test_the_queue_says_how_long_its_agents_rest(tmp_path: Path) -> None:
    """One of two agents has a longer wrap-up of their own in app_queue, so the other takes the third call as well as
    the second; on Hotline the queue's own wrap-up holds for both, and the agent of the first call takes it.

    Meant: what has to be written up depends on the kind of call; an agent who needs longer keys not ready.
    """
    ours = HotlineOracle(tmp_path / "hotline", WRAP_UP_SITE, OWN_DESKS)
    theirs = wrap_up_floor(tmp_path, shared=False, extensions=OWN_DESKS)
    hotline, app_queue = await on_each([ours, theirs], tmp_path, (OWN, OWN, OWN))
    assert sorted(hotline.agents[:2]) == sorted(OWN_DESKS)
    assert hotline.agents[2] == hotline.agents[0]
    assert app_queue.agents == [OWN_DESKS[0], OWN_DESKS[1], OWN_DESKS[1]]


def wrap_up_floor(folder: Path, *, shared: bool, extensions: Sequence[str] = SHARED_DESKS) -> AppQueueOracle:
    name = f"app_queue-{'shared' if shared else 'default'}"
    queues = wrap_up_queues(shared=shared)
    return AppQueueOracle(
        find_asterisk(), folder / name, dialplan=WRAP_UP_DIALPLAN, queues=queues, extensions=extensions
    )


async def on_each(floors: Sequence[OracleFloor], folder: Path, numbers: Sequence[str]) -> list[Rested]:
    """Play the calls on all floors at the same time; a floor that fails takes the others down with it, in order."""
    async with asyncio.TaskGroup() as all_of_them:
        plays = [all_of_them.create_task(three_calls(floor, folder, numbers)) for floor in floors]
    return [play.result() for play in plays]


async def three_calls(floor: OracleFloor, folder: Path, numbers: Sequence[str]) -> Rested:
    async with Players(floor, folder) as players:
        await players.open_desks()
        for index, number in enumerate(numbers):
            await players.call(number, str(FIRST_CALLER + index))
            rings = await players.served(index + 1)
        since = {bye.from_user: bye.at for bye in players.hang_ups()[:2]}
    return Rested([ring.to_user for ring in rings], rings[2].at - since[rings[2].to_user])
