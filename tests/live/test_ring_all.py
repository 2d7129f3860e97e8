"""ring_all with real Asterisk and real phones: all ring, one talks, nobody else is the worse for it."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from db.schema import QueueVisit
from hotline.demo.cast import Cast
from hotline.demo.facts import Facts
from hotline.demo.house import House
from hotline.demo.quick_site import RING_SECONDS, SUPPORT_NUMBER, make_quick_site
from hotline.phones.call import PhoneCall
from hotline.phones.patience import eventually

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

TEAM = ("1004", "1005", "1006")
ZHAO, QIAN = "13900000001", "13900000002"
RECORDS_SECONDS = 10.0
SILENT_SECONDS = 1.0
"""From the answer of one phone until the others are silent."""
NEWS_SECONDS = 15.0


class Floor:
    """A house whose support rings everybody, the team at their phones, all ready."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.facts = Facts(house.engine)
        self.cast = Cast(house, self.facts)

    async def ringing(self, *extensions: str) -> dict[str, PhoneCall]:
        """The calls that ring at these phones, once every one of them does."""
        phones = [await self.cast.agent(extension) for extension in extensions]
        calls = await asyncio.gather(*(phone.incoming(NEWS_SECONDS) for phone in phones))
        return dict(zip(extensions, calls, strict=True))

    async def ended(self, caller_number: str) -> QueueVisit:
        def visit() -> QueueVisit | None:
            latest = self.facts.visit(caller_number)
            return latest if latest and latest.ended_at else None

        found = await eventually(visit, RECORDS_SECONDS, f"the end of {caller_number}'s visit in the records")
        assert found is not None
        return found

    def outcomes(self, visit: QueueVisit) -> dict[str, str | None]:
        return {offer.agent_id: offer.outcome for offer in self.facts.offers(visit)}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_quick_site(tmp_path_factory.mktemp("ring_all") / "site")
    queues = folder / "queues.yaml"
    everybody = re.sub(r"  (steps|prefer):.*\n", "", queues.read_text("utf-8"))
    queues.write_text(everybody.replace("  ring_seconds:", "  strategy: ring_all\n  ring_seconds:"), "utf-8")
    return folder


@pytest.fixture
async def floor(site: Path, tmp_path: Path) -> AsyncIterator[Floor]:
    async with House(tmp_path, site) as house:
        made = Floor(house)
        try:
            await made.cast.ready(*TEAM)
            yield made
        finally:
            await made.cast.close()


def silent_after(answered: PhoneCall, others: Sequence[PhoneCall]) -> float:
    """Seconds from the answer until the last of the others was over."""
    assert answered.established_at is not None
    return max((one.closed_at or float("inf")) for one in others) - answered.established_at


async def test_all_ring_one_answers_and_the_others_serve_the_next(floor: Floor) -> None:
    """Three phones ring, one answers, the two others fall silent at once and ring for the next caller; the records show
    one answer and two cancelled by it."""
    first = await floor.cast.call(ZHAO, SUPPORT_NUMBER)
    rung = await floor.ringing(*TEAM)
    talk = await rung.pop("1005").answer()
    for other in rung.values():
        await other.closed(5.0)
    assert silent_after(talk, [*rung.values()]) < SILENT_SECONDS
    second = await floor.cast.call(QIAN, SUPPORT_NUMBER)
    next_rung = await floor.ringing("1004", "1006")
    next_talk = await next_rung["1006"].answer()
    await next_rung["1004"].closed(5.0)
    assert talk.is_talking
    for call in (next_talk, talk):
        await call.hang_up()
    for call in (first, second):
        await call.closed()
    visits = [await floor.ended(number) for number in (ZHAO, QIAN)]
    assert [visit.agent_id for visit in visits] == ["1005", "1006"]
    assert floor.outcomes(visits[0]) == {
        "1004": "cancel_other_won",
        "1005": "answered",
        "1006": "cancel_other_won",
    }
    assert floor.outcomes(visits[1]) == {"1004": "cancel_other_won", "1006": "answered"}


async def test_each_phone_ends_as_it_does(floor: Floor) -> None:
    """One rejects and its offer is over while the others ring on; those ring out."""
    call = await floor.cast.call(ZHAO, SUPPORT_NUMBER)
    rung = await floor.ringing(*TEAM)
    await rung["1004"].reject()
    await floor.cast.is_in("1004", "ready")
    assert not rung["1005"].is_closed
    for extension in ("1005", "1006"):
        await rung[extension].closed(RING_SECONDS + 5)
        await floor.cast.is_in(extension, "ready")
    await call.hang_up()
    visit = await floor.ended(ZHAO)
    assert floor.outcomes(visit) == {"1004": "reject", "1005": "rna", "1006": "rna"}


async def test_two_answers_at_once_are_one_talk(floor: Floor) -> None:
    """All pick up in the same moment: one talks, the others are hung up and free again, and nobody is punished."""
    call = await floor.cast.call(ZHAO, SUPPORT_NUMBER)
    rung = await floor.ringing(*TEAM)
    await asyncio.gather(*(one.answer() for one in rung.values()), return_exceptions=True)

    def one_talks() -> bool:
        return sorted(floor.facts.agent_state(extension) for extension in TEAM) == ["on_call", "ready", "ready"]

    await eventually(one_talks, RECORDS_SECONDS, "one agent to talk and two to be ready")
    await eventually(lambda: sum(one.is_talking for one in rung.values()) == 1, 5, "two phones to be silent")
    await call.hang_up()
    ends = sorted(outcome or "" for outcome in floor.outcomes(await floor.ended(ZHAO)).values())
    assert ends == ["answered", "cancel_other_won", "cancel_other_won"]


async def test_the_distributor_dies_while_all_ring(floor: Floor) -> None:
    """kill -9 in the ring: it rings on, an agent answers, and the next distributor finds that and frees the rest."""
    call = await floor.cast.call(ZHAO, SUPPORT_NUMBER)
    rung = await floor.ringing(*TEAM)
    killed = floor.house.kill("acd")
    talk = await rung["1004"].answer()
    await floor.house.back("acd", killed)

    def settled() -> bool:
        return [floor.facts.agent_state(extension) for extension in TEAM] == ["on_call", "ready", "ready"]

    await eventually(settled, RECORDS_SECONDS, "one agent to talk and two to be ready")
    await call.hang_up()
    await talk.closed()
    visit = await floor.ended(ZHAO)
    assert floor.outcomes(visit) == {"1004": "answered", "1005": "cancel_other_won", "1006": "cancel_other_won"}
    assert visit.outcome == "completed_by_caller"
