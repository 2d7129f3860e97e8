"""Feature codes: what an agent dials, and what comes of it."""

from typing import Any

import pytest

from acd.agents import CODES, PIN_TRIES, AgentDesk, Book
from acd.desk import Desk
from acd.events import AgentAsked, OfferAnswered, TalkEnded
from acd.model import AgentState, QueueRules, WrapUp
from acd.status_api import status
from pbx.agi_session import Played
from pbx.fastagi import CallerGone
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import Desk as Room

STRICT = QueueRules("orders", {}, wrap_up=WrapUp.UNTIL_DISPOSITION, wrap_up_extend_seconds=0.0)
BOOK = Book(pins={"1001": "4711"}, reasons={"1": "lunch"})
WRONG = ["ask_number", "ask_pin", "wrong_pin"]


class Phone:
    """The AGI request of a phone that has dialled a code; hangs up at the first word where that is asked for."""

    language = "zh"

    def __init__(self, phone: str, owner: str, code: str, keys: str = "", *, leaves: bool = False) -> None:
        self.path_rest = code
        self.heard: list[str] = []
        self._variables = {"PHONE": phone or None, "AGENT_ID": owner or None}
        self._keys = list(keys)
        self._leaves = leaves

    async def get_variable(self, name: str) -> str | None:
        return self._variables[name]

    async def command(self, verb: str) -> None:
        assert verb == "ANSWER"
        if self._leaves:
            raise CallerGone

    async def stream_file(self, clip: str, escape_digits: str = "") -> Played:
        self.heard.append(clip.removeprefix("zh/agent."))
        return Played(self._keys.pop(0) if escape_digits and self._keys else None, 0)

    async def wait_for_digit(self, milliseconds: int) -> str | None:
        return self._keys.pop(0) if self._keys else None


@pytest.fixture
def room() -> Room:
    """Agents 1001 and 1002 with phones of their own, and the desk phone 2001."""
    from dataclasses import replace

    floor = replace(floor_of({"1001": {}, "1002": {}}, STRICT), phones=frozenset({"2001", "2002"}), dispositions={"1"})
    made = Room(floor)
    made.see_phones()
    return made


async def dial(room: Room, phone: str, code: str, keys: str = "", *, leaves: bool = False) -> list[str]:
    """Dial a code; the prompts that were heard. A phone below 2000 is its agent's own."""
    session: Any = Phone(phone, phone if phone < "2" else "", code, keys, leaves=leaves)
    desk = Desk(room.distributor, ["lunch"])
    await AgentDesk(desk, lambda prompt, language: [f"{language}/{prompt}"], BOOK).handle(session)
    heard: list[str] = session.heard
    return heard


def state(room: Room, agent_id: str = "1001") -> tuple[AgentState, str]:
    return room.engine.agents[agent_id].state, room.engine.agents[agent_id].reason


def talk(room: Room) -> None:
    room.ready("1001")
    room.join("zhang")
    room.distributor.post(OfferAnswered("zhang", "1001"))


@pytest.mark.parametrize(
    ("code", "heard", "becomes"),
    [
        ("log_in", ["logged_in"], (AgentState.NOT_READY, "log_in")),
        ("ready", ["ready"], (AgentState.READY, "")),
        ("not_ready", ["not_ready"], (AgentState.NOT_READY, "by_phone")),
        ("not_ready/1", ["not_ready", "reason.lunch"], (AgentState.NOT_READY, "lunch")),
        ("not_ready/7", ["unknown_digits"], (AgentState.LOGGED_OFF, "")),
        ("log_off", ["logged_off"], (AgentState.LOGGED_OFF, "")),
        ("wrap_up", ["refused_logged_off"], (AgentState.LOGGED_OFF, "")),
        ("disposition", ["unknown_digits"], (AgentState.LOGGED_OFF, "")),
        ("disposition/9", ["refused_unknown_disposition"], (AgentState.LOGGED_OFF, "")),
        ("disposition/1", ["refused_no_talk"], (AgentState.LOGGED_OFF, "")),
        ("unknown", ["unknown_digits"], (AgentState.LOGGED_OFF, "")),
        ("promote", ["refused"], (AgentState.LOGGED_OFF, "")),
    ],
)
async def test_each_code_says_what_has_come_of_it(
    room: Room, code: str, heard: list[str], becomes: tuple[AgentState, str]
) -> None:
    """An agent who dials a code is in its state and hears so in the phone's language; what cannot be is told why."""
    assert await dial(room, "1001", code) == heard
    assert state(room) == becomes


async def test_in_a_call_codes_tell_that_they_wait(room: Room) -> None:
    """Not ready and wrap-up are wishes until the call is over; the disposition is kept at once."""
    talk(room)
    assert await dial(room, "1001", "not_ready/1") == ["not_ready", "reason.lunch", "after_call"]
    assert await dial(room, "1001", "wrap_up") == ["wrap_up", "after_call"]
    assert await dial(room, "1001", "disposition/1") == ["disposition_kept", "disposition.1"]
    assert state(room) == (AgentState.ON_CALL, "")


async def test_a_disposition_that_is_owed_is_asked_for(room: Room) -> None:
    """Ready waits for the disposition, and the agent hears that it does."""
    talk(room)
    room.distributor.post(TalkEnded("zhang", by_agent=True))
    assert await dial(room, "1001", "ready") == ["ready", "after_disposition"]
    assert await dial(room, "1001", "wrap_up") == ["refused_wrap_up_limit"]
    assert await dial(room, "1001", "disposition/1") == ["disposition_kept", "disposition.1"]
    assert state(room) == (AgentState.READY, "")


async def test_a_phone_of_nobody_changes_nothing(room: Room) -> None:
    """A desk phone where nobody is logged in, and a caller's, are refused."""
    assert await dial(room, "2001", "ready") == ["refused"]
    assert await dial(room, "", "ready") == ["refused"]
    assert room.journal.lines == []


async def test_logging_in_twice_keeps_the_state_chosen_since(room: Room) -> None:
    """An agent who is ready and logs in again stays ready."""
    room.ready("1001")
    assert await dial(room, "1001", "log_in") == ["logged_in"]
    assert state(room) == (AgentState.READY, "")


async def test_an_agent_who_hangs_up_early_has_been_heard(room: Room) -> None:
    """The state changes before the phone is answered, so that no phone can hang up too early."""
    assert await dial(room, "1001", "ready", leaves=True) == []
    assert state(room) == (AgentState.READY, "")


async def test_a_desk_phone_asks_for_number_and_pin(room: Room) -> None:
    """Number and PIN bring the agent to this phone, whose codes are theirs from then on; at home they come back."""
    assert await dial(room, "2001", "log_in", "1001#4711#") == ["ask_number", "ask_pin", "logged_in"]
    assert room.engine.holders == {"2001": "1001"}
    assert await dial(room, "2001", "ready") == ["ready"]
    assert state(room) == (AgentState.READY, "")
    assert await dial(room, "1001", "log_in") == ["logged_in"]
    assert room.engine.holders == {"1001": "1001"}


@pytest.mark.parametrize("keys", ["1001#4712#", "1009#4711#", "1002##", "##", "", "1001#471", "123456781234"])
async def test_a_wrong_number_or_pin_is_not_told_apart(room: Room, keys: str) -> None:
    """Three tries a call, each refused with the same words: who guesses learns nothing, and nothing changes."""
    heard = await dial(room, "2001", "log_in", keys)
    assert [word for word in heard if word == "ask_pin"] == ["ask_pin"] * PIN_TRIES
    assert heard[-1] == "wrong_pin"
    assert room.engine.holders == {}


async def test_wrong_pins_are_counted_over_calls(room: Room) -> None:
    """The fifth within the time locks the phone and the number: the right PIN is no use there, nor at another desk, in
    the same words for both; the agent's own phone asks for no PIN. Nothing keyed is no guess."""
    for _ in range(2):
        assert await dial(room, "2001", "log_in", "1001##1001##1001##") != []
    assert await dial(room, "2001", "log_in", "1001#1#1001#2#1001#3#") == [*WRONG, *WRONG[1:], *WRONG[1:]]
    assert await dial(room, "2001", "log_in", "1001#4#1001#5#1001#4711#") == [*WRONG, *WRONG[1:], "locked"]
    assert room.engine.holders == {}
    assert await dial(room, "2001", "log_in", "1001#4711#") == ["locked"]
    assert await dial(room, "2002", "log_in", "1001#4711#") == ["ask_number", "ask_pin", "locked"]
    assert room.engine.holders == {}
    assert await dial(room, "1001", "log_in") == ["logged_in"]
    assert [line["verb"] for line in room.journal.lines].count("WRONGPIN") == 5
    assert {(line["kind"], line["name"]) for line in room.journal.lines if line["verb"] == "PINLOCK"} == {
        ("phone", "2001"),
        ("agent", "1001"),
    }
    lockouts = status(room.distributor, 0.0)["lockouts"]
    assert {(one["kind"], one["name"], one["seconds_left"] > 0) for one in lockouts} == {
        ("phone", "2001", True),
        ("agent", "1001", True),
    }


async def test_numbers_of_nobody_lock_the_phone_alone(room: Room) -> None:
    """Who tries many numbers from one phone is stopped there; what was keyed is not written down."""
    for _ in range(2):
        await dial(room, "2001", "log_in", "7#1#8#2#9#3#")
    assert await dial(room, "2001", "log_in", "1001#4711#") == ["locked"]
    assert await dial(room, "2002", "log_in", "1001#4711#") == ["ask_number", "ask_pin", "logged_in"]
    assert {line["agent_id"] for line in room.journal.lines if line["verb"] == "WRONGPIN"} == {""}


async def test_a_second_try_is_enough(room: Room) -> None:
    """Who mistyped is asked again, and a key ends the words about it."""
    heard = await dial(room, "2001", "log_in", "1001#1#1001#4711#")
    assert heard == ["ask_number", "ask_pin", "wrong_pin", "ask_pin", "logged_in"]


async def test_nobody_is_taken_out_of_a_call(room: Room) -> None:
    """A desk phone with an agent in a call is not given to another."""
    room.distributor.post(AgentAsked("1001", AgentState.NOT_READY, "log_in", ("2001",)))
    talk(room)
    assert state(room)[0] is AgentState.ON_CALL
    book = Book(pins={"1002": "4711"})
    session: Any = Phone("2001", "", "log_in", "1002#4711#")
    await AgentDesk(Desk(room.distributor), lambda prompt, language: [f"zh/{prompt}"], book).handle(session)
    assert session.heard[-1] == "refused_in_a_call"


def test_every_code_of_the_dialplan_is_known() -> None:
    """The paths that the dialplan may call are those that are answered."""
    from dialplan.site import FeatureCodes

    assert {path for _, path in FeatureCodes().paths()} <= CODES.keys()
