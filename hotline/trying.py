"""One call tried out at the terminal: what the person keys, and the call written down as a scenario."""

import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dialplan.check_scenarios import check_scenario, known_results
from dialplan.findings import validate
from dialplan.scenario import BACKEND_WORDS, LOCKED, SLOW, Expect, Given, Scenario
from dialplan.yaml_tree import Document
from hotline.faults import HotlineError, telling_of_the_disk
from hotline.rehearsing import MOMENT, GivenAnswer, GivenBackends, GivenResults, Stage, reply_of, results_of
from hotline.scenario_writing import scenario_text
from hotline.transcript_printing import TranscriptPrinter
from ivr.actions import AskBackend
from ivr.given import GivenReply
from ivr.rehearsal import Rehearsal

_ACT = re.compile(r"[Tt]|[Qq]|!?[0-9*#]+|~[0-9]{1,3}")
EXPECTED = "keys such as 12#, !1 to cut off what is said, ~8 to speak for 8 s, T for silence, q to hang up"


class ActUnknown(HotlineError):
    """What was keyed at the terminal is none of the things that a caller can do."""

    def __init__(self, act: str) -> None:
        super().__init__(f"found {act!r}; expected {EXPECTED}")


def acts_of(text: str) -> list[str]:
    """The things that a caller does, one after the other. Raises ActUnknown."""
    acts = text.split()
    for act in acts:
        if not _ACT.fullmatch(act):
            raise ActUnknown(act)
    return acts


def perform(call: Rehearsal, act: str) -> str:
    """Do one of them. Keys come when the call asks for one, or after a ! at once; all but the first at once as well.

    Returns: what of it came too late, since the call was over.
    """
    at_once = act.startswith("!")
    if not at_once:
        call.listen()
    if call.over:
        return act
    if act in "Tt":
        call.keep_silent()
    elif act.startswith("~"):
        call.pass_time(float(act[1:]))
    elif act in "Qq":
        call.hang_up()
    else:
        keys = deque(act.removeprefix("!"))
        while keys and not call.over:
            call.press(keys.popleft())
        return "".join(keys)
    return ""


def play(call: Rehearsal, acts: Iterable[str]) -> list[str]:
    """Do all of them, then hang up at the next question; what of them came too late is returned."""
    late = [rest for act in acts if (rest := perform(call, act))]
    call.listen()
    call.hang_up()
    return late


def given_of(stage: Stage, entry: str | None, values: Mapping[str, Any]) -> Given:
    """The beginning of the call, held to what a scenario file is held to.

    Args:
        entry: a number of the site, a menu or menu.node; None: the site's first number.
        values: the other keys of `given`; those without a value are left out.

    Raises HotlineError.
    """
    begin = entry or next(iter(stage.site.numbers), None)
    start = {"called" if begin.lstrip("+").isdigit() else "entry": begin} if begin else {}
    document = Document("", (), {})
    given = validate(document, ("given",), Given, {**start, **{key: value for key, value in values.items() if value}})
    if given is not None:
        scenario = Scenario("", given, (), Expect(), document, ())
        document.faults += check_scenario(scenario, stage.site)
    if given is None or document.faults:
        raise HotlineError("; ".join(fault.message for fault in document.faults))
    return given


def pairs_of(option: str, written: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    """The values by name of an option that is given as NAME=VALUE, once or several times. Raises HotlineError."""
    pairs: dict[str, tuple[str, ...]] = {}
    for pair in written or ():
        name, equals, value = pair.partition("=")
        if not equals:
            raise HotlineError(f"{option}: found {pair!r}; expected NAME=VALUE")
        pairs[name] = (*pairs.get(name, ()), value)
    return pairs


@dataclass
class Asked:
    """Results that are given beforehand, else asked for; remembered, so that the scenario has them."""

    beforehand: GivenResults
    ask: Callable[[str, str], str | None]
    answered: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def __call__(self, outcome: str, name: str) -> str | None:
        # Of a ballot or an account there is something to say only beforehand: the rehearsal knows what is done in it.
        # A fax of which nobody says otherwise goes through.
        known = outcome in ("ballot", "account", "fax")
        result = self.beforehand(outcome, name) or (None if known else self.ask(outcome, name))
        if result is not None and outcome != "account":
            self.answered.setdefault(outcome, {}).setdefault(name, []).append(result)
        return result


@dataclass
class AskedBackends:
    """As `Asked`, for what backends say."""

    beforehand: GivenBackends
    ask: Callable[[AskBackend], GivenAnswer]
    answered: dict[str, list[GivenAnswer]] = field(default_factory=dict)

    def __call__(self, question: AskBackend) -> GivenReply:
        answer = self.beforehand.next(question.backend) or self.ask(question)
        self.answered.setdefault(question.backend, []).append(answer)
        return reply_of(answer, question)


def answer_of(text: str) -> GivenAnswer:
    """What a backend says, as it is keyed: `not_found`, `refused`, `failed`, or `FIELD=VALUE,FIELD=VALUE`, of which
    `slow=SECONDS` is after how long. Raises HotlineError."""
    if text in BACKEND_WORDS:
        return text
    pairs = [pair.partition("=") for pair in text.split(",")]
    try:
        fields = {name.strip(): float(value) if name.strip() == SLOW else value for name, _, value in pairs}
    except ValueError:
        fields = {}
    if not fields or not all(name and equals for name, equals, _ in pairs):
        raise HotlineError(f"found {text!r}; expected {', '.join(BACKEND_WORDS)} or FIELD=VALUE,FIELD=VALUE")
    return fields


def answers_of(option: str, written: Sequence[str] | None) -> dict[str, list[GivenAnswer]]:
    """The answers by backend of an option NAME=ANSWER. Raises HotlineError."""
    return {name: [answer_of(text) for text in each] for name, each in pairs_of(option, written).items()}


@dataclass(frozen=True)
class Tried:
    """A call that was tried, and what was answered in it, by outcome and name."""

    call: Rehearsal
    answered: Mapping[str, Mapping[str, Sequence[object]]]


def try_scripted(stage: Stage, given: Given, acts: Sequence[str], printer: TranscriptPrinter) -> Tried:
    """Play the acts one after the other."""
    asked = Asked(results_of(given), lambda outcome, name: None)
    backends = AskedBackends(GivenBackends(given.backends), lambda question: "failed")
    call = stage.begin(given, asked, backends)
    late = play(call, acts)
    printer.show(call)
    if late:
        print(f"the call was over before: {' '.join(late)}", file=sys.stderr)
    return Tried(call, _answered(given, asked, backends))


def _answered(given: Given, asked: Asked, backends: AskedBackends) -> Mapping[str, Mapping[str, Sequence[object]]]:
    """A locked account is no answer of its backend, so what is given of that one stays as it is."""
    locked = {name: answers for name, answers in given.backends.items() if LOCKED in answers}
    said = {**backends.answered, **locked}
    return {**asked.answered, **({"backend": said} if said else {})}


def try_out(stage: Stage, given: Given, acts: Sequence[str] | None, printer: TranscriptPrinter) -> Tried:
    """One call: what is to be done is given, or asked for at the terminal (None)."""
    return try_at_terminal(stage, given, printer) if acts is None else try_scripted(stage, given, acts, printer)


def try_at_terminal(stage: Stage, given: Given, printer: TranscriptPrinter) -> Tried:
    """Let the person at the terminal be the caller; the end of the input hangs up."""
    known = known_results(stage.site)
    asked = Asked(results_of(given), lambda outcome, name: _ask_for_result(known, outcome, name))
    backends = AskedBackends(GivenBackends(given.backends), _ask_for_answer)
    call = stage.begin(given, asked, backends)
    if sys.stdin.isatty():
        print(f"You are the caller: {EXPECTED}.", file=sys.stderr)
    while not call.over:
        call.listen()
        printer.show(call)
        if not call.over:
            wanted = "~8 to speak for 8 s, or a key" if call.is_recording else "keys"
            _perform_line(call, _line(f"{wanted}, within {call.asked_for:g} s? "))
    printer.show(call)
    return Tried(call, _answered(given, asked, backends))


def _perform_line(call: Rehearsal, line: str | None) -> None:
    try:
        acts = ["q"] if line is None else acts_of(line) or ["T"]
    except ActUnknown as unknown:
        print(unknown, file=sys.stderr)
        return
    late = [rest for act in acts if (rest := perform(call, act))]
    if late:
        print(f"the call was over before: {' '.join(late)}", file=sys.stderr)


def _ask_for_result(known: Mapping[str, Mapping[str, tuple[str, ...]]], outcome: str, name: str) -> str | None:
    """What came of a script or a wait, as the person says; nothing: the caller stays there."""
    words = known.get(outcome, {}).get(name, ())
    while True:
        line = _line(f"{outcome} {name} ends with ({', '.join(words)}; empty: stay there)? ")
        if not line or line in words:
            return line or None
        print(f"found {line!r}; expected one of {', '.join(words)}, or nothing", file=sys.stderr)


def _ask_for_answer(question: AskBackend) -> GivenAnswer:
    """What a backend says, as the person says; nothing: it fails."""
    fields = ",".join(f"{name}=" for name in question.fields) or "FIELD=VALUE"
    while True:
        line = _line(f"backend {question.backend} says ({fields} or {', '.join(BACKEND_WORDS)}; empty: failed)? ")
        try:
            if line == LOCKED:
                raise HotlineError("an account is locked before its backend is asked: --backend NAME=locked")
            return answer_of(line) if line else "failed"
        except HotlineError as wrong:
            print(wrong, file=sys.stderr)


def _line(question: str) -> str | None:
    """A line of the input, None at its end. The question is for people alone: it is no part of the output."""
    if sys.stdin.isatty():
        print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    return line.strip() if line else None


def heading(stage: Stage, given: Given) -> str:
    """Who calls, where and when."""
    begin = stage.given(given)
    moment = stage.moment(given.at)
    to = f"calls {begin.called}" if begin.called else f"is at {begin.entry}"
    return f"{begin.caller or 'Somebody'} {to}, {moment:%A} {moment.strftime(MOMENT)}, in {begin.language}"


def save(path: Path, given: Given, tried: Tried) -> None:
    """Write the call down as a scenario. Raises HotlineError: there is such a file already, or it cannot be written."""
    with telling_of_the_disk(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(scenario_text(given, tried.answered, tried.call))
        except FileExistsError:
            raise HotlineError(f"{path} is there already; a test that was kept is not written over") from None
    print(f"wrote {path}", file=sys.stderr)
