"""A backend that is asked by HTTP, and answers with a JSON object.

An action carries the header Idempotency-Key, a quoted string as draft-ietf-httpapi-idempotency-key-header has it. By
that draft a server answers 409 while the first try of a key is at work: after a death of ours that is no refusal, so
the second try waits for it. No redirect is followed: the token is for this address alone.
"""

import asyncio
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from aiohttp import ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from dialplan.backends import UrlBackend
from dialplan.words import TEMPLATE_SLOT
from ivr.actions import Reply
from ivr.backends import AnswerUnusable, Request, fields_of

ANSWER_BYTES_MAX = 65_536
AT_WORK_SECONDS = 0.3
"""between two looks whether the first try of a key has ended"""
_DOTS = re.compile(r"\.{1,2}")


class InputUnusable(ValueError):
    """An input would lead to another address, or break a header. Nothing was sent."""


async def ask_by_http(http: ClientSession, backend: UrlBackend, request: Request, secret: str) -> Reply:
    """Raises aiohttp.ClientError, TimeoutError, AnswerUnusable, InputUnusable."""
    async with asyncio.timeout(backend.timeout_seconds):
        while True:
            reply = await _ask_once(http, backend, request, secret)
            if reply is not None:
                return reply
            await asyncio.sleep(AT_WORK_SECONDS)


async def _ask_once(http: ClientSession, backend: UrlBackend, request: Request, secret: str) -> Reply | None:
    """None: the first try of this key is at work."""
    async with http.request(
        backend.method,
        URL(_filled(backend.url, {name: _in_url(value) for name, value in request.inputs.items()}), encoded=True),
        headers=_headers(backend, request, secret),
        json={name: _filled(words, request.inputs) for name, words in backend.body.items()}
        if _sends(backend)
        else None,
        allow_redirects=False,
        timeout=ClientTimeout(total=backend.timeout_seconds),
    ) as response:
        match response.status:
            case HTTPStatus.NOT_FOUND:
                return Reply("not_found")
            case HTTPStatus.CONFLICT if request.again and request.key:
                return None
            case HTTPStatus.CONFLICT | HTTPStatus.UNPROCESSABLE_ENTITY:
                return Reply("refused")
            case status if 200 <= status < 300:
                return Reply("found", fields_of(await _object(response, request), request.fields))
        raise AnswerUnusable(f"the status is {response.status}")


def read_secret(file: Path) -> str:
    """The token, read for each question, so that it can be changed. Raises OSError."""
    return file.read_text("utf-8").strip()


def _sends(backend: UrlBackend) -> bool:
    return backend.method != "GET"


def _headers(backend: UrlBackend, request: Request, secret: str) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    for name, words in backend.headers.items():
        headers[name] = _filled(words, request.inputs)
        if re.search(r"[\x00-\x1f\x7f]", headers[name]):
            raise InputUnusable(f"the header {name} would have a control character")
    if secret:
        headers["Authorization"] = f"Bearer {secret}"
    if request.key:
        headers["Idempotency-Key"] = f'"{request.key}"'
    return headers


def _filled(words: str, inputs: Mapping[str, str]) -> str:
    return TEMPLATE_SLOT.sub(lambda slot: inputs.get(slot[1], ""), words)


def _in_url(value: str) -> str:
    if _DOTS.fullmatch(value):  # a path segment that servers take for the one above, encoded or not (RFC 3986, 6.2.2.3)
        raise InputUnusable("an input of dots alone leads elsewhere")
    return quote(value, safe="")


async def _object(response: ClientResponse, request: Request) -> object:
    """The answer; nothing of it is looked at where no field is wanted."""
    if not request.fields:
        return {}
    content = b""
    async for chunk in response.content.iter_chunked(ANSWER_BYTES_MAX):
        content += chunk
        if len(content) > ANSWER_BYTES_MAX:
            raise AnswerUnusable(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")
    try:
        # Numbers as they are written: 98.50 stays 98.50, and no digit is lost.
        answer = json.loads(content, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError) as fault:
        raise AnswerUnusable("the answer is no JSON") from fault
    if not isinstance(answer, dict):
        raise AnswerUnusable("the answer is no JSON object")
    return answer
