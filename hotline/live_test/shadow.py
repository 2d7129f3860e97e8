"""A rehearsal that goes along with a real call: it knows the values that a prompt has, and how long to wait for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dialplan.scenario import Scenario, Step
from hotline.rehearsing import Stage, results_of
from hotline.scenario_running import Unmet, begin_to_hear, perform
from ivr.rehearsal import Rehearsal

_SLOWER = 1.3
"""How much longer a real call may take than a rehearsed one: speech is estimated there."""
_GRACE_SECONDS = 6.0
_ABOUT = 1.1
_AT_A_QUESTION_SECONDS = 1.0
_UNKNOWN_SECONDS = 8.0
"""The call goes another way: long enough to hear which."""


@dataclass(frozen=True)
class Saying:
    """A prompt as it should be heard."""

    prompt: str
    language: str
    values: Mapping[str, str]
    """Empty: not known."""
    seconds: float
    """Within which."""


class Shadow:
    """Follows a scenario step by step; once it cannot, it knows the language alone."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self._call: Rehearsal | None = stage.begin(scenario.given, results_of(scenario.given))
        self._language = self._call.language

    def follow(self, step: Step) -> None:
        """Go along with a step in which nothing is heard."""
        self._try(lambda call: perform(call, step))

    def hear(self, prompt: str, *, whole: bool) -> Saying:
        """Go along until this prompt is said, and to its end."""
        began = self._call.seconds if self._call else 0.0
        self._try(lambda call: begin_to_hear(call, prompt))
        values = dict(self._call.values) if self._call else {}
        if self._call is not None:
            self._language = self._call.language
            if whole:
                self._call.run_out()
        return Saying(prompt, self._language, values, self._patience(began))

    def seconds_to_the_end(self) -> float:
        """How long to wait until what is being said now is over: for the end where there should be one, else for a
        question, which must not be waited out."""
        began = self._call.seconds if self._call else 0.0
        self._try(lambda call: call.listen())
        if self._call is None or self._call.over:
            return self._patience(began)
        return (self._call.seconds - began) * _ABOUT + _AT_A_QUESTION_SECONDS

    def _try(self, act: Callable[[Rehearsal], None]) -> None:
        if self._call is not None:
            try:
                act(self._call)
            except Unmet:
                self._call = None

    def _patience(self, began: float) -> float:
        spent = self._call.seconds - began if self._call else _UNKNOWN_SECONDS
        return spent * _SLOWER + _GRACE_SECONDS
