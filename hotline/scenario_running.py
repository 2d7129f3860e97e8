"""Runs scenarios against the menus, and tells where a call went another way."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from dialplan.faults import Fault
from dialplan.scenario import Expect, Scenario, Step
from dialplan.yaml_tree import Path
from hotline.rehearsing import Stage, results_of
from ivr.rehearsal import Rehearsal
from ivr.transcript import Ended, Entered, Event, Recorded


class Unmet(Exception):
    """The call did not go as a step says."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected


@dataclass(frozen=True)
class Verdict:
    """What came of one scenario."""

    scenario: Scenario
    faults: tuple[Fault, ...]
    """Empty: it passed."""
    transcript: tuple[Event, ...]


def run(scenario: Scenario, stage: Stage) -> Verdict:
    """Play one scenario on the virtual clock."""
    call = stage.begin(scenario.given, results_of(scenario.given))
    for number, step in enumerate(scenario.steps):
        try:
            perform(call, step)
        except Unmet as unmet:
            fault = scenario.fault(("steps", number), "unmet", unmet.found, unmet.expected)
            return Verdict(scenario, (fault,), tuple(call.transcript))
    call.listen()
    faults = tuple(
        scenario.fault(("expect", *path), "unmet", unmet.found, unmet.expected)
        for path, unmet in unmet_of(reached(call), scenario.expect)
    )
    return Verdict(scenario, faults, tuple(call.transcript))


def perform(call: Rehearsal, step: Step) -> None:
    """Do or hear what a step says. Raises Unmet."""
    _STEPS[step.word](call, step)


# -- steps ---------------------------------------------------------------------------------------------------------


def _hear(call: Rehearsal, step: Step) -> None:
    for prompt in step.hear or ():
        begin_to_hear(call, prompt)
        call.run_out()


def _hearing(call: Rehearsal, step: Step) -> None:
    begin_to_hear(call, step.hearing or "")


def begin_to_hear(call: Rehearsal, prompt: str) -> None:
    """Say nothing until a prompt is said. Raises Unmet: it is another one, or none."""
    while (call.hearing is None or call.plays_file) and not call.over:
        call.run_out()
    if call.hearing != prompt:
        raise Unmet(standing(call), f"to hear {prompt}")


def _press(call: Rehearsal, step: Step) -> None:
    for key in step.press or "":
        if call.over:
            raise Unmet(standing(call), f"to press {key}")
        call.press(key)


def _wait(call: Rehearsal, step: Step) -> None:
    if call.over:
        raise Unmet(standing(call), f"to wait for {step.wait:g} s")
    call.pass_time(step.wait or 0.0)


def _hang_up(call: Rehearsal, step: Step) -> None:
    if call.over:
        raise Unmet(standing(call), "to hang up")
    call.hang_up()


_STEPS: Mapping[str, Callable[[Rehearsal, Step], None]] = {
    **{"hear": _hear, "hearing": _hearing, "press": _press, "wait": _wait, "hang_up": _hang_up}
}


def standing(call: Rehearsal) -> str:
    """What the call is at, in words."""
    if call.hearing is not None:
        return f"heard {call.hearing} at {call.address}"
    if call.over:
        return f"the call had ended at {call.address}: {ending(call)}"
    if call.waits_for is not None:
        return f"the call waits for the backend {call.waits_for} at {call.address}"
    if call.is_recording:
        return f"the caller is recorded at {call.address}"
    return f"the call waits for a key at {call.address}"


def ending(call: Rehearsal) -> str:
    """How it ended: `queue orders`."""
    end = call.transcript[-1]
    return f"{end.outcome} {end.name}".rstrip() if isinstance(end, Ended) else "not yet"


# -- what is expected of the whole ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reached:
    """What has come of a call, rehearsed or real."""

    outcome: str
    """How it left the menus; empty: it has not."""
    name: str
    """Of the queue or the script that the caller is in now."""
    address: str
    """The last node."""
    language: str
    variables: Mapping[str, str]
    path: Sequence[str]
    """Every node that was entered, in order."""
    messages: Mapping[str, int]
    """How many were left, by kind."""
    standing: str
    """All of that in words."""


def reached(call: Rehearsal) -> Reached:
    """What has come of a rehearsal."""
    end = call.transcript[-1]
    outcome, name = (end.outcome, end.name) if isinstance(end, Ended) else ("", "")
    path = path_of(call.transcript)
    messages = Counter(str(event.fields["kind"]) for event in call.transcript if _is_message(event))
    return Reached(outcome, name, call.address, call.language, call.variables, path, messages, standing(call))


def unmet_of(call: Reached, expect: Expect) -> Iterable[tuple[Path, Unmet]]:
    """Every expectation that does not hold, and its place below `expect`."""
    there = {
        "outcome": call.outcome,
        "queue": call.name if call.outcome in ("queue", "callback") else "",
        "script": call.name if call.outcome == "script" else "",
        "language": call.language,
    }
    wanted = {"outcome": expect.outcome, "queue": expect.queue, "script": expect.script, "language": expect.language}
    for key, word in wanted.items():
        if word is not None and there[key] != word:
            told = call.standing if key != "language" else f"the call speaks {call.language}"
            yield (key,), Unmet(told, f"{key} {word}")
    if expect.node is not None and expect.node not in (call.address, call.address.partition(".")[0]):
        yield ("node",), Unmet(call.standing, f"node {expect.node}")
    for kind, count in (expect.messages or {}).items():
        if (left := call.messages.get(kind, 0)) != count:
            yield ("messages", kind), Unmet(f"{left} left", f"{count}")
    for variable, value in (expect.variables or {}).items():
        if call.variables.get(variable) != value:
            there_is = variable in call.variables
            found = f"{variable} is {call.variables[variable]}" if there_is else f"no {variable} is set"
            yield ("variables", variable), Unmet(found, value or "nothing")
    yield from _unmet_path(call.path, expect)


def _is_message(event: Event) -> TypeGuard[Recorded]:
    return isinstance(event, Recorded) and event.verb == "MESSAGE"


def _unmet_path(walked: Sequence[str], expect: Expect) -> Iterable[tuple[Path, Unmet]]:
    """The first place at which the call took another way."""
    for at, address in enumerate(expect.path or ()):
        here = walked[at] if at < len(walked) else None
        if here != address:
            yield ("path", at), Unmet(f"the call came to {here or 'no further node'}", address)
            return
    if expect.path is not None and len(walked) > len(expect.path):
        yield ("path",), Unmet(f"the call went on to {walked[len(expect.path)]}", f"no node after {len(expect.path)}")


def path_of(transcript: Iterable[Event]) -> list[str]:
    """Every node that was entered, in order."""
    return [event.address for event in transcript if isinstance(event, Entered)]
