"""Messages that callers leave: recorded, heard again, sent or taken back. No I/O: parts of a walk.

A message is known by its file, whose name is in the checkpoint from the moment at which it may have something in it. So
an IVR that was killed finds what was said before, and whoever hangs up has left what they said.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Literal

from ivr.actions import Answered, Came, DropMessage, KeepMessage, MeasureMessage, TakeMessage, Walking
from ivr.asking import Step, ask
from ivr.checkpoint import Checkpoint
from ivr.collector import Choices, Matched, by_attempt, keys_of
from ivr.keypad import Keypad
from ivr.nodes import Menu, Node, Question, Record, Survey

SEND, HEAR, ANEW, DISCARD = "1", "2", "3", "*"
"""The keys of a review."""
COMMENT: Final = "comment"
"""The kind of a message that answers a question of a survey, and the answer that is kept of it."""
COMMENT_SILENCE_SECONDS, COMMENT_SECONDS_MIN = 5, 2
ENDINGS = {"fax": ".tif"}
"""Of a file, by the kind of the message; others are sound."""

Result = Literal["sent", "discarded", "too_short", "failed"]


def file_of(kind: str, question: str, moment: datetime, step_id: str) -> str:
    """The name of a message's file, below the folder of messages: the same for whatever is recorded in this step."""
    name = "-".join(filter(None, (step_id.replace(":", "-"), question)))
    return f"{moment:%Y/%m/%d}/{name}{ENDINGS.get(kind, '.wav')}"


def leave_message(node: Record, keypad: Keypad, step: Step, checkpoint: Checkpoint) -> Walking[Result]:
    """Let the caller leave a message, or go on with one that was recorded before this process."""
    seconds = _seconds((yield MeasureMessage())) if checkpoint.within else None
    if seconds is None or seconds < node.min_seconds:
        yield from keypad.hear(by_attempt(node.prompt, 1))
        seconds = yield from _take(node, keypad)
    while seconds is not None:
        if seconds < node.min_seconds:
            yield DropMessage()
            return "too_short"
        verdict = (yield from _reviewed(node, keypad, step)) if node.review else SEND
        if verdict == SEND:
            yield KeepMessage(node.as_, seconds)
            return "sent"
        if verdict == DISCARD:
            yield DropMessage()
            return "discarded"
        seconds = yield from _take(node, keypad)
    return "failed"


def leave_comment(name: str, question: Question, keypad: Keypad) -> Walking[None]:
    """Let the caller answer a question of a survey in their own words; who says nothing has not answered."""
    keypad.forget()
    take = TakeMessage(COMMENT, name, question.comment_seconds, COMMENT_SILENCE_SECONDS, "#")
    yield from _keep_comment(name, _seconds((yield take)))


def left_behind(node: Node, checkpoint: Checkpoint) -> Walking[Result | None]:
    """What a caller who is gone has left in this node: what was said counts as sent. None: nothing of the kind."""
    if isinstance(node, Record) and checkpoint.within:
        seconds = _seconds((yield MeasureMessage()))
        if seconds is not None and seconds >= node.min_seconds:
            yield KeepMessage(node.as_, seconds)
            return "sent"
        yield DropMessage()
    elif isinstance(node, Survey) and len(checkpoint.within) > 1:
        yield from _keep_comment(checkpoint.within[0], _seconds((yield MeasureMessage())))
    return None


def _keep_comment(question: str, seconds: float | None) -> Walking[None]:
    if seconds is not None and seconds >= COMMENT_SECONDS_MIN:
        yield KeepMessage(COMMENT, seconds)
        yield Answered(question, COMMENT)
    else:
        yield DropMessage()


def _take(node: Record, keypad: Keypad) -> Walking[float | None]:
    keypad.forget()  # nothing that was pressed ahead can be the verdict on what was not said
    stop = keys_of(node.terminator or "")
    return _seconds((yield TakeMessage(node.as_, "", node.max_seconds, node.silence_seconds, stop)))


def _reviewed(node: Record, keypad: Keypad, step: Step) -> Walking[str]:
    """What the caller wants done with the message; who does not say has said what they wanted to."""
    question = Menu(
        node.review, dict.fromkeys((SEND, HEAR, ANEW, DISCARD), ""), "", node.no_input, node.no_match,
        node.first_digit_seconds,
    )  # fmt: skip
    while True:
        answer = yield from ask(question, keypad, step, _choices(question.choices), lambda: False)
        if not isinstance(answer, Matched):
            return SEND
        if answer.keys != HEAR:
            return answer.keys
        yield from keypad.hear_message()


def _choices(choices: Iterable[str]) -> Callable[[], Choices]:
    return lambda: Choices(choices)


def _seconds(answer: Came) -> float | None:
    return float(answer) if isinstance(answer, str) else None
