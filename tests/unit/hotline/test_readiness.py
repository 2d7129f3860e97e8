"""The protocol by which a child says that it is ready."""

import socket
from pathlib import Path

import pytest

from hotline.readiness import VARIABLE, ReadinessSocket, announce_progress, announce_ready


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReadinessSocket:
    made = ReadinessSocket(tmp_path / "notify")
    monkeypatch.setenv(VARIABLE, str(made.path))
    return made


def test_words_are_systemds(listener: ReadinessSocket) -> None:
    """What is sent is sd_notify(3)'s READY=1 and STATUS=, so a systemd unit of Type=notify needs nothing else."""
    announce_progress("two\nlines")
    announce_ready()
    assert [listener.socket.recv(100) for _ in range(2)] == [b"STATUS=two lines", b"READY=1"]
    listener.close()


def test_without_a_listener_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that was started by hand announces to nobody and goes on."""
    monkeypatch.delenv(VARIABLE, raising=False)
    announce_ready()


def test_abstract_address_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """systemd writes an abstract socket's address with @ for its NUL."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0hotline-test-readiness")
        monkeypatch.setenv(VARIABLE, "@hotline-test-readiness")
        announce_ready()
        assert systemd.recv(100) == b"READY=1"


def test_words_of_an_earlier_child_are_forgotten(listener: ReadinessSocket) -> None:
    """A child that died after announcing does not make its successor look ready."""
    announce_ready()
    listener.forget()
    with pytest.raises(BlockingIOError):
        listener.socket.recv(100)
    listener.close()


def test_socket_left_by_a_killed_supervisor_is_replaced(tmp_path: Path) -> None:
    """A second start binds the same path although the first one never cleaned up."""
    first = ReadinessSocket(tmp_path / "notify")
    second = ReadinessSocket(tmp_path / "notify")
    first.socket.close()
    second.close()
    assert not second.path.exists()
