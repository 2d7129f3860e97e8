"""Asking a backend: what the call does by its answer, and what a caller hears while it is slow."""

import pytest

from ivr.actions import Action, AskBackend, AwaitAnswer, Came, Enter, GiveUp, Hear, HearFile, Leave, Reply
from ivr.checkpoint import VARIABLES_BYTES_MAX, Checkpoint
from ivr.collector import KEYS
from ivr.nodes import Act, Collect, HangUp, Menu, Query, WaitAudio
from ivr.walk import Walk
from tests.unit.ivr.walking import flow_of

AUDIO = WaitAudio(after_seconds=1, give_up_seconds=4, play=("moment",))
QUERY = Query("orders", "top", "none", "bad", {"number": "{order}"}, {"stage": "order.stage"}, AUDIO)
FLOW = flow_of(
    ask=QUERY,
    act=Act("buy", "top", "bad", with_={"what": "tea"}, into={"order": "number"}),
    act_all=Act("buy", "top", "bad", "none", "refused"),
    file=Query("orders", "top", "none", "bad", wait_audio=WaitAudio(1, 4, file="music")),
    top=Menu(("top",), {"1": "none"}, "bad"),
    none=HangUp(),
    refused=HangUp(),
    bad=HangUp(),
)


class Clock:
    """Time that passes as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Begun:
    """A walk that has asked, and waits."""

    def __init__(self, node: str, clock: Clock | None = None, variables: dict[str, str] | None = None) -> None:
        self.walk = Walk(FLOW, Checkpoint(f"m.{node}", variables=variables or {}), "zh", clock=clock or Clock())
        self.actions = self.walk.actions()
        self.first = [next(self.actions) for _ in range(3)]

    def told(self, came: Came) -> Action:
        return self.actions.send(came)


@pytest.mark.parametrize(
    ("node", "outcome", "result", "onward"),
    [
        ("ask", "found", "found", "m.top"),
        ("ask", "not_found", "not_found", "m.none"),
        ("ask", "refused", "failed", "m.bad"),
        ("ask", "failed", "failed", "m.bad"),
        ("act", "found", "done", "m.top"),
        ("act", "not_found", "failed", "m.bad"),
        ("act", "refused", "failed", "m.bad"),
        ("act_all", "not_found", "not_found", "m.none"),
        ("act_all", "refused", "refused", "m.refused"),
    ],
)
def test_the_answer_decides(node: str, outcome: str, result: str, onward: str) -> None:
    """Each outcome has its way; an action that says nothing of one goes where it failed."""
    call = Begun(node)
    assert call.told(Reply(outcome, {"order.stage": "paid", "number": "7"})) == Leave(result)  # type: ignore[arg-type]  # word
    assert call.told(None) == Enter()
    assert call.walk.step.address == onward


def test_what_is_asked_and_taken() -> None:
    """Inputs are filled in from variables; `into` takes fields; an action is one that writes."""
    call = Begun("ask", variables={"order": "42"})
    assert call.first == [Enter(), AskBackend("orders", {"number": "42"}, ("order.stage",), False), AwaitAnswer(1)]
    call.told(Reply("found", {"order.stage": "paid"}))
    assert call.walk.checkpoint.variables == {"order": "42", "stage": "paid"}
    assert Begun("act").first[1] == AskBackend("buy", {"what": "tea"}, ("number",), True)


def test_inputs_are_in_no_text_of_an_action() -> None:
    """A PIN may be one of them."""
    assert "246810" not in repr(AskBackend("points", {"pin": "246810"}))


def test_a_slow_backend_is_heard() -> None:
    """Silence, the prompt to its end, silence, the prompt again, and at the end of patience the call goes on."""
    clock = Clock()
    call = Begun("ask", clock)
    clock.now += 1
    assert call.told(None) == Hear(("moment",), KEYS)
    clock.now += 1.5
    assert call.told(None) == AwaitAnswer(1)
    clock.now += 1
    assert call.told(None) == Hear(("moment",), KEYS)
    clock.now += 1.5
    assert call.told(None) == AwaitAnswer(0)
    assert call.told(None) == GiveUp()
    assert call.told(None) == Leave("failed")


def test_an_answer_that_came_while_something_was_played_is_taken_after_it() -> None:
    """Nothing is cut off, and nothing is played twice at once."""
    call = Begun("file")
    assert call.told(None) == HearFile("music", KEYS)
    assert call.told(None) == AwaitAnswer(1)
    assert call.told(Reply("found")) == Leave("found")


def test_a_key_meanwhile_is_kept() -> None:
    """A key in the silence or in what is played counts for the node that follows, whose prompt it skips."""
    for during in ("silence", "sound"):
        call = Begun("ask")
        if during == "sound":
            assert call.told(None) == Hear(("moment",), KEYS)
        assert call.told("1") == AwaitAnswer(1)
        assert call.told(Reply("found", {"order.stage": "paid"})) == Leave("found")
        assert call.told(None) == Enter()
        assert call.told(None) == Leave("matched")


def test_patience_ends_without_a_clock() -> None:
    """Waits that have run out are counted, so that no walk waits for ever."""
    call = Begun("ask")
    came = [call.told(None) for _ in range(7)]
    assert [action for action in came if not isinstance(action, Hear | AwaitAnswer)] == [GiveUp()]


def test_what_has_no_room_is_no_answer() -> None:
    """An answer that the channel cannot keep beside the other variables fails, and the variables are as they were."""
    before = {"long": "x" * (VARIABLES_BYTES_MAX - 200)}
    call = Begun("ask", variables=dict(before))
    assert call.told(Reply("found", {"order.stage": "字" * 30})) == Leave("failed")
    assert call.walk.checkpoint.variables == before
    call.walk.checkpoint.channel_variables()


def test_flush_forgets_what_was_pressed_ahead() -> None:
    """A node with `flush` is heard and asked, whatever was pressed before it."""
    code = Collect(("code",), "code", "none", "none", 2, 2, flush=True)
    flow = flow_of(ask=Query("orders", "code", "code", "code"), code=code, none=HangUp())
    walk = Walk(flow, Checkpoint("m.ask"), "zh")
    actions = walk.actions()
    for _ in range(3):
        next(actions)
    actions.send("7")
    actions.send(Reply("found"))
    assert next(actions) == Enter()
    assert next(actions) == Hear(("code",), KEYS)
