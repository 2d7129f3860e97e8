"""What goes on now, as JSON over HTTP on a unix socket: for `hotline status`, and for a desktop later.

The socket lies in the state folder with mode 0600: who may read the folder may ask.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from acd.codec import to_data
from acd.distributor import Distributor
from acd.engine import Engine
from acd.explain import explain
from acd.model import Agent, Visit, VisitState
from acd.open_records import OpenRecords


class StatusApi:
    """Serves GET /status and GET /why/VISIT_ID, and what `further` adds, until closed."""

    def __init__(self, distributor: Distributor, socket: Path, *further: Callable[[web.Application], None]) -> None:
        self._distributor = distributor
        self._socket = socket
        application = web.Application()
        application.router.add_get("/status", self._status)
        application.router.add_get("/why/{visit_id}", self._why)
        for add_routes in further:
            add_routes(application)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> None:
        self._socket.unlink(missing_ok=True)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(self._socket)).start()
        self._socket.chmod(0o600)

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(status(self._distributor, time.monotonic()))

    async def _why(self, request: web.Request) -> web.Response:
        """Why this caller is not served yet (`acd.explain`); 404 for one who is in no queue now."""
        visit = self._distributor.engine.visits.get(request.match_info["visit_id"])
        if visit is None:
            raise web.HTTPNotFound
        return web.json_response(to_data(explain(self._distributor.engine, visit, time.monotonic())))


def status(distributor: Distributor, now: float) -> dict[str, Any]:
    """Queues, agents and calls at `now`; durations in seconds."""
    engine = distributor.engine
    return {
        "switch": "up" if engine.switch_seen else "lost",
        "queues": [_queue(queue_id, list(engine.visits.values()), now) for queue_id in _queue_ids(engine)],
        "agents": [_agent(agent, now) for agent in engine.agents.values()],
        "calls": [_call(visit, now) | _recorded(visit, distributor.open) for visit in engine.visits.values()],
        "supervisors": [asdict(act) for act in distributor.open.acts.values()],
        "lockouts": _lockouts(distributor),
        "refused_events": dict(distributor.counts),
        "faults": distributor.faults.told(now),
    }


def _queue_ids(engine: Engine) -> Iterator[str]:
    """Those of the site, and those that are no more but have callers."""
    yield from engine.floor.queues
    in_use = {visit.queue.queue_id for visit in engine.visits.values()}
    yield from sorted(in_use - engine.floor.queues.keys())


def _lockouts(distributor: Distributor) -> list[dict[str, Any]]:
    """The phones, and the agents at desk phones, for whom no PIN is taken now."""
    locked = distributor.pins.locked(time.time())
    return [{**subject._asdict(), "seconds_left": round(left, 1)} for subject, left in locked.items()]


def _recorded(visit: Visit, open_records: OpenRecords) -> dict[str, str]:
    of_visit = [one for one in open_records.recordings.values() if one.visit_id == visit.visit_id]
    running = "" if not of_visit else "paused" if all(one.paused for one in of_visit) else "on"
    return {"recording": running}


def _queue(queue_id: str, visits: list[Visit], now: float) -> dict[str, Any]:
    here = [visit for visit in visits if visit.queue.queue_id == queue_id]
    waits = [now - visit.arrived for visit in here if visit.state in (VisitState.WAITING, VisitState.OFFERED)]
    talking = sum(visit.state is VisitState.CONNECTED for visit in here)
    return {
        "queue": queue_id,
        "waiting": len(waits),
        "talking": talking,
        "longest_wait_seconds": round(max(waits, default=0.0), 1),
    }


def _agent(agent: Agent, now: float) -> dict[str, Any]:
    return {
        "agent_id": agent.profile.agent_id,
        "name": agent.profile.name,
        "state": agent.state.value,
        "reason": agent.reason,
        "device": agent.device.value,
        "since_seconds": round(now - agent.since, 1),
        "visit_id": agent.visit_id,
    }


def _call(visit: Visit, now: float) -> dict[str, Any]:
    until = visit.connected if visit.connected is not None else now
    return {
        "call_id": visit.call_id,
        "visit_id": visit.visit_id,
        "caller_number": visit.caller_number,
        "queue": visit.queue.queue_id,
        "state": visit.state.value,
        "agent_ids": [*visit.offers] if visit.agent_id is None else [visit.agent_id],
        "wait_seconds": round(until - visit.arrived, 1),
        "requirement": visit.caller_class.text,
        "step": visit.step,
        "segment": visit.segment,
        "priority": visit.priority,
        "head_start_seconds": round(visit.head_start_seconds, 1),
    }
