"""A call that was tried, as a scenario file that passes as long as the site leads this way."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from dialplan.scenario import Given
from ivr.rehearsal import Rehearsal
from ivr.transcript import Ended, Entered, Event, Heard, Pressed, Silent, Spoke

_RESULTS = {"script": "scripts", "queue": "queues", "callback": "callbacks", "ballot": "ballots", "backend": "backends"}
_RESULTS |= {"transfer": "transfers", "fax": "faxes"}
"""The key of `given`, by the outcome of the walk."""


def scenario_text(given: Given, answered: Mapping[str, Mapping[str, Sequence[object]]], call: Rehearsal) -> str:
    """The file.

    Args:
        answered: what came of scripts, queues, callbacks and backends, in order, by outcome and name.
    """
    begin: dict[str, Any] = given.model_dump(exclude_defaults=True, exclude=set(_RESULTS.values()))
    begin |= {_RESULTS[outcome]: _shortest(results) for outcome, results in answered.items()}
    text = io.StringIO()
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump({"given": begin, "steps": list(_steps(call.transcript)), "expect": _expect(call)}, text)
    return text.getvalue()


def _shortest(results: Mapping[str, Sequence[object]]) -> dict[str, object]:
    """The last word repeats by itself."""
    return {
        name: words[0] if all(word == words[0] for word in words) else list(words) for name, words in results.items()
    }


def _steps(transcript: Iterable[Event]) -> Iterator[dict[str, Any] | str]:
    """One after the other; what is heard in one go, or keyed in one go, is one step."""
    for word, group in groupby(_acts(transcript), lambda act: act[0]):
        values = [value for _, value in group]
        if word == "hear" and len(values) > 1:
            heard = CommentedSeq(values)
            heard.fa.set_flow_style()
            yield {word: heard}
        elif word == "press":
            yield {word: "".join(values)}
        else:
            yield from ({word: value} if value else word for value in values)


def _acts(transcript: Iterable[Event]) -> Iterator[tuple[str, Any]]:
    for event in transcript:
        if isinstance(event, Heard) and event.text:  # a sound file is no prompt, and passed over
            yield ("hear" if event.whole else "hearing"), event.prompt
        elif isinstance(event, Pressed):
            # The digits of a PIN are written down nowhere, and any of them would do: no backend is asked.
            yield "press", event.key.replace("x", "0")
        elif isinstance(event, Silent) or (isinstance(event, Spoke) and event.seconds):
            yield "wait", event.seconds
        elif isinstance(event, Ended) and event.outcome == "left_in_menu":
            yield "hang_up", None


def _expect(call: Rehearsal) -> dict[str, Any]:
    expect: dict[str, Any] = {}
    end = call.transcript[-1]
    if isinstance(end, Ended):
        expect["outcome"] = end.outcome
        if end.name:
            expect["script" if end.outcome == "script" else "queue"] = end.name
    expect["language"] = call.language
    if call.variables:
        expect["variables"] = dict(call.variables)
    expect["path"] = [event.address for event in call.transcript if isinstance(event, Entered)]
    return expect
