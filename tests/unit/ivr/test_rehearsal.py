"""Calls without a phone: the virtual clock, what is written down, and that a session does the same."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ivr.collector import KEYS, Retry
from ivr.flow import Flow, Handlers
from ivr.given import Given, Results, nowhere
from ivr.hours import Hours, Span
from ivr.nodes import Collect, HangUp, Language, Menu, Play, Queue, Say, Script, Set, Vote
from ivr.rehearsal import Rehearsal
from ivr.session import IvrSettings, make_handler
from ivr.transcript import (
    Away,
    Ended,
    Entered,
    Heard,
    LanguageChosen,
    Left,
    Pressed,
    Recorded,
    Silent,
    VariableSet,
    Voted,
)
from tests.unit.ivr.scripted import Records, ScriptedAgi, site_flow, soundless_voice
from tests.unit.ivr.test_vote import Ballots

SESSIONS_MAX = 40


@dataclass(frozen=True)
class TwoSeconds:
    """Every prompt of these tests lasts as long."""

    text: str
    seconds: float = 2.0


def say(prompt: str, language: str, variables: Mapping[str, str]) -> TwoSeconds:
    return TwoSeconds(f"{language} {prompt}")


MENU = Menu(("long", "short"), {"1": "one", "2": "away", "12": "one"}, "person", Retry(2, ("hm",)), Retry(2, ("no",)))
NODES = {
    "hello": Say(("hello",), "menu"),
    "menu": MENU,
    "one": HangUp(("bye",)),
    "away": Script("points", {"done": "menu"}, "person"),
    "person": Queue("orders", outcomes={"full": "one"}),
}


def flow_of(**nodes: object) -> Flow:
    return Flow({f"m.{name}": node for name, node in nodes.items()}, {"m": f"m.{next(iter(nodes))}"})  # type: ignore[misc]  # nodes


def begin(flow: Flow | None = None, results: Results = nowhere, **more: object) -> Rehearsal:
    start = Given("m", "zh", **more)  # type: ignore[arg-type]  # by name
    return Rehearsal(flow or flow_of(**NODES), say, start, results)


def happened(call: Rehearsal) -> list[object]:
    return [event for event in call.transcript if not isinstance(event, Recorded)]


# -- the clock -------------------------------------------------------------------------------------------------------


def test_a_call_stands_at_its_first_prompt() -> None:
    """Nothing passes by itself: what is heard first is being said at second 0, and no key is asked for yet."""
    call = begin()
    assert (call.hearing, call.asked_for, call.seconds, call.address) == ("hello", None, 0.0, "m.hello")


def test_prompts_and_waits_take_their_time() -> None:
    """Two prompts of two seconds, then the menu's five seconds for a first key, of which one is gone after another."""
    call = begin()
    call.listen()
    assert (call.seconds, call.asked_for) == (4.0, 5.0)
    call.pass_time(1)
    assert (call.seconds, call.asked_for) == (5.0, 4.0)


def test_a_wait_as_long_as_the_timer_runs_it_out() -> None:
    """One second and four are the five that the menu allows: its silence is told, to the millisecond."""
    call = begin()
    call.listen()
    call.pass_time(0.3)
    call.pass_time(4.7)
    assert call.transcript[-1] == Silent(9.0, 5.0)
    assert call.hearing == "hm"


def test_time_passes_over_prompts_and_waits() -> None:
    """A caller who says nothing for long hears everything that is said meanwhile, and time stops with the call."""
    call = begin()
    call.pass_time(60)
    heard = [event.prompt for event in call.transcript if isinstance(event, Heard)]
    assert heard == ["hello", "long", "hm", "short"]
    assert (call.over, call.seconds) == (True, 18.0)
    assert call.transcript[-1] == Ended(18.0, "queue", "m.person", "orders")


# -- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_cuts_off_what_is_said_and_counts() -> None:
    """The key pressed half a second into the notice is the menu's answer, and the menu's own prompt is never begun. As
    12 is a choice as well, two seconds are left for a second key."""
    call = begin()
    call.pass_time(0.5)
    call.press("1")
    assert happened(call)[:5] == [
        Entered(0.0, "m.hello", "say"),
        Heard(0.0, "hello", "zh hello", 0.5, whole=False),
        Pressed(0.5, "1", "hello", taken=True),
        Left(0.5, "m.hello", "said", ""),
        Entered(0.5, "m.menu", "menu"),
    ]
    assert call.asked_for == 2.0
    call.press("2")
    assert call.hearing == "bye"


def test_a_key_that_nothing_listens_for_is_lost() -> None:
    """The # that ends a full number is no stop key of the next prompt: it is written down, and the words go on."""
    ask = Collect(("ask",), "order", "thanks", "end", 2, 2)
    call = begin(flow_of(ask=ask, thanks=Say(("thanks",), "end"), end=HangUp()))
    call.listen()
    for key in "12#":
        call.press(key)
    assert call.transcript[-1] == Pressed(2.0, "#", "thanks", taken=False)
    assert call.hearing == "thanks"
    assert VariableSet(2.0, "order", "12") in call.transcript


def test_a_key_after_the_end_is_lost() -> None:
    """Who presses on when the call is over changes nothing."""
    call = begin(flow_of(end=HangUp()))
    call.press("1")
    call.hang_up()
    assert happened(call)[-2:] == [Ended(0.0, "hung_up", "m.end"), Pressed(0.0, "1", "", taken=False)]


# -- what the walk asks for ------------------------------------------------------------------------------------------


def test_languages_variables_and_files_are_written_down() -> None:
    """A change of language counts from the next prompt on; a sound file has a name and no words."""
    flow = flow_of(
        speak=Language("en", "note"), note=Set({"topic": "points"}, "jingle"), jingle=Play("beep", "end"), end=HangUp()
    )
    call = begin(flow)
    call.listen()
    assert [event for event in happened(call) if isinstance(event, LanguageChosen | VariableSet | Heard)] == [
        LanguageChosen(0.0, "en"),
        VariableSet(0.0, "topic", "points"),
        Heard(0.0, "beep", "", 3.0, whole=True),
    ]


def test_a_script_comes_back_with_its_result() -> None:
    """What comes of a script is given; the next session walks on from its node, with what the channel has kept."""
    results = iter(["done", None])
    call = begin(results=lambda outcome, name: next(results), variables={"order": "7"})
    call.press("2")
    assert Away(0.0, "script", "points", "done") in call.transcript
    assert (call.address, call.hearing, call.variables) == ("m.menu", "long", {"order": "7"})
    call.press("2")
    assert call.transcript[-1] == Ended(0.0, "script", "m.away", "points")


@pytest.mark.parametrize(
    ("outcome", "address", "ended"), [("full", "m.one", "hung_up"), ("timed_out", "m.person", "queue")]
)
def test_a_queue_gives_back_only_what_its_node_lists(outcome: str, address: str, ended: str) -> None:
    """After an outcome of the node the menus go on, after any other the call has ended in the queue."""
    call = begin(flow_of(person=NODES["person"], one=NODES["one"]), lambda kind, name: outcome)
    call.listen()
    assert (call.address, call.transcript[-1].outcome) == (address, ended)  # type: ignore[union-attr]  # Ended


def test_a_script_that_leads_to_itself_ends() -> None:
    """Whatever a script says, a walk has a last step: the call ends with a person."""
    call = begin(flow_of(away=Script("points", {"done": "away"}, "person"), person=Queue("orders")), _always_done)
    assert call.over
    assert call.transcript[-1].outcome == "queue"  # type: ignore[union-attr]  # Ended


def _always_done(outcome: str, name: str) -> str | None:
    return "done" if outcome == "script" else None


SUNDAY, MONDAY = (datetime(2026, 1, day, 12, tzinfo=UTC).timestamp() for day in (4, 5))
HOURS = Hours(UTC, {0: (Span(0, 1440),)}, "m.one", {date(2026, 1, 12): ()})


@pytest.mark.parametrize(
    ("at", "called", "address"), [(MONDAY, "4001", "m.hello"), (SUNDAY, "4001", "m.one"), (SUNDAY, "", "m.hello")]
)
def test_the_hours_are_asked_for_a_number_alone(at: float, called: str, address: str) -> None:
    """Outside the hours a number leads where they say; whoever begins at a node is there at any time."""
    assert begin(replace(flow_of(**NODES), hours=HOURS), at=at, called=called).address == address


# -- records ---------------------------------------------------------------------------------------------------------


def test_who_hangs_up_in_a_prompt_leaves_the_step_and_the_end() -> None:
    """The words are cut off, the step and the call end as left in the menu, and nothing follows."""
    call = begin(caller="138", called="4001", at=1000.0)
    call.pass_time(2.5)
    call.hang_up()
    call.hang_up()
    start, said, left, end = (event for event in call.transcript if isinstance(event, Recorded))
    assert (start.verb, start.fields["caller_number"], start.fields["called_number"]) == ("CALLSTART", "138", "4001")
    assert (said.verb, said.fields["result"]) == ("IVRSTEP", "said")
    assert (left.fields["result"], left.fields["started_at"], left.at) == ("left_in_menu", 1002.0, 2.5)
    assert (end.verb, end.fields["outcome"], end.fields["node"]) == ("IVREND", "left_in_menu", "m.menu")
    assert Heard(2.0, "long", "zh long", 0.5, whole=False) in call.transcript


TEA = {
    "tea": Vote(("tea",), "tea", {"1": "green", "2": "black"}, "tea", "again", "failed", "failed"),
    "again": HangUp(("again",)),
    "failed": HangUp(("failed",)),
}


def test_a_vote_is_cast_once() -> None:
    """A number that has voted in this call has voted: it is not asked again, and one line tells the vote."""
    call = begin(flow_of(**TEA), caller="138")
    call.press("2")
    assert call.hearing == "again"
    votes = [event for event in call.transcript if isinstance(event, Recorded) and event.verb == "VOTE"]
    assert [vote.fields["choice"] for vote in votes] == ["black"]
    assert Voted(0.0, "tea", "black") in call.transcript


@pytest.mark.parametrize(
    ("caller", "known", "heard"),
    [("138", "voted", "again"), ("138", "new", "tea"), ("138", "unknown", "failed"), ("", None, "failed")],
)
def test_who_has_voted_before_is_given(caller: str, known: str | None, heard: str) -> None:
    """What the records would say of the number is given; who has no number cannot vote."""
    call = begin(flow_of(**TEA), lambda outcome, name: known, caller=caller)
    assert call.hearing == heard


def test_what_is_done_for_who_has_hung_up_is_heard_by_nobody() -> None:
    """The site's handler is walked in silence: its steps and variables are written, the call ends where it was left."""
    flow = replace(flow_of(**NODES, gone=Set({"left": "early"}, "one")), handlers={"m.hello": Handlers(hangup="gone")})
    call = begin(flow)
    call.pass_time(1)
    call.hang_up()
    assert happened(call)[1:] == [
        Heard(0.0, "hello", "zh hello", 1.0, whole=False),
        Left(1.0, "m.hello", "left_in_menu", ""),
        Entered(1.0, "m.gone", "set"),
        VariableSet(1.0, "left", "early"),
        Left(1.0, "m.gone", "set", "", {"left": "early"}),
        Entered(1.0, "m.one", "hangup"),
        Left(1.0, "m.one", "hung_up", "", {"left": "early"}),
        Ended(1.0, "left_in_menu", "m.hello"),
    ]


def test_a_call_that_lasts_too_long_is_led_on() -> None:
    """The virtual clock is the walk's: after nine seconds in the menus there is no second attempt."""
    limited = Handlers(max_seconds=9, too_long="one")
    call = begin(replace(flow_of(**NODES), handlers={"m.hello": limited, "m.menu": limited}))
    call.pass_time(60)
    assert Left(9.0, "m.menu", "too_long", "") in call.transcript
    assert call.transcript[-1] == Ended(11.0, "hung_up", "m.one")


KEY = st.sampled_from(KEYS)
ACTS = st.lists(
    st.one_of(KEY, st.just("."), KEY.map("!".__add__), st.sampled_from(["!.", "hangup", "!hangup"])), max_size=40
)
RESULTS = st.lists(st.sampled_from(["done", "person", "", "strange"]), max_size=6)


@settings(deadline=None)
@example("main.number", ["1", "2", "!#", "!5", "."], [])
@example("main", ["!hangup"], [])
@example("main.number", [".", "hangup"], [])
@example("main.vote", ["1", "6", "2"], [])
@given(st.sampled_from(["main", "main.number", "main.vote"]), ACTS, RESULTS)
def test_a_session_does_the_same(entry: str, acts: list[str], results: list[str]) -> None:
    """Whatever a caller does, a rehearsal plays the prompts that a session plays, and leaves the same records."""
    flow = busy_flow()
    heard, lines = in_a_session(flow, entry, list(acts), results)
    call = in_a_rehearsal(flow, entry, list(acts), results)
    assert [event.text for event in call.transcript if isinstance(event, Heard) and event.text] == heard
    assert [bare(event.verb, event.fields) for event in call.transcript if isinstance(event, Recorded)] == lines


def busy_flow() -> Flow:
    """The small shop with global keys, and with something to do for who hangs up in its main menu."""
    flow = site_flow()
    nodes = {
        "main.number": Collect(("ask",), "order", "confirm", "person", 1, 2),
        "main.confirm": Say(("confirmed",), "note"),
        "main.vote": Vote(("tea",), "tea", {"1": "green", "2": "black"}, "top", "top", "person", "bye"),
        "main.gone": Set({"gone": "yes"}, "gone_too"),
        "main.gone_too": Set({"gone": "long"}, "bye"),
    }
    handlers = {"main.top": Handlers(hangup="gone"), "main.number": Handlers(hangup="main.gone_too")}
    keys = {"0": "person", "star": "back", "pound": "repeat", "8": "main", "7": "main.number", "6": "main.vote"}
    return replace(flow, nodes={**flow.nodes, **nodes}, handlers=handlers, keys=keys)


def in_a_session(
    flow: Flow, entry: str, acts: list[str], results: list[str]
) -> tuple[list[str], list[dict[str, object]]]:
    """What is heard of prompts, as "zh top", and the records: of as many sessions as the call needs."""
    records = Records()
    handle = make_handler(flow, soundless_voice(flow), records, IvrSettings(ballots=Ballots()))
    variables = {"HOTLINE_ENTRY": entry}
    heard: list[str] = []
    came = iter(results)
    for _ in range(SESSIONS_MAX):
        agi = ScriptedAgi(acts, variables)
        asyncio.run(handle(agi))
        acts = agi.acts
        heard += [path.replace("/", " ") for path in agi.heard if "/" in path]
        if variables.get("IVR_NEXT") != "script" or agi.over:
            break
        variables |= {"IVR_RESULT": next(came, ""), "IVR_NEXT": ""}
    return heard, [bare(line["verb"], line) for line in records]


def in_a_rehearsal(flow: Flow, entry: str, acts: list[str], results: list[str]) -> Rehearsal:
    came = iter(results)
    away = iter(range(SESSIONS_MAX - 1))
    start = Given(entry, "zh", caller="13800138000")

    def result(outcome: str, name: str) -> str | None:
        return next(came, "") if outcome == "script" and next(away, None) is not None else None

    call = Rehearsal(flow, say, start, result)
    while not call.over:
        if call.hearing is None:
            _DOES.get(act := (acts.pop(0) if acts else "hangup").removeprefix("!"), _press(act))(call)
        elif acts and acts[0].startswith("!"):
            sounding = call.hearing
            _DOES.get(act := acts.pop(0)[1:], _press(act))(call)
            if act in KEYS and call.transcript[-1] == Pressed(call.seconds, act, sounding, taken=False):
                call.run_out()  # the sound goes on behind a key that nothing listens for
        else:
            call.run_out()
    return call


_DOES: dict[str, Callable[[Rehearsal], None]] = {
    ".": lambda call: call.run_out(),
    "hangup": lambda call: call.hang_up(),
}


def _press(key: str) -> Callable[[Rehearsal], None]:
    return lambda call: call.press(key)


def bare(verb: str, fields: Mapping[str, object]) -> dict[str, object]:
    """A record without what only a switch, a clock or whoever publishes can know."""
    unknown = {"verb", "channel", "called_number", "call_id", "started_at", "version"}
    known = {name: value for name, value in fields.items() if name not in unknown}
    return {"verb": verb, **known, "step_id": str(fields.get("step_id")).rpartition(":")[2]}
