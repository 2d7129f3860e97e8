"""The drafts as the YAML files of a site, in English, with the prompts that every site needs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as Quoted

from dialplan.importing.queues import Drafts
from dialplan.importing.routes import MENU, Routes
from dialplan.loader import load_site

LANGUAGE = "en"
SHOP = Path(__file__).parent.parent / "sites" / "shop"
STANDARD = ("agent.", "queue.position", "queue.next", "queue.estimate", "callback.")
"""Prompts that the distributor itself says begin so; the shop's words for them will do for a beginning."""


def site_files(drafts: Drafts, routes: Routes) -> dict[str, str]:
    """Return path and text of each file."""
    return {
        "site.yaml": _yaml(
            {
                "name": "Imported from Asterisk",
                "languages": [LANGUAGE],
                "numbers": {Quoted(number): node for number, node in sorted(routes.numbers.items())},
                "ringing": {"no_answer_limit": drafts.no_answer_limit},
            },
        ),
        "queues.yaml": _yaml(
            {
                queue.id: {"name": {LANGUAGE: queue.name}, **_needs(queue.id, queue.words), **_with_keys(queue.words)}
                for queue in drafts.queues.values()
            }
        ),
        "agents.yaml": _yaml(
            {
                Quoted(extension): {"name": agent.name, "skills": agent.skills}
                for extension, agent in sorted(drafts.agents.items())
            }
        ),
        "prompts.yaml": _yaml({name: {LANGUAGE: words} for name, words in {**_standard(), **drafts.prompts}.items()}),
        f"menus/{MENU}.yaml": _yaml({"entry": next(iter(routes.nodes)), "nodes": routes.nodes}),
    }


def _needs(queue_id: str, words: dict[str, Any]) -> dict[str, Any]:
    """Membership is the skill of the queue's own name."""
    return {} if "requires" in words else {"skills": {queue_id: 1}}


def _with_keys(words: dict[str, Any]) -> dict[str, Any]:
    """Keys of a phone are text, also those that look like numbers."""
    if "keys" not in words:
        return words
    return {**words, "keys": {Quoted(key): target for key, target in words["keys"].items()}}


def _standard() -> dict[str, str]:
    shop = load_site(SHOP)
    return {
        name: texts[LANGUAGE]
        for name, texts in sorted(shop.prompts.items())
        if name.startswith(STANDARD) and LANGUAGE in texts
    }


def _yaml(content: dict[Any, Any]) -> str:
    writer = YAML()
    writer.width = 120
    out = io.StringIO()
    writer.dump(content, out)
    return out.getvalue()
