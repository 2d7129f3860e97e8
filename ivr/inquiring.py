"""One question to a backend, and what the caller hears while it is slow. No I/O: a part of a walk.

  asked ──answer──► go on
    │ after_seconds
    ▼
play, to its end ──answer──► go on       a key ends what is played and is kept; the silence begins anew
    │ give_up_seconds since it was asked
    ▼
  failed; what was to be done goes on without the caller
"""

from collections.abc import Callable

from ivr.actions import AskBackend, AwaitAnswer, GiveUp, Reply, Walking
from ivr.keypad import Keypad
from ivr.nodes import WaitAudio

PATIENCE = WaitAudio(after_seconds=60.0, give_up_seconds=60.0)
"""Where a node says nothing: a backend has a time of its own, which is shorter."""


def inquire(
    question: AskBackend, audio: WaitAudio | None, keypad: Keypad, clock: Callable[[], float]
) -> Walking[Reply]:
    """Ask, and wait for what is said; `failed` where it takes too long."""
    audio = audio or PATIENCE
    began, silence = clock(), 0.0
    yield question
    while True:
        left = audio.give_up_seconds - max(silence, clock() - began)
        seconds = max(0.0, min(audio.after_seconds, left))
        came = yield AwaitAnswer(seconds)
        if isinstance(came, Reply):
            return came
        if came is not None:
            keypad.keep(came)
            continue
        silence += seconds  # a wait that has run out ends this loop even where no clock runs
        if left <= seconds:
            yield GiveUp()
            return Reply("failed")
        yield from keypad.hear_meanwhile(audio.play[:1], audio.file)
