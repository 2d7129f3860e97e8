"""A shop with what asks and what leads on in the menu language, for tests of what holds whatever a caller does."""

from datetime import UTC

from ivr.collector import Retry
from ivr.flow import Flow, Handlers
from ivr.hours import Hours as Calendar
from ivr.hours import Span
from ivr.nodes import (
    Call,
    Collect,
    HangUp,
    Hours,
    Menu,
    Question,
    Queue,
    Record,
    Return,
    Say,
    Set,
    Survey,
    Switch,
    Transfer,
)

ALWAYS = Calendar(UTC, {day: (Span(0, 1440),) for day in range(7)}, "")
NEVER = Calendar(UTC, {}, "")
TWICE = Retry(2, ("again",))
TOP = {"1": "order", "2": "person", "3": "leave", "4": "onward", "5": "rate"}
QUESTIONS = {
    "friendly": Question(("friendly",), {str(key): str(key) for key in range(1, 6)}, skip_key="6"),
    "why": Question(("why",), {}, comment_seconds=20),
    "again": Question(("again",), {"1": "yes", "2": "no"}),
}


def language_flow() -> Flow:
    """`main`: hours, a menu, a sub-flow `order`, which calls `amount`; a message, a transfer to 1001 and a survey; a
    handler for whoever hangs up."""
    nodes = {
        "main.open": Hours("office", "top", "bye"),
        "main.top": Menu(("top",), TOP, "person", TWICE, TWICE),
        "main.order": Call("order", "by_size", {"from": "{caller_number}"}, {"order": "number", "much": "much"}),
        "main.by_size": Switch("much", {"0.00": "nothing", "": "bye"}, "note"),
        "main.nothing": Say(("nothing",), "top"),
        "main.note": Set({"topic": "{order} for {much}"}, "person"),
        "main.leave": Record(("ask",), "voice_mail", "top", "person", 30, review=("again",), no_input=TWICE),
        "main.onward": Transfer("1001", {"answered": "rate", "busy": "leave", "failed": "person"}),
        "main.rate": Survey(QUESTIONS, "bye", "top", TWICE, TWICE),
        "main.gone": Set({"left": "{order}"}, "quiet"),
        "main.quiet": HangUp(),
        "main.late": Say(("late",), "person"),
        "main.person": Queue("orders"),
        "main.bye": HangUp(("goodbye",)),
        "order.ask": Collect(("ask",), "order", "amount", "main.person", 4, 4, confirm=("confirm",)),
        "order.amount": Call("amount", "end", into={"much": "amount"}),
        "order.end": Return({"number": "{order}", "much": "{much}"}),
        "amount.ask": Collect(("ask",), "amount", "end", "main.person", 1, 10, "pound", TWICE, TWICE, as_="amount"),
        "amount.end": Return({"amount": "{amount}"}),
    }
    handlers = Handlers("main.person", "main.gone", 600, "main.late")
    return Flow(
        nodes,
        {"main": "main.open", "order": "order.ask", "amount": "amount.ask"},
        handlers=dict.fromkeys(nodes, handlers),
        calendars={"office": ALWAYS, "never": NEVER},
        keys={"0": "person", "star": "back", "pound": "repeat", "9": "main"},
        mains={"order": "main.top", "amount": "main.top"},
        may_call=lambda number: number == "1001",
    )
