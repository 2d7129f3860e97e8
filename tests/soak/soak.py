"""One soak: people, faults and the watch at once, then everybody goes home, then the books are compared."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.demo.quick_site import make_quick_site
from hotline.phones.patience import NeverHappened, eventually
from tests.soak.audit import audit, read_rows
from tests.soak.chances import FaultDice
from tests.soak.faults import Breaker, Outages
from tests.soak.people import Log, SoakAgent, SoakCaller
from tests.soak.watch import Watch

FIRST_CALLER = 13_700_000_001
AGENTS = ("1001", "1002", "1003", "1004", "1005")
HOME_SECONDS = 60.0
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
    faults: Counter[str]
    problems: list[str]

    def summary(self) -> str:
        """In one line."""
        ends = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        broken = ", ".join(f"{count} x {what}" for what, count in sorted(self.faults.items()))
        return f"{self.calls} calls ({ends}); broken: {broken or 'nothing'}; {len(self.problems)} problems"


def make_soak_site(folder: Path) -> Path:
    """The demo's quick site, with one queue that rings all its agents at once; return its folder."""
    make_quick_site(folder)
    queues = folder / "queues.yaml"
    text = queues.read_text("utf-8")
    changed = re.sub(r"  (?:steps|prefer|survey):.*\n", "", text)  # one ring is everybody's, a hang-up the end
    changed = changed.replace("requires: support >= 5", "requires: support >= 5\n  strategy: ring_all")
    (folder / "menus" / "feedback.yaml").unlink()
    assert "ring_all" in changed, "the shop's site has no queue for support any more"
    queues.write_text(changed, "utf-8")
    return folder


async def soak(house: House, size: Size, seed: int, tell: Callable[[str], None]) -> Result:
    """Play it in a house that is up. `tell` is given one line of progress a second."""
    log, outages = Log(), Outages()
    callers = [SoakCaller(house, str(FIRST_CALLER + index), seed, log) for index in range(size.callers)]
    agents = [SoakAgent(house, extension, seed, log) for extension in size.agents]
    phones = [one.phone for one in (*callers, *agents)]
    watch = Watch(house, {agent.extension: agent.phone for agent in agents}, log)
    breaker = Breaker(house, FaultDice(seed, size.acd_every_seconds), outages)
    try:
        await asyncio.gather(*(phone.start() for phone in phones))
        await _play(size, callers, agents, watch, breaker, lambda: tell(_line(log, watch, outages)))
        problems = await _close_books(house)
    finally:
        await asyncio.gather(*(phone.close() for phone in phones))
    rows = read_rows(house.engine)
    problems += [*log.stuck, *audit(log, rows, outages)]
    return Result(
        calls=len(log.callers),
        outcomes=Counter(str(call.outcome) for call in rows.calls if call.caller_number not in size.agents),
        faults=Counter(outage.what for outage in outages.all),
        problems=problems,
    )


async def _play(
    size: Size,
    callers: Sequence[SoakCaller],
    agents: Sequence[SoakAgent],
    watch: Watch,
    breaker: Breaker,
    tell: Callable[[], None],
) -> None:
    """Callers and faults end with the time; agents and the watch stay until the last caller has gone."""
    closing, home = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as everybody:
        for staying in (*agents, watch):
            everybody.create_task(staying.live(home))
        async with asyncio.TaskGroup() as leaving:
            for one in (*callers, breaker):
                leaving.create_task(one.live(closing))
            leaving.create_task(_close_after(size.seconds, closing, tell))
        home.set()


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


def _line(log: Log, watch: Watch, outages: Outages) -> str:
    open_calls = sum(not one.call.is_closed for one in log.callers)
    talks = sum(leg.call.is_talking for leg in log.legs)
    return (
        f"{len(log.callers)} calls, {open_calls} now, {talks} talk; {len(log.legs)} rings;"
        f" {len(outages.all)} faults; {len(log.stuck)} stuck"
    )
