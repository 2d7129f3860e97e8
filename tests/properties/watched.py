"""A rehearsal that is looked at from outside: whom it offers, and what it must not forget."""

from collections.abc import Collection, Iterable

from acd import calling_back
from acd.callback import Callback
from acd.commands import Command
from acd.events import Event
from acd.model import Agent, AgentState, Visit
from acd.moves import Moves
from acd.testing import Rehearsal
from tests.properties.oracle import next_offer, overtaken


class Watched(Rehearsal):
    """Every offer of its engine is compared with what plain reading of the rules would have offered."""

    def handle(self, event: Event) -> list[Command]:
        moves = self.engine._moves
        made, called = moves.offer, calling_back.call

        def offer(visit: Visit, agents: Iterable[Agent], now: float) -> None:
            rung = list(agents)
            assert next_offer(self.engine, now) == (visit, rung)
            assert list(overtaken(self.engine, visit, rung, now)) == []
            made(visit, rung, now)

        def call(moves: Moves, visit: Visit, now: float) -> None:
            meant = next_offer(self.engine, now)
            assert meant is not None
            assert meant[0] is visit
            assert list(overtaken(self.engine, visit, meant[1], now)) == []
            called(moves, visit, now)

        calling_back.call = call
        moves.offer = offer  # type: ignore[method-assign]  # a test may look over an engine's shoulder
        try:
            return super().handle(event)
        finally:
            calling_back.call = called
            moves.offer = made  # type: ignore[method-assign]  # as above


def remembered(rehearsal: Rehearsal, known_otherwise: Collection[str] = ()) -> dict[str, object]:
    """What a restart must not lose. Times to the microsecond: they pass through the wall clock.

    Args:
        known_otherwise: agents whom the site dropped while they were logged off, and has back: no line tells of that,
            so the journal remembers more of them. Visits that were restored while their queue was no more, and is
            again: all that was asked for then counts as the caller's own.
    """
    engine, now = rehearsal.engine, rehearsal.now
    agents = {
        agent_id: (
            *(agent.state, agent.reason, round(agent.since, 5), round(agent.idle_since, 5), agent.visit_id),
            *(agent.wish, agent.phones, agent.rna_in_row, agent.owes_disposition),
            agent.wrap_up_deadline and round(max(agent.wrap_up_deadline, now), 5),
            round(max(agent.rest_deadline or 0.0, now), 5),
            agent.calls_answered,
            agent_id not in known_otherwise and _before_log_in(agent),
        )
        for agent_id, agent in engine.agents.items()
        if agent.state is not AgentState.LOGGED_OFF
    }
    visits = {
        visit_id: (
            visit.state,
            visit.priority,
            visit_id not in known_otherwise and visit.queue.queue_id in engine.floor.queues and visit.requires,
            (visit.head_start_seconds, visit.segment, visit.named_agent_id),
            round(visit.arrived, 5),
            round(visit.rank.place, 5),
            visit.overflowed,
            visit.agent_id,
            visit.connected and round(visit.connected, 5),
            [(offer.offer_id, offer.agent_id, round(offer.made, 5)) for offer in visit.offers.values()],
            (visit.entered_via, visit.from_visit_id, round(visit.call_arrived, 5)),
            visit.aside and (visit.aside[0], round(visit.aside[1], 5)),
            (visit.call_id, visit.callback and _of_callback(visit.callback, now)),
        )
        for visit_id, visit in engine.visits.items()
    }
    kept = {
        name: (place.visit_id, round(place.place, 5), round(place.left, 5)) for name, place in engine.abandoned.items()
    }
    return {
        "agents": agents,
        "visits": visits,
        "abandoned": kept,
        "contacts": {call_id: one.visit_id for call_id, one in engine._moves.contacts.items()},
        "callbacks": dict(engine.callbacks),
        "ended": list(engine.ended.items()),
        "exits": list(engine.exits.items()),
        "last_agents": list(engine.last_agents.items()),
    }


def _before_log_in(agent: Agent) -> object:
    talk = agent.talk
    return (
        (round(agent.offered, 5), round(agent.occupancy, 5)),
        talk and (talk.visit_id, talk.queue.queue_id, talk.disposition),
        talk and talk.ended and round(talk.ended, 5),
    )


def _of_callback(callback: Callback, now: float) -> object:
    attempt = callback.attempt
    return (
        (round(callback.asked, 5), callback.language, callback.attempts, callback.reached),
        round(max(callback.due, now), 5),
        attempt and (attempt.attempt_id, attempt.agent_id, round(attempt.made, 5)),
    )
