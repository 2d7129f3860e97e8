"""`hotline queue` and `hotline caller` against an ACD that answers as the real one does."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from acd.line import Line
from acd.line_api import LineApi
from acd.model import Step
from acd.requirement import parse
from acd.status_api import StatusApi
from hotline.agent_desk import DeskRefused
from hotline.cli import app
from hotline.state import State
from tests.unit.acd.floors import floor_of
from tests.unit.acd.shell import QUEUE, Desk


class Terminal:
    """A shell in which hotline finds this state folder."""

    def __init__(self, folder: Path) -> None:
        rules = replace(QUEUE, skills={"orders": 5}, steps=(Step(60.0, parse("spanish")),))
        self.room = Desk(floor_of({"1001": {"orders": 5}, "1002": {"spanish": 1}}, rules))
        self.state = State.at(folder)

    async def run(self, *words: str) -> Result:
        command = [*words, "--state", str(self.state.folder)]
        return await asyncio.to_thread(CliRunner(env={"COLUMNS": "200"}).invoke, app, command)


@pytest.fixture
async def terminal(tmp_path: Path) -> AsyncIterator[Terminal]:
    made = Terminal(tmp_path / "state")
    made.state.make()
    made.room.see_phones()
    status = StatusApi(made.room.distributor, made.state.acd_socket, LineApi(Line(made.room.distributor)).add_to)
    await status.start()
    yield made
    await status.close()


async def test_who_waits_is_shown(terminal: Terminal) -> None:
    """Tables for people, JSON for programs; whose phone rings is shown as that."""
    assert "nobody waits" in (await terminal.run("caller", "list")).stdout
    terminal.room.ready("1001")
    terminal.room.join("zhang-1234567890")
    terminal.room.join("li")
    queues = (await terminal.run("queue", "list")).stdout
    assert "orders >= 5" in queues
    shown = (await terminal.run("queue", "show", "orders")).stdout
    assert "zhang-12 " in shown
    assert "rings" in shown
    assert "0 of 1, next in " in shown
    told = json.loads((await terminal.run("queue", "show", "orders", "--json")).stdout)
    assert [one["visit_id"] for one in told["callers"]] == ["zhang-1234567890", "li"]
    assert json.loads((await terminal.run("queue", "list", "--json")).stdout)[0]["waiting"] == 2
    assert json.loads((await terminal.run("caller", "list", "--json")).stdout)[1]["could_serve"] == ["1001"]


async def test_a_caller_without_steps_or_agents_is_shown(terminal: Terminal) -> None:
    """A dash where there is nothing to tell, and `nobody` where nobody could serve."""
    terminal.room.join("zhang")
    shown = (await terminal.run("caller", "list")).stdout
    assert "nobody" in shown
    assert "1 of 1 " in shown


async def test_a_caller_is_ranked(terminal: Terminal) -> None:
    """The place that came of it goes to stderr, or to stdout as JSON."""
    terminal.room.join("zhang")
    terminal.room.join("li")
    moved = await terminal.run("caller", "rank", "li", "--head-start", "300")
    assert (moved.exit_code, moved.stdout, moved.stderr) == (0, "", "caller li of orders is number 1\n")
    told = json.loads((await terminal.run("caller", "rank", "zhang", "--priority", "5", "--json")).stdout)
    assert (told["priority"], told["position"]) == (5, 1)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("caller", "rank", "wang", "--priority", "1"), "no caller is here whose id begins with wang"),
        (
            ("caller", "rank", "zhang", "--priority", "2000"),
            "priority: a number from -1000 to 1000 is expected",
        ),
        (("queue", "show", "no/where"), "there is no queue no/where"),
    ],
)
async def test_what_cannot_be_is_told_in_a_sentence(terminal: Terminal, words: tuple[str, ...], why: str) -> None:
    """An ACD that refuses is an error that its user can mend."""
    terminal.room.join("zhang")
    result = await terminal.run(*words)
    assert isinstance(result.exception, DeskRefused)
    assert str(result.exception) == why


async def test_a_rank_without_a_wish_is_wrong_usage(terminal: Terminal) -> None:
    """Exit code 2, and what to give."""
    result = await terminal.run("caller", "rank", "zhang")
    assert result.exit_code == 2
    assert "--head-start" in result.stderr
