"""Backends by HTTP, against a server that answers as it likes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from dialplan.backends import SqlBackend, UrlBackend
from hotline.backends.of_site import Means, SiteBackends
from ivr.actions import Reply
from ivr.backends import Request

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Shop:
    """A server, and the backends of a site that asks it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[dict[str, Any]] = []
        self.answers: list[Answer] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self.server = TestServer(app)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        self.seen.append(
            {"method": request.method, "path": request.raw_path, "text": text, "headers": dict(request.headers)}
        )
        return await self.answers[min(len(self.seen), len(self.answers)) - 1](request)

    async def ask(self, *answers: Answer, path: str = "/", again: bool = False, **more: Any) -> Reply:
        """What one question comes to. `inputs`, `fields` and `key` are the request's, the rest the backend's."""
        self.answers = list(answers)
        request = Request("shop", *(more.pop(name, default) for name, default in (("inputs", {}), ("fields", ()))))
        request = Request(request.backend, request.inputs, tuple(request.fields), more.pop("key", ""), again)
        backend = UrlBackend(url=f"http://127.0.0.1:{self.server.port}{path}", **more)
        means = Means(ClientSession(), "sqlite://")
        try:
            return await SiteBackends({"shop": backend}, self.folder, means).ask(request)
        finally:
            await means.close(1)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    shop = Shop(tmp_path)
    await shop.server.start_server()
    yield shop
    await shop.server.close()


def says(status: int = 200, text: str = "{}", **headers: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, headers=headers)

    return answer


async def test_a_query(shop: Shop) -> None:
    """Inputs are percent-encoded into the address, fields come out of the JSON, a number as it is written."""
    answer = says(text='{"order": {"stage": "paid", "total": 98.50, "id": 12345678901234567890123}}')
    fields = ("order.stage", "order.total", "order.id")
    reply = await shop.ask(answer, path="/o/{n}?q={q}", inputs={"n": "a/../b?c#d", "q": "茶 &x=1"}, fields=fields)
    assert reply == Reply("found", dict(zip(fields, ("paid", "98.50", "12345678901234567890123"), strict=True)))
    assert shop.seen[0]["path"] == "/o/a%2F..%2Fb%3Fc%23d?q=%E8%8C%B6%20%26x%3D1"
    assert "Idempotency-Key" not in shop.seen[0]["headers"]


async def test_an_action(shop: Shop) -> None:
    """The body is JSON of words, the key a quoted string, the token from its file as it is now."""
    (shop.folder / "token").write_text("s3cret\n", "utf-8")
    more = {"method": "POST", "body": {"what": "{what}", "note": "by phone"}, "secret_file": "token"}
    reply = await shop.ask(says(201, '{"id": 7}'), inputs={"what": 'a "b"'}, fields=("id",), key="c1:m.buy:4", **more)
    assert reply == Reply("found", {"id": "7"})
    assert shop.seen[0]["text"] == '{"what": "a \\"b\\"", "note": "by phone"}'
    assert shop.seen[0]["headers"]["Idempotency-Key"] == '"c1:m.buy:4"'
    assert shop.seen[0]["headers"]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("said", [{}, {"method": "GET"}, {"method": "POST"}, {"method": "PUT"}])
async def test_methods_and_headers(shop: Shop, said: dict[str, str]) -> None:
    """GET where nothing is said; headers are sent with their inputs; a question has 5 s."""
    await shop.ask(says(), inputs={"what": "tea"}, headers={"X-Shelf": "left, {what}"}, **said)
    assert shop.seen[0]["method"] == said.get("method", "GET")
    assert shop.seen[0]["headers"]["X-Shelf"] == "left, tea"
    assert UrlBackend(url="http://127.0.0.1/").timeout_seconds == SqlBackend(sql="select 1").timeout_seconds == 5


async def test_a_token_is_read_for_each_question(shop: Shop) -> None:
    """Whoever changes it restarts nothing."""
    shop.answers, token = [says()], shop.folder / "token"
    backend = UrlBackend(url=f"http://127.0.0.1:{shop.server.port}/", secret_file=str(token))
    means = Means(ClientSession(), "sqlite://")
    backends = SiteBackends({"shop": backend}, Path("/no/such/folder"), means)
    for secret in ("old", "new"):
        token.write_text(secret, "utf-8")
        assert await backends.ask(Request("shop", {})) == Reply("found")
    await means.close(1)
    assert [seen["headers"]["Authorization"] for seen in shop.seen] == ["Bearer old", "Bearer new"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (says(204, ""), "found"),
        (says(404), "not_found"),
        (says(409), "refused"),
        (says(422), "refused"),
        (says(400), "failed"),
        (says(401), "failed"),
        (says(500), "failed"),
        (says(302, Location="/elsewhere"), "failed"),
    ],
)
async def test_what_a_status_means(shop: Shop, answer: Answer, outcome: str) -> None:
    """Of an answer without wanted fields only the status counts, and no redirect is followed."""
    assert (await shop.ask(answer)).outcome == outcome
    assert len(shop.seen) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '"text"',
        "{}",
        '{"a": []}',
        '{"a": {"b": 1}}',
        '{"a": "' + "x" * 70_000 + '"}',
        "[" * 60_000,
    ],
)
async def test_an_answer_that_cannot_be_used_fails(shop: Shop, text: str, caplog: pytest.LogCaptureFixture) -> None:
    """Too long, too deep, no object, no field, no single value: the call goes on, and the log says which backend."""
    with caplog.at_level(logging.ERROR):
        assert await shop.ask(says(text=text), fields=("a",)) == Reply("failed")
    assert "backend=shop" in caplog.text
    assert "xxx" not in caplog.text


async def test_a_server_that_does_not_answer_fails_in_time(shop: Shop) -> None:
    """The time of a backend is from the connection to the last byte."""
    stop = asyncio.Event()

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"a": ')
        await stop.wait()
        return response

    try:
        assert await shop.ask(trickle, fields=("a",), timeout_seconds=1) == Reply("failed")
    finally:
        stop.set()


async def test_nobody_there_fails(tmp_path: Path) -> None:
    """A connection that is refused is one more thing that does not cost a call."""
    means = Means(ClientSession(), "sqlite://")
    backends = SiteBackends({"shop": UrlBackend(url="http://127.0.0.1:1/")}, tmp_path, means)
    assert [await backends.ask(Request(name, {})) for name in ("shop", "gone")] == [Reply("failed"), Reply("failed")]
    await means.close(1)


@pytest.mark.parametrize("number", [".", ".."])
async def test_an_input_leads_nowhere_else(shop: Shop, number: str) -> None:
    """Dots alone would be the folder above; nothing is sent."""
    assert await shop.ask(says(), path="/orders/{n}", inputs={"n": number}) == Reply("failed")
    assert await shop.ask(says(), headers={"X-N": "{n}"}, inputs={"n": "a\r\nX-Other: b"}) == Reply("failed")
    assert shop.seen == []


async def test_a_second_try_waits_for_the_first(shop: Shop) -> None:
    """409 to a first try is a refusal; to a try after a death of ours it says that the first one is at work."""
    reply = await shop.ask(says(409), says(409), says(200, '{"id": 7}'), fields=("id",), key="k", again=True)
    assert reply == Reply("found", {"id": "7"})
    assert {seen["headers"]["Idempotency-Key"] for seen in shop.seen} == {'"k"'}


async def test_a_first_try_that_does_not_end_is_not_waited_for_longer(shop: Shop) -> None:
    """It is asked after as long as the backend has time, and no longer."""
    assert await shop.ask(says(409), key="k", again=True, timeout_seconds=1) == Reply("failed")
    assert len(shop.seen) > 1


async def test_a_secret_that_cannot_be_read_fails(shop: Shop) -> None:
    """Without its token a backend is not asked."""
    assert await shop.ask(says(), secret_file="no/such") == Reply("failed")
    assert shop.seen == []


async def test_an_action_outlives_its_asker(shop: Shop) -> None:
    """At the end of a process what is being done has some time; what only reads has none."""
    going, done = asyncio.Event(), asyncio.Event()

    async def slowly(request: web.Request) -> web.StreamResponse:
        going.set()
        await done.wait()
        return web.Response(text="{}")

    shop.answers = [slowly]
    means = Means(ClientSession(), "sqlite://")
    backends = SiteBackends({"shop": UrlBackend(url=f"http://127.0.0.1:{shop.server.port}/")}, shop.folder, means)
    acting, asking = backends.ask(Request("shop", {}, key="k")), backends.ask(Request("shop", {}))
    await going.wait()
    asyncio.get_running_loop().call_soon(done.set)
    await means.close(5)
    assert acting.result() == Reply("found")
    assert asking.done()
