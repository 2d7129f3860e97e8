"""The line over HTTP on the ACD's unix socket: for `hotline queue` and `hotline caller`, and for a desktop.

GET /queues, GET /queues/{id} (the queue, and under `callers` who waits in it), GET /callers, and
POST /callers/{id}/rank with `priority`, `head_start_seconds` or both; a caller's id is the visit's or the call's, or
the beginning of one. Faults as in `acd.json_answers`: 404 unknown_queue or unknown_caller, 409 several_callers or
caller_talks, 422 a body that says nothing we understand.
"""

from dataclasses import asdict
from typing import Final

from aiohttp import web

from acd.json_answers import NotUnderstood, body_of, fault, number_of, whole_number_of
from acd.line import CallerTalks, Line, SeveralCallers, UnknownCaller, UnknownQueue

PRIORITY_MAX: Final = 1_000
HEAD_START_SECONDS_MAX: Final = 86_400.0
"""As in a site's YAML."""


class LineApi:
    """The routes of one line; `add_to` the application that serves the socket."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def add_to(self, application: web.Application) -> None:
        application.router.add_get("/queues", self._queues)
        application.router.add_get("/queues/{queue_id}", self._queue)
        application.router.add_get("/callers", self._callers)
        application.router.add_post("/callers/{begins}/rank", self._rank)

    async def _queues(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._line.queues()])

    async def _queue(self, request: web.Request) -> web.Response:
        try:
            queue, callers = self._line.queue(request.match_info["queue_id"])
        except UnknownQueue as unknown:
            return fault(404, "unknown_queue", f"there is no queue {unknown}")
        return web.json_response({**asdict(queue), "callers": [asdict(one) for one in callers]})

    async def _callers(self, request: web.Request) -> web.Response:
        return web.json_response([asdict(one) for one in self._line.callers()])

    async def _rank(self, request: web.Request) -> web.Response:
        try:
            body = await body_of(request)
            priority = whole_number_of(body, "priority", -PRIORITY_MAX, PRIORITY_MAX)
            head_start = number_of(body, "head_start_seconds", 0.0, HEAD_START_SECONDS_MAX)
            if priority is None and head_start is None:
                raise NotUnderstood("a priority, head_start_seconds or both are expected")
            return web.json_response(asdict(self._line.rank(request.match_info["begins"], priority, head_start)))
        except NotUnderstood as wrong:
            return fault(422, "not_understood", str(wrong))
        except UnknownCaller as unknown:
            return fault(404, "unknown_caller", f"no caller is here whose id begins with {unknown}")
        except SeveralCallers as several:
            return fault(409, "several_callers", f"the ids of several callers begin with {several}")
        except CallerTalks:
            return fault(409, "caller_talks", "the caller talks to an agent already")
