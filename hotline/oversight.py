"""Ask the ACD, over its unix socket, for what supervisors and recordings need."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from hotline.faults import HotlineError
from hotline.live_status import AcdSilent
from hotline.state import State

ANSWER_SECONDS = 10.0
"""A recording that is started has to be seen to run."""

WHY: Mapping[str, str] = {
    "not_allowed": "agents.yaml does not give that right to the supervisor",
    "no_such_agent": "there is no such agent to do that to",
    "not_in_talk": "the agent is not talking to a caller",
    "in_a_talk": "the supervisor is talking to a caller",
    "logged_off_already": "the agent is logged off already",
    "queue_records_never": "the queue of this talk is never recorded",
    "queue_records_always": "the queue of this talk is always recorded",
    "not_confirmed": "Asterisk did not confirm it; after a pause that failed the recording is stopped",
}


class Refused(HotlineError):
    """The ACD would not, and says why."""


def ask_to_supervise(state: State, mode: str, agent_id: str, supervisor_id: str) -> None:
    """Raises Refused and AcdSilent."""
    _ask(state.acd_socket, "supervise", {"mode": mode, "agent_id": agent_id, "supervisor_id": supervisor_id})


def ask_to_record(state: State, act: str, agent_id: str) -> None:
    """Raises Refused and AcdSilent."""
    _ask(state.acd_socket, "recording", {"act": act, "agent_id": agent_id, "by": "command"})


def _ask(socket: Path, path: str, asked: Mapping[str, str]) -> None:
    try:
        answer = asyncio.run(_post(socket, path, asked))
    except (aiohttp.ClientError, OSError, TimeoutError) as silence:
        why = str(silence) or type(silence).__name__
        raise AcdSilent(
            f"the ACD does not answer ({why}); is `hotline up` running with this state folder?"
        ) from silence
    if refused := answer.get("refused") or answer.get("error"):
        raise Refused(WHY.get(refused, refused))


async def _post(socket: Path, path: str, asked: Mapping[str, str]) -> Mapping[str, Any]:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(socket)), timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        ) as session,
        session.post(f"http://acd/{path}", json=dict(asked)) as answer,
    ):
        told: Mapping[str, Any] = await answer.json()
        return told
