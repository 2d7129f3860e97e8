"""What becomes of a call to which something happens that its node does not provide for."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from ivr.actions import Enter, Finish, Leave
from ivr.checkpoint import Checkpoint, restore
from ivr.collector import Retry
from ivr.flow import Flow, FlowInvalid, Handlers
from ivr.nodes import Goto, HangUp, Menu, Queue, Say, Script, Set
from ivr.session import IvrSettings, make_handler
from ivr.walk import Walk
from tests.unit.ivr.scripted import Records, ScriptedAgi, soundless_voice
from tests.unit.ivr.walking import flow_of, perform, places

NODES = flow_of(
    top=Menu(("top",), {"1": "top"}, "bye", Retry(9, ("hm",)), Retry(9, ("no",))),
    late=Say(("late",), "person"),
    note=Set({"left": "early"}, "more"),
    more=Goto("end"),
    end=HangUp(),
    talk=Say(("talk",), "end"),
    person=Queue("orders"),
    bye=HangUp(),
)


def handling(**handlers: object) -> Flow:
    every = Handlers(**handlers)  # type: ignore[arg-type]  # by name
    return replace(NODES, handlers=dict.fromkeys(NODES.nodes, every))


def ticking(seconds: float) -> Iterator[float]:
    return count(1000.0, seconds)


@pytest.mark.parametrize(("keys", "answer"), [("......", "silence"), (".1.1.1", "a choice"), (".9.9.9", "a mistake")])
def test_a_call_that_lasts_too_long(keys: str, answer: str) -> None:
    """Whatever the caller does in a menu, after max_duration the call goes on where that says, after this attempt."""
    times = ticking(4.0)
    flow = handling(max_seconds=10, too_long="late")
    walk = Walk(flow, Checkpoint("m.top"), "zh", clock=lambda: next(times))
    assert places(walk, keys)[-2:] == ["late", "person"], answer
    assert walk.checkpoint.since is None


def test_the_time_outlives_the_process_and_begins_anew_after_a_queue() -> None:
    """The moment of the beginning is in the checkpoint; a call that waited for an agent has all its time again."""
    flow = handling(max_seconds=10, too_long="late")
    walk = Walk(flow, Checkpoint("m.top"), "zh", clock=lambda: 1000.0)
    next(walk.actions())
    kept = walk.checkpoint.channel_variables()
    again = restore(kept["IVR_NODE"], kept["IVR_VARS"])
    assert again.since == 1000.0
    walk = Walk(flow, again, "zh", clock=lambda: 1010.0)
    assert places(walk, ".1", 2) == ["top", "late"]
    walk = Walk(flow, replace(again, address="m.person"), "zh", clock=lambda: 5000.0)
    perform(walk, "")
    assert walk.checkpoint.since is None


def test_a_call_that_is_not_limited_keeps_no_time() -> None:
    """Without max_duration nothing of it is on the channel."""
    walk = Walk(NODES, Checkpoint("m.top"), "zh", clock=lambda: 1000.0)
    next(walk.actions())
    assert walk.checkpoint.channel_variables()["IVR_VARS"] == ".step=1"


def test_what_is_done_after_a_hang_up() -> None:
    """Silent nodes are walked to their end, each entered and left, with numbers of their own."""
    walk = Walk(handling(hangup="note"), Checkpoint("m.top"), "zh")
    next(walk.actions())
    done = list(walk.farewell())
    assert done == [Enter(), Leave("set"), Enter(), Leave("gone"), Enter(), Leave("hung_up"), Finish("hung_up")]
    assert walk.checkpoint.variables == {"left": "early"}
    assert walk.checkpoint.step == 5


@pytest.mark.parametrize("handler", ["talk", "person", None])
def test_nothing_that_makes_a_sound_is_done_after_a_hang_up(handler: str | None) -> None:
    """A farewell ends where something would be said or asked, and is empty without a handler."""
    walk = Walk(handling(hangup=handler), Checkpoint("m.top"), "zh")
    next(walk.actions())
    assert list(walk.farewell()) == []


@pytest.mark.parametrize(("end", "outcome"), [("hangup", "left_in_menu"), ("lost", "switch_lost")])
async def test_the_records_of_a_farewell(end: str, outcome: str) -> None:
    """The step at which the caller left comes first, then those of the handler, then one IVREND with the node that the
    caller left; every step has its own id."""
    flow, records = handling(hangup="note"), Records()
    handle = make_handler(flow, soundless_voice(flow), records, IvrSettings(clock=lambda: 1.0))
    await handle(ScriptedAgi([end], {"HOTLINE_ENTRY": "m"}))
    told = [(record["verb"], record.get("node"), record.get("result")) for record in records]
    assert told == [
        ("CALLSTART", None, None),
        ("IVRSTEP", "top", outcome),
        ("IVRSTEP", "note", "set"),
        ("IVRSTEP", "more", "gone"),
        ("IVRSTEP", "end", "hung_up"),
        ("IVREND", "m.top", None),
    ]
    ids = [step["step_id"] for step in records.of("IVRSTEP")]
    assert len(set(ids)) == len(ids)


async def test_a_farewell_that_breaks_off_leaves_the_end_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in what the site wants done afterwards costs that, and not the record that was owed."""

    def broken(walk: Walk) -> Iterator[Leave]:
        yield Leave("set")
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Walk, "farewell", broken)
    flow, records = handling(hangup="note"), Records()
    handle = make_handler(flow, soundless_voice(flow), records, IvrSettings(clock=lambda: 1.0))
    with pytest.raises(RuntimeError):
        await handle(ScriptedAgi(["hangup"], {"HOTLINE_ENTRY": "m"}))
    assert [(record["verb"], record.get("node")) for record in records][-1] == ("IVREND", "m.top")


async def test_a_call_that_was_handed_on_has_no_farewell() -> None:
    """Who hangs up after the last word of the menus has not left in one."""
    flow, records = handling(hangup="note"), Records()
    handle = make_handler(flow, soundless_voice(flow), records, IvrSettings(clock=lambda: 1.0))
    await handle(ScriptedAgi([], {"HOTLINE_ENTRY": "m.person"}))
    assert [record.get("node") for record in records.of("IVRSTEP")] == ["person"]


def test_a_script_that_says_nothing_of_failing_inherits_it() -> None:
    """The site's `error` has become its `failed` by the time of the walk."""
    flow = flow_of(status=Script("status", {"done": "bye"}, "person"), person=Queue("orders"), bye=HangUp())
    walk = Walk(flow, Checkpoint("m.status", script_since=1.0), "zh")
    assert next(walk.actions()) == Leave("failed")


def test_handlers_that_lead_nowhere_are_refused() -> None:
    """A flow knows every reference of its handlers, its keys and its menus before the first call."""
    with pytest.raises(FlowInvalid) as caught:
        replace(
            NODES,
            handlers={"m.top": Handlers("lost1", "lost2", 60, "lost3")},
            keys={"8": "lost4", "9": "main"},
            persons={"m": "lost5"},
            mains={"m": "lost6"},
        )
    assert [name for name in ("lost1", "lost2", "lost3", "lost4", "lost5", "lost6") if name in str(caught.value)] == [
        f"lost{number}" for number in range(1, 7)
    ]
