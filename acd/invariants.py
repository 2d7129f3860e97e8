"""What must hold after every event, and of every journal. Tests ask after each `handle`."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from acd.engine import Engine
from acd.indexes import is_free
from acd.ledger import EXITS, Line
from acd.matching import kept_for, may_offer
from acd.model import AgentState, Device, Visit, VisitState

_CLOCK_SECONDS = 1e-3
"""What a time may lose on its way through the wall clock and JSON."""


def broken_invariants(engine: Engine) -> Iterator[str]:
    """Name every invariant that does not hold now; nothing when all is well."""
    yield from _agents(engine)
    yield from _visits(engine)
    yield from _line(engine)
    yield from _callbacks(engine)


def _agents(engine: Engine) -> Iterator[str]:
    for agent_id, agent in engine.agents.items():
        busy = agent.state in (AgentState.OFFERED, AgentState.ON_CALL)
        if busy != (agent.visit_id is not None):
            yield f"agent {agent_id} is {agent.state} with visit {agent.visit_id}"
        if agent.visit_id is not None and agent.visit_id not in engine.visits:
            yield f"agent {agent_id} serves {agent.visit_id}, which has ended"
        if (agent.state is AgentState.WRAP_UP) != (agent.wrap_up_deadline is not None):
            yield f"agent {agent_id} is {agent.state} with wrap-up until {agent.wrap_up_deadline}"
        if agent.owes_disposition and agent.state is not AgentState.WRAP_UP:
            yield f"agent {agent_id} is {agent.state} and owes a disposition"
        if agent.state is AgentState.READY and agent.device is Device.BUSY:
            yield f"agent {agent_id} is ready in a call of their own"
        if agent.state is not AgentState.LOGGED_OFF and any(
            engine.holders.get(one) != agent_id for one in agent.phones
        ):
            yield f"agent {agent_id} is logged in at {agent.phones}, held by {engine.holders}"
    for phone, agent_id in engine.holders.items():
        if phone not in engine.agents[agent_id].phones or engine.agents[agent_id].state is AgentState.LOGGED_OFF:
            yield f"phone {phone} is held by agent {agent_id}, who is not there"


def _visits(engine: Engine) -> Iterator[str]:
    for visit in engine.visits.values():
        if bool(visit.offers) != (visit.state is VisitState.OFFERED):
            yield f"visit {visit.visit_id} is {visit.state} with {len(visit.offers)} offers"
        if (visit.agent_id is not None) != (visit.state is VisitState.CONNECTED):
            yield f"visit {visit.visit_id} is {visit.state} with agent {visit.agent_id}"
        for agent_id in [*visit.offers, *filter(None, [visit.agent_id])]:
            if engine.agents[agent_id].visit_id != visit.visit_id:
                yield f"visit {visit.visit_id} has agent {agent_id}, who does not have it"
        if len({offer.made for offer in visit.offers.values()}) > 1:  # a ring outlives a queue's change of strategy
            yield f"visit {visit.visit_id} has {len(visit.offers)} offers of several rings"
        if visit.picked_up.keys() - {offer.offer_id for offer in visit.offers.values()}:
            yield f"visit {visit.visit_id} has a phone picked up that rings no more"
        if visit.visit_id in engine.ended:
            yield f"visit {visit.visit_id} is open and has ended"


def _line(engine: Engine) -> Iterator[str]:
    in_line = list(engine.line)
    if sorted(in_line, key=_rank) != in_line or len(in_line) != len(engine.line):
        yield "the line is out of order"
    waiting = {visit.visit_id for visit in engine.visits.values() if visit.in_line}
    if {visit.visit_id for visit in in_line} != waiting:
        yield "the line holds others than those who wait"


def _callbacks(engine: Engine) -> Iterator[str]:
    for (queue_id, number), visit_id in engine.callbacks.items():
        visit = engine.visits.get(visit_id)
        if visit is None or (visit.queue.queue_id, visit.caller_number) != (queue_id, number):
            yield f"{number} waits for callback {visit_id} of {queue_id}, which is another or none"
    for visit in engine.visits.values():
        callback = visit.callback
        if callback is None or callback.attempt is None:
            continue
        agent_id = callback.attempt.agent_id
        if callback.reached or (visit.state is not VisitState.OFFERED and agent_id in visit.offers):
            yield f"callback {visit.visit_id} is being made, and is {visit.state}"
        if callback.in_line and visit.state is VisitState.WAITING:
            yield f"callback {visit.visit_id} may be offered while its caller is being called"


def _rank(visit: Visit) -> tuple[int, float, str]:
    return visit.rank


def missed_offers(engine: Engine, now: float) -> Iterator[str]:
    """Name every agent who is free beside a caller they could serve. Nobody is offered while the switch is not seen,
    or before the callers of a restarted engine are back; and what became possible at `now` needs its Tick first."""
    if not engine.switch_seen or engine.settles_until is not None:
        return
    free = [agent for agent in engine.agents.values() if is_free(agent, now)]
    for visit in engine.line:
        keeper = kept_for(visit, engine.agents, now)
        for agent in free:
            agent_id = agent.profile.agent_id
            if keeper in (None, agent_id) and may_offer(visit, agent, now):
                yield f"agent {agent_id} is free and could serve {visit.visit_id}"


def broken_records(lines: Iterable[Line], cut_short: Collection[str] = ()) -> Iterator[str]:
    """Name every line that contradicts those before it.

    Args:
        lines: a whole journal of the distributor, from its first line on.
        cut_short: offer_id of those among whose last records a process was killed: their end may be told again.
    """
    books = _Books(cut_short)
    for line in lines:
        yield from books.take(line)


@dataclass
class _Books:
    """What the lines so far say."""

    cut_short: Collection[str]
    arrived: dict[str, float] = field(default_factory=dict)
    """By visit_id."""
    exited: set[str] = field(default_factory=set)
    connected: set[str] = field(default_factory=set)
    rung: dict[str, str] = field(default_factory=dict)
    """offer_id to agent_id: the offers that are open."""
    over: set[str] = field(default_factory=set)
    """offer_id of those that are not."""
    states: dict[str, tuple[str, float]] = field(default_factory=dict)
    """agent_id to the state and since when."""
    attempts: dict[str, str] = field(default_factory=dict)
    """callback_id to attempt_id: the callers who are being called."""

    def take(self, line: Line) -> Iterator[str]:
        verb = line["verb"]
        yield from (f"{verb}: {name} is {line[name]}" for name in line if _is_negative(line, name))
        match verb:
            case "ENTERQUEUE":
                yield from self._enter(line)
            case "AGENTSTATE":
                yield from self._agent_state(line)
            case "OFFER":
                yield from self._offer(line)
            case "OFFEREND":
                yield from self._offer_end(line)
            case "CONNECT":
                yield from self._connect(line)
            case "CALLBACKATTEMPT":
                yield from self._attempt(line)
            case "CALLBACKATTEMPTEND":
                yield from self._attempt_end(line)
            case "CALLBACKEND":
                if line["callback_id"] in self.attempts:
                    yield f"callback {line['callback_id']} ends while its caller is being called"
                yield from self._exit({**line, "visit_id": line["callback_id"]})
        if verb in EXITS:
            yield from self._exit(line)
        if verb == "CALLBACKTAKEN":  # from now on the callback has the caller's place
            self.arrived.setdefault(line["callback_id"], self.arrived.get(line["visit_id"], float(line["at"])))

    def _enter(self, line: Line) -> Iterator[str]:
        if line["visit_id"] in self.arrived:
            yield f"visit {line['visit_id']} enters twice"
        self.arrived[line["visit_id"]] = line["arrived_at"]

    def _exit(self, line: Line) -> Iterator[str]:
        yield from self._wait(line)
        if line["visit_id"] in self.exited:
            yield f"visit {line['visit_id']} has a second exit, {line['verb']}"
        self.exited.add(line["visit_id"])

    def _wait(self, line: Line) -> Iterator[str]:
        """Whatever happened meanwhile, the wait is counted from the entry; that of a talk ends before it."""
        visit_id, wait_seconds = line["visit_id"], line.get("wait_seconds")
        if visit_id not in self.arrived:
            yield f"visit {visit_id} has {line['verb']} and did not enter"
        elif wait_seconds is not None:
            begin = line["at"] - wait_seconds
            early, late = (
                begin < self.arrived[visit_id] - _CLOCK_SECONDS,
                begin > self.arrived[visit_id] + _CLOCK_SECONDS,
            )
            if early or (late and line["verb"] != "CONNECT" and visit_id not in self.connected):
                yield f"visit {visit_id} has {line['verb']} after {wait_seconds} s, not since its entry"

    def _offer(self, line: Line) -> Iterator[str]:
        offer_id, agent_id = line["offer_id"], line["agent_id"]
        if offer_id in self.rung or offer_id in self.over:
            yield f"offer {offer_id} is made twice"
        if agent_id in self.rung.values():
            yield f"agent {agent_id} is rung for two offers"
        if line["visit_id"] in self.exited | self.connected:
            yield f"visit {line['visit_id']} is offered after it was served or had left"
        self.rung[offer_id] = agent_id

    def _offer_end(self, line: Line) -> Iterator[str]:
        offer_id = line["offer_id"]
        if self.rung.pop(offer_id, None) is None and not (offer_id in self.over and offer_id in self.cut_short):
            yield f"offer {offer_id} ends and was not open"
        self.over.add(offer_id)

    def _connect(self, line: Line) -> Iterator[str]:
        yield from self._wait(line)
        if line["visit_id"] in self.connected:
            yield f"visit {line['visit_id']} has a second agent, {line['agent_id']}"
        self.connected.add(line["visit_id"])

    def _attempt(self, line: Line) -> Iterator[str]:
        if line["callback_id"] in self.attempts:
            yield f"callback {line['callback_id']} calls its caller twice at once"
        self.attempts[line["callback_id"]] = line["attempt_id"]

    def _attempt_end(self, line: Line) -> Iterator[str]:
        if self.attempts.pop(line["callback_id"], None) != line["attempt_id"]:
            yield f"attempt {line['attempt_id']} ends and was not being made"

    def _agent_state(self, line: Line) -> Iterator[str]:
        """An unbroken chain in the order of time: so the intervals of the states add up to the time logged in."""
        agent_id = line["agent_id"]
        state, since = self.states.get(agent_id, (AgentState.LOGGED_OFF.value, line["at"]))
        if line["previous"] != state:
            yield f"agent {agent_id} was {state}, and {line['state']} follows {line['previous']}"
        if line["at"] < since:
            yield f"agent {agent_id} is {line['state']} before being {state}"
        self.states[agent_id] = line["state"], line["at"]


def _is_negative(line: Line, name: str) -> bool:
    return name.endswith("_seconds") and isinstance(line[name], int | float) and line[name] < -_CLOCK_SECONDS
