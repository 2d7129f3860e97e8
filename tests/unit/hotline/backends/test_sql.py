"""Backends by SQL, on each kind of database; and the shop's own."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker

from db.engine import open_engine
from dialplan.backends import Backend, SqlBackend
from dialplan.loader import load_site
from hotline.backends.of_site import Means, SiteBackends
from hotline.settings import SHOP_SITE
from ivr.actions import Reply
from ivr.backends import Request
from shop.seed import seed


class Asker:
    """The shop's backends on a database with the demonstration's rows."""

    def __init__(self, url: str, folder: Path, means: Means) -> None:
        self.url, self.folder, self.means = url, folder, means
        self.backends: Mapping[str, Backend] = load_site(SHOP_SITE).backends

    async def ask(self, name: str, *fields: str, key: str = "", backend: Backend | None = None, **inputs: str) -> Reply:
        backends = {**self.backends, **({name: backend} if backend else {})}
        return await SiteBackends(backends, self.folder, self.means).ask(Request(name, inputs, fields, key))

    def rows(self, sql: str) -> list[Any]:
        engine = open_engine(self.url)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(sql))]
        engine.dispose()
        return found


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Asker]:
    engine = open_engine(database_url, writing=True)
    seed(sessionmaker(engine))
    engine.dispose()
    means = Means(ClientSession(), database_url)
    yield Asker(database_url, tmp_path, means)
    await means.close(5)


async def test_points_are_told_to_whoever_has_card_and_pin(shop: Asker) -> None:
    """Right, wrong and unknown; words of SQL are words, and find nothing."""
    assert await shop.ask("member_points", "points", account="80001", pin="246810") == Reply(
        "found", {"points": "1280"}
    )
    for account, pin in ("80001", "000000"), ("99999", "246810"), ("80001", "' or '1'='1"):
        assert await shop.ask("member_points", "points", account=account, pin=pin) == Reply("not_found")


async def test_a_price(shop: Asker) -> None:
    """As money is said; what is not sold any more has none."""
    reply = await shop.ask("product_price", "price", number="1001")
    assert reply.fields["price"] in ("98.5", "98.50")
    assert await shop.ask("product_price", "price", number="1009") == Reply("not_found")


async def test_an_order_is_written_once_for_its_key(shop: Asker) -> None:
    """The second try with the same key gets the first answer and writes nothing; another key is another order."""
    order = {"product": "1002", "quantity": "3", "caller": "13800138000"}
    first = await shop.ask("place_order", "number", "total", key="c:buy.order:7", **order)
    assert first == await shop.ask("place_order", "number", "total", key="c:buy.order:7", **order)
    assert first.outcome == "found"
    assert first.fields["total"] == "59.97"
    other = await shop.ask("place_order", "number", key="c:buy.order:9", **order)
    assert other.fields["number"] != first.fields["number"]
    assert shop.rows("select product, quantity, total_cents from phone_orders") == [("1002", 3, 5997)] * 2


async def test_what_came_to_nothing_may_be_tried_again(shop: Asker) -> None:
    """A product that is not sold, and more than a table lets in: not found and refused, nothing is written, no key."""
    order = {"product": "1009", "quantity": "1", "caller": "138"}
    assert await shop.ask("place_order", "number", key="a", **order) == Reply("not_found")
    order |= {"product": "1001", "quantity": "11"}
    assert await shop.ask("place_order", "number", key="b", **order) == Reply("refused")
    assert shop.rows("select key from done_actions") == []
    order["quantity"] = "1"
    assert (await shop.ask("place_order", "number", key="b", **order)).outcome == "found"


async def test_an_answer_that_cannot_be_used_undoes_the_action(shop: Asker) -> None:
    """Nobody is told that something failed which was done."""
    order = {"product": "1001", "quantity": "1", "caller": "138"}
    assert await shop.ask("place_order", "no_such_column", key="a", **order) == Reply("failed")
    assert shop.rows("select count(*) from phone_orders") == [(0,)]


async def test_what_only_reads_cannot_write(shop: Asker) -> None:
    """Not even by a statement that the check of the site takes for a reading one."""
    sneaky = SqlBackend(sql="update members set points = 0 where card = :account returning points")
    assert await shop.ask("sneaky", "points", backend=sneaky, account="80001") == Reply("failed")
    assert shop.rows("select points from members where card = '80001'") == [(1280,)]


async def test_a_statement_without_rows(shop: Asker) -> None:
    """What changes something is done; what finds nothing to change has not found it."""
    spend = SqlBackend(sql="update members set points = points - 10 where card = :card")
    assert await shop.ask("spend", backend=spend, key="1", card="80001") == Reply("found")
    assert await shop.ask("spend", backend=spend, key="1", card="80001") == Reply("found")
    assert await shop.ask("spend", backend=spend, key="2", card="1") == Reply("not_found")
    assert shop.rows("select points from members where card = '80001'") == [(1270,)]


async def test_a_statement_that_takes_too_long_is_stopped(shop: Asker) -> None:
    """An endless one ends with the time of its backend, and the thread is free again."""
    endless = SqlBackend(
        sql="with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) as c from n",
        timeout_seconds=1,
    )
    assert await shop.ask("endless", "c", backend=endless) == Reply("failed")
    assert (await shop.ask("product_price", number="1001")).outcome == "found"


async def test_another_file(shop: Asker) -> None:
    """A database of its own, within the site's folder: read, written once, and not made where it is missing."""
    other = sqlite3.connect(shop.folder / "other.db")
    other.executescript("create table tea (name text, cups integer); insert into tea values ('green', 3);")
    read = SqlBackend(sql="select cups from tea where name = :tea", database_file="other.db")
    drink = SqlBackend(sql="update tea set cups = cups - 1 where name = :tea", database_file="other.db")
    for _ in range(2):
        assert await shop.ask("drink", backend=drink, key="k", tea="green") == Reply("found")
    assert await shop.ask("tea", "cups", backend=read, tea="green") == Reply("found", {"cups": "2"})
    elsewhere = SqlBackend(sql=read.sql, database_file=str(shop.folder / "other.db"))
    assert await shop.ask("tea", "cups", backend=elsewhere, tea="green") == Reply("found", {"cups": "2"})
    missing = SqlBackend(sql="select 1 as x", database_file="missing.db")
    assert await shop.ask("gone", "x", backend=missing) == Reply("failed")
    assert not (shop.folder / "missing.db").exists()
    other.close()


async def test_a_database_by_the_environment(shop: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its URL may hold a password, so it stands in no YAML; without one the question fails."""
    backend = SqlBackend(sql="select points from members where card = :card", database_url_env="MEMBERS_URL")
    assert await shop.ask("members", "points", backend=backend, card="80002") == Reply("failed")
    monkeypatch.setenv("MEMBERS_URL", shop.url)
    assert await shop.ask("members", "points", backend=backend, card="80002") == Reply("found", {"points": "35"})
