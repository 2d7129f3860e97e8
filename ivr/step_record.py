"""The journal's line about a node that a caller has left."""

from ivr.flow import menu_of, node_of
from ivr.walk import Walk


def step_fields(walk: Walk, call_id: str, started_at: float, result: str) -> dict[str, object]:
    """The fields of an IVRSTEP.

    Args:
        started_at: epoch seconds at which the caller came to the node; the line's own time is that of the leaving.
    """
    step = walk.step
    return {
        "call_id": call_id,
        "step_id": step_id(walk, call_id),
        "version": walk.flow.version or None,
        "menu": menu_of(step.address),
        "node": node_of(step.address),
        "kind": step.kind,
        "task": walk.flow.tasks.get(step.address),
        "language": step.language,
        "started_at": started_at,
        "attempts": step.attempts,
        "no_input": step.no_input,
        "no_match": step.no_match,
        "barge_in": step.barge_in,
        "unplayed": step.unplayed,
        "input": step.logged_input,
        "result": result,
    }


def step_id(walk: Walk, call_id: str) -> str:
    """Of the step under way: the same after a restart, so that a step journalled twice is one."""
    return f"{call_id}:{walk.checkpoint.step}"
