"""What a restart leads to: taking over what the journal says, then making it equal to what Asterisk shows.

The journal is right about the past and may be behind; Asterisk is right about channels and knows nothing of places in
line. So a restored visit keeps its arrival and its offer until a snapshot confirms or refutes them, and its caller is
offered to nobody before a hold session has them again.
"""

from acd import calling_back
from acd.commands import StopRinging
from acd.events import (
    CallerHandedOver,
    CallerTransferred,
    Restored,
    RestoredAgent,
    RestoredTalk,
    RestoredVisit,
    SwitchSeen,
)
from acd.handover import consult_with, hand_over, take_over, transfer
from acd.model import (
    Agent,
    AgentProfile,
    AgentState,
    Device,
    EnteredVia,
    Offer,
    OfferOutcome,
    QueueRules,
    Talk,
    Visit,
    VisitOutcome,
    VisitState,
)
from acd.moves import Contact, Moves, remember
from acd.orders import occupancy_after

_IN_A_CALL = (AgentState.OFFERED, AgentState.ON_CALL)


def restore(moves: Moves, event: Restored, now: float) -> None:
    """Take over what the last engine knew; an agent whose state had to be corrected gets a record."""
    for number, agent_id in event.last_agents.items():
        remember(moves.last_agents, number, agent_id, moves.floor.last_agent_memory)
    for visit_id, outcome in event.ended.items():
        remember(moves.ended, visit_id, VisitOutcome(outcome), moves.floor.ended_memory)
    for call_id, contact in event.contacts.items():
        remember(moves.contacts, call_id, Contact(contact.visit_id, contact.arrived), moves.floor.ended_memory)
    for visit_id, to in event.exits.items():
        remember(moves.exits, visit_id, to, moves.floor.ended_memory)
    for queue_id, (talks, wrap_ups) in event.handled.items():
        moves.handling.recall(queue_id, talks, wrap_ups)
    moves.patience.recall(event.patience)
    for agent in moves.agents.values():
        agent.since = now
    for agent_id, was in event.agents.items():
        _restore_agent(moves, agent_id, was, now)
    moves.index(now)
    before = {agent_id: agent.state for agent_id, agent in moves.agents.items()}
    for visit in event.visits:
        _restore_visit(moves, visit, now)
    for agent_id, state in before.items():
        _mend_agent(moves, moves.agents[agent_id], state, now)
    for name, place in event.abandoned.items():
        remember(moves.abandoned, name, place, moves.floor.abandoned_memory)


def _restore_agent(moves: Moves, agent_id: str, was: RestoredAgent, now: float) -> None:
    agent = moves.agents.get(agent_id)
    if agent is None:
        if was.state in _IN_A_CALL or was.owes_disposition:  # the call goes on, or can still get its disposition
            _keep_leaving(moves, agent_id, was, now)
        elif was.state is not AgentState.LOGGED_OFF:
            off = Agent(AgentProfile(agent_id, "", {}), reason="removed")  # the site has this agent no more
            moves.staff.record_state(off, was.state, now)
        return
    agent.state, agent.reason, agent.since, agent.idle_since = was.state, was.reason, was.since, was.idle_since
    agent.wish, agent.rna_in_row, agent.wrap_up_deadline = was.wish, was.rna_in_row, was.wrap_up_deadline
    agent.owes_disposition = was.owes_disposition
    if was.state is not AgentState.LOGGED_OFF:
        known = tuple(phone for phone in was.phones if phone in moves.staff.devices)
        moves.staff.bind(agent, known or agent.profile.own_phones, now)
    _restore_work(moves, agent, was, now)


def _keep_leaving(moves: Moves, agent_id: str, was: RestoredAgent, now: float) -> None:
    """One whom the site has no more, until the end of the call and of a wrap-up that is owed its disposition."""
    wish = (AgentState.LOGGED_OFF, "removed")
    agent = Agent(AgentProfile(agent_id, "", {}), was.state, was.reason, was.since, was.idle_since, wish=wish)
    agent.wrap_up_deadline, agent.owes_disposition = was.wrap_up_deadline, was.owes_disposition
    agent.rna_in_row = was.rna_in_row
    moves.agents[agent_id] = agent
    moves.leaving.add(agent_id)
    phones = was.phones or agent.phones
    for phone in phones:
        moves.staff.devices.setdefault(phone, Device.UNREACHABLE)
    moves.staff.bind(agent, phones, now)
    _restore_work(moves, agent, was, now)


def _restore_work(moves: Moves, agent: Agent, was: RestoredAgent, now: float) -> None:
    """What the agent has done so far; the site may have one who is leaving again before they are out."""
    agent.calls_answered, agent.offered, agent.occupancy = was.calls_answered, was.offered, was.occupancy
    if was.talk is not None:
        agent.talk = _restored_talk(moves, was.talk)
    if was.offer_ended is not None:
        _rest(moves, agent, *was.offer_ended, now)


def _restored_talk(moves: Moves, was: RestoredTalk) -> Talk:
    return Talk(was.visit_id, _queue(moves, was.queue_id), was.ended, was.disposition)


def _queue(moves: Moves, queue_id: str) -> QueueRules:
    return moves.floor.queues.get(queue_id) or QueueRules(queue_id, {})


def _rest(moves: Moves, agent: Agent, outcome: OfferOutcome, ended: float, now: float) -> None:
    deadline = ended + moves.floor.rest_seconds.get(outcome, 0.0)
    if deadline > now:
        agent.rest_deadline = deadline
        moves.alarm(deadline, agent.profile.agent_id)
        moves.staff.see(agent, now)


def _restore_visit(moves: Moves, was: RestoredVisit, now: float) -> None:
    visit = moves.entry.restored(was)
    moves.visits[visit.visit_id] = visit
    if visit.callback is not None:
        moves.callbacks[visit.queue.queue_id, visit.caller_number] = visit.visit_id
    moves.bound_wait(visit)
    for agent_id, (outcome, ended) in was.failed.items():
        if (seconds := moves.floor.refused_seconds.get(outcome)) is not None:
            visit.refused_until[agent_id] = ended + seconds
            moves.alarm(ended + seconds, visit.visit_id)
    if was.connected is not None and _bind(moves, was.agent_id, visit, AgentState.ON_CALL):
        visit.state, visit.agent_id, visit.connected = VisitState.CONNECTED, was.agent_id, was.connected
        visit.aside = was.aside
    for offer_id, agent_id, made in was.offers:
        greeted = agent_id in moves.agents and bool(moves.agents[agent_id].profile.greeting)
        lease_deadline = made + visit.queue.lease_seconds(greeted=greeted) + moves.floor.lease_grace_seconds
        if visit.callback is not None and visit.callback.attempt is not None:
            lease_deadline = calling_back.lease(moves, visit)
        _restore_offer(moves, visit, Offer(offer_id, agent_id, made, lease_deadline), now)
    if visit.connected is None and visit.callback is None:
        moves.waiting_in[visit.queue.queue_id] += 1
    if visit.is_on_line:
        moves.wait_again(visit, now)
    else:
        calling_back.place(moves, visit, now)


def _restore_offer(moves: Moves, visit: Visit, offer: Offer, now: float) -> None:
    if not _bind(moves, offer.agent_id, visit, AgentState.OFFERED):
        moves.record_offer_end(visit, offer, OfferOutcome.ERROR, now)
        return
    visit.state, visit.offers[offer.agent_id] = VisitState.OFFERED, offer
    moves.alarm(offer.lease_deadline, visit.visit_id)


def _bind(moves: Moves, agent_id: str | None, visit: Visit, state: AgentState) -> bool:
    """Give the visit its agent back; False for one whom the site has no more, or whom another visit has already."""
    agent = moves.agents.get(agent_id or "")
    if agent is None or agent.visit_id is not None:
        return False
    agent.state, agent.visit_id = state, visit.visit_id
    return True


def _mend_agent(moves: Moves, agent: Agent, was: AgentState, now: float) -> None:
    """Correct an agent whose last record was cut off from that of the visit; go on with a wrap-up."""
    if agent.state is not was:
        agent.occupancy = occupancy_after(agent.occupancy, was, now - agent.since)
        agent.since = now
        if was is AgentState.LOGGED_OFF:
            moves.staff.bind(agent, agent.phones, now)
        moves.staff.record_state(agent, was, now)
    if agent.visit_id is not None:
        _go_on_talking(moves, agent)
    elif agent.state is AgentState.OFFERED:
        moves.staff.end_offer(agent, now)
    elif agent.state is AgentState.ON_CALL:
        agent.talk = agent.talk or Talk("", QueueRules("", {}))
        moves.staff.end_talk(agent, now)
    elif agent.state is AgentState.WRAP_UP:
        _go_on_wrapping_up(moves, agent, now)
    else:
        moves.staff.grant_wish(agent, now)


def _go_on_talking(moves: Moves, agent: Agent) -> None:
    visit = moves.visits[agent.visit_id or ""]
    if agent.state is AgentState.ON_CALL and (agent.talk is None or agent.talk.visit_id != visit.visit_id):
        agent.talk = Talk(visit.visit_id, visit.queue)


def _go_on_wrapping_up(moves: Moves, agent: Agent, now: float) -> None:
    """To the deadline that was; one that has passed meanwhile is found by the next Tick."""
    talk = agent.talk
    agent.owes_disposition = agent.owes_disposition and talk is not None and not talk.disposition
    if agent.wrap_up_deadline is None:
        # A journal of before deadlines were told: the longest wrap-up is the one that interrupts no agent's work.
        longest = max((queue.wrap_up_seconds for queue in moves.floor.queues.values()), default=0.0)
        agent.wrap_up_deadline = agent.since + longest
    agent.wrap_up_deadline = max(now, agent.wrap_up_deadline)
    if agent.wish is not None and not agent.owes_disposition:
        moves.staff.end_wrap_up(agent, now)
    else:
        moves.alarm(agent.wrap_up_deadline, agent.profile.agent_id)


def reconcile(moves: Moves, seen: SwitchSeen, now: float) -> None:
    """Make our picture equal to Asterisk's."""
    for phone, device in seen.devices.items():
        if phone in moves.staff.devices:
            moves.staff.set_device(phone, device, now)
    for visit in list(moves.visits.values()):
        _find_answer(moves, visit, seen, now)
    found = {one.visit_id: _find_handover(moves, one, seen, now) for one in list(moves.visits.values())}
    before = {onward.visit_id: visit_id for visit_id, onward in found.items() if onward is not None}
    for visit in list(moves.visits.values()):
        known_as = before.get(visit.visit_id, visit.visit_id)
        if _catch_up(moves, visit, seen, seen.talking.get(known_as, ""), now):
            continue
        if visit.visit_id in before:
            continue  # the picture knows its caller by the visit before it
        if not visit.is_on_line:
            calling_back.catch_up(moves, visit, seen, now)
        elif not visit.attached:
            _find_end(moves, visit, seen, now)


def _catch_up(moves: Moves, visit: Visit, seen: SwitchSeen, talks_to: str, now: float) -> bool:
    """Learn of an answer that was not heard, or undo legs that nobody wants any more; False where neither is there."""
    rings = seen.ringing.get(visit.visit_id, frozenset())
    if visit.state is VisitState.CONNECTED and talks_to != visit.agent_id and talks_to in moves.agents:
        take_over(moves, visit, moves.agents[talks_to], now)
    if (offer := visit.offers.get(talks_to)) is not None:
        moves.connect(visit, offer, now, now)
        return True
    if visit.state is VisitState.WAITING and (talks_to or rings):
        # The offers were taken back while nobody could be told: the caller will come back from that Dial.
        for stray in sorted(rings | {talks_to} - {""}):
            moves.do(StopRinging(visit.visit_id, visit.call_id, stray))
        return True
    for offer in visit.offers.values():
        moves.alarm(offer.lease_deadline, visit.visit_id)  # not enforced while the link was down
    return False


def _find_answer(moves: Moves, visit: Visit, seen: SwitchSeen, now: float) -> None:
    """An agent has answered unseen and handed the caller over since, as the picture shows. The talk counts from its
    offer, like any whose beginning nobody saw."""
    offer = visit.offers.get(seen.answered.get(visit.visit_id, ""))
    if offer is not None and seen.talking.get(visit.visit_id, offer.agent_id) != offer.agent_id:
        moves.connect(visit, offer, max(offer.made, visit.arrived), now)


def _find_handover(moves: Moves, visit: Visit, seen: SwitchSeen, now: float) -> Visit | None:
    """The caller of an agent who consulted talks to another: nobody saw how the first handed them over. Of one who did
    not consult, a supervisor has taken the talk over."""
    agent_id = seen.talking.get(visit.visit_id)
    if agent_id not in moves.agents:
        agent_id = None  # who answered unheard has gone from the site meanwhile: the talk stays whose it was
    if (consult := _consult_taken(moves, visit, seen)) is not None:
        event = CallerHandedOver(visit.visit_id, visit.call_id, consult.visit_id)
        return hand_over(moves, event, now, recovered=True)
    if visit.state is VisitState.CONNECTED and agent_id is not None and agent_id != visit.agent_id:
        consult = consult_with(moves, agent_id)
        consulted = (visit.aside is not None and visit.aside[0] == "consult") or visit.visit_id in seen.answered
        if consult is None and not consulted:
            return None
        event = CallerHandedOver(visit.visit_id, visit.call_id, consult.visit_id if consult else "", agent_id)
        return hand_over(moves, event, now, recovered=True)
    return None


def _consult_taken(moves: Moves, visit: Visit, seen: SwitchSeen) -> Visit | None:
    """The agent's consult whose session lives while its own call is gone: the caller, who is there and talks to nobody,
    has taken the agent's place in it (main/channel.c, masquerade)."""
    if visit.state is VisitState.CONNECTED and (told := seen.handed_over.get(visit.visit_id)) is not None:
        return moves.visits.get(told)
    alone = visit.visit_id in seen.present and visit.visit_id not in seen.talking and visit.visit_id not in seen.sent_on
    if visit.state is not VisitState.CONNECTED or not alone:
        return None
    consults = (
        one
        for one in moves.visits.values()
        if one.entered_via is EnteredVia.CONSULT and one.from_visit_id == visit.visit_id
    )
    return next((one for one in consults if one.attached and one.visit_id not in seen.present), None)


def _find_end(moves: Moves, visit: Visit, seen: SwitchSeen, now: float) -> None:
    """A visit with a living session reports for itself; the end of any other is read from what is missing."""
    if visit.visit_id not in seen.present:
        moves.leave(visit, now, switch_lost=seen.restarted, recovered=True)
    elif (extension := seen.sent_on.get(visit.visit_id)) is not None:
        transfer(moves, CallerTransferred(visit.visit_id, extension), now, recovered=True)
    elif visit.state is VisitState.CONNECTED and visit.visit_id not in seen.talking:
        moves.end_talk(visit, now, by_agent=True, recovered=True)  # the caller is still there: the agent hung up
    else:
        rings = seen.ringing.get(visit.visit_id, frozenset())
        for offer in [one for one in visit.offers.values() if one.agent_id not in rings]:
            moves.end_offer(visit, offer, OfferOutcome.ERROR, now)
