"""`hotline messages`: what people see of what callers have left."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from db.engine import open_engine
from db.messages import Message
from db.migrate import upgrade
from hotline.cli import app
from hotline.faults import HotlineError
from hotline.settings import load
from hotline.settings import settle as settle_settings
from hotline.state import State

MORNING = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
FILE = "2026/01/01/1767225600.1-4.wav"


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state folder with two messages: one left, one whose end nobody told and whose file is there."""
    state = State.at(tmp_path / "state")
    state.make()
    settle_settings(state, tmp_path, [])
    upgrade(load(state).database_url)
    engine = open_engine(load(state).database_url, writing=True)
    with Session(engine) as session, session.begin():
        session.add(message(FILE, left_at=MORNING, seconds=12.3))
    engine.dispose()
    return state


def message(file: str, **more: object) -> Message:
    told = {"call_id": "1767225600.1", "kind": "complaint", "node": "chinese.complaint", "caller_number": "138"}
    return Message(file=file, **told, language="zh", begun_at=MORNING, **more)


def run(state: State, *words: str) -> str:
    done = CliRunner().invoke(app, ["messages", *words, "--state", str(state.folder)])
    if done.exception:
        raise done.exception
    return done.stdout


def test_messages_are_listed_with_where_their_files_are(state: State) -> None:
    """One row each for people, and all of it as JSON for programs."""
    assert "1767225600.1-4" in run(state, "list")
    (told,) = json.loads(run(state, "list", "--json"))
    assert (told["message"], told["kind"], told["state"], told["seconds"]) == (
        "1767225600.1-4",
        "complaint",
        "new",
        12.3,
    )
    assert told["path"] == str(state.messages / FILE)


@pytest.mark.parametrize("name", ["1767225600.1-4", FILE])
def test_a_message_is_found_by_its_name_or_its_file(state: State, name: str) -> None:
    """`play-path` prints the path and nothing else, `show` all that is known."""
    assert run(state, "play-path", name) == f"{state.messages / FILE}\n"
    assert "chinese.complaint" in run(state, "show", name)


def test_what_is_done_is_out_of_the_list(state: State) -> None:
    """Who has seen to it is kept, and `--all` still shows it."""
    run(state, "done", "1767225600.1-4", "--by", "1006")
    assert run(state, "list") == "nobody has left a message\n"
    (told,) = json.loads(run(state, "list", "--all", "--json"))
    assert (told["state"], told["done_by"]) == ("done", "1006")


def test_a_message_that_is_not_there_is_1(state: State) -> None:
    """The name is in the error, and where to look."""
    with pytest.raises(HotlineError, match="found no message 'x'"):
        run(state, "done", "x")


def test_what_was_begun_is_listed_where_there_is_sound_in_it(state: State) -> None:
    """Of a call that is over: with a file it may be a message, and its length is told; without one it is none."""
    from db.schema import Call

    engine = open_engine(load(state).database_url, writing=True)
    with Session(engine) as session, session.begin():
        session.add(Call(call_id="1767225600.1", started_at=MORNING, ended_at=MORNING))
        session.add_all([message("2026/01/01/1767225600.1-5.wav"), message("2026/01/01/1767225600.1-6.wav")])
    engine.dispose()
    file = state.messages / "2026/01/01/1767225600.1-5.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(44 + 32_000))
    told = json.loads(run(state, "list", "--json"))
    assert [(one["message"], one["state"], one["seconds"]) for one in told] == [
        ("1767225600.1-4", "new", 12.3),
        ("1767225600.1-5", "unfinished", 2.0),
    ]
