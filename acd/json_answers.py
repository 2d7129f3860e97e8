"""What all routes of the ACD's socket have in common: bodies are JSON objects, and faults are JSON too.

A fault is `{"error": word, "message": text}`, the word for programs and the text for people.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

Body = Mapping[str, Any]


class NotUnderstood(ValueError):
    """The body of a request lacks a field, or has one of another kind; str() names it."""


async def body_of(request: web.Request) -> Body:
    """The JSON object of a request; an empty body is an empty one. Raises NotUnderstood."""
    text = await request.text()
    try:
        body = json.loads(text or "{}")
    except ValueError as fault:
        raise NotUnderstood(f"the body is not JSON: {fault}") from fault
    if not isinstance(body, dict):
        raise NotUnderstood("the body is not a JSON object")
    return body


def text_of(body: Body, name: str, default: str | None = None) -> str:
    """A text of the body. Raises NotUnderstood."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise NotUnderstood(f"{name}: a text is expected")
    return value


def number_of(body: Body, name: str, low: float, high: float) -> float | None:
    """A number of the body from low to high; None where it is not there. Raises NotUnderstood."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise NotUnderstood(f"{name}: a number from {low:g} to {high:g} is expected")
    return value


def whole_number_of(body: Body, name: str, low: int, high: int) -> int | None:
    """As `number_of`, without a fraction."""
    value = number_of(body, name, low, high)
    if value is None or isinstance(value, int):
        return value
    raise NotUnderstood(f"{name}: a whole number is expected")


def fault(status: int, word: str, message: str) -> web.Response:
    return web.json_response({"error": word, "message": message}, status=status)
