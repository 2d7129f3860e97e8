"""What a supervisor, a desk or a command asks of a talk: POST /supervise and POST /recording on the ACD's socket.

Each takes a JSON object and answers `{"refused": ""}`, or why not. Whoever may open the socket may ask (`status_api`).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from acd.recording import ACTS, Recorder
from acd.supervise import MODES, Supervision

Answer = Callable[[dict[str, str]], Awaitable[str]]


class OversightApi:
    """POST /supervise {mode, agent_id, supervisor_id}; POST /recording {act, agent_id, by}."""

    def __init__(self, supervision: Supervision, recorder: Recorder) -> None:
        self._supervision = supervision
        self._recorder = recorder

    def add_to(self, application: web.Application) -> None:
        supervise = _handler(self._supervise, {"mode": MODES, "agent_id": (), "supervisor_id": ()})
        record = _handler(self._record, {"act": ACTS, "agent_id": (), "by": ()})
        application.router.add_post("/supervise", supervise)
        application.router.add_post("/recording", record)

    async def _supervise(self, asked: dict[str, str]) -> str:
        return await self._supervision.command(asked["mode"], asked["agent_id"], asked["supervisor_id"])

    async def _record(self, asked: dict[str, str]) -> str:
        return await self._recorder.act(asked["act"], asked["agent_id"], asked["by"])


def _handler(answer: Answer, fields: dict[str, tuple[str, ...]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """fields: what the object must hold, each with the words that it may be; no words: any text."""

    async def handle(request: web.Request) -> web.Response:
        asked = await _read(request)
        for name, words in fields.items():
            value = asked.get(name)
            if not isinstance(value, str) or (words and value not in words):
                expected = " ".join(words) or "text"
                return web.json_response({"error": f"{name}: expected {expected}"}, status=400)
        return web.json_response({"refused": await answer(asked)})

    return handle


async def _read(request: web.Request) -> dict[str, Any]:
    try:
        asked = await request.json()
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}
