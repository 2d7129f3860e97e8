"""The walk alone: actions out, keys in; no session, no event loop."""

import pytest

from ivr.actions import Answered, Await, Enter, Finish, Hear, Leave
from ivr.checkpoint import Checkpoint
from ivr.collector import KEYS, Retry
from ivr.flow import Flow
from ivr.nodes import Callback, Collect, Goto, HangUp, Menu, Play, Queue, Say, Script
from ivr.walk import Limits, Walk, _agents_variables, _queue_variables
from tests.unit.ivr.walking import flow_of, perform

LIMITS = Limits(node_entries_max=3, steps_max=50)


def begin(flow: Flow, **more: object) -> Walk:
    return Walk(flow, Checkpoint(flow.resolve("m")), "zh", limits=LIMITS, **more)  # type: ignore[arg-type]  # by name


PICK = Menu(("long", "short"), {"1": "one", "12": "two", "star": "two"}, "person", Retry(2, ("hm",)), Retry(3, ("no",)))
ENDS = {"one": HangUp(), "two": HangUp(("bye",)), "person": Queue("orders", {"mandarin": 3}, 1)}


def test_a_menu_answered_during_its_prompt() -> None:
    """A key that stops the prompt is the answer; * is written `star`; each node is entered and left."""
    assert perform(begin(flow_of(menu=PICK, **ENDS)), "*") == [
        Enter(),
        Hear(("long",), KEYS),
        Leave("matched"),
        Enter(),
        Hear(("bye",), KEYS),
        Leave("hung_up"),
        Finish("hung_up"),
    ]


def test_an_ambiguous_key_waits_only_between_digits() -> None:
    """After 1, which is a choice and the beginning of another, only the inter-digit time is waited."""
    actions = perform(begin(flow_of(menu=PICK, **ENDS)), ".1.")
    assert actions[1:5] == [Hear(("long",), KEYS), Await(5.0), Await(2.0), Leave("matched")]


def test_two_silences_exhaust() -> None:
    """Silence is told with its own prompt and the shorter menu; the max-th one leads to a person with the skills."""
    walk = begin(flow_of(menu=PICK, **ENDS))
    actions = perform(walk, "......")
    assert actions[1:7] == [
        Hear(("long",), KEYS),
        Await(5.0),
        Hear(("hm",), KEYS),
        Hear(("short",), KEYS),
        Await(5.0),
        Leave("exhausted"),
    ]
    variables = {"ACD_QUEUE": "orders", "ACD_SKILLS": "mandarin:3", "ACD_PRIORITY": "1"}
    variables |= {"ACD_REQUIRES": "", "ACD_HEAD_START": "0", "ACD_OUTCOMES": "", "ACD_RECORD_PAUSED": ""}
    assert actions[-1] == Finish("queue", variables)


def test_a_queue_node_says_what_it_knows_of_the_caller() -> None:
    """The expression and the head start always, so that nothing of an earlier queue lingers; who the caller is, and
    whom they ask for, only where the node says so: a script may have found it out."""
    wants = {"requires": "english >= 7", "head_start_seconds": 60, "segment": "vip", "agent": "1003"}
    plain, special = (
        Walk(flow_of(start=node), Checkpoint("m.start"), "zh") for node in (Queue("orders"), Queue("orders", **wants))
    )
    told = {"ACD_QUEUE": "orders", "ACD_SKILLS": "", "ACD_PRIORITY": "0", "ACD_OUTCOMES": "", "ACD_RECORD_PAUSED": ""}
    assert perform(plain, "")[-1] == Finish("queue", told | {"ACD_REQUIRES": "", "ACD_HEAD_START": "0"})
    assert perform(special, "")[-1] == Finish(
        "queue",
        told | {"ACD_REQUIRES": "english >= 7", "ACD_HEAD_START": "60"} | {"ACD_SEGMENT": "vip", "ACD_AGENT": "1003"},
    )


def test_a_wrong_key_is_told_at_once() -> None:
    """No wait follows a key that cannot become a choice, and it does not count as silence."""
    actions = perform(begin(flow_of(menu=PICK, **ENDS)), "9..7..9")
    assert [action for action in actions if isinstance(action, Hear)] == [
        Hear((prompt,), KEYS) for prompt in ("long", "no", "short", "no", "short")
    ]
    assert Leave("exhausted") in actions


def test_keys_pressed_ahead_skip_prompts_over_nodes() -> None:
    """A key during a notice is kept for the menu, whose prompt is then not played at all."""
    flow = flow_of(notice=Say(("notice",), "file"), file=Play("beep", "menu"), menu=PICK, **ENDS)
    actions = perform(begin(flow), "1")
    assert [action for action in actions if not isinstance(action, Enter | Leave)] == [
        Hear(("notice",), KEYS),
        Await(2.0),
        Finish("hung_up"),
    ]


def test_a_wrong_key_forgets_what_was_keyed_ahead() -> None:
    """After no_match the menu is played again rather than fed with the rest of a misunderstanding."""
    walk = begin(flow_of(menu=PICK, **ENDS))
    walk._keypad._ahead.extend("9111")
    actions = perform(walk, "..*")
    assert actions[1:3] == [Hear(("no",), KEYS), Hear(("short",), KEYS)]


def test_a_number_is_kept_and_its_last_terminator_ignored() -> None:
    """A caller who still presses # after the last possible digit does not skip the next prompt by it."""
    collect = Collect(("ask",), "order", "confirm", "person", 4, 4)
    walk = begin(flow_of(ask=collect, confirm=Say(("confirm",), "menu"), menu=PICK, **ENDS))
    actions = perform(walk, "2026..#*")
    without_terminator = KEYS.replace("#", "")
    assert [action for action in actions if isinstance(action, Hear)] == [
        Hear(("ask",), KEYS),
        Hear(("confirm",), without_terminator),
        Hear(("long",), without_terminator),
        Hear(("bye",), KEYS),
    ]
    assert walk.checkpoint.variables == {"order": "2026"}


def test_a_terminator_that_is_a_choice_is_not_ignored() -> None:
    """Where the next menu offers #, it is a choice even after a full number."""
    flow = flow_of(
        ask=Collect(("ask",), "order", "menu", "end", 2, 2), menu=Menu(("p",), {"pound": "end"}, "end"), end=HangUp()
    )
    actions = perform(begin(flow), "12#")
    assert actions.count(Leave("matched")) == 2


def test_notices_are_chosen_by_entry() -> None:
    """A notice with two texts says the first at the first entry and the second from then on."""
    flow = flow_of(note=Say(("first", "later"), "menu"), menu=Menu(("p",), {"1": "note"}, "end"), end=HangUp())
    heard = [action.prompts for action in perform(begin(flow), "..1") if isinstance(action, Hear)]
    assert heard[:4] == [("first",), ("p",), ("later",), ("p",)]


@pytest.mark.parametrize(
    ("result", "left", "end"), [("done", "done", "two"), ("", "failed", "one"), ("x", "failed", "one")]
)
def test_a_script_that_came_back(result: str, left: str, end: str) -> None:
    """Its result chooses the node; a script that died, or says something unknown, has failed."""
    flow = flow_of(status=Script("order_status", {"done": "two"}, "one"), **ENDS)
    walk = Walk(flow, Checkpoint("m.status", 7, script_since=1.0), "zh", script_result=result)
    actions = walk.actions()
    assert next(actions) == Leave(left)
    assert next(actions) == Enter()
    assert walk.step.address == f"m.{end}"
    assert walk.checkpoint.step == 8


def test_going_to_a_script_leaves_its_step_open() -> None:
    """The step of a script is recorded when it comes back, with its result."""
    walk = begin(flow_of(status=Script("order_status", {}, "one"), **ENDS))
    assert perform(walk, "") == [Enter(), Finish("script", {"IVR_SCRIPT": "order_status"})]


def test_a_circle_ends_at_a_person() -> None:
    """Nodes that lead to each other without asking the caller anything end in the menu's queue."""
    flow = flow_of(here=Goto("there"), there=Goto("here"), person=Queue("orders"))
    actions = perform(begin(flow), "")
    assert actions.count(Leave("gone")) == 2 * LIMITS.node_entries_max
    assert isinstance(actions[-1], Finish)
    assert actions[-1].outcome == "queue"


def test_a_circle_without_a_person_hangs_up() -> None:
    """Where the flow has no queue, a call that walks too long is hung up rather than kept for ever."""
    actions = perform(begin(flow_of(here=Goto("here"))), "")
    assert actions[-1] == Finish("hung_up")


def test_steps_are_bounded_over_restarts() -> None:
    """The number of steps lives in the checkpoint, so a circle through scripts ends as well."""
    flow = flow_of(here=Goto("end"), end=HangUp(), person=Queue("orders"))
    walk = Walk(flow, Checkpoint("m.here", LIMITS.steps_max), "zh", limits=LIMITS)
    assert isinstance(perform(walk, "")[-1], Finish)
    assert walk.step.address == "m.person"


def test_a_queue_that_could_not_help_leads_on() -> None:
    """The outcome of the stay in the queue chooses the next node, as a script's result does; it counts once, so that
    a second way to the same queue is a stay of its own."""
    queue = Queue("orders", outcomes={"full": "sorry"})
    flow = flow_of(person=queue, sorry=Say(("sorry",), "person"))
    walk = Walk(flow, Checkpoint("m.person"), "zh", script_result="full")
    assert [action for action in perform(walk, "") if not isinstance(action, Enter)] == [
        Leave("full"),
        Hear(("sorry",), KEYS),
        Leave("said"),
        Leave("queue"),
        Finish("queue", _queue_variables(queue)),
    ]


def test_an_outcome_that_the_node_does_not_know_begins_the_stay_anew() -> None:
    """The site was changed while the caller waited: the queue node is entered as at first."""
    flow = flow_of(person=Queue("orders", outcomes={}))
    assert Leave("queue") in perform(Walk(flow, Checkpoint("m.person"), "zh", script_result="full"), "")


def test_an_answer_is_told_before_the_node_is_left() -> None:
    """A menu with a survey's question yields what was keyed; an exhausted one has no answer."""
    rate = Menu(("rate",), {"1": "bye", "2": "bye"}, "bye", Retry(1), Retry(1), survey="satisfaction")
    told = perform(begin(flow_of(rate=rate, bye=HangUp())), ".2")
    assert told[told.index(Answered("satisfaction", "2")) + 1] == Leave("matched")
    assert not [one for one in perform(begin(flow_of(rate=rate, bye=HangUp())), "..") if isinstance(one, Answered)]


def test_a_number_may_be_an_answer() -> None:
    """A collect node keeps its variable and tells the answer as well."""
    ask = Collect(("ask",), "score", "bye", "bye", 1, 2, survey="score")
    walk = begin(flow_of(ask=ask, bye=HangUp()))
    assert Answered("score", "10") in perform(walk, ".10")
    assert walk.checkpoint.variables == {"score": "10"}


CALL_ME = Callback("orders", outcomes={"declined": "person", "taken": "thanks"})


def proposing(node: Callback = CALL_ME) -> Flow:
    return flow_of(call_me=node, thanks=HangUp(("thanks",)), person=Queue("orders"), full=Queue("support"))


def test_a_proposal_of_a_callback_is_the_acds() -> None:
    """The call goes out to be asked, with all that the caller would rank by; the step is open until it is back."""
    walk = begin(proposing())
    assert perform(walk, "") == [Enter(), Finish("callback", _agents_variables(CALL_ME))]
    assert walk.step.kind == "callback"


@pytest.mark.parametrize(
    ("result", "left", "onward"),
    [
        ("taken", "taken", "thanks"),
        ("already_waiting", "already_waiting", "thanks"),
        ("declined", "declined", "person"),
        ("not_allowed", "not_allowed", "person"),
        ("closed", "closed", "person"),
        ("", "failed", "person"),
    ],
)
def test_a_proposal_that_came_back(result: str, left: str, onward: str) -> None:
    """An outcome that is not listed leads where those go who took it, or where those go who did not."""
    walk = Walk(proposing(), Checkpoint("m.call_me", 7, script_since=1.0), "zh", script_result=result)
    done = perform(walk, "")
    assert done[:2] == [Leave(left), Enter()]
    assert walk.checkpoint.address == f"m.{onward}"


def test_a_listed_outcome_leads_on_by_itself() -> None:
    """Each of them may have a node of its own."""
    node = Callback("orders", outcomes={"declined": "person", "closed": "full", "already_waiting": "thanks"})
    for result, onward in (("closed", "full"), ("already_waiting", "thanks")):
        walk = Walk(proposing(node), Checkpoint("m.call_me", script_since=1.0), "zh", script_result=result)
        perform(walk, "")
        assert walk.checkpoint.address == f"m.{onward}"


@pytest.mark.parametrize("result", ["taken", "already_waiting"])
def test_who_will_be_called_needs_nothing_more(result: str) -> None:
    """Without a node for it the call ends: the ACD has said that they will be called."""
    flow = proposing(Callback("orders", outcomes={"declined": "person"}))
    walk = Walk(flow, Checkpoint("m.call_me", script_since=1.0), "zh", script_result=result)
    assert perform(walk, "") == [Leave(result), Finish("hung_up")]
