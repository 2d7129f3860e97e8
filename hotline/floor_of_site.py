"""From the site that admins wrote to the floor that the engine distributes callers on."""

from acd.model import AgentProfile, Floor, OfferOutcome, QueueRules, Strategy, WrapUp
from dialplan.site import Queue, Site


def floor_of(site: Site) -> Floor:
    """The site's queues and agents in the engine's words."""
    return Floor(
        queues={queue_id: _rules(site, queue) for queue_id, queue in site.queues.items()},
        agents={
            extension: AgentProfile(extension, agent.name, agent.skills, tuple(agent.phones))
            for extension, agent in site.agents.items()
        },
        phones=frozenset(site.phones),
        dispositions=frozenset(site.dispositions),
        rna_limit=site.ringing.no_answer_limit,
        rest_seconds={
            OfferOutcome.RNA: site.ringing.no_answer_rest_seconds,
            OfferOutcome.REJECT: site.ringing.reject_rest_seconds,
            OfferOutcome.BUSY: site.ringing.busy_rest_seconds,
            OfferOutcome.UNREACHABLE: site.ringing.unreachable_rest_seconds,
            OfferOutcome.ERROR: site.ringing.error_rest_seconds,
        },
        refused_seconds=dict.fromkeys((OfferOutcome.RNA, OfferOutcome.REJECT), site.ringing.refused_seconds),
        external_resets_idle=site.external_resets_idle,
    )


def _rules(site: Site, queue: Queue) -> QueueRules:
    extend = queue.wrap_up_extend_seconds
    return QueueRules(
        queue_id=queue.id,
        requirement=queue.skills,
        ring_seconds=queue.ring_seconds,
        wrap_up=WrapUp(queue.wrap_up),
        wrap_up_seconds=queue.wrap_up_seconds,
        wrap_up_seconds_max=queue.wrap_up_seconds_max,
        wrap_up_extend_seconds=site.wrap_up_extend_seconds if extend is None else extend,
        wait_seconds_max=queue.wait_seconds_max,
        last_agent_hold_seconds=queue.last_agent_hold_seconds,
        priority=queue.priority,
        strategy=Strategy(queue.strategy),
    )
