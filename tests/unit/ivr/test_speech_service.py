"""A speech service over HTTP: a real server, a small one."""

import asyncio
import io
import json
import threading
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web

from ivr import voice
from ivr.espeak import SpeechUnavailable
from ivr.speech_service import TRIES, Service


@dataclass(frozen=True)
class Asked:
    """What the server was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: str


@dataclass
class Server:
    """It speaks at any path; `/refuse/CODE` answers with that code, `/busy/N` with 503 the first N times."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = (await request.read()).decode()
        self.asked.append(Asked(request.method, request.path, dict(request.query), dict(request.headers), body))
        match request.path.split("/")[1:]:
            case ["refuse", code]:
                return web.Response(status=int(code), text='{"error":\n "no such voice"}')
            case ["busy", times] if len(self.asked) <= int(times):
                return web.Response(status=503)
            case ["slow"]:
                await asyncio.sleep(30)
            case ["nonsense"]:
                return web.Response(body=b"<html>log in first</html>")
        return web.Response(body=sound(len(body)), content_type="audio/wav")


def sound(periods: int) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(24_000)
        file.writeframes(bytes([0, 32, 0, 224]) * 100 * (periods + 10))
    return written.getvalue()


@pytest.fixture
def server() -> Iterator[Server]:
    """Served in a thread of its own, as a service is elsewhere."""
    started, ended = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    told = Server()

    async def serve() -> None:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", told.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        told.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        started.set()
        await ended.wait()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    started.wait()
    yield told
    loop.call_soon_threadsafe(ended.set)
    thread.join()
    loop.close()


def test_a_request_is_filled_in(server: Server, tmp_path: Path) -> None:
    """URL, headers and the texts of a JSON body, whatever the words hold; numbers in it stay numbers."""
    (tmp_path / "key").write_text("s3cret\n")
    service = Service(
        url=server.url + "/v1/{language}?voice={voice}&say={text}",
        headers={"Authorization": "Bearer {secret}"},
        body={"input": "{text}", "settings": [{"voice": "{voice}", "speed": 1.25}]},
        voices={"zh": "Xiao Mei"},
        secret_file=tmp_path / "key",
    )
    text = '您好 & "{secret}"?'
    spoken = service.render(text, "zh")
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.query) == ("POST", "/v1/zh", {"voice": "Xiao Mei", "say": text})
    assert asked.headers["Authorization"] == "Bearer s3cret"
    assert json.loads(asked.body) == {"input": text, "settings": [{"voice": "Xiao Mei", "speed": 1.25}]}
    assert spoken.frame_rate == 24_000


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ('<speak xml:lang="{language}">{text}</speak>', '<speak xml:lang="en">Tom &amp; &quot;Li&quot; &lt;3</speak>'),
        ("say:{text}", 'say:Tom & "Li" <3'),
        (None, ""),
    ],
)
def test_a_body_of_text(server: Server, body: str | None, sent: str) -> None:
    """XML gets its values escaped, any other text as they are; without a body nothing is sent."""
    Service(url=server.url, method="PUT", body=body).render('Tom & "Li" <3', "en")
    assert (server.asked[0].method, server.asked[0].body) == ("PUT", sent)


def test_a_service_that_is_away_for_a_moment_is_asked_again(server: Server) -> None:
    """Twice busy, then it answers: nobody need publish anew for that."""
    Service(url=server.url + "/busy/2", retry_seconds=0).render("hello", "en")
    assert len(server.asked) == TRIES


@pytest.mark.parametrize(
    ("path", "error", "times"),
    [
        ("/refuse/401", 'answered 401: {"error": "no such voice"}', 1),
        ("/refuse/503", 'answered 503: {"error": "no such voice"}, 3 times', 3),
        ("/nonsense", "answered with what is no sound: ", 1),
        ("/slow", "took longer than 0.2 s, 3 times", 3),
    ],
)
def test_what_a_service_does_wrong_is_named(server: Server, path: str, error: str, times: int) -> None:
    """The admin is told the service, what it answered, and at which text; a refusal is not asked for again."""
    service = Service(url=server.url + path + "?key={text}", seconds_max=0.2, retry_seconds=0)
    with pytest.raises(SpeechUnavailable) as caught:
        service.render("您好", "zh")
    assert f"the speech service {server.url}{path} {error}" in str(caught.value)
    assert str(caught.value).endswith('(for "您好")')
    assert len(server.asked) == times


def test_a_service_that_is_down_is_named(server: Server) -> None:
    """Nobody listens there: three tries, one error."""
    url = server.url.rpartition(":")[0] + ":1"
    with pytest.raises(SpeechUnavailable, match=r"cannot be asked: .*, 3 times"):
        Service(url=url, retry_seconds=0).render("hello", "en")


@pytest.mark.parametrize(
    ("service", "error"),
    [
        (
            Service(url="http://127.0.0.1:1", secret_file=Path("/no/such/file")),
            "secret_file cannot be read: .*/no/such",
        ),
        (Service(url="http://127.0.0.1:1", voices={"en": "Ann"}), 'no voice for "zh": write one into voices'),
    ],
)
def test_what_the_site_lacks_is_named(service: Service, error: str) -> None:
    """Before anybody is asked."""
    with pytest.raises(SpeechUnavailable, match=error):
        service.render("您好", "zh")


def test_the_secret_names_no_sound() -> None:
    """A new key keeps every sound; another voice, body or version makes new ones."""
    service = Service(url="http://a/", voices={"zh": "Mei"}, body={"rate": 1}, secret_file=Path("/etc/key"))
    assert replace(service, secret_file=Path("/etc/other"), seconds_max=5).identity() == service.identity()
    others = [
        replace(service, voices={"zh": "Li"}),
        replace(service, body={"rate": 2}),
        replace(service, version="2"),
        replace(service, url="http://b/"),
    ]
    assert len({one.identity() for one in (service, *others)}) == 5


def test_a_site_speaks_by_a_service(server: Server, tmp_path: Path) -> None:
    """Prompts and values are asked for once; a failure names the prompt and the language, and what was spoken before
    it is kept for the next try."""
    prompts = {"hello": {"en": "Hello."}, "shipped": {"en": "Order {order:digits}."}}
    service = Service(url=server.url, body="{text}")
    for _ in range(2):
        voice.build(prompts, languages=["en"], cache=tmp_path, provider=service)
    words = [asked.body for asked in server.asked]
    assert len(words) == len(set(words)) > 12
    refusing = Service(url=server.url + "/refuse/400")
    with pytest.raises(SpeechUnavailable, match=r'prompt hello in "en": the speech service .* answered 400'):
        voice.build({"hello": prompts["hello"]}, languages=["en"], cache=tmp_path, provider=refusing)
