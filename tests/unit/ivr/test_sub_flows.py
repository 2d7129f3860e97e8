"""Nodes that lead on by what is known, sub-flows, and entries that are read back."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from ivr.actions import Await, Finish, Hear, Leave
from ivr.checkpoint import CALLS_MAX, Checkpoint, restore
from ivr.flow import Flow, FlowInvalid
from ivr.nodes import Call, Collect, Goto, HangUp, Hours, Menu, Queue, Return, Set, Switch
from ivr.session import IvrSettings, make_handler
from ivr.walk import Walk
from tests.unit.ivr.language_flow import language_flow
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice
from tests.unit.ivr.test_session import told_once
from tests.unit.ivr.walking import flow_of, perform, places

FLOW = language_flow()
FACTS = {"caller_number": "138", "called_number": "4001"}


def walk_of(at: str = "main.top", flow: Flow = FLOW, **kept: object) -> Walk:
    return Walk(flow, Checkpoint(at, **kept), "zh", facts=FACTS)  # type: ignore[arg-type]  # by name


def test_an_order_by_a_sub_flow_in_a_sub_flow() -> None:
    """Inputs, outputs and the node after the call: each menu knows its own variables alone."""
    walk = walk_of()
    assert places(walk, ".1" + ".2026" + ".1" + ".98*5#") == [
        *("main.top", "main.order", "order.ask", "order.amount", "amount.ask", "amount.end", "order.end"),
        *("main.by_size", "main.note", "main.person"),
    ]
    assert walk.checkpoint.variables == {"order": "2026", "much": "98.50", "topic": "2026 for 98.50"}
    assert walk.checkpoint.calls == []


def test_a_sub_flow_knows_its_inputs_alone() -> None:
    """It begins with what `with` gives it, in which a fact of the call or a variable may stand."""
    walk = walk_of(variables={"order": "1", "secret": "x"})
    places(walk, ".1", 3)
    assert walk.checkpoint.variables == {"from": "138"}
    assert [frame.variables for frame in walk.checkpoint.calls] == [{"order": "1", "secret": "x"}]


@pytest.mark.parametrize(
    ("much", "onward", "result"), [("0.00", "main.nothing", "matched"), ("1.00", "main.note", "otherwise")]
)
def test_a_switch_goes_by_a_value(much: str, onward: str, result: str) -> None:
    """A value that is listed leads where it says, any other to `otherwise`; the record tells which."""
    walk = walk_of("main.by_size", variables={"much": much})
    assert Leave(result) in perform(walk, "")
    assert places(walk_of("main.by_size", variables={"much": much}), "", 2)[1] == onward


def test_a_switch_knows_the_facts_of_the_call() -> None:
    """The language, the caller's number and the number called are there without a node that sets them; a variable that
    nobody has set is no value."""
    for fact, value in {**FACTS, "language": "zh", "unset": ""}.items():
        flow = flow_of(start=Switch(fact, {value: "yes"}, "no"), yes=HangUp(), no=Goto("yes"))
        assert places(walk_of("m.start", flow), "") == ["start", "yes"]


@pytest.mark.parametrize(("calendar", "onward"), [("office", "yes"), ("never", "no")])
def test_hours_go_by_a_calendar(calendar: str, onward: str) -> None:
    """The calendar is asked for the moment of the node."""
    nodes = {"m.start": Hours(calendar, "yes", "no"), "m.yes": HangUp(), "m.no": HangUp()}
    flow = Flow(nodes, {"m": "m.start"}, calendars=FLOW.calendars)
    assert places(walk_of("m.start", flow), "") == ["start", onward]


def test_an_entry_is_read_back_and_taken() -> None:
    """The confirmation is said when the value is there; 1 takes it, and the record shows the entry and not the 1."""
    walk = walk_of("order.ask")
    actions = walk.actions()
    answers = {("ask",): "2", ("confirm",): "1"}
    rest = iter("026")
    action, heard = next(actions), []
    while action != Leave("matched"):
        answer = next(rest) if isinstance(action, Await) else None
        if isinstance(action, Hear):
            heard.append((action.prompts, walk.values.get("order")))
            answer = answers[action.prompts]
        action = actions.send(answer)
    assert heard == [(("ask",), None), (("confirm",), "2026")]
    assert walk.step.input == "2026"


def test_an_entry_that_is_refused_is_asked_for_again() -> None:
    """2 begins the node anew and forgets the value."""
    walk = walk_of("order.ask")
    assert places(walk, ".2026" + ".2" + ".2027" + ".1", 3) == ["order.ask", "order.ask", "order.amount"]
    assert walk.checkpoint.calls[-1].variables == {"order": "2027"}


@pytest.mark.parametrize("keys", [".2026" + "....", ".2026" + ".7.7.7"])
def test_an_entry_that_nobody_confirms_is_not_taken(keys: str) -> None:
    """Silence and wrong keys exhaust the confirmation as they do a question; the variable stays unset."""
    walk = walk_of("order.ask")
    assert places(walk, keys + "." * 9)[-1] == "main.person"
    assert walk.checkpoint.variables == {}


def test_keys_pressed_ahead_confirm_nothing() -> None:
    """What was keyed before the value was said cannot have meant it."""
    walk = walk_of("order.ask")
    walk._keypad._ahead.extend("20261")
    assert Hear(("confirm",), "0123456789*") in perform(walk, "")


def test_the_way_back_leads_out_of_a_sub_flow() -> None:
    """Before the first answer in it, `back` leads to the last one outside, with the variables from there."""
    walk = walk_of(variables={"topic": "tea"})
    assert places(walk, ".1" + ".*", 4) == ["main.top", "main.order", "order.ask", "main.top"]
    assert walk.checkpoint.variables == {"topic": "tea"}
    assert walk.checkpoint.calls == []


def test_back_without_a_way_stays_in_the_sub_flow() -> None:
    """Where nobody has answered before the call, the node begins again, and comes back to its call later."""
    walk = walk_of("main.order")
    assert places(walk, ".*" + ".*", 4) == ["main.order", "order.ask", "order.ask", "order.ask"]
    assert [frame.address for frame in walk.checkpoint.calls] == ["main.order"]


@pytest.mark.parametrize(("key", "onward"), [("9", "main.top"), ("0", "main.person")])
def test_the_main_menu_and_a_person_leave_every_sub_flow(key: str, onward: str) -> None:
    """Nothing comes back to where it was called: the variables are those of outside."""
    flow = replace(FLOW, nodes={**FLOW.nodes, "order.ask": Menu(("ask",), {"1": "end"}, "end")})
    walk = walk_of(flow=flow, variables={"topic": "tea"})
    assert places(walk, ".1" + f".{key}", 4)[-1] == onward
    assert walk.checkpoint.calls == []
    assert walk.checkpoint.variables == {"topic": "tea"}


def test_a_call_that_is_made_again_was_left_for_good() -> None:
    """Whoever jumps out of a sub-flow and calls it again does not go deeper."""
    flow = replace(FLOW, nodes={**FLOW.nodes, "order.ask": Goto("main.order")})
    walk = walk_of(flow=flow)
    places(walk, ".1", 12)
    assert len(walk.checkpoint.calls) == 1


def test_sub_flows_are_bounded() -> None:
    """Of more than eight, one in the other, the oldest is forgotten."""
    checkpoint = Checkpoint("m.0")
    for number in range(CALLS_MAX + 3):
        checkpoint.address = f"m.{number}"
        checkpoint.call({})
    assert [frame.address for frame in checkpoint.calls] == [f"m.{number}" for number in range(3, CALLS_MAX + 3)]


def test_a_return_that_nobody_called() -> None:
    """It leads where the handler `error` says, else to a person, else to the end of the call."""
    assert places(walk_of("order.end"), "", 2) == ["order.end", "main.person"]
    flow = flow_of(end=Return(), person=Queue("orders"))
    assert places(walk_of("m.end", flow), "") == ["end", "person"]
    assert perform(walk_of("m.end", flow_of(end=Return())), "")[-1] == Finish("hung_up")


def test_a_call_node_that_is_gone() -> None:
    """After a change of the site a sub-flow whose call is no call any more ends as if nobody had called it."""
    walk = walk_of(variables={"order": "1"})
    places(walk, ".1", 3)
    changed = replace(FLOW, nodes={**FLOW.nodes, "main.order": Goto("bye")})
    again = Walk(changed, replace(walk.checkpoint, address="order.end"), "zh")
    assert places(again, "", 2) == ["order.end", "main.person"]


def test_the_call_stack_outlives_the_process() -> None:
    """All that a sub-flow needs to come back is on the channel, with commas, quotes and Chinese in the values."""
    walk = walk_of(variables={"topic": '茶, "绿"'})
    places(walk, ".1", 3)
    texts = walk.checkpoint.channel_variables()
    assert not set(texts["IVR_VARS"]) & set(',"\\ ()${}')
    assert restore(texts["IVR_NODE"], texts["IVR_VARS"]) == walk.checkpoint


def test_words_are_filled_in() -> None:
    """`{name}` is what the variable holds, or nothing; the values of one node do not depend on their order."""
    flow = flow_of(start=Set({"a": "{b}-{unset}", "b": "{a}"}, "end"), end=HangUp())
    walk = walk_of("m.start", flow, variables={"a": "1", "b": "2"})
    perform(walk, "")
    assert walk.checkpoint.variables == {"a": "2-", "b": "1"}


def test_a_flow_without_its_calendar_or_its_sub_flow_is_refused() -> None:
    """No walk can meet a calendar or a menu that is not there."""
    with pytest.raises(FlowInvalid, match=r"lost1.*lost2"):
        flow_of(a=Hours("lost1", "b", "b"), b=Call("lost2", "b"))


@pytest.mark.parametrize(
    ("log", "keyed", "shown"),
    [("full", "62220001", "62220001"), ("masked", "62220001", "xxxx0001"), ("masked", "123", "xxx"), ("off", "12", "")],
)
async def test_what_the_records_show_of_an_entry(log: str, keyed: str, shown: str) -> None:
    """All, the last four, or nothing; also of an entry in the midst of which the caller hangs up."""
    ask = Collect(("ask",), "card", "bye", "bye", 2, len(keyed), None, log=log)
    flow, records = flow_of(ask=ask, bye=HangUp()), Records()
    handle = make_handler(flow, soundless_voice(flow), records, IvrSettings(clock=lambda: 1.0))
    await handle(ScriptedAgi([*keyed], {"HOTLINE_ENTRY": "m"}))
    assert records.of("IVRSTEP")[0]["input"] == shown
    await handle(ScriptedAgi([*keyed[:-1], "hangup"], {"HOTLINE_ENTRY": "m"}))
    assert records.of("IVRSTEP")[-1]["result"] == "left_in_menu"
    assert keyed[:-1] not in records.of("IVRSTEP")[-1]["input"] or log == "full"


class Line:
    """One caller's channel and the records of the call, over as many sessions as the dialplan begins."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {"HOTLINE_ENTRY": "main", "HOTLINE_CALLED": "4001"}
        self.records = Records()
        self.handle = make_handler(FLOW, soundless_voice(FLOW), self.records, IvrSettings(clock=lambda: 1000.0))

    def reply(self, sound: str) -> str:
        """What the caller presses: at two of the questions # first, to hear them again. Whoever is asked the same once
        more does the same again."""
        state = dict(parse_qsl(self.variables["IVR_VARS"]))
        if sound == "zh/ask":
            entry = "2026" if self.variables["IVR_NODE"] == "order.ask" else "98*5#"
            return "#" if state[".step"] in HEARD_AGAIN else entry
        return {"zh/top": "1", "zh/confirm": "1"}.get(sound, "")

    async def session(self, killed_at: int | None = None) -> ScriptedAgi:
        agi = ScriptedAgi([], self.variables, replies=self.reply, killed_at=killed_at)
        await self.handle(agi)  # type: ignore[arg-type]  # stands for an AgiSession
        return agi


HEARD_AGAIN = ("4", "7")


async def test_killed_at_any_command_in_a_sub_flow() -> None:
    """Wherever the process dies, the next session resumes at the checkpoint with the call stack and the way back as
    they were: the call ends with the same variables, and its records without their repetitions are the same."""
    undisturbed = Line()
    commands = len((await undisturbed.session()).commands)
    assert undisturbed.variables["IVR_NEXT"] == "queue"
    assert "topic=2026+for+98.50" in undisturbed.variables["IVR_VARS"]
    assert [step["result"] for step in undisturbed.records.of("IVRSTEP")].count("repeat") == len(HEARD_AGAIN)
    for killed_at in range(commands):
        line = Line()
        with pytest.raises(Killed):
            await line.session(killed_at)
        await line.session()
        assert line.variables == undisturbed.variables
        assert told_once(line.records) == told_once(undisturbed.records)
