"""One soak: people, faults and the watch at once, then everybody goes home, then the books are compared."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.demo.quick_site import make_quick_site
from hotline.phones.patience import NeverHappened, eventually
from hotline.phones.ports import free_ports
from tests.soak.audit import audit, gaps
from tests.soak.chances import CALLBACK_RING_SECONDS, FIRST_ONWARD, FIRST_WISH, AgentDice, CallerDice, FaultDice
from tests.soak.faults import Breaker, Outages
from tests.soak.log import CallerLog, Log, story
from tests.soak.people import SoakAgent, SoakCaller
from tests.soak.rows import read_rows
from tests.soak.town import Town
from tests.soak.watch import Watch

FIRST_CALLER = 13_700_000_001
AGENTS = ("1001", "1002", "1003", "1004", "1005")
OPENING_SECONDS = 20.0
"""How long the agents wait for the first caller to have asked for a callback."""
CALLED_BACK_SECONDS = 120.0
"""How long it may take until everybody is called back who was promised it."""
BOOKS_SECONDS = 15.0
"""How long the last facts may take into the database."""


@dataclass(frozen=True)
class Size:
    """How long, and how many."""

    seconds: float
    acd_every_seconds: float
    callers: int = 8
    agents: Sequence[str] = AGENTS


@dataclass(frozen=True)
class Result:
    """What came of it."""

    calls: int
    outcomes: Counter[str]
    """of calls"""
    visits: Counter[str]
    """outcomes of those that came by a transfer, and how those ended that were sent on"""
    callbacks: Counter[str]
    ways: Counter[str]
    """how agents tried to send callers on"""
    faults: Counter[str]
    problems: list[str]
    gaps: Mapping[str, tuple[float, str]]
    """the largest differences between phones and records, in seconds, and of which call"""

    def summary(self) -> str:
        """In one line."""
        return (
            f"{self.calls} calls ({_counted(self.outcomes)}); sent on: {_counted(self.ways)}; visits:"
            f" {_counted(self.visits)}; callbacks: {_counted(self.callbacks)}; broken: {_counted(self.faults)};"
            f" {len(self.problems)} problems; phones and records differ by at most"
            f" {', '.join(f'{seconds:.2f} s ({what}, {whose})' for what, (seconds, whose) in self.gaps.items())}"
        )


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counter.items())) or "nothing"


@dataclass(frozen=True)
class Place:
    """A site to soak, and the port at which its trunk expects the town."""

    site: Path
    town_port: int


def make_soak_site(folder: Path) -> Place:
    """The demo's quick site, with one queue that rings all its agents at once, and callbacks that are soon tried."""
    make_quick_site(folder)
    port = free_ports(3)
    yaml = YAML()
    site = yaml.load(folder / "site.yaml")
    site["trunks"][0]["host"] = f"127.0.0.1:{port}"
    yaml.dump(site, folder / "site.yaml")
    queues = yaml.load(folder / "queues.yaml")
    for queue in queues.values():
        for word in ("steps", "prefer", "survey"):  # one ring is everybody's, a hang-up the end
            queue.pop(word, None)
    queues["orders"]["callback"] = {"attempts": 2, "retry_seconds": 4, "ring_seconds": CALLBACK_RING_SECONDS}
    queues["support"]["strategy"] = "ring_all"
    yaml.dump(queues, folder / "queues.yaml")
    (folder / "menus" / "feedback.yaml").unlink()
    return Place(folder, port)


class Crowd:
    """Everybody who takes part."""

    def __init__(self, house: House, town_port: int, size: Size, seed: int) -> None:
        self.log, self.outages = Log(), Outages()
        numbers = [str(FIRST_CALLER + index) for index in range(size.callers)]
        self.town = Town(house, town_port, numbers, seed, self.log)
        self.callers = [
            SoakCaller(house, number, CallerDice(seed, number, None if index else FIRST_WISH), self.log, self.town)
            for index, number in enumerate(numbers)
        ]
        self.agents = [
            SoakAgent(house, extension, self._agent_dice(seed, extension, size.agents), self.log)
            for extension in size.agents
        ]
        self.watch = Watch(house, {agent.extension: agent.phone for agent in self.agents}, self.log)
        self.breaker = Breaker(house, FaultDice(seed, size.acd_every_seconds), self.outages)

    async def start(self) -> None:
        """Give everybody a phone."""
        await asyncio.gather(self.town.start(), *(one.phone.start() for one in (*self.callers, *self.agents)))

    async def close(self) -> None:
        """Take the phones away."""
        phones = (self.town.phone, *(one.phone for one in (*self.callers, *self.agents)))
        await asyncio.gather(*(phone.close() for phone in phones))

    @staticmethod
    def _agent_dice(seed: int, extension: str, agents: Sequence[str]) -> AgentDice:
        colleagues = [one for one in agents if one != extension]
        return AgentDice(seed, extension, colleagues, FIRST_ONWARD if extension == agents[0] else None)


async def soak(house: House, place: Place, size: Size, seed: int, tell: Callable[[str], None]) -> Result:
    """Play it in a house that is up. `tell` is given one line of progress a second."""
    crowd = Crowd(house, place.town_port, size, seed)
    try:
        await crowd.start()
        await _play(house, size, crowd, lambda: tell(_line(crowd)))
        problems = await _close_books(house)
    finally:
        await crowd.close()
    rows = read_rows(house.engine)
    problems += [*crowd.log.stuck, *audit(crowd.log, rows, crowd.outages)]
    (house.folder / "phones.log").write_text("\n".join(story(crowd.log)) + "\n", "utf-8")
    calls = [call for call in rows.calls if call.caller_number not in size.agents]
    sent = [visit for visit in rows.visits if visit.entered_via == "transfer" or visit.outcome == "transferred"]
    return Result(
        calls=len(crowd.log.callers),
        outcomes=Counter(str(call.outcome) for call in calls),
        visits=Counter(str(visit.outcome) for visit in sent),
        callbacks=Counter(str(callback.outcome) for callback in rows.callbacks),
        ways=Counter(leg.sent.way for leg in crowd.log.legs if leg.sent is not None),
        faults=Counter(outage.what for outage in crowd.outages.all),
        problems=problems,
        gaps={**gaps(crowd.log, rows, crowd.outages), "late": (crowd.watch.late_seconds, "the soak's own clock")},
    )


async def _play(house: House, size: Size, crowd: Crowd, tell: Callable[[], None]) -> None:
    """Callers and faults end with the time; agents, the town and the watch stay until nobody is owed anything."""
    closing, home = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as everybody:
        for staying in (crowd.town.live, crowd.watch.live, crowd.watch.time_passes):
            everybody.create_task(staying(home))
        async with asyncio.TaskGroup() as leaving:
            for caller in crowd.callers:
                leaving.create_task(caller.live(closing))
            leaving.create_task(_close_after(size.seconds, closing, tell))
            await _first_is_let_go(crowd.log)
            for agent in crowd.agents:
                everybody.create_task(agent.live(home))
            leaving.create_task(crowd.breaker.live(closing))
        await _callbacks_done(house, crowd.log)
        home.set()


async def _first_is_let_go(log: Log) -> None:
    """The agents come when somebody has asked for a callback."""
    try:
        await eventually(lambda: any(map(log.was_let_go, _closed(log))), OPENING_SECONDS, "the first callback")
    except NeverHappened as problem:
        log.stuck.append(str(problem))


def _closed(log: Log) -> list[CallerLog]:
    return [caller for caller in log.callers if caller.call.is_closed]


async def _callbacks_done(house: House, log: Log) -> None:
    facts = Facts(house.engine)
    try:
        await eventually(
            lambda: not facts.open_records()["queue_visits"],
            CALLED_BACK_SECONDS,
            "the last callback",
            every_seconds=0.5,
        )
    except NeverHappened as problem:
        log.stuck.append(str(problem))


async def _close_after(seconds: float, closing: asyncio.Event, tell: Callable[[], None]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        tell()
        await asyncio.sleep(min(left, 1.0))
    closing.set()


async def _close_books(house: House) -> list[str]:
    """Wait until nothing is open any more; what stays open is a problem of its own."""
    facts = Facts(house.engine)
    problems = []
    try:
        await eventually(lambda: not any(facts.open_records().values()), BOOKS_SECONDS, "the records to be closed")
    except NeverHappened:
        problems.append(f"still open in the records: {facts.open_records()}")
    problems += [f"a record was refused: {one.reason}" for one in facts.rejected()]
    return problems


def _line(crowd: Crowd) -> str:
    log, outages = crowd.log, crowd.outages
    open_calls = sum(not one.call.is_closed for one in log.callers)
    talks = sum(leg.call.is_talking for leg in log.legs)
    return (
        f"{len(log.callers)} calls, {open_calls} now, {talks} talk; {len(log.legs)} rings;"
        f" {len(outages.all)} faults; {len(log.stuck)} stuck"
    )
