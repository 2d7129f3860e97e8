"""Speech by a service over HTTP: one request a text, its answer a sound file of any kind."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from ivr.espeak import SpeechUnavailable
from ivr.filling import filled

if TYPE_CHECKING:
    from ivr.levels import Sound

TRIES = 3
"""of one text, where the service is away for a moment or asks for patience"""
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be others a second later (RFC 9110, section 15; RFC 6585, section 4)."""
ANSWER_BYTES_MAX = 50_000_000
_TOLD_CHARACTERS = 200

Fill = Callable[[str], str]


class _Passing(Exception):
    """What went wrong, which may go well at the next try."""


@dataclass(frozen=True)
class Service:
    """A service that is asked once for each text; {text}, {language}, {voice} and {secret} are filled in."""

    url: str
    """its values are percent-encoded; it has no {secret}, as errors name it"""
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | Mapping[str, Any] | None = None
    """a mapping is sent as JSON; a text that begins with < is XML, and values are escaped for it"""
    voices: Mapping[str, str] = field(default_factory=dict)
    """what the service calls the voice of each language"""
    secret_file: Path | None = None
    """read at each text; what it holds is in no error, and in no sound's name"""
    version: str = "1"
    """what the admin changes when the same service speaks differently"""
    seconds_max: float = 60.0
    """for one try"""
    retry_seconds: float = 0.5
    """before the second try; twice as long before the next"""

    def identity(self) -> bytes:
        """The request as it is written, and its version; not the secret, which may change without the voice."""
        said = (self.url, self.method, dict(self.headers), self.body, dict(self.voices), self.version)
        return json.dumps(said, sort_keys=True).encode()

    def render(self, text: str, language: str) -> "Sound":
        """Ask for the words spoken; raises SpeechUnavailable with the service, what it answered, and the words."""
        from ivr import levels  # not at the top: it brings numpy and pydub

        try:
            return levels.decode(asyncio.run(self._answer(self._values(text, language))))
        except ValueError as fault:
            raise self._fault(text, f"answered with what is no sound: {fault}") from fault

    def _values(self, text: str, language: str) -> dict[str, str]:
        if self.voices and language not in self.voices:
            raise SpeechUnavailable(f'the speech service has no voice for "{language}": write one into voices')
        try:
            secret = self.secret_file.read_text("utf-8").strip() if self.secret_file else ""
        except (OSError, UnicodeError) as fault:
            raise SpeechUnavailable(f"the speech service's secret_file cannot be read: {fault}") from fault
        return {"text": text, "language": language, "voice": self.voices.get(language, ""), "secret": secret}

    async def _answer(self, values: Mapping[str, str]) -> bytes:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._try(values)
            except _Passing as fault:
                if attempt == TRIES:
                    raise self._fault(values["text"], f"{fault}, {TRIES} times") from fault
                await asyncio.sleep(self.retry_seconds * 2 ** (attempt - 1))
        raise AssertionError("the last try answers or fails")

    async def _try(self, values: Mapping[str, str]) -> bytes:
        import aiohttp  # not at the top: a filled cache need not pay

        whole = aiohttp.ClientTimeout(total=self.seconds_max)
        try:
            async with (
                aiohttp.ClientSession(timeout=whole) as session,
                session.request(self.method, **self._request(values)) as response,
            ):
                answer = await _read(response.content)
                if response.status in PASSING:
                    raise _Passing(f"answered {response.status}{_told(answer)}")
                if response.status >= 300:
                    raise self._fault(values["text"], f"answered {response.status}{_told(answer)}")
                return answer
        except TimeoutError:
            raise _Passing(f"took longer than {self.seconds_max:g} s") from None
        except (aiohttp.ClientError, OSError) as fault:
            raise _Passing(f"cannot be asked: {fault}") from fault

    def _request(self, values: Mapping[str, str]) -> dict[str, Any]:
        from yarl import URL

        coded = {name: quote(value, safe="") for name, value in values.items()}
        headers = {name: filled(text, values) for name, text in self.headers.items()}
        request: dict[str, Any] = {"url": URL(filled(self.url, coded), encoded=True), "headers": headers}
        if isinstance(self.body, str):
            plain = values if not self.body.lstrip().startswith("<") else _for_xml(values)
            return {**request, "data": filled(self.body, plain).encode()}
        return request if self.body is None else {**request, "json": _deep(self.body, lambda one: filled(one, values))}

    def _fault(self, text: str, what: str) -> SpeechUnavailable:
        shown = self.url.partition("?")[0]
        return SpeechUnavailable(f"the speech service {shown} {what} (for {json.dumps(text, ensure_ascii=False)})")


async def _read(content: Any) -> bytes:
    read = bytearray()
    async for chunk in content.iter_chunked(1 << 16):
        read += chunk
        if len(read) > ANSWER_BYTES_MAX:
            raise ValueError(f"more than {ANSWER_BYTES_MAX} bytes")
    return bytes(read)


def _told(answer: bytes) -> str:
    """The beginning of what the service says of its refusal, on one line."""
    words = " ".join(answer.decode(errors="replace").split())[:_TOLD_CHARACTERS]
    return f": {words}" if words else ""


def _for_xml(values: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(value, {'"': "&quot;"}) for name, value in values.items()}


def _deep(value: Any, fill: Fill) -> Any:
    """What is written in the body, with every text in it filled in."""
    if isinstance(value, Mapping):
        return {name: _deep(one, fill) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_deep(one, fill) for one in value]
    return fill(value) if isinstance(value, str) else value
