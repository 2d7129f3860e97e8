"""A site's menus, ready to be rehearsed: `hotline try` and `hotline test` begin their calls here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from pathlib import Path

from dialplan.check_scenarios import MAINTENANCE
from dialplan.faults import Severity
from dialplan.graph import Graph, graph_of
from dialplan.loader import SiteInvalid, load_site
from dialplan.scenario import LOCKED, SLOW, Given
from dialplan.site import Site
from hotline.faults import HotlineError
from hotline.flow_of_site import flow_of
from ivr import given as begun
from ivr.actions import AskBackend, Reply
from ivr.flow import Flow
from ivr.given import Answers, GivenReply, Results, Said, nowhere
from ivr.hours import is_open
from ivr.recordings import BookUnreadable
from ivr.rehearsal import Rehearsal
from ivr.sayings import Saying, Sayings, seconds_of

MOMENT = "%Y-%m-%d %H:%M"
_FIRST_MOMENT = datetime(2026, 1, 5, 9, 0)
"""A Monday morning: where nobody says when, calls come then, or in the first open hour after it."""
_HOURS_SEARCHED = 14 * 24


@dataclass(frozen=True)
class Stage:
    """A site that calls can be rehearsed on."""

    site: Site
    flow: Flow
    graph: Graph
    sayings: Sayings

    @property
    def zone(self) -> tzinfo:
        """The site's own time zone."""
        return self.flow.timezone

    def begin(self, given: Given, results: Results = nowhere, answers: Answers | None = None) -> Rehearsal:
        """Return a call that begins so; without answers, with those that are given."""
        say = partial(self._say, given.maintenance, self.moment(given.at).date())
        answers = answers or GivenBackends(given.backends)
        return Rehearsal(self.flow, say, self.given(given), results, answers=answers)

    def _say(self, maintenance: str, today: date, prompt: str, language: str, values: Mapping[str, str]) -> Said:
        """A prompt, or the words of maintenance where they are none."""
        if prompt == MAINTENANCE and prompt not in self.site.prompts:
            return Saying(maintenance, seconds_of(maintenance))
        return self.sayings.say(prompt, language, values, today=today)

    def given(self, given: Given) -> begun.Given:
        """Return the beginning in the words of the walk; without an entry or a number, the site's first number."""
        called = "" if given.entry else given.called or next(iter(self.site.numbers), "")
        moment = self.moment(given.at)
        return begun.Given(
            entry=given.entry or self.site.numbers[called],
            language=given.language or self.site.language,
            caller=given.caller,
            called=called,
            at=moment.timestamp(),
            variables=given.variables,
            records=given.recording == "works",
            maintenance=given.maintenance
            and (given.maintenance if given.maintenance in self.site.prompts else MAINTENANCE),
        )

    def moment(self, at: str | None) -> datetime:
        """Return the moment that is written; where none is, one at which the site is open."""
        if at is not None:
            return datetime.strptime(at, MOMENT).replace(tzinfo=self.zone)
        first = _FIRST_MOMENT.replace(tzinfo=self.zone)
        hours = self.flow.hours
        later = (first + timedelta(hours=hour) for hour in range(_HOURS_SEARCHED))
        return next((moment for moment in later if hours is None or is_open(hours, moment)), first)


def stage_of(folder: Path) -> Stage:
    """Return the stage of the site in this folder. Raises HotlineError: there is none that could be walked."""
    try:
        site = load_site(folder)
    except SiteInvalid as invalid:
        raise HotlineError(_faults_told(folder, invalid)) from invalid
    try:
        sayings = Sayings(site.prompts, site.languages, folder / "prompts")
    except BookUnreadable as fault:
        raise HotlineError(str(fault)) from fault
    return Stage(site, flow_of(site), graph_of(site), sayings)


def _faults_told(folder: Path, invalid: SiteInvalid) -> str:
    """The first errors of a site, and how to see all of them."""
    errors = [fault for fault in invalid.faults if fault.severity is Severity.ERROR]
    first = "\n".join(f"  {folder / fault.file}:{fault.line}:{fault.column}: {fault.message}" for fault in errors[:3])
    more = "\n  ..." if len(errors) > len(errors[:3]) else ""
    count = "an error" if len(errors) == 1 else f"{len(errors)} errors"
    return f"{folder} has {count}; `hotline check {folder}` shows all, each with its line:\n{first}{more}"


@dataclass
class GivenResults:
    """What a scenario says of scripts, queues and callbacks: one word after the other, the last one repeats."""

    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By the outcome of the walk and the name."""
    used: dict[tuple[str, str], int] = field(default_factory=dict)

    def __call__(self, outcome: str, name: str) -> str | None:
        listed = self.words.get(outcome, {}).get(name, ())
        turn = self.used.get((outcome, name), 0)
        self.used[outcome, name] = turn + 1
        return listed[min(turn, len(listed) - 1)] if listed else None


def results_of(given: Given) -> GivenResults:
    return GivenResults(
        {
            **{"script": given.scripts, "queue": given.queues, "callback": given.callbacks, "ballot": given.ballots},
            **{"transfer": given.transfers, "fax": given.faxes},
            "account": {
                name: tuple(LOCKED if answer == LOCKED else "open" for answer in answers)
                for name, answers in given.backends.items()
            },
        }
    )


GivenAnswer = str | Mapping[str, str | int | float]
"""What a backend says, as a scenario has it."""


@dataclass
class GivenBackends:
    """What a scenario says of backends: one answer after the other, the last one repeats; else they fail."""

    answers: Mapping[str, Sequence[GivenAnswer]]
    used: dict[str, int] = field(default_factory=dict)

    def __call__(self, question: AskBackend) -> GivenReply:
        return reply_of(self.next(question.backend) or "failed", question)

    def next(self, backend: str) -> GivenAnswer | None:
        """What this backend says now; None where nothing is given."""
        listed = [answer for answer in self.answers.get(backend, ()) if answer != LOCKED]
        turn = self.used.get(backend, 0)
        self.used[backend] = turn + 1
        return listed[min(turn, len(listed) - 1)] if listed else None


def reply_of(answer: GivenAnswer, question: AskBackend) -> GivenReply:
    """The answer to this question: of the fields those that it wants, without a value where none is given."""
    match answer:
        case "not_found" | "refused" | "failed":
            return GivenReply(Reply(answer))
        case str():
            raise ValueError(f"found {answer!r}; expected not_found, refused or failed")
    fields = {name: str(answer.get(name, "")) for name in question.fields}
    return GivenReply(Reply("found", fields), float(answer.get(SLOW, 0)))
