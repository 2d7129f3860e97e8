"""What a rehearsal shows of backends: answers that are given, on its own clock; and never a PIN."""

from collections.abc import Mapping

import pytest

from ivr.actions import AskBackend, Reply
from ivr.flow import Flow
from ivr.given import Given, GivenReply
from ivr.nodes import Auth, HangUp, Lock, Menu, Query, Queue, WaitAudio
from ivr.rehearsal import Rehearsal
from ivr.transcript import Asked, Heard, Left, Pressed, Silent
from tests.unit.ivr.walking import flow_of

FLOW = flow_of(
    look=Query("shop", "top", "none", "bad", into={"p": "p"}, wait_audio=WaitAudio(1, 5, ("moment",))),
    top=Menu(("top",), {"1": "none"}, "bad"),
    none=HangUp(),
    bad=Queue("orders"),
    who=Auth(("pin",), "shop", "none", "bad", "locked", "bad", ("card",), lock=Lock(2, 30), max=5),
    locked=HangUp(),
)


class Said:
    """Two seconds of words."""

    text, seconds = "words", 2.0


def speak(prompt: str, language: str, values: Mapping[str, str]) -> Said:
    return Said()


def rehearse(entry: str, reply: Reply, seconds: float = 0.0, flow: Flow = FLOW) -> Rehearsal:
    def answers(question: AskBackend) -> GivenReply:
        return GivenReply(reply, seconds)

    return Rehearsal(flow, speak, Given(f"m.{entry}", "en"), answers=answers)


def results(call: Rehearsal) -> list[str]:
    return [event.result for event in call.transcript if isinstance(event, Left)]


@pytest.mark.parametrize(
    ("after", "taken_at", "moments"), [(0.0, 0.0, 0), (0.5, 0.5, 0), (1.5, 3.0, 1), (3.5, 3.5, 1), (4.5, 6.0, 2)]
)
def test_an_answer_comes_in_its_time(after: float, taken_at: float, moments: int) -> None:
    """At once, in the silence, or after the words that are being said; nothing of it is a silence of the caller."""
    call = rehearse("look", Reply("found", {"p": "12"}), after)
    call.listen()
    assert [event.at for event in call.transcript if isinstance(event, Asked)] == [taken_at]
    assert sum(isinstance(event, Heard) and event.prompt == "moment" for event in call.transcript) == moments
    assert not any(isinstance(event, Silent) for event in call.transcript)
    assert (results(call), call.variables) == (["found"], {"p": "12"})
    assert call.address == "m.top"


def test_patience_has_an_end() -> None:
    """An answer that would come later is given up, and the call goes to `failed`."""
    call = rehearse("look", Reply("found", {"p": "12"}), 60.0)
    call.listen()
    assert [(event.outcome, event.seconds) for event in call.transcript if isinstance(event, Asked)] == [
        ("given_up", 6)
    ]
    assert results(call)[0] == "failed"


def test_a_caller_in_the_wait() -> None:
    """A key is kept for the next node, a hang-up ends the call, and time can pass by parts."""
    call = rehearse("look", Reply("found", {"p": "12"}), 0.9)
    call.pass_time(0.5)
    assert call.waits_for == "shop"
    call.press("1")
    call.listen()
    assert results(call)[:2] == ["found", "matched"]
    call = rehearse("look", Reply("found"), 0.9)
    call.hang_up()
    assert results(call) == ["left_in_menu"]


def test_a_pin_is_not_written_down() -> None:
    """The digits at the node are shown as x, in the transcript and in the records."""
    call = rehearse("who", Reply("found"))
    for key in "80001#246813":
        call.listen()
        call.press(key)
    call.listen()
    assert results(call)[0] == "passed"
    assert [event.key for event in call.transcript if isinstance(event, Pressed)] == [*"xxxxx#xxxxxx"]
    assert "246813" not in repr(call.transcript)


def test_an_account_is_locked_within_a_call_too() -> None:
    """The rehearsal counts as the records would."""
    call = rehearse("who", Reply("not_found"))
    for key in "80001#000000" * 3:
        call.listen()
        call.press(key)
    call.listen()
    assert results(call)[0] == "locked"
