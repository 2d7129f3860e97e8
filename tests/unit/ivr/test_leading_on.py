"""Transfers, surveys and maintenance: where a call goes, and what is kept of it."""

from collections.abc import Mapping

import pytest

from ivr.actions import Answered, Await, Enter, Finish, Hear, Leave, Mark, TakeMessage
from ivr.checkpoint import Checkpoint
from ivr.collector import KEYS, Retry
from ivr.flow import Flow
from ivr.maintenance import Maintenance
from ivr.nodes import HangUp, Menu, Question, Queue, Say, Survey, Transfer
from ivr.session import IvrSettings, make_handler
from ivr.walk import Walk
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice
from tests.unit.ivr.walking import flow_of

NODES: Mapping[str, object] = {
    "m.onward": Transfer("{desk}", {"answered": "bye", "busy": "again", "failed": "person"}, 20),
    "m.again": Say(("again",), "bye"),
    "m.person": Queue("orders"),
    "m.bye": HangUp(),
}
ONWARD = Flow(NODES, {"m": "m.onward"}, may_call=lambda number: number == "1001")  # type: ignore[arg-type]  # nodes

# -- transfers --------------------------------------------------------------------------------------------------------


def test_a_caller_is_sent_on_to_what_a_variable_says() -> None:
    """The dialplan is told whom to call, and for how long."""
    walk = Walk(ONWARD, Checkpoint("m.onward", variables={"desk": "1001"}), "zh")
    actions = walk.actions()
    assert next(actions) == Enter()
    assert actions.send(None) == Finish("transfer", {"IVR_TO": "1001", "IVR_RING": "20"})


@pytest.mark.parametrize("desk", ["95588", "", "1001,60", "{desk}"])
def test_nobody_is_sent_to_what_may_not_be_called(desk: str) -> None:
    """What a variable holds is looked at as the call comes there: the caller goes where `failed` says."""
    walk = Walk(ONWARD, Checkpoint("m.onward", variables={"desk": desk}), "zh")
    actions = walk.actions()
    next(actions)
    assert actions.send(None) == Leave("not_allowed")
    next(actions)
    assert walk.step.address == "m.person"


@pytest.mark.parametrize(
    ("result", "recorded", "node"),
    [
        ("answered", "answered", "m.bye"),
        ("busy", "busy", "m.again"),
        ("no_answer", "no_answer", "m.person"),
        ("", "failed", "m.person"),
    ],
)
def test_the_call_goes_on_by_what_came_of_it(result: str, recorded: str, node: str) -> None:
    """Whoever is back goes where the outcome leads; one that is not listed is as `failed`."""
    checkpoint = Checkpoint("m.onward", script_since=1.0)
    walk = Walk(ONWARD, checkpoint, "zh", script_result=result)
    actions = walk.actions()
    assert next(actions) == Leave(recorded)
    next(actions)
    assert walk.step.address == node


def test_without_answered_the_call_ends_with_the_talk() -> None:
    """Nothing more is said when the other side has hung up."""
    flow = flow_of(onward=Transfer("1001", {"failed": "bye"}), bye=HangUp())
    walk = Walk(flow, Checkpoint("m.onward", script_since=1.0), "zh", script_result="answered")
    assert list(walk.actions()) == [Leave("answered"), Finish("hung_up")]


# -- surveys ----------------------------------------------------------------------------------------------------------

SURVEY = Survey(
    {
        "polite": Question(("polite",), {"1": "1", "2": "2"}, skip_key="#"),
        "why": Question(("why",), {}, comment_seconds=30),
        "again": Question(("again",), {"1": "yes", "star": "no"}),
    },
    "bye",
    "gone",
    no_input=Retry(1),
    no_match=Retry(2),
)
ASKED = flow_of(ask=SURVEY, bye=HangUp(), gone=HangUp())


def test_questions_are_asked_in_order_and_answers_kept_at_once() -> None:
    """Each question is marked on the channel before it is asked, and its answer told before the next one."""
    actions = Walk(ASKED, Checkpoint("m.ask"), "zh").actions()
    assert [next(actions), actions.send(None)] == [Enter(), Mark()]
    assert actions.send(None) == Hear(("polite",), KEYS)
    assert actions.send("2") == Answered("polite", "2")
    assert actions.send(None) == Mark()
    assert actions.send(None) == Hear(("why",), KEYS)
    assert actions.send(None) == TakeMessage("comment", "why", 30, 5, "#")
    actions.send("4.00")
    assert actions.send(None) == Answered("why", "comment")
    assert actions.send(None) == Mark()
    assert actions.send(None) == Hear(("again",), KEYS)
    assert actions.send("*") == Answered("again", "no")
    assert actions.send(None) == Leave("answered")


def test_a_question_may_be_passed_over() -> None:
    """skip_key goes on without an answer; silence ends the survey."""
    walk = Walk(ASKED, Checkpoint("m.ask"), "zh")
    actions = walk.actions()
    for answer in (None, None, None):
        actions.send(answer)
    assert actions.send("#") == Mark()
    assert walk.checkpoint.within == ["why"]
    silent = Walk(ASKED, Checkpoint("m.ask", within=["again"]), "zh").actions()
    next(silent)
    assert silent.send(None) == Hear(("again",), KEYS)
    assert silent.send(None) == Await(5.0)
    assert silent.send(None) == Leave("exhausted")


def test_repeat_asks_the_same_question_again() -> None:
    """A global key keeps its meaning; `repeat` does not begin the survey anew."""
    flow = Flow(ASKED.nodes, ASKED.entries, keys={"9": "repeat", "0": "m.gone"})
    walk = Walk(flow, Checkpoint("m.ask", within=["again"]), "zh")
    actions = walk.actions()
    next(actions)
    actions.send(None)
    assert actions.send("9") == Hear(("again",), KEYS)
    assert actions.send("0") == Leave("key")


async def test_who_hangs_up_has_answered_what_they_have() -> None:
    """The first answer is on record though the survey was left in the midst."""
    records = Records()
    await make_handler(ASKED, soundless_voice(ASKED), records)(ScriptedAgi(["1", "!hangup"], {"HOTLINE_ENTRY": "m"}))
    assert [(line["question"], line["answer"]) for line in records.of("SURVEY")] == [("polite", "1")]
    assert [line["result"] for line in records.of("IVRSTEP")] == ["left_in_menu"]


async def test_killed_anywhere_in_a_survey() -> None:
    """Before whatever command the process dies: the next one asks the question that the caller is at, so each question
    has the answer that the caller gave it, and no other."""
    flow = flow_of(
        ask=Survey({"a": Question(("a",), {"1": "1"}), "b": Question(("b",), {"2": "2"})}, "bye", "bye"), bye=HangUp()
    )
    keys = {"zh/a": "1", "zh/b": "2"}
    whole = ScriptedAgi([], {"HOTLINE_ENTRY": "m"}, replies=lambda sound: keys.get(sound, ""))
    await make_handler(flow, soundless_voice(flow), Records())(whole)
    for killed_at in range(len(whole.commands)):
        records, variables = Records(), {"HOTLINE_ENTRY": "m"}
        handle = make_handler(flow, soundless_voice(flow), records)
        with pytest.raises(Killed):
            await handle(ScriptedAgi([], variables, replies=lambda sound: keys.get(sound, ""), killed_at=killed_at))
        asked = variables.get("IVR_VARS", "").partition(".within=")[2].partition("&")[0]
        second = ScriptedAgi([], variables, replies=lambda sound: keys.get(sound, ""))
        await handle(second)
        assert {(line["question"], line["answer"]) for line in records.of("SURVEY")} == {("a", "1"), ("b", "2")}
        assert ("zh/a" in second.heard) == ("b" not in asked)


# -- maintenance ------------------------------------------------------------------------------------------------------

SHOP: Mapping[str, object] = {
    "m.ask": Menu(("which",), {"1": "bye"}, "bye"),
    "m.bye": HangUp(),
    "m.later": Say(("later",), "bye"),
}
MAINTAINED = Flow(SHOP, {"m": "m.ask"}, maintained={"m": "later"})  # type: ignore[arg-type]  # nodes


def test_a_call_that_begins_is_told_and_led_elsewhere() -> None:
    """The words come first, then the node of the handler: the menu is not entered."""
    walk = Walk(MAINTAINED, Checkpoint("m.ask"), "zh", maintenance="closed_for_now")
    actions = walk.actions()
    assert next(actions) == Hear(("closed_for_now",), KEYS)
    assert actions.send(None) == Enter()
    assert walk.step.address == "m.later"


def test_without_a_handler_the_call_ends_when_it_is_told() -> None:
    """Nothing more is done for it."""
    flow = Flow(SHOP, {"m": "m.ask"})  # type: ignore[arg-type]  # nodes
    actions = list(Walk(flow, Checkpoint("m.ask"), "zh", maintenance="closed_for_now").actions())
    assert actions == [Hear(("closed_for_now",), KEYS), Finish("hung_up")]


async def test_calls_in_progress_are_left_alone() -> None:
    """Asked as a call begins alone: one that goes on from a checkpoint hears nothing of it."""
    settings = IvrSettings(maintenance=lambda: Maintenance("We are back soon.", {"zh": ["zh/We are back soon."]}))
    handle = make_handler(MAINTAINED, soundless_voice(MAINTAINED), Records(), settings)
    begins = ScriptedAgi([], {"HOTLINE_ENTRY": "m"})
    await handle(begins)
    assert begins.heard == ["zh/We are back soon.", "zh/later"]
    goes_on = ScriptedAgi(["1"], {"HOTLINE_ENTRY": "m", "IVR_NODE": "m.ask"})
    await handle(goes_on)
    assert goes_on.heard == ["zh/which"]
