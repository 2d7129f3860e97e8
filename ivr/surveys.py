"""A survey: questions in order, each answer kept as it is given. No I/O: a part of a walk."""

from collections.abc import Callable, Mapping

from ivr.actions import Answered, Mark, Walking
from ivr.asking import Answer, Step, ask
from ivr.checkpoint import Checkpoint
from ivr.collector import Choices, GlobalKey, Matched, by_attempt, keys_of
from ivr.flow import REPEAT
from ivr.keypad import Keypad
from ivr.messages import leave_comment
from ivr.nodes import Menu, Question, Survey


def ask_all(
    node: Survey,
    keypad: Keypad,
    step: Step,
    checkpoint: Checkpoint,
    keys: Mapping[str, str],
    too_long: Callable[[], bool],
) -> Walking[Answer | None]:
    """Ask from the question that the caller is at; whoever does not answer one is asked no more.

    Args:
        keys: the global ones; `repeat` asks the same question again.
        too_long: as in `ask`.

    Returns: None when all are answered or passed over, else why not.
    """
    names = list(node.questions)
    here = checkpoint.within[0] if checkpoint.within else ""
    for name in names[names.index(here) if here in names else 0 :]:
        if checkpoint.within[:1] != [name]:
            checkpoint.within = [name]
            yield Mark()
        question = node.questions[name]
        if not question.answers:
            yield from keypad.hear(by_attempt(question.prompt, 1))
            yield from leave_comment(name, question, keypad)
            continue
        answer = yield from _ask(node, question, keypad, step, keys, too_long)
        if not isinstance(answer, Matched):
            return answer
        if answer.keys != keys_of(question.skip_key or ""):
            yield Answered(name, _answer(question, answer.keys))
    return None


def _ask(
    node: Survey,
    question: Question,
    keypad: Keypad,
    step: Step,
    keys: Mapping[str, str],
    too_long: Callable[[], bool],
) -> Walking[Answer]:
    choices = (*question.answers, *([question.skip_key] if question.skip_key else ()))
    asked = Menu(
        question.prompt, {}, "", node.no_input, node.no_match, node.first_digit_seconds, node.inter_digit_seconds
    )
    while True:
        answer = yield from ask(asked, keypad, step, lambda: Choices(choices, keys), too_long)
        repeats = isinstance(answer, GlobalKey) and any(
            does == REPEAT for name, does in keys.items() if keys_of(name) == answer.key
        )
        if not repeats:
            return answer


def _answer(question: Question, keys: str) -> str:
    return next(answer for key, answer in question.answers.items() if keys_of(key) == keys)
