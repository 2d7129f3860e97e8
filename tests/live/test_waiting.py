"""What callers hear and press while they wait, and what their agent hears before them: real Asterisk, real phones."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from hotline.demo.house import House
from hotline.demo.play import Play
from hotline.demo.quick_site import ORDERS_NUMBER, SUPPORT_NUMBER, make_quick_site
from hotline.phones.patience import eventually

pytestmark = [pytest.mark.live, pytest.mark.timeout(120)]

ZHANG, LI = "13900000081", "13900000082"
WANG = "1001"
"""An agent of the order desk."""
WHISPER_SECONDS = 0.5
"""The whisper takes longer; between an answer and a connect without one are some thousandths of a second."""
QUEUES = {
    "orders": {
        "announce": {"first_seconds": 2, "every_seconds": 10, "position": True, "estimate": True},
        "keys": {"star": "welcome", "0": "queue:support"},
        "whisper": "waited",
        "ring_seconds": 6,
        "talk_seconds": 100,
    },
    "support": {"size_max": 1},
}


def make_site(folder: Path) -> Path:
    """The shop, quick, with the queues' own words changed as above; the order desk says one long comfort message."""
    site = make_quick_site(folder)
    yaml = YAML()
    queues = yaml.load(site / "queues.yaml")
    for name, words in QUEUES.items():
        queues[name].update(words)
    queues["orders"]["announce"]["comfort"] = "closed"
    yaml.dump(queues, site / "queues.yaml")
    prompts = yaml.load(site / "prompts.yaml")
    prompts["waited"] = {"zh": "等了{minutes:number}分钟", "en": "Waited {minutes:number} minutes"}
    yaml.dump(prompts, site / "prompts.yaml")
    return site


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    async with House(tmp_path, make_site(tmp_path / "site")) as house:
        play = Play.at(house, lambda told: None, lambda check: None)
        try:
            yield play
        finally:
            await play.cast.close()


async def test_a_waiting_caller_is_told_and_an_offer_is_not_held_up(play: Play) -> None:
    """The second in line hears the place; an agent who becomes ready in the midst of a long prompt is rung before
    that prompt could have ended, and the caller hears its rest no more. The agent hears the
    whisper first, whole, though Dial plays one file; the records tell it from the ringing."""
    first = await play.cast.call(ZHANG, ORDERS_NUMBER)
    await play.hears(first, play.prompts("queue.next", "zh"))
    second = await play.cast.call(LI, ORDERS_NUMBER)
    await play.hears(second, play.prompts("queue.position", "zh", position=2))
    comfort = play.prompts("closed", "zh")
    await play.hears_start(second, comfort[0])
    await play.cast.ready(WANG)
    agent = await play.cast.agent(WANG)
    ring = await agent.incoming()
    await asyncio.sleep(1.1)  # the phone names its recordings by the second, and the feature code had one
    talk = await ring.answer()
    assert talk.peer == ZHANG
    await play.hears(talk, play.prompts("waited", "zh", minutes=0))
    assert play.did_not_hear(first, play.prompts("waited", "zh", minutes=0))
    await play.cast.is_in(WANG, "on_call")
    (visit,) = play.facts.visits(ZHANG)
    (offer,) = play.facts.offers(visit)
    assert offer.ring_seconds >= 1.1 and offer.connect_seconds > WHISPER_SECONDS
    await first.hang_up()
    await second.hang_up()


async def test_keys_lead_out_of_the_queue(play: Play) -> None:
    """A key that means nothing changes nothing; star, while music plays, leads back to the menu, and the records
    say EXITWITHKEY."""
    call = await play.cast.call(ZHANG, ORDERS_NUMBER)
    await eventually(lambda: len(play.facts.visits(ZHANG)) == 1, 10, "the visit")
    await call.digits("5")
    assert not call.is_closed
    await call.digits("*")
    await play.hears_start(call, play.prompts("welcome", "zh")[0])
    (visit,) = play.facts.visits(ZHANG)
    assert (visit.outcome, visit.cause) == ("key_exit", "* welcome.welcome")
    await call.hang_up()


async def test_a_key_in_a_prompt_takes_the_place_to_another_queue(play: Play) -> None:
    """A key pressed while an announcement plays counts as well: the caller waits on in the other queue."""
    call = await play.cast.call(ZHANG, ORDERS_NUMBER)
    await play.hears_start(call, play.prompts("queue.next", "zh")[0])
    await call.digits("0")
    await eventually(lambda: len(play.facts.visits(ZHANG)) == 2, 10, "the second visit")
    assert [visit.queue for visit in play.facts.visits(ZHANG)] == ["orders", "support"]
    await call.hang_up()


async def test_a_full_queue_sends_its_caller_to_the_menu(play: Play) -> None:
    """The second caller of a queue for one hears the words of its outcome, and then goodbye; the first waits on."""
    first = await play.cast.call(ZHANG, SUPPORT_NUMBER)
    await eventually(lambda: len(play.facts.visits(ZHANG)) == 1, 10, "the first visit")
    second = await play.cast.call(LI, SUPPORT_NUMBER)
    await play.hears(second, play.prompts("queue_full", "zh"))
    await second.closed()
    assert [visit.outcome for visit in play.facts.visits(LI)] == ["full"]
    assert not first.is_closed
    await first.hang_up()
