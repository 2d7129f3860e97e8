"""Whatever callers of the shop do: a call ends, writes nothing twice, and leaves its records."""

from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from dialplan.check_scenarios import check_scenario, known_results
from dialplan.scenario import Given, read_scenarios
from hotline.rehearsing import results_of, stage_of
from hotline.scenario_running import run
from hotline.scenario_writing import scenario_text
from hotline.settings import SHOP_SITE
from hotline.trying import Asked, perform, play
from ivr.collector import KEYS
from ivr.rehearsal import Rehearsal
from ivr.transcript import Away, Ended, Entered, Recorded

SHOP = stage_of(SHOP_SITE)
SILENCES_MAX = 200
"""A caller who says nothing is through every prompt and every wait of a walk long before."""

KEY = st.sampled_from(KEYS)
ACTS = st.lists(
    st.one_of(KEY, st.just("T"), KEY.map("!".__add__), st.text(KEYS, min_size=2, max_size=5)), max_size=40
).flatmap(lambda acts: st.sampled_from([acts, [*acts, "q"]]))
KNOWN = known_results(SHOP.site)
RESULT = st.sampled_from(sorted({word for names in KNOWN.values() for words in names.values() for word in words}))
BEGINNINGS = st.one_of(
    st.builds(Given, called=st.sampled_from(sorted(SHOP.site.numbers))),
    st.builds(Given, entry=st.sampled_from(sorted(SHOP.graph.nodes)), language=st.sampled_from(SHOP.site.languages)),
)


def call_of(beginning: Given, acts: list[str], results: list[str]) -> Rehearsal:
    """The call, to its end: after the last act the caller says nothing more."""
    came = iter(results)
    call = SHOP.begin(beginning, lambda outcome, name: next(came, None))
    for act in acts:
        perform(call, act)
    for _ in range(SILENCES_MAX):
        call.run_out()
    return call


@settings(deadline=None)
@given(BEGINNINGS, ACTS, st.lists(RESULT, max_size=12))
def test_every_call_ends_and_leaves_its_records(beginning: Given, acts: list[str], results: list[str]) -> None:
    """Random keys, silences and hang-ups, and whatever comes of scripts, queues and callbacks: the call ends; it has
    one beginning, an end for each time that it left the menus, the last line is an end; each step is written once."""
    call = call_of(beginning, acts, results)
    records = [event for event in call.transcript if isinstance(event, Recorded)]
    verbs = Counter(record.verb for record in records)
    ends = [event for event in call.transcript if isinstance(event, Ended)]
    away = [event for event in call.transcript if isinstance(event, Away)]
    steps = [record.fields["step_id"] for record in records if record.verb == "IVRSTEP"]
    assert call.over
    assert len(ends) == 1
    assert verbs["CALLSTART"] == 1
    assert verbs["IVREND"] in (len(away), len(away) + 1)
    assert records[-1].verb == "IVREND"
    assert len(steps) == len(set(steps))


@settings(deadline=None)
@given(BEGINNINGS, ACTS, st.lists(RESULT, max_size=12))
def test_the_records_tell_the_way_that_was_taken(beginning: Given, acts: list[str], results: list[str]) -> None:
    """Every node that was entered has its step, in order, but for the last one where the call is away in a script or a
    proposal: its step is written by whoever comes back."""
    call = call_of(beginning, acts, results)
    entered = [event.address for event in call.transcript if isinstance(event, Entered)]
    written = [
        f"{event.fields['menu']}.{event.fields['node']}"
        for event in call.transcript
        if isinstance(event, Recorded) and event.verb == "IVRSTEP" and not _comes_back(event)
    ]
    assert written in (entered, entered[:-1])


def _comes_back(step: Recorded) -> bool:
    """The second step of a queue's node: the caller is back with an outcome."""
    return step.fields["kind"] == "queue" and step.fields["result"] != "queue"


@settings(deadline=None)
@given(BEGINNINGS, ACTS, st.lists(RESULT, max_size=6))
def test_every_call_that_is_kept_passes_again(beginning: Given, acts: list[str], results: list[str]) -> None:
    """Whatever was tried, the scenario that is written of it is well written and holds."""
    asked = Asked(results_of(beginning), _one_after_the_other(results))
    call = SHOP.begin(beginning, asked)
    play(call, acts)
    (scenario,), document = read_scenarios("kept.ivrtest.yaml", scenario_text(beginning, asked.answered, call).encode())
    assert (document.faults, list(check_scenario(scenario, SHOP.site))) == ([], [])
    again = run(scenario, SHOP)
    assert again.faults == ()
    assert [event for event in again.transcript if isinstance(event, Entered)] == [
        event for event in call.transcript if isinstance(event, Entered)
    ]


def _one_after_the_other(results: list[str]) -> Callable[[str, str], str | None]:
    """Each name gets its results in turn, of those that may come of it; when they are out, its last one again."""
    came = iter(results)
    last: dict[tuple[str, str], str] = {}

    def result(outcome: str, name: str) -> str | None:
        known = KNOWN[outcome].get(name, ())
        word = next((word for word in came if word in known), last.get((outcome, name)))
        if word is not None:
            last[outcome, name] = word
        return word

    return result


@settings(deadline=None)
@given(ACTS)
def test_one_survey_is_answered_once(acts: list[str]) -> None:
    """Whoever keys on after the answer changes nothing: one question, one line."""
    call = call_of(Given(entry="feedback"), acts, [])
    answers = [event for event in call.transcript if isinstance(event, Recorded) and event.verb == "SURVEY"]
    assert len(answers) <= 1
