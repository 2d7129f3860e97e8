"""Votes: one of each number, told once, whatever dies in between."""

import pytest

from ivr.actions import CastVote, Enter, HasVoted, Hear, Leave
from ivr.ballots import NoBallots, VotesUnknown
from ivr.checkpoint import Checkpoint
from ivr.collector import KEYS
from ivr.nodes import HangUp, Queue, Say, Vote
from ivr.session import IvrSettings, make_handler
from ivr.walk import Walk
from tests.unit.ivr.scripted import Killed, Records, ScriptedAgi, soundless_voice
from tests.unit.ivr.walking import flow_of

FLOW = flow_of(
    vote=Vote(("which",), "tea", {"1": "green", "star": "black"}, "bye", "again", "person", "person"),
    again=Say(("again",), "bye"),
    person=Queue("orders"),
    bye=HangUp(),
)


class Ballots:
    """Stands for the records: keeps in memory what is cast."""

    def __init__(self, votes: dict[tuple[str, str], str] | None = None) -> None:
        self.votes = votes or {}

    async def step_of_vote(self, ballot: str, caller_number: str) -> str | None:
        return self.votes.get((ballot, caller_number))

    def note(self, ballot: str, caller_number: str, step_id: str) -> None:
        self.votes.setdefault((ballot, caller_number), step_id)


@pytest.mark.parametrize(
    ("has_voted", "result", "onward"), [("yes", "repeated", "m.again"), (None, "failed", "m.person")]
)
def test_who_cannot_vote_is_not_asked(has_voted: str | None, result: str, onward: str) -> None:
    """A number that has voted is told so, and one of which nobody can tell goes where `failed` says."""
    walk = Walk(FLOW, Checkpoint("m.vote"), "zh")
    actions = walk.actions()
    assert [next(actions), next(actions)] == [Enter(), HasVoted("tea")]
    assert actions.send(has_voted) == Leave(result)
    assert next(actions) == Enter()
    assert walk.step.address == onward


def test_a_vote_is_cast_by_a_key() -> None:
    """The key's choice is recorded under its name before the caller goes on."""
    actions = Walk(FLOW, Checkpoint("m.vote"), "zh").actions()
    next(actions)
    next(actions)
    assert actions.send("no") == Hear(("which",), KEYS)
    assert actions.send("*") == CastVote("tea", "black")
    assert next(actions) == Leave("matched")


async def test_a_number_votes_once() -> None:
    """The first call is asked and recorded, the second is told; without a number nobody is asked."""
    ballots, records = Ballots(), Records()
    handle = make_handler(FLOW, soundless_voice(FLOW), records, IvrSettings(ballots=ballots))
    await handle(ScriptedAgi(["1"], {"HOTLINE_ENTRY": "m"}))
    assert records.of("VOTE") == [
        {
            "verb": "VOTE",
            "call_id": "1700000000.1",
            "step_id": "1700000000.1:1",
            "caller_number": "13800138000",
            "ballot": "tea",
            "choice": "green",
        }
    ]
    again = ScriptedAgi(["1"], {"HOTLINE_ENTRY": "m"})
    again.uniqueid = "1700000000.2"
    await handle(again)
    assert again.heard == ["zh/again"]
    withheld = ScriptedAgi(["1"], variables := {"HOTLINE_ENTRY": "m"})
    withheld.caller_number = ""
    await handle(withheld)
    assert variables["IVR_NEXT"] == "queue"
    assert len(records.of("VOTE")) == 1


async def test_nobody_votes_without_records() -> None:
    """Where no records are kept, or they cannot be read, a caller goes where `failed` says."""
    with pytest.raises(VotesUnknown):
        await NoBallots().step_of_vote("tea", "138")
    records, variables = Records(), {"HOTLINE_ENTRY": "m"}
    await make_handler(FLOW, soundless_voice(FLOW), records)(ScriptedAgi(["1"], variables))
    assert variables["IVR_NEXT"] == "queue"
    assert records.of("VOTE") == []


async def test_killed_between_the_vote_and_what_follows() -> None:
    """Wherever the process dies, the caller who votes again in the same step is not told of a second vote, and every
    record of it bears the same step."""
    commands = len((await vote_over_deaths(None))[0].commands)
    for killed_at in range(commands):
        agi, records = await vote_over_deaths(killed_at)
        assert "zh/again" not in agi.heard
        assert {vote["step_id"] for vote in records.of("VOTE")} == {"1700000000.1:1"}


async def vote_over_deaths(killed_at: int | None) -> tuple[ScriptedAgi, Records]:
    records, variables = Records(), {"HOTLINE_ENTRY": "m"}
    handle = make_handler(FLOW, soundless_voice(FLOW), records, IvrSettings(ballots=Ballots()))
    agi = ScriptedAgi(["1"], variables, killed_at=killed_at)
    try:
        await handle(agi)
    except Killed:
        agi = ScriptedAgi(["1"], variables)
        await handle(agi)
    return agi, records
