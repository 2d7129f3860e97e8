"""`hotline import asterisk`: a folder of Asterisk's configuration becomes a site and a report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dialplan.importing.conf import Conf, Place, read_conf
from dialplan.importing.extensions import read_steps
from dialplan.importing.keys import exit_contexts, read_keys
from dialplan.importing.options import AGENT, Fixed
from dialplan.importing.pauses import limit_no_answers
from dialplan.importing.queues import GENERAL_SECTION, AgentDraft, Drafts, read_queues
from dialplan.importing.report import Fate, Report
from dialplan.importing.routes import MENU, Routes, read_routes
from dialplan.importing.rules import read_rules
from dialplan.importing.site_text import site_files

QUEUES, RULES, AGENTS, EXTENSIONS = "queues.conf", "queuerules.conf", "agents.conf", "extensions.conf"
UNREAD = {
    "extensions.ael": "AEL is not read: write what is around Queue() in it as extensions.conf",
    "extensions.lua": "Lua is not read: write what is around Queue() in it as extensions.conf",
}
REALTIME, FAMILIES = "extconfig.conf", frozenset({"queues", "queue_members", "queue_rules"})
GIVEN_NUMBERS = range(7001, 8000)
NOBODY = "89"
"""Begins the extensions of agents who stand for nobody yet."""


class NothingToImport(Exception):
    """The folder has no queues.conf, or no queue in it. Nothing was written."""


@dataclass(frozen=True)
class Migration:
    """What came of a folder."""

    files: dict[str, str]
    """the site: path to text"""
    report: Report


def migrate(folder: Path) -> Migration:
    """Read the folder.

    Raises:
        NothingToImport: there is no queue in it.
    """
    report = Report()
    if not (folder / QUEUES).exists():
        raise NothingToImport(f"there is no {QUEUES} in {folder}")
    drafts = read_queues(_read(folder, QUEUES, report), report)
    if not drafts.queues:
        raise NothingToImport(f"{folder / QUEUES} has no queue")
    _read_agents(_read(folder, AGENTS, report), drafts, report)
    steps = read_steps(_read(folder, EXTENSIONS, report))
    keyed = exit_contexts(drafts)
    read_keys([step for step in steps if step.context in keyed], drafts, report)
    routes = read_routes([step for step in steps if step.context not in keyed], drafts, report)
    read_rules(_read(folder, RULES, report), drafts, routes, report)
    _tell_realtime(_read(folder, REALTIME, report), report)
    _tell_unread(folder, report)
    limit_no_answers(drafts, report)
    _give_numbers(drafts, routes, report)
    _give_agents(drafts, report)
    return Migration(site_files(drafts, routes), report)


def _read(folder: Path, name: str, report: Report) -> Conf:
    """One of the files; an absent one is empty."""
    conf = read_conf(folder, name) if (folder / name).exists() else Conf()
    for malformed in conf.malformed:
        report.add(malformed.place, "", "", Fate.FAULT, malformed.why)
    return conf


def _tell_realtime(conf: Conf, report: Report) -> None:
    """extconfig.conf: what Asterisk keeps in a database is not in these files."""
    for section in conf.sections:
        for setting in section.settings:
            if setting.name.lower() in FAMILIES:
                why = "these are in a database, which is not read: write them into a file first"
                report.add(setting.place, section.name, f"{setting.name} = {setting.value}", Fate.DECIDE, why)


def _tell_unread(folder: Path, report: Report) -> None:
    """Dialplans in other languages: one that speaks of a queue has to be looked at."""
    for name, why in UNREAD.items():
        text = (folder / name).read_text("utf-8", errors="replace") if (folder / name).exists() else ""
        for number, line in enumerate(text.splitlines(), start=1):
            if (column := line.lower().find("queue")) >= 0:
                report.add(Place(name, number, column + 1), "", line.strip(), Fate.DECIDE, why)


def _read_agents(conf: Conf, drafts: Drafts, report: Report) -> None:
    """agents.conf (app_agent_pool): the names of those who are members as `Agent/number`."""
    for section in conf.sections:
        if section.is_template or section.name.lower() == GENERAL_SECTION:
            continue
        agent = drafts.agents.get(section.name)
        if agent is None:
            why = "no queue has this agent as a member"
            report.add(section.place, section.name, f"[{section.name}]", Fate.DECIDE, why)
        for setting in section.settings:
            rule = AGENT.get(setting.name.lower())
            fate, why = Fate.DECIDE, f"{setting.name} is no option that Asterisk 22 knows"
            if isinstance(rule, Fixed):
                fits = rule.fits is None or setting.value.lower() in rule.fits
                fate, why = Fate.SAME if fits else Fate.DECIDE, rule.why
            elif rule is not None:
                fate, why = _rename(agent, setting.value)
            report.add(setting.place, section.name, f"{setting.name} = {setting.value}", fate, why)


def _rename(agent: AgentDraft | None, name: str) -> tuple[Fate, str]:
    if agent is None or not name:
        return Fate.DECIDE, "there is nobody to be named so"
    agent.name = name
    return Fate.WRITTEN, f"name: {name}"


def _give_numbers(drafts: Drafts, routes: Routes, report: Report) -> None:
    """What no number leads to gets one: a site without a way in could not be tried."""
    for orphan in routes.orphans:
        number = _give_number(orphan.node, drafts, routes)
        why = f"{orphan.why}: node {MENU}.{orphan.node} was given the number {number}"
        report.add(orphan.step.place, orphan.step.about, orphan.step.text, Fate.DECIDE, why)
    led_to = {node["queue"] for node in routes.nodes.values()}
    for queue in drafts.queues.values():
        if queue.id not in led_to:
            node = _free(f"wait_{queue.id}"[:40], routes)
            routes.nodes[node] = {"type": "queue", "queue": queue.id}
            why = f"no number of extensions.conf leads there: it was given {_give_number(node, drafts, routes)}"
            report.add(queue.place, queue.name, f"[{queue.name}] without a number", Fate.DECIDE, why)


def _give_number(node: str, drafts: Drafts, routes: Routes) -> str:
    taken = {*routes.numbers, *drafts.agents}
    number = next(str(one) for one in GIVEN_NUMBERS if str(one) not in taken)
    routes.numbers[number] = f"{MENU}.{node}"
    return number


def _free(name: str, routes: Routes) -> str:
    return name if name not in routes.nodes else _free(f"{name[:37]}_{len(routes.nodes)}", routes)


def _give_agents(drafts: Drafts, report: Report) -> None:
    """A queue without members has somebody who stands for them, and is never there: nobody else takes its calls."""
    for queue in drafts.queues.values():
        if any(queue.id in agent.skills for agent in drafts.agents.values()):
            continue
        extension = next(f"{NOBODY}{one:03}" for one in range(1000) if f"{NOBODY}{one:03}" not in drafts.agents)
        drafts.agents[extension] = AgentDraft(f"Nobody yet ({queue.name})", {queue.id: 1})
        why = f"it has no member here (realtime, or they join at run time): {extension} stands for nobody yet"
        report.add(queue.place, queue.name, f"[{queue.name}] without a member", Fate.DECIDE, why)
