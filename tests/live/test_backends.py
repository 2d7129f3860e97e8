"""Menus that ask a real database: points are heard, and an order is written once, though the IVR dies in its midst."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db.engine import open_engine
from hotline.demo.house import House
from hotline.demo.play import Play
from hotline.demo.quick_site import make_quick_site
from hotline.phones.patience import eventually

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

POINTS, BUY = "4103", "4104"
MEMBER, BUYER = "13900000091", "13900000092"


@pytest.fixture
async def play(tmp_path: Path) -> AsyncIterator[Play]:
    """The shop, with numbers that lead straight to its points and its orders by phone."""
    site = make_quick_site(tmp_path / "site")
    file = site / "site.yaml"
    numbers = f'numbers:\n  "{POINTS}": points\n  "{BUY}": buy\n'
    file.write_text(file.read_text("utf-8").replace("numbers:\n", numbers, 1), "utf-8")
    async with House(tmp_path / "house", site) as house:
        play = Play.at(house, lambda told: None, lambda check: None)
        try:
            yield play
        finally:
            await play.cast.close()


def rows(play: Play, sql: str) -> list[tuple[Any, ...]]:
    with play.house.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


async def test_a_member_hears_the_points(play: Play) -> None:
    """Card and PIN are keyed, the database is asked, the points are heard; the PIN is in no file of the hotline."""
    call = await play.cast.call(MEMBER, POINTS)
    await play.hears_start(call, play.prompts("points.card", "zh")[0])
    await call.digits("80002#")
    await play.hears_start(call, play.prompts("points.pin", "zh")[0])
    await call.digits("135791")
    await play.hears(call, play.prompts("points.tell", "zh", points="35"))
    await call.hang_up()
    await eventually(lambda: rows(play, "select 1 from ivr_steps where result = 'passed'"), 15.0, "the step")
    files = [path for path in play.house.state.folder.rglob("*") if path.is_file() and path.suffix != ".wav"]
    told = [path.name for path in files if path != play.house.state.database and b"135791" in path.read_bytes()]
    assert [name for name in told if not name.startswith(play.house.state.database.name)] == []
    assert rows(play, "select input from ivr_steps where node = 'who'") == [("xxxx2",)]


async def test_an_order_is_written_once_though_the_ivr_dies_in_its_midst(play: Play) -> None:
    """The database is held, so the order hangs; it is let go, and the moment that the order is there the IVR is killed:
    it has told nobody. The next one asks again with the same key, and the caller hears the first answer."""
    call = await play.cast.call(BUYER, BUY)
    for prompt, keys, slots in (
        ("ask_product", "1001", {}),
        ("buy.quantity", "2#", {"price": "98.50"}),
        ("buy.sure", "1", {"quantity": "2", "product": "1001", "price": "98.50"}),
    ):
        await play.hears_start(call, play.prompts(prompt, "zh", **slots)[0])
        await asyncio.sleep(0.5)
        if keys == "1":
            let_go = hold(play)
        await call.digits(keys)
    await play.hears_start(call, play.prompts("one_moment", "zh")[0])
    let_go()
    await eventually(lambda: rows(play, "select 1 from phone_orders"), 10.0, "the order")
    killed = play.house.kill("ivr")
    await play.house.back("ivr", killed)
    await play.hears(call, play.prompts("buy.done", "zh", order="1", total="197.00"))
    await call.hang_up()
    assert rows(play, "select product, quantity, total_cents, caller_number from phone_orders") == [
        ("1001", 2, 19700, BUYER)
    ]
    assert len(rows(play, "select key from done_actions")) == 1
    await eventually(lambda: rows(play, "select result from ivr_steps where node = 'order'") == [("done",)], 15.0, "it")


def hold(play: Play) -> Callable[[], None]:
    """Take the write lock of the database; call the result to let it go."""
    engine = open_engine(play.house.ready["database_url"], writing=True)
    connection = engine.connect()
    transaction = connection.begin()

    def let_go() -> None:
        transaction.rollback()
        connection.close()
        engine.dispose()

    return let_go
