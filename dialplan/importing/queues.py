"""queues.conf: each section a queue, each member an agent's skill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialplan.importing.conf import Conf, Place, Section, Setting
from dialplan.importing.members import Member, level_of, read_member
from dialplan.importing.names import Ids
from dialplan.importing.options import GENERAL, NO, QUEUE, Elsewhere, Fixed, Into, Rule, Sound
from dialplan.importing.report import Fate, Report

GENERAL_SECTION = "general"
DEFAULTS: Mapping[str, Any] = {
    "strategy": "ring_all",
    "ring_seconds": 15,
    "wrap_up_seconds": 0,
    "last_agent_hold_seconds": 0,
}
"""What app_queue does where its file says nothing, and Hotline's own defaults are others."""

PLACEHOLDER_EXTENSIONS = range(90_000, 100_000)


@dataclass
class QueueDraft:
    """One queue on its way into `queues.yaml`."""

    id: str
    name: str
    place: Place
    words: dict[str, Any] = field(default_factory=dict)
    written_by: dict[str, str] = field(default_factory=dict)
    """word to the option that has set it"""
    members: list[Member] = field(default_factory=list)
    rule: Setting | None = None
    """its defaultrule"""
    autopause: Setting | None = None
    exit_context: Setting | None = None
    """where keys lead"""


@dataclass
class AgentDraft:
    """One agent on the way into `agents.yaml`."""

    name: str
    skills: dict[str, int] = field(default_factory=dict)


@dataclass
class Drafts:
    """All that becomes a site."""

    queues: dict[str, QueueDraft] = field(default_factory=dict)
    """by their old name"""
    agents: dict[str, AgentDraft] = field(default_factory=dict)
    """by extension"""
    prompts: dict[str, str] = field(default_factory=dict)
    no_answer_limit: int = 0
    """no-answers in a row that make an agent not ready; 0, app_queue's default: none"""
    ids: Ids = field(default_factory=Ids)


def read_queues(conf: Conf, report: Report) -> Drafts:
    """Read queues.conf into drafts; templates are no queues."""
    drafts = Drafts()
    for section in conf.sections:
        if section.name.lower() == GENERAL_SECTION:
            for setting in section.settings:
                _take(setting, GENERAL, section, None, drafts, report)
        elif not section.is_template:
            _read_queue(section, drafts, report)
    return drafts


def put(words: dict[str, Any], word: str, value: Any) -> None:
    """Set a word; a dot goes one mapping deeper."""
    first, _, rest = word.partition(".")
    if rest:
        put(words.setdefault(first, {}), rest, value)
    else:
        words[first] = value


def _read_queue(section: Section, drafts: Drafts, report: Report) -> None:
    queue = QueueDraft(drafts.ids.of(section.name), section.name, section.place)
    drafts.queues[section.name] = queue
    report.add(section.place, section.name, f"[{section.name}]", Fate.WRITTEN, f"the queue {queue.id}")
    for word, value in DEFAULTS.items():
        put(queue.words, word, value)
    for setting in section.settings:
        _take(setting, QUEUE, section, queue, drafts, report)
    chosen = section.last("strategy")
    if chosen is None or chosen.value.lower() != "wrandom":  # there a penalty is a weight, and prefers nobody
        _prefer(queue, report)


def _take(
    setting: Setting,
    rules: Mapping[str, Rule],
    section: Section,
    queue: QueueDraft | None,
    drafts: Drafts,
    report: Report,
) -> None:
    rule = rules.get(setting.name.lower())
    fate, why = Fate.DECIDE, f"{setting.name} is no option that Asterisk 22 knows"
    match rule:
        case Fixed(why_fixed, fits):
            fate = Fate.SAME if fits is None or setting.value.lower() in fits else Fate.DECIDE
            why = why_fixed
        case Into() if queue is not None:
            fate, why = _write(rule, setting, queue)
        case Sound() if queue is not None:
            fate, why = Fate.DECIDE, _write_sounds(rule, setting.value, queue, drafts)
        case Elsewhere("steps") if queue is not None:
            queue.rule = setting
            return  # told with the rule, which is read later
        case Elsewhere("keys") if queue is not None:
            queue.exit_context = setting
            return  # told with the extensions of that context
        case Elsewhere("ringing") if queue is not None:
            queue.autopause = setting
            return  # told when all queues are known
        case Elsewhere() if queue is not None:
            fate, why = _join(setting, queue, drafts)
        case _:
            pass
    report.add(setting.place, section.name, f"{setting.name} = {setting.value}", fate, why)


def _write(rule: Into, setting: Setting, queue: QueueDraft) -> tuple[Fate, str]:
    try:
        made = rule.read(setting.value)
    except ValueError as refusal:
        if rule.word == "strategy":
            queue.words["strategy"] = "longest_idle"
        return Fate.DECIDE, str(refusal)
    if made is None:
        return Fate.SAME, f"no {rule.word}: there is none by itself"
    if rule.word == "unstaffed" and queue.words.get("unstaffed") == "leave":
        return Fate.WRITTEN, "unstaffed: leave"
    option = setting.name.lower()
    if rule.word == "announce.every_seconds" and queue.written_by.setdefault(rule.word, option) != option:
        return Fate.DECIDE, f"all announcements have one rhythm, and {queue.written_by[rule.word]} has set it"
    put(queue.words, rule.word, made)
    shown = str(made).lower() if isinstance(made, bool) else made
    return Fate.WRITTEN, f"{rule.word}: {shown}"


def _write_sounds(rule: Sound, value: str, queue: QueueDraft, drafts: Drafts) -> str:
    """Each sound becomes a prompt that says its own name until somebody writes the words."""
    names = [name.strip() for name in value.split(",") if name.strip()]
    prompts = [f"imported.{drafts.ids.of(f'prompt {name}').removeprefix('prompt_')}" for name in names]
    drafts.prompts |= {
        prompt: name.replace("-", " ").replace("/", " ") for prompt, name in zip(prompts, names, strict=True)
    }
    put(queue.words, rule.word, prompts if rule.word.startswith("announce") else prompts[0] if prompts else None)
    return f"write the words of {', '.join(names)} in prompts.yaml: {', '.join(prompts)}"


def _join(setting: Setting, queue: QueueDraft, drafts: Drafts) -> tuple[Fate, str]:
    try:
        member = read_member(setting.value)
    except ValueError as refusal:
        return Fate.FAULT, f"no member: {refusal}"
    extension = member.extension or _placeholder(drafts)
    agent = drafts.agents.setdefault(extension, AgentDraft(member.name or extension))
    if member.name and agent.name == extension:
        agent.name = member.name
    agent.skills[queue.id] = member.level
    queue.members.append(member)
    told = f"agent {extension} has {queue.id}: {member.level}"
    if member.extension is None:
        return Fate.DECIDE, f"{told}; {member.interface} has no number of 2 to 8 digits, so it was given that one"
    extras = [(name, value) for name, value in member.extras if name == "wrapuptime" or value.lower() not in NO]
    if extras:
        words = ", ".join(f"{name} {value}" for name, value in extras)
        return Fate.DECIDE, f"{told}; of an agent there is no {words}"
    return Fate.WRITTEN, told


def _placeholder(drafts: Drafts) -> str:
    return next(str(number) for number in PLACEHOLDER_EXTENSIONS if str(number) not in drafts.agents)


def _prefer(queue: QueueDraft, report: Report) -> None:
    """Members of a lower penalty are rung first: a tier of preference for each level but the last."""
    penalties = sorted({member.penalty for member in queue.members})
    levels = sorted({level_of(penalty) for penalty in penalties}, reverse=True)
    if len(penalties) > len(levels):
        report.add(queue.place, queue.name, "member penalties", Fate.DECIDE, "all from 9 on are level 1 here")
    if len(levels) < 2:
        return
    queue.words["prefer"] = [f"{queue.id} >= {level}" for level in levels[:-1]]
    why = f"prefer: {', '.join(queue.words['prefer'])}"
    report.add(queue.place, queue.name, "member penalties", Fate.WRITTEN, why)
