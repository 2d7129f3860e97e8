"""The rows of the truth table in which Asterisk has a say: real keys into STREAM FILE, between commands and into WAIT
FOR DIGIT (docs/truth-table.md)."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.schema import IvrStep
from hotline.demo.house import House
from hotline.demo.play import Play
from hotline.phones.call import PhoneCall
from hotline.phones.patience import eventually
from tests.conformance.playing import written
from tests.conformance.truth_table import Row, rows, scene_for

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

NUMBER = "4001"
NEWS_SECONDS = 30.0
TRUNKS = [{"name": "carrier", "addresses": ["127.0.0.1"], "host": "127.0.0.1:5099"}]
WORDS = {
    "hello": "您好，欢迎致电晴天茶馆，很高兴为您服务，请听好下面的内容。",
    "ask": "您的来电号码是{caller_number:digits}，请您按键选择。",
    "short": "请您现在按键，我们在等您的选择，谢谢您的耐心。",
    "silent": "没有收到您的按键，请您再听一遍，我们再说一次。",
    "wrong": "没有这个选项，请您再听一遍，我们再说一次。",
}
"""Long enough for a key to fall into them."""
MOMENTS = [
    *[("playing", "", "3"), ("ended", "", "3"), ("second", "", "3")],
    *[("playing", "3", ""), ("playing", "1", "2"), ("playing", "3", "#")],
    *[("playing", "7", "3"), ("playing", "1", "0"), ("playing", "", "0")],
]
TOGETHER = 3
"""So many calls at once: each phone's sound is listened to by us, too."""


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    site = written(scene_for("menu", "playing", trunks=TRUNKS), tmp_path / "site")
    prompts = json.loads((site / "prompts.yaml").read_text("utf-8"))
    told = {name: {"zh": words, "en": words} for name, words in WORDS.items()}
    (site / "prompts.yaml").write_text(json.dumps(prompts | told, ensure_ascii=False), "utf-8")
    async with House(tmp_path / "house", site) as house:
        play = Play.at(house, lambda told: None, lambda check: None)
        try:
            yield play
        finally:
            await play.cast.close()


async def test_asterisk_and_the_truth_table_agree(play: Play) -> None:
    """At each of these moments the real caller's step ends as the table says, with as many failures, and leads where
    the table says; a key in the second sound file of a prompt stops it as one in the first does."""
    table = {(row.prompt, row.ahead, row.key): row for row in rows() if row.node == "menu"}
    wanted = [
        (table[moment], file) for moment in MOMENTS for file in (0, 1) if not file or moment == ("playing", "", "3")
    ]
    callers = [(f"139000002{place:02}", *one) for place, one in enumerate(wanted)]
    found: dict[str, object] = {}
    for first in range(0, len(callers), TOGETHER):
        batch = callers[first : first + TOGETHER]
        results = await asyncio.gather(*(came_of(play, *caller) for caller in batch))
        found |= {caller[0]: result for caller, result in zip(batch, results, strict=True)}
    assert found == {number: (row.fires.partition(";")[0], row.counts) for number, row, _ in callers}


async def came_of(play: Play, number: str, row: Row, file: int) -> tuple[str, str]:
    """Call, do what the row says, and tell what fired and what was counted."""
    call = await play.cast.call(number, NUMBER)
    await play.hears_start(call, play.prompts("hello", "zh")[0])
    if row.prompt == "second":
        await play.hears_start(call, play.prompts("silent", "zh")[0], seconds=NEWS_SECONDS)
    await key(play, call, number, row, file)
    await eventually(lambda: steps_from_ask(play, number), NEWS_SECONDS, f"the step of {number}")
    await call.hang_up()
    await eventually(lambda: len(steps_from_ask(play, number)) > 1, NEWS_SECONDS, f"the step after that of {number}")
    ask, after, *_ = steps_from_ask(play, number)
    failures = ["no_input"] * ((ask.no_input or 0) - (row.prompt == "second")) + ["no_match"] * (ask.no_match or 0)
    assert ask.barge_in == ((not row.ahead and row.prompt != "ended") or row.ahead == "7")
    return f"{ask.result} to {after.node}", " ".join(failures)


async def key(play: Play, call: PhoneCall, number: str, row: Row, file: int) -> None:
    if row.ahead and row.ahead != "7":
        await call.digits(row.ahead + row.key)  # one behind the other, as fast as a phone sends them
        return
    if row.ahead:
        await call.digits(row.ahead)
    awaited = {"7": "wrong", "": "short" if row.prompt == "second" else "ask"}[row.ahead]
    sounds = play.prompts(awaited, "zh", caller_number=number)
    if row.prompt == "ended":
        await play.hears(call, sounds, NEWS_SECONDS)
    else:
        await play.hears_start(call, sounds[file], seconds=NEWS_SECONDS)
    await call.digits(row.key)


def steps_from_ask(play: Play, number: str) -> list[IvrStep]:
    """What is recorded of the call from `ask` on, its second step."""
    found = play.facts.call(number)
    steps = play.facts.steps(found.call_id) if found else []
    return [step for step in sorted(steps, key=number_of) if number_of(step) > 1]


def number_of(step: IvrStep) -> int:
    """Of the step in its call."""
    return int(step.step_id.rpartition(":")[2])
