"""Callbacks over HTTP on the ACD's unix socket: who waits to be called, and taking one back.

GET /callbacks, DELETE /callbacks/{callback_id}. Durations in seconds. Faults are JSON, `{"error": word, "message":
text}`: 404 where nobody waits for that callback (any more).
"""

import time
from typing import Any

from aiohttp import web

from acd.calling_back import open_callbacks
from acd.distributor import Distributor
from acd.events import CallbackCancelled
from acd.model import Visit, VisitState


class CallbackApi:
    """The routes about callbacks; `add_to` the application that serves the socket."""

    def __init__(self, distributor: Distributor) -> None:
        self._distributor = distributor

    def add_to(self, application: web.Application) -> None:
        application.router.add_get("/callbacks", self._everyone)
        application.router.add_delete("/callbacks/{callback_id}", self._cancel)

    def _open(self) -> list[Visit]:
        return open_callbacks(self._distributor.engine.visits.values())

    async def _everyone(self, request: web.Request) -> web.Response:
        now = time.monotonic()
        return web.json_response([_told(visit, now) for visit in self._open()])

    async def _cancel(self, request: web.Request) -> web.Response:
        callback_id = request.match_info["callback_id"]
        if callback_id not in {visit.visit_id for visit in self._open()}:
            message = f"nobody waits for a callback {callback_id}"
            return web.json_response({"error": "unknown_callback", "message": message}, status=404)
        self._distributor.post(CallbackCancelled(callback_id))
        return web.json_response({"callback_id": callback_id})


def _told(visit: Visit, now: float) -> dict[str, Any]:
    callback = visit.callback
    assert callback is not None, "asked of callbacks only"
    calling = visit.state is VisitState.OFFERED or callback.attempt is not None
    return {
        "callback_id": visit.visit_id,
        "number": visit.caller_number,
        "queue": visit.queue.queue_id,
        "state": "calling" if calling else "waiting",
        "attempts": callback.attempts,
        "asked_seconds": round(now - callback.asked, 1),
        "wait_seconds": round(now - visit.arrived, 1),
        "due_seconds": round(max(0.0, callback.due - now), 1),
    }
