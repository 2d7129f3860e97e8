"""The state machines of agents and visits, as data. But for `restart`, nothing else changes a state.

A cell holds the next state, DEFER (a wish, granted when the call is over), REFUSE with the word that the agent is told,
or IGNORE with the race that explains it.
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
    ASK_WRAP_UP = "ask_wrap_up"
    OFFER = "offer"
    OFFER_END = "offer_end"
    ANSWER = "answer"
    TAKE_OVER = "take_over"
    """Gets a caller without an offer: a colleague hands them over, or a supervisor comes into the talk."""
    TALK_CHANGE = "talk_change"
    TALK_END = "talk_end"
    WRAP_UP_END = "wrap_up_end"
    CALL_BEGIN = "call_begin"
    CALL_END = "call_end"


class VisitStep(StrEnum):
    """What moves a visit."""

    OFFER = "offer"
    OFFER_END = "offer_end"
    ANSWER = "answer"
    TAKE_OVER = "take_over"
    TRANSFER = "transfer"
    TALK_END = "talk_end"
    LEAVE = "leave"
    TIME_OUT = "time_out"
    DISMISS = "dismiss"
    KEY_EXIT = "key_exit"
    TAKE_CALLBACK = "take_callback"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Ignore:
    race: str


class Refusal(StrEnum):
    """Why an agent does not get what they asked for."""

    LOGGED_OFF = "logged_off"
    NO_TALK = "no_talk"
    """There is no talk to wrap up, or to give a disposition to."""
    NO_WRAP_UP = "no_wrap_up"
    """The queue of the talk has none."""
    WRAP_UP_LIMIT = "wrap_up_limit"
    """It lasts as long as it ever may."""
    UNKNOWN_DISPOSITION = "unknown_disposition"
    UNKNOWN_PHONE = "unknown_phone"
    IN_A_CALL = "in_a_call"
    """Of the agent who would move to another phone, or of the one who has that phone now."""

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS: Mapping[Refusal, str] = {
    Refusal.LOGGED_OFF: "the agent is not logged in",
    Refusal.NO_TALK: "there is no talk to do that for",
    Refusal.NO_WRAP_UP: "the queue of that talk has no wrap-up",
    Refusal.WRAP_UP_LIMIT: "the wrap-up already lasts as long as it may",
    Refusal.UNKNOWN_DISPOSITION: "the site has no such disposition",
    Refusal.UNKNOWN_PHONE: "the site has no such phone",
    Refusal.IN_A_CALL: "nobody changes phones during a call",
}


@dataclass(frozen=True, slots=True)
class Refuse:
    why: Refusal


class Defer:
    """The wish is kept and granted when the call is over."""


DEFER = Defer()

AgentCell = AgentState | Ignore | Defer | Refuse

AGENT: Mapping[tuple[AgentState, AgentStep], AgentCell] = {
    (A.LOGGED_OFF, AgentStep.ASK_READY): A.READY,
    (A.LOGGED_OFF, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.LOGGED_OFF, AgentStep.ASK_LOG_OFF): Ignore("log-off keyed twice"),
    (A.LOGGED_OFF, AgentStep.TAKE_OVER): A.ON_CALL,
    (A.LOGGED_OFF, AgentStep.ASK_WRAP_UP): Refuse(Refusal.LOGGED_OFF),
    (A.NOT_READY, AgentStep.ASK_READY): A.READY,
    (A.NOT_READY, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.NOT_READY, AgentStep.ASK_LOG_OFF): A.LOGGED_OFF,
    (A.NOT_READY, AgentStep.TAKE_OVER): A.ON_CALL,
    (A.NOT_READY, AgentStep.ASK_WRAP_UP): Refuse(Refusal.NO_TALK),
    (A.READY, AgentStep.ASK_READY): Ignore("ready keyed twice"),
    (A.READY, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.READY, AgentStep.ASK_LOG_OFF): A.LOGGED_OFF,
    (A.READY, AgentStep.ASK_WRAP_UP): A.WRAP_UP,
    (A.READY, AgentStep.OFFER): A.OFFERED,
    (A.READY, AgentStep.TAKE_OVER): A.ON_CALL,
    (A.READY, AgentStep.CALL_BEGIN): A.EXTERNAL,
    (A.OFFERED, AgentStep.ASK_READY): DEFER,
    (A.OFFERED, AgentStep.ASK_NOT_READY): DEFER,
    (A.OFFERED, AgentStep.ASK_LOG_OFF): DEFER,
    (A.OFFERED, AgentStep.ASK_WRAP_UP): DEFER,
    (A.OFFERED, AgentStep.OFFER_END): A.READY,
    (A.OFFERED, AgentStep.ANSWER): A.ON_CALL,
    (A.ON_CALL, AgentStep.ASK_READY): DEFER,
    (A.ON_CALL, AgentStep.ASK_NOT_READY): DEFER,
    (A.ON_CALL, AgentStep.ASK_LOG_OFF): DEFER,
    (A.ON_CALL, AgentStep.ASK_WRAP_UP): DEFER,
    (A.ON_CALL, AgentStep.TALK_CHANGE): A.ON_CALL,
    (A.ON_CALL, AgentStep.TALK_END): A.WRAP_UP,
    (A.WRAP_UP, AgentStep.ASK_READY): A.READY,
    (A.WRAP_UP, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.WRAP_UP, AgentStep.ASK_LOG_OFF): A.LOGGED_OFF,
    (A.WRAP_UP, AgentStep.TAKE_OVER): A.ON_CALL,
    (A.WRAP_UP, AgentStep.ASK_WRAP_UP): A.WRAP_UP,
    (A.WRAP_UP, AgentStep.WRAP_UP_END): A.READY,
    (A.EXTERNAL, AgentStep.ASK_READY): Ignore("ready keyed in a call of one's own, whose end gives it"),
    (A.EXTERNAL, AgentStep.ASK_NOT_READY): A.NOT_READY,
    (A.EXTERNAL, AgentStep.ASK_LOG_OFF): A.LOGGED_OFF,
    (A.EXTERNAL, AgentStep.ASK_WRAP_UP): Refuse(Refusal.NO_TALK),
    (A.EXTERNAL, AgentStep.TAKE_OVER): A.ON_CALL,
    (A.EXTERNAL, AgentStep.CALL_END): A.READY,
}

OWING: Mapping[tuple[AgentState, AgentStep], AgentCell] = {
    (A.WRAP_UP, AgentStep.ASK_READY): DEFER,
    (A.WRAP_UP, AgentStep.ASK_NOT_READY): DEFER,
}
"""The cells that stand in place of AGENT's while the agent owes a disposition. Logging off is always granted."""

VISIT: Mapping[tuple[VisitState, VisitStep], VisitState | Ignore] = {
    (V.WAITING, VisitStep.OFFER): V.OFFERED,
    (V.WAITING, VisitStep.TAKE_OVER): V.CONNECTED,
    (V.WAITING, VisitStep.TALK_END): Ignore("the end of a leg whose answer was refused"),
    (V.WAITING, VisitStep.LEAVE): V.ENDED,
    (V.WAITING, VisitStep.TIME_OUT): V.ENDED,
    (V.WAITING, VisitStep.DISMISS): V.ENDED,
    (V.WAITING, VisitStep.KEY_EXIT): V.ENDED,
    (V.WAITING, VisitStep.TAKE_CALLBACK): V.ENDED,
    (V.WAITING, VisitStep.WITHDRAW): V.ENDED,
    (V.OFFERED, VisitStep.OFFER_END): V.WAITING,
    (V.OFFERED, VisitStep.ANSWER): V.CONNECTED,
    (V.OFFERED, VisitStep.TALK_END): Ignore("the end of a leg whose answer was refused, heard in the next offer"),
    (V.OFFERED, VisitStep.LEAVE): V.ENDED,
    (V.OFFERED, VisitStep.KEY_EXIT): V.ENDED,
    (V.OFFERED, VisitStep.TIME_OUT): Ignore("a limit never cuts a ringing that can still succeed (FS-10237)"),
    (V.OFFERED, VisitStep.TAKE_CALLBACK): Ignore("an agent's phone began to ring as the caller agreed to a callback"),
    (V.CONNECTED, VisitStep.TRANSFER): V.TRANSFERRED,
    (V.CONNECTED, VisitStep.TALK_END): V.ENDED,
    (V.CONNECTED, VisitStep.TAKE_OVER): V.CONNECTED,
    (V.CONNECTED, VisitStep.LEAVE): V.ENDED,
    (V.CONNECTED, VisitStep.TAKE_CALLBACK): Ignore("an agent answered as the caller agreed to a callback"),
    (V.CONNECTED, VisitStep.KEY_EXIT): Ignore("keyed as the agent answered, or in the talk"),
}


class UnexpectedTransition(Exception):
    """An event that cannot happen in this state. The state is unchanged; the shell counts it and goes on."""


class Refused(Exception):
    """An agent asked for what cannot be now; `why` is told to them. The state is unchanged."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


def move_agent(agent: Agent, step: AgentStep) -> bool:
    """Answer whether the agent's state was entered anew; False where the cell says anything but a state.

    Raises UnexpectedTransition where the table has no cell; the agent is unchanged.
    """
    cell = _cell(agent, step)
    if cell is None:
        raise UnexpectedTransition(f"agent {agent.profile.agent_id} is {agent.state}: {step}")
    if not isinstance(cell, AgentState):
        return False
    agent.state = cell
    return True


def check_asked(agent: Agent, step: AgentStep) -> None:
    """Raise Refused where the table refuses this step."""
    if isinstance(cell := _cell(agent, step), Refuse):
        raise Refused(cell.why)


def defers(agent: Agent, step: AgentStep) -> bool:
    """Answer whether this wish has to wait for the end of the call, or for the disposition."""
    return _cell(agent, step) is DEFER


def _cell(agent: Agent, step: AgentStep) -> AgentCell | None:
    owed = OWING.get((agent.state, step)) if agent.owes_disposition else None
    return owed if owed is not None else AGENT.get((agent.state, step))


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
