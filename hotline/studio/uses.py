"""Where a site says its prompts."""

from collections.abc import Iterator
from dataclasses import dataclass

from dialplan.node import NodeModel
from dialplan.nodes import ScriptNode
from dialplan.site import Queue, Site
from dialplan.waiting import CALLBACK_PROMPTS, STANDARD_PROMPTS
from hotline.scripts import PROMPTS as SCRIPT_PROMPTS

NODE_WORDS = {
    "no_input": "when nothing is pressed",
    "no_match": "when a wrong key is pressed",
    "confirm": "to have the entry confirmed",
}
"""by the field of a node that names a prompt; any other field but `prompt` is told by its own name"""
STANDING = {"agent.": "to agents, after a feature code", "supervise.": "to supervisors, after a feature code"}
"""by the beginning of a prompt's id"""
QUEUE_SORRY = "queue.sorry"
"""what every queue says to a caller whom it sends away"""


@dataclass(frozen=True)
class Use:
    """A place at which a prompt is said."""

    where: str
    """`menu chinese.main`, `queue orders`, `announcement autumn`, `script order_status`, `agent 1001`"""
    when: str = ""

    def __str__(self) -> str:
        return f"{self.where} ({self.when})" if self.when else self.where


def uses_of(site: Site) -> dict[str, list[Use]]:
    """Every prompt of the site with the places at which it is said, in the order of the site; none: nobody says it."""
    found: dict[str, list[Use]] = {prompt: [] for prompt in site.prompts}
    for prompt, use in (*_in_menus(site), *_in_queues(site), *_elsewhere(site)):
        if use not in found.setdefault(prompt, []):
            found[prompt].append(use)
    return found


def _in_menus(site: Site) -> Iterator[tuple[str, Use]]:
    for menu, tree in site.menus.items():
        for name, node in tree.nodes.items():
            yield from _at_node(f"menu {menu}.{name}", node)
            if isinstance(node, ScriptNode):
                script = f"script {node.script}"
                yield from ((prompt, Use(script)) for prompt in sorted(SCRIPT_PROMPTS.get(node.script, ())))


def _at_node(where: str, node: NodeModel) -> Iterator[tuple[str, Use]]:
    for path, prompt in node.prompt_ids():
        word = str(path[0])
        when = "" if word == "prompt" else NODE_WORDS.get(word, word.replace("_", " "))
        yield prompt, Use(where, when)


def _in_queues(site: Site) -> Iterator[tuple[str, Use]]:
    for name, queue in site.queues.items():
        where = f"queue {name}"
        yield QUEUE_SORRY, Use(where, "to callers whom it cannot keep")
        yield from ((prompt, Use(where, when)) for prompt, when in _of_queue(queue))


def _of_queue(queue: Queue) -> Iterator[tuple[str, str]]:
    for part, prompts in STANDARD_PROMPTS.items():
        if queue.announce and getattr(queue.announce, part):
            yield from ((prompt, "while callers wait") for prompt in prompts)
    yield from ((prompt, "while callers wait") for prompt in (queue.announce.comfort if queue.announce else ()))
    if queue.callback is not None:
        yield from ((prompt, "of a callback") for prompt in CALLBACK_PROMPTS)
    words = (
        (queue.whisper, "to the agent, before the caller"),
        (queue.greeting, "to the caller, as the agent picks up"),
        (queue.record_notice, "before a talk is recorded"),
    )
    yield from ((prompt, when) for prompt, when in words if prompt)


def _elsewhere(site: Site) -> Iterator[tuple[str, Use]]:
    for name, one in site.announcements.items():
        yield from ((prompt, Use(f"announcement {name}")) for prompt in one.prompt)
    for extension, agent in site.agents.items():
        if agent.greeting:
            yield agent.greeting, Use(f"agent {extension}", "greeting")
    for prompt in site.prompts:
        yield from ((prompt, Use(when)) for beginning, when in STANDING.items() if prompt.startswith(beginning))
