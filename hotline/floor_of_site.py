"""From the site that admins wrote to the floor that the engine distributes callers on."""

from collections.abc import Iterator

from acd.announcing import Announcements
from acd.callback import CallbackMode, CallbackRules
from acd.model import (
    AgentProfile,
    Destination,
    DestinationKind,
    Floor,
    OfferOutcome,
    Overflow,
    QueueRules,
    Segment,
    Step,
    Strategy,
    WrapUp,
)
from acd.music import MusicStep
from acd.outside import Outside
from acd.recording_rules import RecordingRule
from acd.requirement import parse
from dialplan.music import DEFAULT_MUSIC
from dialplan.site import Agent, Queue, SegmentSettings, Site, StepSettings

GOODBYE_SECONDS = 6.0
"""What callers hear after asking for a callback takes no longer. Who is called first is not called while they still
listen to us, for their phone is busy; where an agent is rung first that takes long enough."""


def floor_of(site: Site) -> Floor:
    """The site's queues, agents and segments in the engine's words; the loader has parsed every requirement before."""
    return Floor(
        queues={queue_id: _rules(site, queue) for queue_id, queue in site.queues.items()},
        agents={extension: _profile(agent) for extension, agent in site.agents.items()},
        segments={name: _segment(name, segment, site.language) for name, segment in site.segments.items()},
        extensions=dict(_extensions(site)),
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
        wrap_up_counts_as_idle=site.wrap_up_counts_as_idle,
    )


def recording_rules_of(site: Site) -> dict[str, RecordingRule]:
    """How each queue records."""
    return {queue_id: RecordingRule(queue.record, queue.record_notice) for queue_id, queue in site.queues.items()}


def supervisors_of(site: Site) -> dict[str, frozenset[str]]:
    """What each supervisor may do, by extension."""
    return {extension: agent.rights for extension, agent in site.agents.items() if agent.rights}


def _extensions(site: Site) -> Iterator[tuple[str, Destination]]:
    for number, entry in site.numbers.items():
        yield number, Destination(DestinationKind.MENU, entry)
    for queue in site.queues.values():
        if queue.extension is not None:
            yield queue.extension, Destination(DestinationKind.QUEUE, queue.id)


def _rules(site: Site, queue: Queue) -> QueueRules:
    extend = queue.wrap_up_extend_seconds
    return QueueRules(
        queue_id=queue.id,
        skills=queue.skills,
        ring_seconds=queue.ring_seconds,
        wrap_up=WrapUp(queue.wrap_up),
        wrap_up_seconds=queue.wrap_up_seconds,
        wrap_up_seconds_max=queue.wrap_up_seconds_max,
        wrap_up_extend_seconds=site.wrap_up_extend_seconds if extend is None else extend,
        wait_seconds_max=queue.wait_seconds_max,
        last_agent_hold_seconds=queue.last_agent_hold_seconds,
        priority=queue.priority,
        strategy=Strategy(queue.strategy),
        requires=parse(queue.requires or ""),
        steps=tuple(_step(step) for step in queue.steps),
        prefer=tuple(parse(text) for text in queue.prefer),
        least_flexible_first=queue.least_flexible_first,
        head_start_seconds=queue.head_start_seconds,
        named_agent_hold_seconds=queue.named_agent_hold_seconds,
        size_max=queue.size_max,
        estimate_seconds_max=queue.estimate_seconds_max,
        leave_unstaffed=queue.unstaffed == "leave",
        resume_seconds=queue.resume_seconds,
        keys=queue.keys,
        talk_seconds=queue.talk_seconds,
        overflow=_overflow(queue),
        callback=_callback(queue),
        announcements=_announcements(queue),
        music=_music(queue),
        whisper=queue.whisper or "",
        greeting=queue.greeting or "",
        noticed=queue.record_notice is not None,
        display=queue.name[site.language],
    )


def _step(step: StepSettings) -> Step:
    requires = None if step.requires is None else parse(step.requires)
    return Step(step.after_seconds, requires, step.reserve)


def _profile(agent: Agent) -> AgentProfile:
    return AgentProfile(
        agent.extension, agent.name, agent.skills, tuple(agent.phones), agent.reserve, agent.greeting or ""
    )


def _segment(name: str, segment: SegmentSettings, language: str) -> Segment:
    return Segment(
        segment_id=name,
        priority=segment.priority,
        head_start_seconds=segment.head_start_seconds,
        requires=parse(segment.requires or ""),
        requires_seconds=segment.requires_seconds,
        numbers=frozenset(segment.numbers),
        display="" if segment.name is None else segment.name.get(language, next(iter(segment.name.values()))),
    )


def _overflow(queue: Queue) -> Overflow | None:
    told = queue.overflow
    if told is None:
        return None
    return Overflow(told.to, told.after_seconds, told.size, told.estimate_seconds, told.move)


def _callback(queue: Queue) -> CallbackRules | None:
    told = queue.callback
    if told is None:
        return None
    mode = CallbackMode(told.mode)
    goodbye_seconds = GOODBYE_SECONDS if mode is CallbackMode.CALLER_FIRST else 0.0
    return CallbackRules(
        mode=mode,
        attempts=told.attempts,
        retry_seconds=told.retry_seconds,
        initial_delay_seconds=max(told.initial_delay_seconds, goodbye_seconds),
        ring_seconds=told.ring_seconds,
        refuses_when_closed=told.when_closed == "refuse",
    )


def outside_of(site: Site) -> Outside:
    """Whom the site may call, and how."""
    told = site.outbound
    return Outside() if told is None else Outside(told.allows, told.trunk, told.caller_number, told.denies)


def _announcements(queue: Queue) -> Announcements:
    told = queue.announce
    if told is None:
        return Announcements()
    return Announcements(told.first_seconds, told.every_seconds, told.position, told.estimate, told.comfort)


def _music(queue: Queue) -> tuple[MusicStep, ...]:
    steps = tuple(MusicStep(step.after_seconds, step.play) for step in queue.music)
    return steps if steps and steps[0].after_seconds == 0 else (MusicStep(0, DEFAULT_MUSIC), *steps)
