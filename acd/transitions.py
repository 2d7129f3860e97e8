"""The state machines of agents and visits, as data. But for `restart`, nothing else changes a state.

A cell holds the next state, DEFER (a wish, granted when the call is over) or IGNORE with the race that explains it.
A missing cell is a bug of ours: UnexpectedTransition, and the state stays as it was. News of an offer that is no longer
current never gets here, the engine compares ids first; a test walks every reachable state and finds just these cells.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from acd.model import Agent, AgentState, Visit, VisitState

A = AgentState
V = VisitState


class AgentStep(StrEnum):
    """What moves an agent."""

    ASK_READY = "ask_ready"
    ASK_NOT_READY = "ask_not_ready"
    ASK_LOG_OFF = "ask_log_off"
    OFFER = "offer"
    OFFER_END = "offer_end"
    ANSWER = "answer"
    TALK_END = "talk_end"
    WRAP_UP_END = "wrap_up_end"


class VisitStep(StrEnum):
    """What moves a visit."""

    OFFER = "offer"
    OFFER_END = "offer_end"
    ANSWER = "answer"
    TALK_END = "talk_end"
    LEAVE = "leave"
    TIME_OUT = "time_out"


@dataclass(frozen=True, slots=True)
class Ignore:
    race: str


class Defer:
    """The wish is kept and granted when the call is over."""


DEFER = Defer()

AGENT: Mapping[tuple[AgentState, AgentStep], AgentState | Ignore | Defer] = {
    (A.LOGGED_OFF, AgentStep.ASK_READY): A.READY,
    (A.LOGGED_OFF, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.LOGGED_OFF, AgentStep.ASK_LOG_OFF): Ignore("log-off keyed twice"),
    (A.NOT_READY, AgentStep.ASK_READY): A.READY,
    (A.NOT_READY, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.NOT_READY, AgentStep.ASK_LOG_OFF): A.LOGGED_OFF,
    (A.READY, AgentStep.ASK_READY): Ignore("ready keyed twice"),
    (A.READY, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.READY, AgentStep.ASK_LOG_OFF): A.LOGGED_OFF,
    (A.READY, AgentStep.OFFER): A.OFFERED,
    (A.OFFERED, AgentStep.ASK_READY): DEFER,
    (A.OFFERED, AgentStep.ASK_NOT_READY): DEFER,
    (A.OFFERED, AgentStep.ASK_LOG_OFF): DEFER,
    (A.OFFERED, AgentStep.OFFER_END): A.READY,
    (A.OFFERED, AgentStep.ANSWER): A.ON_CALL,
    (A.ON_CALL, AgentStep.ASK_READY): DEFER,
    (A.ON_CALL, AgentStep.ASK_NOT_READY): DEFER,
    (A.ON_CALL, AgentStep.ASK_LOG_OFF): DEFER,
    (A.ON_CALL, AgentStep.TALK_END): A.WRAP_UP,
    (A.WRAP_UP, AgentStep.ASK_READY): A.READY,
    (A.WRAP_UP, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.WRAP_UP, AgentStep.ASK_LOG_OFF): A.LOGGED_OFF,
    (A.WRAP_UP, AgentStep.WRAP_UP_END): A.READY,
}

VISIT: Mapping[tuple[VisitState, VisitStep], VisitState | Ignore] = {
    (V.WAITING, VisitStep.OFFER): V.OFFERED,
    (V.WAITING, VisitStep.TALK_END): Ignore("the end of a leg whose answer was refused"),
    (V.WAITING, VisitStep.LEAVE): V.ENDED,
    (V.WAITING, VisitStep.TIME_OUT): V.ENDED,
    (V.OFFERED, VisitStep.OFFER_END): V.WAITING,
    (V.OFFERED, VisitStep.ANSWER): V.CONNECTED,
    (V.OFFERED, VisitStep.TALK_END): Ignore("the end of a leg whose answer was refused, heard in the next offer"),
    (V.OFFERED, VisitStep.LEAVE): V.ENDED,
    (V.OFFERED, VisitStep.TIME_OUT): Ignore("a limit never cuts a ringing that can still succeed (FS-10237)"),
    (V.CONNECTED, VisitStep.TALK_END): V.ENDED,
    (V.CONNECTED, VisitStep.LEAVE): V.ENDED,
    (V.CONNECTED, VisitStep.TIME_OUT): Ignore("the wait ended at connect"),
}


class UnexpectedTransition(Exception):
    """An event that cannot happen in this state. The state is unchanged; the shell counts it and goes on."""


def move_agent(agent: Agent, step: AgentStep) -> bool:
    """Answer whether the agent's state was entered anew; False where the cell says IGNORE or DEFER.

    Raises UnexpectedTransition where the table has no cell; the agent is unchanged.
    """
    cell = AGENT.get((agent.state, step))
    if cell is None:
        raise UnexpectedTransition(f"agent {agent.profile.agent_id} is {agent.state}: {step}")
    if not isinstance(cell, AgentState):
        return False
    agent.state = cell
    return True


def defers(state: AgentState, step: AgentStep) -> bool:
    """Answer whether this wish has to wait for the end of the call."""
    return AGENT.get((state, step)) is DEFER


def move_visit(visit: Visit, step: VisitStep) -> bool:
    """Answer whether the visit's state was entered anew; False where the cell says IGNORE.

    Raises UnexpectedTransition where the table has no cell; the visit is unchanged.
    """
    cell = VISIT.get((visit.state, step))
    if cell is None:
        raise UnexpectedTransition(f"visit {visit.visit_id} is {visit.state}: {step}")
    if isinstance(cell, Ignore):
        return False
    visit.state = cell
    return True
