"""Account and PIN: who is let on, who is locked, and that a PIN is nowhere."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialplan.inquiring import AccountLock
from ivr.actions import Reply
from ivr.backends import AccountsUnknown, Request
from ivr.nodes import Auth, HangUp, Lock, Menu, Queue, Say
from ivr.session import IvrSettings, make_handler
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice
from tests.unit.ivr.walking import flow_of

PIN, ACCOUNT = "246813", "80001"
AUTH = Auth(
    ("pin",),
    "members",
    "in",
    "broken",
    "locked",
    "person",
    ("card",),
    wrong=("wrong",),
    lock=Lock(4, 30),
    into={"p": "p"},
)
FLOW = flow_of(
    who=AUTH,
    again=Auth(("pin",), "members", "in", "broken", "locked", "person", account="caller_number", wrong=("wrong",)),
    **{"in": Menu(("in",), {"1": "who"}, "bye")},
    broken=Say(("broken",), "bye"),
    locked=Say(("locked",), "bye"),
    person=Queue("orders"),
    bye=HangUp(),
)


class Members:
    """Stands for a backend: knows one account, and notes what it was shown."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply
        self.shown: list[tuple[str, str]] = []

    def ask(self, request: Request) -> "asyncio.Task[Reply]":
        self.shown.append((request.inputs["account"], request.inputs["pin"]))
        return asyncio.create_task(self.answer(request))

    async def answer(self, request: Request) -> Reply:
        if self.reply:
            return self.reply
        right = (request.inputs["account"], request.inputs["pin"]) == (ACCOUNT, PIN)
        return Reply("found", {"p": "12"}) if right else Reply("not_found")


class Counts:
    """Stands for the database of tries: counts, and locks for ever."""

    def __init__(self) -> None:
        self.wrong: dict[str, int] = {}

    async def begin_try(self, backend: str, account: str, *, failures: int, minutes: int, at: float) -> bool:
        if self.wrong.get(account, 0) >= failures:
            return False
        self.wrong[account] = self.wrong.get(account, 0) + 1
        return True

    async def settle(self, backend: str, account: str, *, right: bool) -> None:
        self.wrong[account] = 0 if right else self.wrong[account] - 1


class Blind(Counts):
    """Cannot be read."""

    async def begin_try(self, backend: str, account: str, *, failures: int, minutes: int, at: float) -> bool:
        raise AccountsUnknown("away")


async def call(
    acts: Iterable[str], members: Members, counts: Counts, variables: dict[str, str] | None = None, **more: Any
) -> tuple[ScriptedAgi, Records]:
    """One session; its channel and its records."""
    records = Records()
    handle = make_handler(FLOW, soundless_voice(FLOW), records, IvrSettings(accounts=counts), backends=members)
    agi = ScriptedAgi(acts, {"HOTLINE_ENTRY": "m"} if variables is None else variables, **more)
    try:
        await handle(agi)
    except Killed:
        agi.commands.append("killed")
    return agi, records


async def test_who_knows_the_pin_is_let_on() -> None:
    """The fields are taken, the tries forgotten, and the record has the last four digits of the account alone."""
    counts = Counts()
    agi, records = await call([*ACCOUNT, "#", *PIN, "hangup"], Members(), counts)
    assert agi.heard == ["zh/card", "zh/pin", "zh/in"]
    step = records.of("IVRSTEP")[0]
    assert (step["result"], step["input"], step["kind"]) == ("passed", "xxxx1", "auth")
    assert counts.wrong == {ACCOUNT: 0}


@pytest.mark.parametrize("keyed", [(ACCOUNT, "000000"), ("99999", PIN)])
async def test_a_wrong_card_sounds_as_a_wrong_pin(keyed: tuple[str, str]) -> None:
    """What is heard, done and recorded does not tell which of the two is wrong, or whether the card exists."""
    once = [*keyed[0], "#", *keyed[1]]
    agi, records = await call([*once, *once, *once], Members(), Counts())
    assert agi.heard == ["zh/card", "zh/pin", "zh/wrong"] * 3
    assert agi.variables["IVR_NEXT"] == "queue"
    assert records.of("IVRSTEP")[0]["result"] == "exhausted"


async def test_too_many_wrong_pins_of_all_calls_lock() -> None:
    """The fourth wrong try is the last at this account, the fifth is not shown to the backend, right or not; another
    account is not concerned."""
    members, counts = Members(), Counts()
    wrong = [*ACCOUNT, "#", *"000000"]
    await call([*wrong, *wrong, *wrong], members, counts)
    agi, _ = await call([*wrong, *ACCOUNT, "#", *PIN], members, counts)
    assert agi.heard[-1] == "zh/locked"
    assert len(members.shown) == 4
    agi, _ = await call([*"99999", "#", *PIN, "hangup"], members, counts)
    assert members.shown[4:] == [("99999", PIN)]
    assert agi.heard[-1] == "zh/card", "asked for again, and not locked"


def test_what_a_lock_is_where_nothing_is_said() -> None:
    """Five wrong tries and half an hour, in the words of a site as in the walk."""
    assert AccountLock().model_dump() == asdict(Lock()) == {"failures": 5, "minutes": 30}


async def test_leaving_the_node_and_coming_back_gives_no_more_tries() -> None:
    """What counts is the call: its wrong tries are on the channel, wherever it was meanwhile."""
    wrong = [*"99999", "#", *"000000"]
    variables = {"HOTLINE_ENTRY": "m"}
    agi, _ = await call([*wrong, *wrong, "hangup"], Members(), Counts(), variables)
    assert ".tries=m.who%3A2" in variables["IVR_VARS"]
    agi, _ = await call([*wrong], Members(), Counts(), variables)
    assert agi.variables["IVR_NEXT"] == "queue"


@pytest.mark.parametrize("members", [Members(Reply("failed")), Members(Reply("found", {}))])
async def test_nobody_is_charged_for_our_failures(members: Members) -> None:
    """Where the backend does not answer the caller goes to `failed`, and neither call nor account has a try less."""
    counts = Counts()
    variables = {"HOTLINE_ENTRY": "m"}
    agi, _ = await call([*ACCOUNT, "#", *PIN, "hangup"], members, counts, variables)
    assert counts.wrong[ACCOUNT] == 0
    assert agi.heard[-1] in ("zh/broken", "zh/in")
    assert ".tries=m.who%3A0" in variables["IVR_VARS"]


async def test_without_a_count_nobody_is_let_try() -> None:
    """Whoever cannot count cannot lock: the backend is not asked."""
    members = Members()
    agi, _ = await call([*ACCOUNT, "#", *PIN], members, Blind())
    assert agi.heard[-1] == "zh/broken"
    assert members.shown == []


async def test_what_was_pressed_ahead_is_no_pin() -> None:
    """Keys during `wrong` are forgotten before the PIN is asked for, and the PIN's prompt is heard."""
    members = Members()
    variables = {"HOTLINE_ENTRY": "m.again"}
    await call([*"000000", "!2", *PIN, "hangup"], members, Counts(), variables)
    assert [pin for _, pin in members.shown] == ["000000", PIN]


async def test_a_pin_is_nowhere() -> None:
    """Wherever the process dies and begins again: the PIN is in no record, no variable and no command."""
    acts = [*ACCOUNT, "#", *PIN, "hangup"]
    commands = len((await call(acts, Members(), Counts()))[0].commands)
    for killed_at in range(commands + 1):
        variables = {"HOTLINE_ENTRY": "m"}
        members, counts = Members(), Counts()
        first, before = await call(acts, members, counts, variables, killed_at=killed_at)
        second, after = await call(acts, members, counts, variables)
        told = repr((before, after, variables, first.commands, second.commands))
        assert PIN not in told
        assert PIN[1:] not in told


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([ACCOUNT, "99999", PIN, "000000", "#", ".", "!", "*", "0"]), max_size=40),
    st.integers(0, 60),
)
def test_no_caller_tries_more_often_than_the_lock_lets(acts: list[str], killed_at: int) -> None:
    """Whatever is keyed, and whenever the process dies: no account is shown to the backend more often than its lock
    allows without a right PIN, and the session ends."""
    members, counts, variables = Members(Reply("not_found")), Counts(), {"HOTLINE_ENTRY": "m"}
    keys = [key for act in acts for key in (act if act.isdigit() else ["!1"] if act == "!" else act)]
    asyncio.run(call(keys, members, counts, variables, killed_at=killed_at))
    for _ in range(3):
        asyncio.run(call(keys, members, counts, variables))
    accounts = [account for account, _ in members.shown]
    assert all(accounts.count(account) <= 4 for account in accounts)
