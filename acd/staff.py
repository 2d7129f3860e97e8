"""The agents of the floor and everything that can be done to one: states, wishes, wrap-up, dispositions, phones.

Each move asks `transitions`, then keeps deadlines, the index of free agents and the records in step with the new state.
What happens to an agent because something happens to a visit is begun by `moves`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from acd.indexes import FreeAgents, Kinds, LoggedIn
from acd.model import Agent, AgentState, Device, Floor, QueueRules, Strategy, Talk, WrapUp
from acd.orders import occupancy_after
from acd.transitions import AgentStep, Refusal, Refused, check_asked, defers, move_agent

_READY, _WRAP_UP, _LOGGED_OFF, _BUSY = AgentState.READY, AgentState.WRAP_UP, AgentState.LOGGED_OFF, Device.BUSY
"""What every move compares with; to look a member up in its Enum costs five times as much (until Python 3.12)."""
_STEP_OF_WISH: Mapping[AgentState, AgentStep] = {
    AgentState.READY: AgentStep.ASK_READY,
    AgentState.NOT_READY: AgentStep.ASK_NOT_READY,
    AgentState.LOGGED_OFF: AgentStep.ASK_LOG_OFF,
    AgentState.WRAP_UP: AgentStep.ASK_WRAP_UP,
}
_WORKED = frozenset({AgentStep.ASK_READY, AgentStep.WRAP_UP_END})
_IN_A_CALL = frozenset({AgentState.OFFERED, AgentState.ON_CALL})
_ENDS_IDLE_CLOCK = frozenset({AgentState.EXTERNAL, AgentState.WRAP_UP})
"""Left for ready, the agent may have been idle for longer than that."""
_OWN_CALL: Mapping[tuple[AgentState, bool], AgentStep] = {
    (AgentState.READY, True): AgentStep.CALL_BEGIN,
    (AgentState.EXTERNAL, False): AgentStep.CALL_END,
}
"""By state, and whether a phone has a call of the agent's own."""
_WRAP_UP_SECONDS: Mapping[WrapUp, Callable[[QueueRules, bool], float]] = {
    WrapUp.NONE: lambda queue, asked: 0.0,
    WrapUp.OPTIONAL: lambda queue, asked: queue.wrap_up_seconds if asked else 0.0,
    WrapUp.TIMED: lambda queue, asked: queue.wrap_up_seconds,
    WrapUp.UNTIL_DISPOSITION: lambda queue, asked: queue.wrap_up_seconds if asked else 0.0,
}
"""How long a wrap-up lasts when it begins, by whether the agent asked for it; one that owes a disposition lasts to the
limit."""
_MOST_TELLING = (Device.BUSY, Device.CODE, Device.IDLE, Device.UNREACHABLE)


def combined(devices: Iterable[Device]) -> Device:
    """Several phones of one agent as one: a call on any of them counts, and one that can be reached is enough."""
    return min(devices, key=_MOST_TELLING.index)


class Changed(Protocol):
    """Called after a change of an agent; last_of_kind: nobody else like this one is logged in any more."""

    def __call__(self, agent: Agent, now: float, *, last_of_kind: bool) -> None: ...


class Staff:
    """All agents of one engine.

    Args:
        alarm: (deadline, agent_id), to be called back then.
        record: (verb, fields).
        changed: told of every agent of whom something changed that callers may care for.
    """

    def __init__(
        self,
        floor: Floor,
        alarm: Callable[[float, str], None],
        record: Callable[[str, Mapping[str, object]], None],
        changed: Changed,
    ) -> None:
        self.floor = floor
        self.agents = {
            agent_id: Agent(profile, position=position)
            for position, (agent_id, profile) in enumerate(floor.agents.items())
        }
        self.kinds = Kinds(self.agents)
        self.free = FreeAgents(self.agents, (queue.strategy for queue in floor.queues.values()))
        self.logged_in = LoggedIn()
        self.holders: dict[str, str] = {}
        """Phone to the agent who is logged in there."""
        self.devices = dict.fromkeys(floor.phones, Device.UNREACHABLE)
        """Of every phone of the site."""
        self._rung_at: defaultdict[str, set[str]] = defaultdict(set)
        for agent in self.agents.values():
            self.devices |= dict.fromkeys(agent.phones, Device.UNREACHABLE)
            self._watch(agent)
        self._alarm, self._record, self._changed = alarm, record, changed

    def see(self, agent: Agent, now: float) -> None:
        """Owed after every change of an agent's state, phones, rest or wish."""
        self.free.see(agent, now)
        self._changed(agent, now, last_of_kind=self.logged_in.see(agent))

    def index(self, floor: Floor, strategies: Collection[Strategy], now: float) -> None:
        """Take over a floor whose agents are these, and perhaps some who are just finishing a call: phones that are
        new are known to nobody, phones that are no more are forgotten, and the indexes are made anew."""
        self.floor = floor
        self.kinds = Kinds(self.agents)
        self.free, self.logged_in = FreeAgents(self.agents, strategies), LoggedIn()
        self._rung_at.clear()
        for agent in self.agents.values():
            if agent.state is AgentState.LOGGED_OFF:
                agent.phones = agent.profile.own_phones
            self._watch(agent)
        phones = (
            floor.phones
            | self._rung_at.keys()
            | {phone for agent in self.agents.values() for phone in agent.profile.own_phones}
        )
        for phone in self.devices.keys() - phones:
            del self.devices[phone]
        for phone in sorted(phones - self.devices.keys()):
            self.devices[phone] = Device.UNREACHABLE
        for agent in self.agents.values():
            self._see_phones(agent, now)

    def forget(self, agent: Agent) -> None:
        """An agent who is logged off and whom the site has no more."""
        del self.agents[agent.profile.agent_id]
        for phone in agent.phones:
            self._rung_at[phone].discard(agent.profile.agent_id)

    # What agents ask for

    def ask(self, agent: Agent, state: AgentState, reason: str, phones: tuple[str, ...], now: float) -> None:
        """Do as the agent asks, or keep it as a wish until the call is over; asking for ready takes a wish back.

        Raises Refused; nothing was changed.
        """
        step = _STEP_OF_WISH[state]
        check_asked(agent, step)
        place = self._place(agent, state, phones)
        self._check_phones(agent, place)
        if state is AgentState.WRAP_UP:
            self._check_wrap_up(agent, now)
        if defers(agent, step):
            agent.wish = None if state is AgentState.READY else (state, reason)
            self._record("AGENTWISH", {"agent_id": agent.profile.agent_id, "state": state, "reason": reason})
            self.see(agent, now)
        elif state is AgentState.WRAP_UP and agent.state is AgentState.WRAP_UP:
            self._extend_wrap_up(agent, now)
        elif state is AgentState.WRAP_UP:
            self._enter_wrap_up(agent, step, now, reason, asked=True)
        else:
            agent.wish = None  # one that waited for a disposition gives way to what is asked for last
            self.move(agent, step, now, reason, place)
            self._heed_phones(agent, now)

    def dispose(self, agent: Agent, code: str, now: float) -> None:
        """Give the talk that stands, or the last one, its disposition. Raises Refused; nothing was changed."""
        if code not in self.floor.dispositions:
            raise Refused(Refusal.UNKNOWN_DISPOSITION)
        if (talk := agent.talk) is None:
            raise Refused(Refusal.NO_TALK)
        if talk.disposition == code:
            return  # keyed twice
        talk.disposition = code
        told = {"visit_id": talk.visit_id, "agent_id": agent.profile.agent_id, "code": code}
        self._record("DISPOSITION", told)
        if agent.owes_disposition:
            self.end_wrap_up(agent, now)

    # Offers and talks

    def end_offer(self, agent: Agent, now: float) -> None:
        """The offer came to nothing: back to ready, or to what was wished for meanwhile."""
        agent.visit_id = None
        self.move(agent, AgentStep.OFFER_END, now)
        if not self.grant_wish(agent, now):
            self._heed_phones(agent, now)

    def begin_talk(
        self, agent: Agent, visit_id: str, queue: QueueRules, now: float, step: AgentStep = AgentStep.ANSWER
    ) -> None:
        agent.rna_in_row = 0
        agent.calls_answered += 1
        agent.talk = Talk(visit_id, queue)
        self.move(agent, step, now, phones=self._desk_of(agent) if agent.state is _LOGGED_OFF else ())

    def can_take(self, agent: Agent) -> bool:
        """Whether a colleague can hand a caller over: not to who has one, or is logged off with no desk left."""
        return agent.state is not AgentState.ON_CALL and (
            agent.state is not AgentState.LOGGED_OFF or bool(self._desk_of(agent))
        )

    def _desk_of(self, agent: Agent) -> tuple[str, ...]:
        return tuple(phone for phone in agent.profile.own_phones if phone not in self.holders)

    def take_over(self, agent: Agent, visit_id: str, queue: QueueRules, now: float) -> None:
        """The talk of another is this agent's now. One who takes no calls is afterwards what they were before; one who
        was logged off is at their own phones meanwhile."""
        was, reason = agent.state, agent.reason
        agent.visit_id = visit_id
        self.begin_talk(agent, visit_id, queue, now, AgentStep.TAKE_OVER)
        if was in (AgentState.NOT_READY, AgentState.LOGGED_OFF):
            agent.wish = was, reason
            self._record("AGENTWISH", {"agent_id": agent.profile.agent_id, "state": was, "reason": reason})
            self.see(agent, now)  # nobody is kept for who will not be back

    def change_talk(self, agent: Agent, reason: str, now: float) -> None:
        self.move(agent, AgentStep.TALK_CHANGE, now, reason)

    def end_talk(self, agent: Agent, now: float) -> None:
        """The talk is over: wrap-up follows as its queue gives it, unless something else was wished for."""
        assert agent.talk is not None, "an agent on a call talks"
        agent.visit_id, agent.talk.ended = None, now
        asked = agent.wish is not None and agent.wish[0] is _WRAP_UP
        reason, agent.wish = (agent.wish[1], None) if asked and agent.wish else ("", agent.wish)
        self._enter_wrap_up(agent, AgentStep.TALK_END, now, reason, asked=asked)

    # Wrap-up

    def _check_wrap_up(self, agent: Agent, now: float) -> None:
        """Whether there is anything to wrap up; the states in which it cannot be are refused by the table."""
        talk = agent.talk
        if agent.state is AgentState.READY and (talk is None or talk.wrap_up_limit <= now):
            raise Refused(Refusal.NO_TALK)
        if agent.state in (AgentState.READY, AgentState.ON_CALL) and talk and talk.queue.wrap_up is WrapUp.NONE:
            raise Refused(Refusal.NO_WRAP_UP)
        if agent.state is AgentState.WRAP_UP and talk and agent.wrap_up_deadline == talk.wrap_up_limit:
            raise Refused(Refusal.WRAP_UP_LIMIT)

    def _enter_wrap_up(self, agent: Agent, step: AgentStep, now: float, reason: str, *, asked: bool) -> None:
        talk = agent.talk
        assert talk is not None, "a wrap-up follows a talk"
        agent.owes_disposition = talk.queue.wrap_up is WrapUp.UNTIL_DISPOSITION and not talk.disposition
        seconds = _WRAP_UP_SECONDS[talk.queue.wrap_up](talk.queue, asked)
        deadline = talk.wrap_up_limit if agent.owes_disposition else min(now + seconds, talk.wrap_up_limit)
        agent.wrap_up_deadline = deadline
        self.move(agent, step, now, reason)
        if deadline <= now or (agent.wish is not None and not agent.owes_disposition):
            self.end_wrap_up(agent, now)
        else:
            self._alarm(deadline, agent.profile.agent_id)

    def _extend_wrap_up(self, agent: Agent, now: float) -> None:
        talk, deadline = agent.talk, agent.wrap_up_deadline
        assert talk is not None, "a wrap-up follows a talk"
        assert deadline is not None, "a wrap-up has its end"
        agent.wrap_up_deadline = min(deadline + talk.queue.wrap_up_extend_seconds, talk.wrap_up_limit)
        self._alarm(agent.wrap_up_deadline, agent.profile.agent_id)
        move_agent(agent, AgentStep.ASK_WRAP_UP)
        agent.occupancy = occupancy_after(agent.occupancy, AgentState.WRAP_UP, now - agent.since)
        agent.reason, agent.since = "extended", now
        self.record_state(agent, AgentState.WRAP_UP, now)

    def end_wrap_up(self, agent: Agent, now: float) -> None:
        agent.owes_disposition = False  # at the limit it is owed no more
        if not self.grant_wish(agent, now):
            self.move(agent, AgentStep.WRAP_UP_END, now)
            self._heed_phones(agent, now)

    def grant_wish(self, agent: Agent, now: float) -> bool:
        """Do what the agent asked for in a call that is over; False where nothing was, or a wrap-up without a talk."""
        wish, agent.wish = agent.wish, None
        if wish is None:
            return False
        if wish[0] is AgentState.WRAP_UP:
            self.see(agent, now)
            return False
        self.move(agent, _STEP_OF_WISH[wish[0]], now, wish[1])
        return True

    # Phones

    def set_device(self, phone: str, device: Device, now: float) -> None:
        """A phone has changed; agents who are logged off see it too, so that it is known when they log in.

        Raises KeyError for a phone that the site does not have.
        """
        if phone not in self.devices:
            raise KeyError(phone)
        self.devices[phone] = device
        for agent_id in sorted(self._rung_at[phone]):
            agent = self.agents[agent_id]
            self._see_phones(agent, now)
            self._heed_phones(agent, now)

    def reachable_phones(self, agent: Agent) -> tuple[str, ...]:
        """Where the agent can be rung now; the agent is free, so the only phone of most can be."""
        if len(agent.phones) == 1:
            return agent.phones
        return tuple(phone for phone in agent.phones if self.devices[phone] is Device.IDLE)

    def bind(self, agent: Agent, phones: tuple[str, ...], now: float) -> None:
        """Give the agent these phones; whoever has one of them is logged off: the later log-in takes it."""
        self.unbind(agent)
        for phone in phones:
            if (other := self.agents.get(self.holders.get(phone, ""))) is not None:
                self.move(other, AgentStep.ASK_LOG_OFF, now, "phone_taken")
            self.holders[phone] = agent.profile.agent_id
        self._put_at(agent, phones, now)

    def unbind(self, agent: Agent) -> None:
        for phone in agent.phones:
            if self.holders.get(phone) == agent.profile.agent_id:
                del self.holders[phone]

    def _place(self, agent: Agent, state: AgentState, phones: tuple[str, ...]) -> tuple[str, ...]:
        """The phones that come with this wish; none where the agent stays. Raises Refused.

        Of their own phones an agent gets the first in any case and the others where nobody sits.
        """
        if state in (AgentState.LOGGED_OFF, AgentState.WRAP_UP):
            return ()
        if agent.state is AgentState.LOGGED_OFF and not phones:
            own = agent.profile.own_phones
            return tuple(phone for phone in own if phone == own[0] or phone not in self.holders)
        if phones in ((), agent.phones) and agent.state is not AgentState.LOGGED_OFF:
            return ()
        if not set(phones) <= self.devices.keys():
            raise Refused(Refusal.UNKNOWN_PHONE)
        return phones

    def _check_phones(self, agent: Agent, phones: tuple[str, ...]) -> None:
        """Nobody changes phones in a call, neither by their own wish nor by another's."""
        if not phones:
            return
        concerned = {agent.profile.agent_id, *(self.holders[phone] for phone in phones if phone in self.holders)}
        if any(self.agents[agent_id].state in _IN_A_CALL for agent_id in concerned):
            raise Refused(Refusal.IN_A_CALL)

    def _put_at(self, agent: Agent, phones: tuple[str, ...], now: float) -> None:
        for phone in agent.phones:
            self._rung_at[phone].discard(agent.profile.agent_id)
        agent.phones = phones
        self._watch(agent)
        self._see_phones(agent, now)

    def _watch(self, agent: Agent) -> None:
        for phone in agent.phones:
            self._rung_at[phone].add(agent.profile.agent_id)

    def _see_phones(self, agent: Agent, now: float) -> None:
        agent.device = combined(self.devices[phone] for phone in agent.phones)
        self.see(agent, now)

    def _heed_phones(self, agent: Agent, now: float) -> None:
        """An agent who could be offered callers, with a call of their own on a phone, is not ready but external."""
        if (step := _OWN_CALL.get((agent.state, agent.device is _BUSY))) is not None:
            self.move(agent, step, now)

    # The one place where an agent's state changes

    def move(self, agent: Agent, step: AgentStep, now: float, reason: str = "", phones: tuple[str, ...] = ()) -> None:
        """Take a step of the table; phones: where the agent is from now on, empty where that does not change."""
        previous = agent.state
        if not move_agent(agent, step):
            return
        if previous is agent.state and agent.reason == reason and not phones:
            return
        agent.occupancy = occupancy_after(agent.occupancy, previous, now - agent.since)
        agent.reason, agent.since = reason, now
        self._keep_clocks(agent, step, previous, now)
        if phones:
            self.bind(agent, phones, now)
        elif agent.state is _LOGGED_OFF:
            self.unbind(agent)
            self._put_at(agent, agent.profile.own_phones, now)
        self.see(agent, now)
        self.record_state(agent, previous, now, phones)

    def _keep_clocks(self, agent: Agent, step: AgentStep, previous: AgentState, now: float) -> None:
        if previous is _LOGGED_OFF:
            agent.idle_since, agent.calls_answered = now, 0
        elif self.floor.external_resets_idle and step is AgentStep.CALL_END:
            agent.idle_since = now
        if step in _WORKED:  # whoever asks for ready, or has wrapped up, is there again
            agent.idle_since, agent.rna_in_row, agent.rest_deadline = now, 0, None
        is_back = self.floor.wrap_up_counts_as_idle and previous is _WRAP_UP and agent.state is _READY
        if is_back and agent.talk is not None and agent.talk.ended is not None:
            agent.idle_since = agent.talk.ended
        if agent.state is not _WRAP_UP:
            agent.wrap_up_deadline, agent.owes_disposition = None, False

    def record_state(self, agent: Agent, previous: AgentState, now: float, phones: tuple[str, ...] = ()) -> None:
        told: dict[str, object] = {
            "agent_id": agent.profile.agent_id,
            "state": agent.state,
            "reason": agent.reason,
            "previous": previous,
        }
        if phones:
            told["phones"] = list(phones)
        if agent.idle_since < now and agent.state is _READY and previous in _ENDS_IDLE_CLOCK:
            told["idle_seconds"] = now - agent.idle_since
        if agent.wrap_up_deadline is not None:
            told["wrap_up_seconds"] = agent.wrap_up_deadline - now
        if agent.owes_disposition:
            told["until_disposition"] = True
        self._record("AGENTSTATE", told)
