"""The state folder: names, privacy, the lock."""

import os
import stat
from pathlib import Path

import pytest

from hotline.faults import HotlineError, StateBusy
from hotline.state import State, default_folder, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_are_the_owners_alone(tmp_path: Path) -> None:
    """Journals hold callers' numbers: what `make` makes is closed to other users, and making it again is harmless."""
    state = State.at(tmp_path / "state")
    state.make()
    state.make()
    assert {mode(folder) for folder in (state.folder, state.journal, state.log, state.run)} == {0o700}


def test_sockets_of_a_deep_state_folder_fit_into_an_address(tmp_path: Path) -> None:
    """Whatever the folder's depth, a socket's path fits into sockaddr_un, and it is the same path each time."""
    deep = State.at(tmp_path / ("d" * 60) / ("e" * 60))
    deep.make()
    assert len(os.fsencode(deep.acd_socket)) < 108
    assert deep.run == State.at(deep.folder).run
    assert deep.run != State.at(deep.folder.parent).run
    deep.run.rmdir()


def test_sockets_of_a_shallow_state_folder_are_in_it() -> None:
    """Where the path is short enough nothing is kept outside the state folder."""
    assert State.at(Path("/srv/hotline")).acd_socket == Path("/srv/hotline/run/acd.sock")


def test_second_holder_is_refused_with_the_first_ones_process(tmp_path: Path) -> None:
    """A folder that is held cannot be held again; the refusal names who holds it; afterwards it is free."""
    state = State.at(tmp_path)
    assert not state.is_held()
    with state.held(), pytest.raises(StateBusy, match=rf"process {os.getpid()}\)"), state.held():
        pass
    with state.held():
        assert state.is_held()
    assert not state.is_held()


def test_a_place_where_nothing_can_be_made_is_said_plainly(tmp_path: Path) -> None:
    """A state folder below a file is the operator's mistake, with one sentence and no traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(HotlineError, match="cannot make the state folder"):
        State.at(tmp_path / "file" / "state").make()


def test_private_file_replaces_the_old_one_whole(tmp_path: Path) -> None:
    """A file with secrets is 0600 from its first byte, and a new text replaces the old one without a trace."""
    file = tmp_path / "settings.json"
    write_private(file, "a long first text")
    write_private(file, "second")
    assert (file.read_text(), mode(file), list(tmp_path.iterdir())) == ("second", 0o600, [file])


def test_default_folder_is_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    """$HOTLINE_STATE wins over .state; set but empty counts as unset."""
    monkeypatch.setenv("HOTLINE_STATE", "/srv/x")
    assert default_folder() == Path("/srv/x")
    monkeypatch.setenv("HOTLINE_STATE", "")
    assert default_folder() == Path(".state")
