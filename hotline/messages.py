"""The messages that callers have left, for people who listen to them: from the records, with the files beside them."""

import getpass
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from db.engine import open_engine
from db.messages import Message, mark_done, messages_left
from db.reports.messages import state_of
from hotline.faults import HotlineError
from hotline.reporting import local_zone
from hotline.settings import load
from hotline.state import State
from ivr.message_folder import MessageFolder

COLUMNS = ("message", "left_at", "kind", "caller_number", "language", "node", "state", "length")


class MessageUnknown(HotlineError):
    """Nobody has left such a message."""

    def __init__(self, name: str) -> None:
        super().__init__(f"found no message {name!r}; `hotline messages list --all` shows them")


def list_messages(state: State, *, every: bool = False) -> list[Message]:
    """What was left that nobody has seen to, or all; without those whose file never came to be."""
    folder = MessageFolder(state.messages)
    with _records(state) as engine:
        found = messages_left(engine, every=every)
    return [one for one in found if one.left_at is not None or folder.seconds(one.file)]


def find_message(state: State, name: str) -> Message:
    """The message of this name, as `told` gives it, or of this file. Raises MessageUnknown."""
    found = (one for one in list_messages(state, every=True) if name in (one.file, name_of(one)))
    message = next(found, None)
    if message is None:
        raise MessageUnknown(name)
    return message


def finish(state: State, name: str, by: str = "") -> Message:
    """Note that somebody has seen to it. Raises MessageUnknown."""
    message = find_message(state, name)
    with _records(state, writing=True) as engine:
        mark_done(engine, message.file, by or getpass.getuser(), datetime.now(UTC))
    return find_message(state, name)


def name_of(message: Message) -> str:
    """The call and the step: short, and of this message alone."""
    return PurePosixPath(message.file).stem


def path_of(state: State, message: Message) -> Path:
    """Where the file is."""
    return state.messages / message.file


def told(state: State, message: Message) -> dict[str, Any]:
    """A message in the words of the command's output; times in this machine's zone."""
    zone = local_zone()
    left, done = (moment and moment.astimezone(zone).isoformat(timespec="seconds") for moment in _moments(message))
    seconds = message.seconds
    if message.left_at is None and message.kind != "fax":
        seconds = MessageFolder(state.messages).seconds(message.file)
    return {
        **{"message": name_of(message), "left_at": left, "kind": message.kind, "caller_number": message.caller_number},
        **{"language": message.language, "node": message.node, "state": state_of(message)},
        **{"seconds": seconds, "pages": message.pages, "call_id": message.call_id},
        **{"done_at": done, "done_by": message.done_by, "path": str(path_of(state, message))},
    }


def _moments(message: Message) -> tuple[datetime | None, datetime | None]:
    return message.left_at or message.begun_at, message.done_at


def print_messages(messages: Sequence[Mapping[str, Any]]) -> None:
    """A table for people."""
    table = Table(show_edge=False)
    for heading in COLUMNS:
        table.add_column(heading, no_wrap=heading == "message")
    for one in messages:
        table.add_row(*(str(one[name] or "") for name in COLUMNS[:-1]), _length(one))
    Console().print(table if messages else "nobody has left a message")


def _length(message: Mapping[str, Any]) -> str:
    if message["pages"] is not None:
        return f"{message['pages']} pages" if message["pages"] != 1 else "1 page"
    return "" if message["seconds"] is None else f"{message['seconds']:.0f} s"


@contextmanager
def _records(state: State, *, writing: bool = False) -> Iterator[Engine]:
    """The database. Raises HotlineError where it cannot be read."""
    engine = open_engine(load(state).database_url, writing=writing)
    try:
        yield engine
    except (OperationalError, ProgrammingError) as refusal:
        raise HotlineError(f"the records cannot be read: {str(refusal.orig).splitlines()[0]}") from refusal
    finally:
        engine.dispose()
