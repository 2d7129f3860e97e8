"""Where a caller goes whose visit is over, as channel variables for the dialplan's context `queue`."""

from collections.abc import Mapping

from acd.model import VisitOutcome

_COMPLETED = frozenset({VisitOutcome.COMPLETED_BY_AGENT, VisitOutcome.COMPLETED_BY_CALLER})
_QUEUE = "queue:"


def word_of(outcome: VisitOutcome) -> str:
    """The word by which a menu's queue node knows this outcome."""
    return "completed" if outcome in _COMPLETED else outcome.value


def way_out(outcome: VisitOutcome, to: str, handled: frozenset[str], waited_seconds: float) -> Mapping[str, str]:
    """Variables to set before ACD_DONE; none where the call is over.

    Args:
        to: where the caller's key leads, else empty.
        handled: words of the outcomes after which the menu goes on.
        waited_seconds: what the caller's place in the line was worth: it is taken along to another queue, or to a
            callback that the menu proposes.
    """
    if to.startswith(_QUEUE):
        queue_id = to.removeprefix(_QUEUE)
        return {"ACD_QUEUE": queue_id, "ACD_WAITED": f"{waited_seconds:.3f}", "ACD_NEXT": "queue"}
    if to:
        return {"IVR_NODE": to, "IVR_RESULT": "", "ACD_NEXT": "ivr"}
    if word_of(outcome) in handled:
        back = {"IVR_RESULT": word_of(outcome), "ACD_NEXT": "ivr"}
        return back if outcome in _COMPLETED else back | {"ACD_WAITED": f"{waited_seconds:.3f}"}
    return {}


def is_apologised(outcome: VisitOutcome) -> bool:
    """Answer whether a caller who is let go so, and has nowhere to go, is owed a word: who was talked to is not."""
    return outcome not in _COMPLETED and outcome is not VisitOutcome.TRANSFERRED
