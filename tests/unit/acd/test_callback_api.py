"""Callbacks over HTTP on the ACD's socket, and `hotline callback` against it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from typer.testing import CliRunner, Result

from acd.callback import CallbackMode, CallbackRules
from acd.callback_api import CallbackApi
from acd.events import CallbackBooked, CallerJoined
from acd.model import QueueRules
from acd.status_api import StatusApi
from hotline.agent_desk import DeskRefused
from hotline.cli import app
from hotline.live_status import AcdSilent
from hotline.state import State
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import Desk

RULES = CallbackRules(mode=CallbackMode.CALLER_FIRST, initial_delay_seconds=600.0)
QUEUES = (QueueRules("orders", {}, callback=CallbackRules()), QueueRules("parcels", {}, callback=RULES))


class Terminal:
    """A shell in which hotline finds this state folder, and an HTTP client beside it."""

    def __init__(self, folder: Path) -> None:
        self.room = Desk(floor_of({"1001": {}}, *QUEUES))
        self.state = State.at(folder)

    def book(self, number: str, queue_id: str = "orders") -> str:
        """A number waits to be called; the id of the callback."""
        self.room.distributor.post(CallbackBooked(CallerJoined(f"v{number}", f"c{number}", queue_id, ""), number))
        return self.room.engine.callbacks[queue_id, number]

    async def run(self, *words: str) -> Result:
        command = ["callback", *words, "--state", str(self.state.folder)]
        return await asyncio.to_thread(CliRunner(env={"COLUMNS": "200"}).invoke, app, command)

    async def http(self, method: str, path: str) -> tuple[int, Any]:
        connector = aiohttp.UnixConnector(str(self.state.acd_socket))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.request(method, f"http://acd{path}") as answer,
        ):
            return answer.status, await answer.json()


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    made = Terminal(tmp_path / "state")
    made.state.make()
    made.room.see_phones()
    status = StatusApi(made.room.distributor, made.state.acd_socket, CallbackApi(made.room.distributor).add_to)
    await status.start()
    yield made
    await status.close()


async def test_everyone_who_waits_is_told_in_the_order_of_the_line(terminal: Terminal) -> None:
    """Number, queue, attempts and times in seconds; one for whom an agent rings is being called."""
    assert await terminal.http("GET", "/callbacks") == (200, [])
    first, second = terminal.book("139", "parcels"), terminal.book("138")
    terminal.room.ready("1001")
    status, told = await terminal.http("GET", "/callbacks")
    assert (status, [one["callback_id"] for one in told]) == (200, [first, second])
    assert [(one["number"], one["queue"], one["state"]) for one in told] == [
        ("139", "parcels", "waiting"),
        ("138", "orders", "calling"),
    ]
    assert 599.0 < told[0]["due_seconds"] <= 600.0 and told[1]["due_seconds"] == 0.0
    assert told[0]["attempts"] == 0 and told[0]["asked_seconds"] < 60.0 and told[0]["wait_seconds"] < 60.0


async def test_one_is_taken_back_once(terminal: Terminal) -> None:
    """DELETE ends it and says which; a second one, and one of nobody's, is a 404 with its word."""
    callback_id = terminal.book("139")
    assert await terminal.http("DELETE", f"/callbacks/{callback_id}") == (200, {"callback_id": callback_id})
    for unknown in (callback_id, "nobody"):
        status, fault = await terminal.http("DELETE", f"/callbacks/{unknown}")
        assert (status, fault["error"]) == (404, "unknown_callback") and unknown in fault["message"]
    ends = [line for line in terminal.room.journal.lines if line["verb"] == "CALLBACKEND"]
    assert [(one["outcome"], one["cause"]) for one in ends] == [("callback_cancelled", "cancelled")]


async def test_the_list_is_for_people_and_for_programs(terminal: Terminal) -> None:
    """A sentence where nobody waits, a table with the whole id, and JSON as the socket tells it."""
    assert (await terminal.run("list")).stdout == "nobody waits to be called\n"
    callback_id = terminal.book("139", "parcels")
    shown = await terminal.run("list")
    assert shown.exit_code == 0
    heading, _, row = shown.stdout.splitlines()[:3]
    assert heading.split()[:3] == ["callback_id", "┃", "number"]
    assert callback_id in row and "parcels" in row and "waiting" in row
    assert "10:00" in row or "9:5" in row  # the clock goes on while it is printed
    (told,) = json.loads((await terminal.run("list", "--json")).stdout)
    assert (told["callback_id"], told["number"]) == (callback_id, "139")
    assert json.loads((await terminal.run("list", "--json")).stdout)[0].keys() == told.keys()


async def test_a_callback_is_cancelled_from_the_command_line(terminal: Terminal) -> None:
    """Nothing on stdout, what was done on stderr, and exit 0; nobody waits for it any more."""
    callback_id = terminal.book("139")
    done = await terminal.run("cancel", callback_id)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"callback {callback_id} is cancelled\n")
    again = await terminal.run("cancel", callback_id)
    assert isinstance(again.exception, DeskRefused) and again.exit_code == 1
    assert str(again.exception) == f"nobody waits for a callback {callback_id}"


async def test_an_id_is_data_and_no_path(terminal: Terminal) -> None:
    """Whatever is written for an id is asked for as it stands."""
    refused = await terminal.run("cancel", "../agents?x=1 y")
    assert str(refused.exception) == "nobody waits for a callback ../agents?x=1 y"


@pytest.mark.parametrize("words", [("list",), ("cancel", "abc")])
async def test_an_acd_that_is_not_there_is_named(words: tuple[str, ...], tmp_path: Path) -> None:
    """Exit 1, with what to look at."""
    silent = Terminal(tmp_path / "empty")
    silent.state.make()
    done = await silent.run(*words)
    assert isinstance(done.exception, AcdSilent) and done.exit_code == 1
    assert "is `hotline up` running with this state folder?" in str(done.exception)


@pytest.mark.parametrize("words", [("cancel",), ("dance",), ("list", "--xml")])
async def test_wrong_usage_is_2(words: tuple[str, ...], tmp_path: Path) -> None:
    """A missing id, a word or an option that there is not."""
    done = await asyncio.to_thread(CliRunner().invoke, app, ["callback", *words])
    assert done.exit_code == 2
