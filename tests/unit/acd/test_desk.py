"""The desk: what an agent asks for, and what they are told."""

from dataclasses import replace

import pytest

from acd.desk import Desk, UnknownAgent, UnknownReason, When
from acd.events import OfferAnswered, TalkEnded
from acd.model import AgentState, QueueRules, WrapUp
from acd.transitions import Refusal, Refused
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import Desk as Room

STRICT = QueueRules("orders", {}, wrap_up=WrapUp.UNTIL_DISPOSITION, wrap_up_seconds_max=60.0)


@pytest.fixture
def room() -> Room:
    floor = replace(
        floor_of({"1001": {}, "1002": {}}, STRICT), phones=frozenset({"2001"}), dispositions=frozenset({"1"})
    )
    made = Room(floor)
    made.see_phones()
    return made


@pytest.fixture
def desk(room: Room) -> Desk:
    return Desk(room.distributor, ["lunch"])


def test_what_is_done_now_is_told_with_the_new_standing(desk: Desk) -> None:
    """Log-in, ready and not ready of an idle agent are granted at once."""
    assert desk.log_in("1001", ("2001",)).standing.phones == ("2001",)
    assert desk.ready("1001").standing.state is AgentState.READY
    told = desk.not_ready("1001", "lunch")
    assert (told.when, told.standing.state, told.standing.reason) == (When.NOW, AgentState.NOT_READY, "lunch")
    assert desk.log_off("1001").standing.state is AgentState.LOGGED_OFF
    assert desk.standing("1001").phones == ("1001",)


async def test_a_wish_in_a_call_is_told_as_one(room: Room, desk: Desk) -> None:
    """During a call the standing names what will be; after it the disposition is owed, and ends the wait."""
    room.ready("1001")
    room.join("zhang")
    room.distributor.post(OfferAnswered("zhang", "1001"))
    told = desk.not_ready("1001", "lunch")
    assert (told.when, told.standing.state, told.standing.wish) == (When.AFTER_CALL, AgentState.ON_CALL, "not_ready")
    room.distributor.post(TalkEnded("zhang", by_agent=True))
    waits = desk.ready("1001")
    assert (waits.when, waits.standing.owes_disposition, waits.standing.wish) == (When.AFTER_DISPOSITION, True, "")
    assert 59.0 < (waits.standing.wrap_up_seconds_left or 0.0) <= 60.0
    given = desk.disposition("1001", "1").standing
    assert (given.state, given.disposition, given.wrap_up_seconds_left) == (AgentState.READY, "1", None)


def test_who_is_there_already_keeps_the_state(desk: Desk) -> None:
    """A second log-in at the same phones changes nothing, one at another phone is a move."""
    desk.log_in("1001")
    desk.ready("1001")
    assert desk.log_in("1001").standing.state is AgentState.READY
    assert desk.log_in("1001", ("1001",)).standing.state is AgentState.READY
    assert desk.log_in("1001", ("2001",)).standing.state is AgentState.NOT_READY


def test_a_phone_knows_who_sits_there(desk: Desk) -> None:
    """Whoever is logged in at a phone is its agent, else its owner."""
    assert (desk.agent_at("1001", "1001"), desk.agent_at("2001")) == ("1001", "")
    desk.log_in("1002", ("2001",))
    assert desk.agent_at("2001") == "1002"


def test_strangers_and_unknown_words_change_nothing(room: Room, desk: Desk) -> None:
    """An agent, a reason or a disposition that the site does not have is refused by name."""
    with pytest.raises(UnknownAgent, match="1009"):
        desk.ready("1009")
    with pytest.raises(UnknownReason, match="nap"):
        desk.not_ready("1001", "nap")
    with pytest.raises(Refused) as refusal:
        desk.disposition("1001", "7")
    assert refusal.value.why is Refusal.UNKNOWN_DISPOSITION
    assert room.journal.lines == []


def test_every_refusal_has_its_words() -> None:
    """Whatever is refused can be told to people."""
    assert all(len(why.words.split()) > 3 for why in Refusal)


def test_a_site_without_reasons_takes_any(room: Room) -> None:
    """Where a site lists no reasons every word is one."""
    assert Desk(room.distributor).not_ready("1001", "nap").standing.reason == "nap"
