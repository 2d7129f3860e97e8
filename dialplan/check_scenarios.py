"""Checks what scenarios name: a result that nothing ends with would be a test of another branch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dialplan.asking import VoteNode
from dialplan.faults import Fault, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.inquiring import BackendNode
from dialplan.leaving import FaxReceiveNode, FaxSendNode
from dialplan.nodes import CallbackNode, Node, ScriptNode, TransferNode
from dialplan.scenario import SLOW, Scenario, Step
from dialplan.site import Site
from dialplan.words import CALLBACK_OUTCOMES, OUTCOMES, TRANSFER_OUTCOMES
from dialplan.yaml_tree import Path

Named = tuple[Path, str]
"""where something is named, and the name"""

VOTES = ("new", "voted", "unknown")
"""whether somebody has voted before"""
MAINTENANCE = "maintenance"
"""as which the words of maintenance are heard that are no prompt"""
FAXED = ("done", "failed")
"""whether a fax goes through"""
FROM_CALLER = "from_caller"
"""the name of one that the caller sends"""
FAILED = "failed"
"""as good as any result that the script does not have: it died"""


def check_scenario(scenario: Scenario, site: Site) -> Iterator[Fault]:
    """Yield a fault for everything that the scenario names and the site does not have."""
    given, expect = scenario.given, scenario.expect
    nodes = [f"{menu}.{node}" for menu, tree in site.menus.items() for node in tree.nodes]
    places = [*_one(("given", "entry"), given.entry), *_one(("expect", "node"), expect.node)]
    walked = [(("expect", "path", at), address) for at, address in enumerate(expect.path or ())]
    languages = [*_one(("given", "language"), given.language), *_one(("expect", "language"), expect.language)]
    results = known_results(site)
    words = [MAINTENANCE] if given.maintenance else []
    yield from _strangers(scenario, "prompt", _said(scenario.steps), [*site.prompts, *words])
    yield from _strangers(scenario, "number", _one(("given", "called"), given.called), site.numbers)
    yield from _strangers(scenario, "language", languages, site.languages)
    yield from _strangers(scenario, "node", places, [*site.menus, *nodes])
    yield from _strangers(scenario, "node", walked, nodes)
    yield from _strangers(scenario, "queue", _one(("expect", "queue"), expect.queue), site.queues)
    yield from _strangers(scenario, "script", _one(("expect", "script"), expect.script), results["script"])
    yield from _results(scenario, "script", "scripts", given.scripts, results["script"])
    yield from _results(scenario, "queue", "queues", given.queues, results["queue"])
    yield from _results(scenario, "queue", "callbacks", given.callbacks, results["callback"])
    yield from _results(scenario, "transfer", "transfers", given.transfers, results["transfer"])
    yield from _results(scenario, "fax", "faxes", given.faxes, results["fax"])
    yield from _results(scenario, "ballot", "ballots", given.ballots, results["ballot"])
    yield from _backends(scenario, site)


def known_results(site: Site) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return what may come of everything that a call is handed to, by the outcome of the walk and the name."""
    nodes = [node for menu in site.menus.values() for node in menu.nodes.values()]
    scripts: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        if isinstance(node, ScriptNode):
            scripts[node.script] = tuple(dict.fromkeys((*scripts.get(node.script, ()), *node.results)))
    proposed = {node.queue for node in nodes if isinstance(node, CallbackNode)}
    return {
        "script": {script: (*results, FAILED) for script, results in scripts.items()},
        "queue": dict.fromkeys(site.queues, OUTCOMES),
        "callback": dict.fromkeys(proposed, CALLBACK_OUTCOMES),
        "transfer": dict.fromkeys(_destinations(site, nodes), TRANSFER_OUTCOMES),
        "fax": dict.fromkeys(_faxes(nodes), FAXED),
        "ballot": dict.fromkeys((node.ballot for node in nodes if isinstance(node, VoteNode)), VOTES),
    }


def _backends(scenario: Scenario, site: Site) -> Iterator[Fault]:
    """Yield what is given of a backend that no node asks, and fields that no node takes."""
    taken: dict[str, dict[str, None]] = {}
    for menu in site.menus.values():
        for node in menu.nodes.values():
            if isinstance(node, BackendNode):
                taken.setdefault(node.backend, {}).update(dict.fromkeys(node.into.values()))
    for name, answers in scenario.given.backends.items():
        path: Path = ("given", "backends", name)
        yield from _strangers(scenario, "backend", [(path, name)], taken, of_key=True)
        for at, answer in enumerate(answers):
            fields = [((*path, at, field), field) for field in answer if field != SLOW] if name in taken else []
            if isinstance(answer, dict):
                yield from _strangers(scenario, f"field of {name}", fields, taken[name] if fields else (), of_key=True)


def _destinations(site: Site, nodes: Iterable[Node]) -> Iterator[str]:
    """Yield what callers are sent on to as it is written; where a variable says it, it may be any agent."""
    for node in nodes:
        if isinstance(node, TransferNode):
            yield from site.agents if node.to.startswith("{") else (node.to,)


def _faxes(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, FaxSendNode):
            yield node.file.rpartition("/")[2].partition(".")[0]
        elif isinstance(node, FaxReceiveNode):
            yield FROM_CALLER


def _results(
    scenario: Scenario,
    what: str,
    key: str,
    given: Mapping[str, tuple[str, ...]],
    known: Mapping[str, tuple[str, ...]],
) -> Iterator[Fault]:
    for name, words in given.items():
        path: Path = ("given", key, name)
        yield from _strangers(scenario, what, [(path, name)], known, of_key=True)
        if name in known:
            listed = [((*path, at), word) for at, word in enumerate(words)]
            yield from _strangers(scenario, f"result of {name}", listed, known[name])


def _strangers(
    scenario: Scenario, what: str, named: Iterable[Named], known: Iterable[str], *, of_key: bool = False
) -> Iterator[Fault]:
    there = list(known)
    for path, word in named:
        if word in there:
            continue
        where = (*scenario.path, *path)
        if where not in scenario.document.places:
            # one that is written without a list has no place of its own within it
            where = tuple(part for part in where if not isinstance(part, int)) if of_key else where[:-1]
        hint = did_you_mean(word, there)
        found, rule = f"found no {what} {quoted(word)}", f"unknown-{what.partition(' ')[0]}"
        yield fault_at(scenario.document, where, rule, found, "" if hint else one_of(there), hint, of_key=of_key)


def _said(steps: Iterable[Step]) -> Iterator[Named]:
    for number, step in enumerate(steps):
        yield from (((("steps", number, "hear", at)), prompt) for at, prompt in enumerate(step.hear or ()))
        if step.hearing is not None:
            yield ("steps", number, "hearing"), step.hearing


def _one(path: Path, word: str | None) -> list[Named]:
    return [] if word is None else [(path, word)]
