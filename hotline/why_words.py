"""The story of one caller in plain words, those of the glossary."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from acd.explain import Ahead, Candidate, Explanation, Reason
from hotline.why import Happening, Story

SHOWN = 8
"""Of a list; the rest is counted."""

Words = Callable[[Mapping[str, Any]], str]


def in_words(story: Story) -> Iterator[str]:
    """The lines of the story, in the order of time."""
    number = story.caller_number or "a withheld number"
    yield f"{number} in queue {story.queue}  (visit {story.visit_id}, call {story.call_id})"
    for one in story.happenings:
        yield f"{clock(one.at)}  {_happening(one)}"
        if one.explanation is not None:
            yield from (f"    {line}" for line in _offer(one.explanation))
    if story.now is not None:
        yield f"{clock(story.asked_at)}  waits for {seconds(story.now.caller.waited_seconds)}; {_verdict(story.now)}"
        yield from (f"    {line}" for line in _waiting(story.now))
    yield from _caveats(story)


def _caveats(story: Story) -> Iterator[str]:
    if story.skipped:
        yield "the trace was written by another version of the engine: why cannot be told any more"
    elif story.other_versions:
        yield "recorded by another version of the engine: the reasons are those of today's rules"
    if story.differences:
        yield f"{story.differences} decisions of that time come out otherwise today: take the reasons with care"


def _happening(one: Happening) -> str:
    words = _VERBS.get(one.verb)
    return words(one.told) if words is not None else one.verb.lower()


_VERBS: Final[Mapping[str, Words]] = {
    "ENTERQUEUE": lambda told: f"enters; {_needs(told['requirement'])}{_priority(told['priority'])}",
    "RERANK": lambda told: f"given another place{_priority(told['priority']) or ', priority 0'}",
    "OFFER": lambda told: f"offered to agent {told['agent_id']}",
    "OFFEREND": lambda told: f"offer to {told['agent_id']}: {told['outcome']} after {seconds(told['ring_seconds'])}",
    "CONNECT": lambda told: f"connected to {told['agent_id']} after {seconds(told['wait_seconds'])} of waiting",
    "COMPLETEAGENT": lambda told: f"the agent hangs up after {seconds(told['talk_seconds'])} of talk",
    "COMPLETECALLER": lambda told: f"the caller hangs up after {seconds(told['talk_seconds'])} of talk",
    "ABANDON": lambda told: f"the caller gives up, {told['stage']}, after {seconds(told['wait_seconds'])}",
    "EXITWITHTIMEOUT": lambda told: f"let go after {seconds(told['wait_seconds'])}: the queue's longest wait",
    "SYSTEMERROR": lambda told: f"lost: {told['cause']}",
}


def _offer(why: Explanation) -> Iterator[str]:
    if why.by is not None:
        yield f"why {why.chosen}: {reason(why.by)}"
    others = [one for one in why.candidates if not one.against and one.agent_id != why.chosen]
    yield from _listed("could have taken it too: ", others, _free)
    yield from _not_free(why)
    yield from _ahead(why, f"not given to {why.chosen}")


def _waiting(why: Explanation) -> Iterator[str]:
    yield from (reason(one) for one in why.against)
    yield from _listed("could be taken at once: ", [one for one in why.candidates if not one.against], _free)
    yield from _not_free(why)
    yield from _ahead(why, "waiting too")


def _verdict(why: Explanation) -> str:
    able = sum(one.able for one in why.candidates)
    free = sum(not one.against for one in why.candidates) or "none"
    step = f", step {why.caller.step}" if len(why.caller.steps) > 1 else ""
    return f"place {why.caller.place}{step}; {able} of {len(why.candidates)} agents have what it takes, {free} free"


def _not_free(why: Explanation) -> Iterator[str]:
    """Those who have what it takes; of the others the number is enough."""
    able = [one for one in why.candidates if one.able and one.against and one.agent_id != why.chosen]
    yield from _listed("", able, lambda one: f"{_name(one)} not: {', '.join(map(reason, one.against))}")
    unable = [one for one in why.candidates if not one.able]
    if unable:
        yield f"lack what is needed: {_some([one.agent_id for one in unable])}"


def _ahead(why: Explanation, label: str) -> Iterator[str]:
    def said(one: Ahead) -> str:
        wait = f"{seconds(one.waited_seconds)} in {one.queue}{_priority(one.priority)}"
        return f"ahead: {one.caller_number or one.visit_id} ({wait}), {label}: {reason(one.why)}"

    yield from _listed("", why.ahead, said)


def _listed(label: str, some: Sequence[Any], say: Callable[[Any], str]) -> Iterator[str]:
    yield from (f"{label}{say(one)}" for one in some[:SHOWN])
    if len(some) > SHOWN:
        yield f"{label}and {len(some) - SHOWN} more"


def _some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + rest


def _free(one: Candidate) -> str:
    return f"{_name(one)}, idle for {seconds(one.idle_seconds)}"


def _name(one: Candidate) -> str:
    return f"{one.agent_id} {one.name}".rstrip()


def reason(one: Reason) -> str:
    """One reason in words; its own word where there are none yet."""
    words = _REASONS.get(one.word)
    return words(one.about) if words is not None else one.word.replace("_", " ")


def _state(about: Mapping[str, Any]) -> str:
    why = f" ({about['reason']})" if about.get("reason") else ""
    return f"{about['state'].replace('_', ' ')}{why} for {seconds(about['seconds'])}"


_REASONS: Final[Mapping[str, Words]] = {
    # Why the caller is offered to nobody.
    "switch_lost": lambda about: "the link to Asterisk is lost: nobody is offered to anybody",
    "settling": lambda about: (
        f"the ACD has just restarted and lets callers come back, {seconds(about['seconds'])} more"
    ),
    "caller_not_back": lambda about: "the caller has not come back since the ACD restarted",
    "rings": lambda about: f"rings at agent {about['agent_id']} for {seconds(about['seconds'])}",
    "talks": lambda about: f"talks to agent {about['agent_id']} for {seconds(about['seconds'])}",
    "kept_for_last_agent": lambda about: (
        f"kept for the last agent, {about['agent_id']}, for {seconds(about['seconds'])} more"
    ),
    "kept_for_named_agent": lambda about: (
        f"kept for the agent asked for, {about['agent_id']}, for {seconds(about['seconds'])} more"
    ),
    "next_step": lambda about: f"in {seconds(about['seconds'])} enough: {about['needs'] or 'anybody'}",
    "nobody_able": lambda about: "no agent of the site has what is needed",
    "nobody_able_logged_on": lambda about: f"logged off, all who could serve: {_some(about['agent_ids'])}",
    # Why an agent is not taken.
    "lacks": lambda about: f"lacks {about['needs']} ({_has(about['has'])})",
    "reserve_not_open": lambda about: "in reserve, which this caller's step does not open",
    "not_ready": _state,
    "phone": lambda about: f"phone {about['device']}",
    "rests": lambda about: f"rests for {seconds(about['seconds'])} more after an offer that came to nothing",
    "about_to_leave": lambda about: f"about to be {about['state'].replace('_', ' ')}",
    "refused_this_caller": lambda about: f"refused this caller, not asked again for {seconds(about['seconds'])}",
    "kept_for_another": lambda about: f"kept for {about['caller_number'] or about['visit_id']}, whom they served last",
    "caller_is_kept": lambda about: f"the caller is kept for {about['agent_id']}",
    # Why another caller of better rank is passed over.
    "nobody_free_for_them": lambda about: "nobody who is free can serve them",
    "agent_kept_for_this_caller": lambda about: f"{about['agent_id']} was kept for this caller",
    # Why this one among several.
    "named_agent": lambda about: "asked for by name",
    "last_agent": lambda about: "served this caller last",
    "rung_together": lambda about: f"rings together with the others, {about['of']} who could be taken",
    "only_one_free": lambda about: "the only one free who can serve this caller",
    "only_one_of_tier": lambda about: f"the only one of tier {about['tier']}, of {about['of']} who could be taken",
    "longest_idle": lambda about: f"idle longest, {seconds(about['seconds'])}, of {about['of']} who could be taken",
    "least_occupied": lambda about: f"least occupied, {about['percent']} %, of {about['of']} who could be taken",
    "fewest_calls": lambda about: f"fewest calls, {about['calls']}, of {about['of']} who could be taken",
    "round_robin": lambda about: (
        f"whose turn it is, not rung for {seconds(about['seconds'])}, of {about['of']} who could be taken"
    ),
    "fixed_order": lambda about: f"first in the site's order of the {about['of']} who could be taken",
}


def _needs(requirement: str) -> str:
    return f"needs {requirement}" if requirement else "needs nothing in particular"


def _has(levels: Mapping[str, int]) -> str:
    return "has " + ", ".join(f"{skill} {level}" for skill, level in levels.items())


def _priority(priority: int) -> str:
    return f", priority {priority}" if priority else ""


def seconds(value: float | None) -> str:
    """`4.5 s` below a minute, else `3:05`."""
    if value is None:
        return "-"
    return f"{value:.1f} s" if value < 60 else f"{int(value) // 60}:{int(value) % 60:02d}"


def clock(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M:%S.%f")[:-3]
