"""`hotline agent` against an ACD that answers as the real one does."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acd.desk import Desk
from acd.desk_api import DeskApi
from acd.events import OfferAnswered
from acd.status_api import StatusApi
from hotline.agent_desk import DeskRefused
from hotline.commands.agent import app
from hotline.live_status import AcdSilent
from hotline.state import State
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import QUEUE
from tests.unit.acd.shell import Desk as Room


class Terminal:
    """A shell in which `hotline agent` finds this state folder."""

    def __init__(self, folder: Path) -> None:
        floor = floor_of({"1001": {}, "1002": {}}, QUEUE)
        self.room = Room(replace(floor, phones=frozenset({"2001"}), dispositions=frozenset({"2"})))
        self.state = State.at(folder)

    async def run(self, *words: str) -> Result:
        command = [*words, "--state", str(self.state.folder)]
        return await asyncio.to_thread(CliRunner().invoke, app, command)


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    made = Terminal(tmp_path / "state")
    made.state.make()
    made.room.see_phones()
    api = DeskApi(Desk(made.room.distributor, ["lunch"]), made.room.distributor)
    status = StatusApi(made.room.distributor, made.state.acd_socket, api.add_to)
    await status.start()
    yield made
    await status.close()


async def test_an_agent_is_moved_and_shown(terminal: Terminal) -> None:
    """Each command does what its words say; what it says goes to stderr, data to stdout."""
    moved = await terminal.run("log-in", "1001", "--phone", "2001")
    assert (moved.exit_code, moved.stdout, moved.stderr) == (0, "", "agent 1001 is logged in\n")
    for words, said in (
        (("ready", "1001"), "agent 1001 is ready\n"),
        (("not-ready", "1001", "lunch"), "agent 1001 is not ready\n"),
    ):
        assert (await terminal.run(*words)).stderr == said
    shown = await terminal.run("show", "1001", "--json")
    one = json.loads(shown.stdout)
    assert (one["state"], one["reason"], one["phones"]) == ("not_ready", "lunch", ["2001"])
    table = (await terminal.run("list")).stdout
    assert "1001" in table
    assert "1002" in table
    assert [one["agent_id"] for one in json.loads((await terminal.run("list", "--json")).stdout)] == ["1001", "1002"]
    assert (await terminal.run("log-off", "1001")).stderr == "agent 1001 is logged off\n"


async def test_what_waits_for_the_end_of_the_call_is_said(terminal: Terminal) -> None:
    """A wish in a call is told as one; a disposition is kept at once."""
    terminal.room.ready("1001")
    terminal.room.join("zhang")
    terminal.room.distributor.post(OfferAnswered("zhang", "1001"))
    assert (await terminal.run("wrap-up", "1001")).stderr == "agent 1001 wraps up as soon as this call is over\n"
    given = json.loads((await terminal.run("disposition", "1001", "2", "--json")).stdout)
    assert (given["when"], given["agent"]["disposition"]) == ("now", "2")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ready", "1009"), "there is no agent 1009"),
        (("ready", "10/01"), "there is no agent 10/01"),
        (("not-ready", "1001", "nap"), "there is no reason 'nap'; the site's are lunch"),
        (("wrap-up", "1001"), "the agent is not logged in"),
    ],
)
async def test_what_cannot_be_is_told_in_a_sentence(terminal: Terminal, words: tuple[str, ...], why: str) -> None:
    """An ACD that refuses is an error that its user can mend."""
    result = await terminal.run(*words)
    assert isinstance(result.exception, DeskRefused)
    assert str(result.exception) == why


async def test_a_silent_acd_is_told(tmp_path: Path) -> None:
    """Nobody at the socket: the sentence says what to look at."""
    result = await Terminal(tmp_path).run("list")
    assert isinstance(result.exception, AcdSilent)
