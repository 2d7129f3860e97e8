"""The desk over HTTP on the ACD's unix socket: for `hotline agent`, and for a desktop.

GET /agents, GET /agents/{id}, POST /agents/{id}/{action} with a JSON object, GET /events. Durations in seconds. Faults
are JSON too, `{"error": word, "message": text}`: 404 no such agent or action, 409 what cannot be now (`error` is a word
of `acd.transitions.Refusal`), 422 a body that says nothing we understand.

GET /events streams one JSON object a line: first `{"verb": "AGENTS", "agents": [...]}`, then every record about agents
and offers as it is made. A listener who does not keep up is let go, and comes back for a new picture.
"""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from acd.desk import Desk, Granted, UnknownAgent, UnknownReason
from acd.distributor import Distributor
from acd.json_answers import Body, NotUnderstood, body_of, fault, text_of
from acd.transitions import Refused

LISTENERS_MAX: Final = 200
BACKLOG_MAX: Final = 1_000
"""Lines that a listener may be behind."""
TOLD: Final = frozenset(
    {"AGENTSTATE", "AGENTWISH", "DISPOSITION", "OFFER", "OFFEREND", "CONNECT", "COMPLETEAGENT", "COMPLETECALLER"}
)


class DeskApi:
    """The routes of one desk; `add_to` the application that serves the socket."""

    def __init__(self, desk: Desk, distributor: Distributor) -> None:
        self._desk = desk
        self._distributor = distributor
        self._listeners: set[asyncio.Queue[str | None]] = set()
        distributor.listeners.append(self._tell)

    def add_to(self, application: web.Application) -> None:
        application.router.add_get("/agents", self._everyone)
        application.router.add_get("/agents/{agent_id}", self._one)
        application.router.add_post("/agents/{agent_id}/{action}", self._act)
        application.router.add_get("/events", self._events)
        application.on_shutdown.append(self._let_go)

    async def _everyone(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._desk.everyone()])

    async def _one(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(asdict(self._desk.standing(request.match_info["agent_id"])))
        except UnknownAgent as unknown:
            return fault(404, "unknown_agent", f"there is no agent {unknown}")

    async def _act(self, request: web.Request) -> web.Response:
        act = ACTIONS.get(request.match_info["action"])
        if act is None:
            return fault(404, "unknown_action", f"the actions are {', '.join(ACTIONS)}")
        try:
            granted = act(self._desk, request.match_info["agent_id"], await body_of(request))
        except UnknownAgent as unknown:
            return fault(404, "unknown_agent", f"there is no agent {unknown}")
        except (NotUnderstood, UnknownReason) as wrong:
            known = ", ".join(sorted(self._desk.not_ready_reasons))
            is_reason = isinstance(wrong, UnknownReason)
            said = f"there is no reason {str(wrong)!r}; the site's are {known}" if is_reason else str(wrong)
            return fault(422, "unknown_reason" if is_reason else "not_understood", said)
        except Refused as refusal:
            return fault(409, refusal.why.value, refusal.why.words)
        return web.json_response({"when": granted.when.value, "agent": asdict(granted.standing)})

    # Events

    def _tell(self, line: Mapping[str, Any]) -> None:
        if line["verb"] not in TOLD or not self._listeners:
            return
        text = json.dumps(line, ensure_ascii=False)
        for inbox in list(self._listeners):
            if inbox.qsize() >= BACKLOG_MAX:
                self._listeners.discard(inbox)
                inbox.put_nowait(None)
            else:
                inbox.put_nowait(text)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if len(self._listeners) >= LISTENERS_MAX:
            return fault(503, "too_many_listeners", f"{LISTENERS_MAX} listen already")
        answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await answer.prepare(request)
        inbox: asyncio.Queue[str | None] = asyncio.Queue()
        picture = {"at": time.time(), "verb": "AGENTS", "agents": [asdict(one) for one in self._desk.everyone()]}
        self._listeners.add(inbox)
        try:
            await answer.write(json.dumps(picture, ensure_ascii=False).encode() + b"\n")
            while (text := await inbox.get()) is not None:
                await answer.write(text.encode() + b"\n")
        except ConnectionResetError:
            pass  # the listener has gone away
        finally:
            self._listeners.discard(inbox)
        return answer

    async def _let_go(self, application: web.Application) -> None:
        for inbox in self._listeners:
            inbox.put_nowait(None)


def _phones(body: Body) -> tuple[str, ...]:
    phones = body.get("phones", [])
    if not isinstance(phones, list) or not all(isinstance(phone, str) and phone for phone in phones):
        raise NotUnderstood("phones: a list of extensions is expected")
    return tuple(dict.fromkeys(phones))


ACTIONS: Final[Mapping[str, Callable[[Desk, str, Body], Granted]]] = {
    "log_in": lambda desk, agent_id, body: desk.log_in(agent_id, _phones(body), text_of(body, "reason", "log_in")),
    "log_off": lambda desk, agent_id, body: desk.log_off(agent_id, text_of(body, "reason", "")),
    "ready": lambda desk, agent_id, body: desk.ready(agent_id),
    "not_ready": lambda desk, agent_id, body: desk.not_ready(agent_id, text_of(body, "reason", "")),
    "wrap_up": lambda desk, agent_id, body: desk.wrap_up(agent_id),
    "disposition": lambda desk, agent_id, body: desk.disposition(agent_id, text_of(body, "code")),
}
