"""A walk driven by hand, for the tests of the walk: actions out, keys in; no session, no event loop."""

from collections.abc import Iterator

from ivr.actions import Action, Await, Enter, Hear, HearFile
from ivr.flow import Flow
from ivr.nodes import Node
from ivr.walk import Walk


def flow_of(**nodes: Node) -> Flow:
    """A flow of one menu, `m`, that begins at the first of these nodes."""
    return Flow({f"m.{name}": node for name, node in nodes.items()}, {"m": f"m.{next(iter(nodes))}"})


def perform(walk: Walk, keys: str) -> list[Action]:
    """Every action of the walk; each sound and each wait is answered by the next of `keys`, "." for none."""
    answers: Iterator[str] = iter(keys)
    actions = walk.actions()
    done = [next(actions)]
    while True:
        answer = next(answers, ".") if isinstance(done[-1], Hear | HearFile | Await) else "."
        try:
            done.append(actions.send(None if answer == "." else answer))
        except StopIteration:
            return done


def places(walk: Walk, keys: str, upto: int = 20) -> list[str]:
    """The nodes that the walk enters, in order, at most so many; waits of which nothing is said are silences."""
    answers: Iterator[str] = iter(keys)
    actions = walk.actions()
    action: Action | None = next(actions)
    entered: list[str] = []
    while action is not None and len(entered) < upto:
        if isinstance(action, Enter):
            entered.append(walk.step.address.removeprefix("m."))
        answer = next(answers, ".") if isinstance(action, Hear | HearFile | Await) else "."
        try:
            action = actions.send(None if answer == "." else answer)
        except StopIteration:
            action = None
    return entered
