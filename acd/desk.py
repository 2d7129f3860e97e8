"""What an agent can do, by whatever means: the one API behind feature codes, `hotline agent` and a desktop.

Every wish is answered with what has come of it, so that the agent can be told: done now, or after the call. A wish that
cannot be raises `UnknownAgent`, `UnknownReason` or `acd.transitions.Refused`, and nothing was changed.
"""

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from acd.distributor import Distributor
from acd.events import AgentAsked, DispositionGiven
from acd.model import Agent, AgentState
from acd.wrong_pins import PinLimits, subjects

log = logging.getLogger(__name__)


class UnknownAgent(LookupError):
    """The site has no such agent."""


class UnknownReason(LookupError):
    """The site has no such reason for not being ready."""


class When(StrEnum):
    """When a wish is granted."""

    NOW = "now"
    AFTER_CALL = "after_call"
    AFTER_DISPOSITION = "after_disposition"


@dataclass(frozen=True, slots=True)
class Standing:
    """One agent at this moment; durations in seconds."""

    agent_id: str
    name: str
    state: AgentState
    reason: str
    since_seconds: float
    phones: tuple[str, ...]
    own_phones: tuple[str, ...]
    device: str
    wish: str
    """What will be after the call, or after the disposition; empty where nothing was asked for."""
    visit_id: str
    """Of the talk or the offer that stands; empty where there is none."""
    wrap_up_seconds_left: float | None
    owes_disposition: bool
    disposition: str
    """Of the talk that stands, or of the last one."""


@dataclass(frozen=True, slots=True)
class Granted:
    when: When
    standing: Standing


class Desk:
    """The desks of all agents of one distributor. not_ready_reasons: the ids that the site has; none: any word."""

    def __init__(self, distributor: Distributor, not_ready_reasons: Collection[str] = ()) -> None:
        self._distributor = distributor
        self.not_ready_reasons = frozenset(not_ready_reasons)

    def agent_at(self, phone: str, owner: str = "") -> str:
        """Who is at this phone: whoever is logged in there, else its owner; empty where it is nobody's."""
        return self._distributor.engine.holders.get(phone, owner)

    def everyone(self) -> list[Standing]:
        return [_standing(agent) for agent in self._distributor.engine.agents.values()]

    def standing(self, agent_id: str) -> Standing:
        return _standing(self._agent(agent_id))

    def log_in(self, agent_id: str, phones: tuple[str, ...] = (), reason: str = "log_in") -> Granted:
        """Log in, not ready, at these phones or at their own. Who is there already keeps the state chosen since."""
        agent = self._agent(agent_id)
        if agent.state is not AgentState.LOGGED_OFF and phones in ((), agent.phones):
            return Granted(When.NOW, _standing(agent))
        return self._ask(agent, AgentState.NOT_READY, reason, phones)

    def locked(self, phone: str, agent_id: str = "") -> bool:
        """Whether too many wrong PINs were keyed at this phone, or for this agent, for another try now."""
        locked = self._distributor.pins.locked(time.time())
        return any(subject in locked for subject in subjects(phone, agent_id))

    def wrong_pin(self, phone: str, agent_id: str, limits: PinLimits) -> None:
        """A PIN was wrong. Recorded before it is told, so that no hang-up, and no death of ours, gives another try."""
        at = time.time()
        self._distributor.record("WRONGPIN", at, phone=phone, agent_id=agent_id)
        for subject in self._distributor.pins.due(phone, agent_id, limits, at):
            log.warning("action=pin_lock %s=%r seconds=%g", *subject, limits.locked_seconds)
            self._distributor.record("PINLOCK", at, **subject._asdict(), until=at + limits.locked_seconds)

    def ready(self, agent_id: str) -> Granted:
        """Ready, as soon as the call and what it leaves to do are over. Takes any other wish back."""
        return self._ask(self._agent(agent_id), AgentState.READY)

    def not_ready(self, agent_id: str, reason: str = "", otherwise: str = "") -> Granted:
        """Not ready for one of the site's reasons; otherwise: what is recorded where the agent gives none."""
        if reason and self.not_ready_reasons and reason not in self.not_ready_reasons:
            raise UnknownReason(reason)
        return self._ask(self._agent(agent_id), AgentState.NOT_READY, reason or otherwise)

    def wrap_up(self, agent_id: str) -> Granted:
        """Time after this talk, or after the last one; asked again, more of it."""
        return self._ask(self._agent(agent_id), AgentState.WRAP_UP)

    def log_off(self, agent_id: str, reason: str = "") -> Granted:
        return self._ask(self._agent(agent_id), AgentState.LOGGED_OFF, reason)

    def disposition(self, agent_id: str, code: str) -> Granted:
        """The code of the talk that stands, or of the last one."""
        agent = self._agent(agent_id)
        self._distributor.ask(DispositionGiven(agent_id, code))
        return Granted(When.NOW, _standing(agent))

    def _agent(self, agent_id: str) -> Agent:
        agent = self._distributor.engine.agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(agent_id)
        return agent

    def _ask(self, agent: Agent, state: AgentState, reason: str = "", phones: tuple[str, ...] = ()) -> Granted:
        when = _when(agent, state)
        self._distributor.ask(AgentAsked(agent.profile.agent_id, state, reason, phones))
        return Granted(when, _standing(agent))


def _when(agent: Agent, state: AgentState) -> When:
    if agent.state in (AgentState.OFFERED, AgentState.ON_CALL):
        return When.AFTER_CALL
    waits = agent.owes_disposition and state in (AgentState.READY, AgentState.NOT_READY)
    return When.AFTER_DISPOSITION if waits else When.NOW


def _standing(agent: Agent) -> Standing:
    now = time.monotonic()
    left = None if agent.wrap_up_deadline is None else round(max(0.0, agent.wrap_up_deadline - now), 1)
    return Standing(
        agent_id=agent.profile.agent_id,
        name=agent.profile.name,
        state=agent.state,
        reason=agent.reason,
        since_seconds=round(now - agent.since, 1),
        phones=agent.phones,
        own_phones=agent.profile.own_phones,
        device=agent.device.value,
        wish="" if agent.wish is None else agent.wish[0].value,
        visit_id=agent.visit_id or "",
        wrap_up_seconds_left=left,
        owes_disposition=agent.owes_disposition,
        disposition="" if agent.talk is None else agent.talk.disposition,
    )
