"""`hotline up` with real Asterisk: it brings back whatever dies, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hotline.ports import HOST, any_free_port, has_udp_port
from hotline.state import State

pytestmark = pytest.mark.live

CHILDREN = ("records", "acd", "ivr", "asterisk")
BACK_SECONDS = 20.0
GONE_SECONDS = 2.0


class Up:
    """One `hotline up` in a state folder; `start` returns when it has said that it is ready."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.process: subprocess.Popen[str] | None = None
        self._errors = state.folder.parent / "up.log"
        self._sip_port = any_free_port(socket.SOCK_DGRAM)

    def said(self) -> str:
        """What it has told on stderr since the first start."""
        return self._errors.read_text("utf-8")

    def start(self) -> None:
        with self._errors.open("a") as errors:
            self.process = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready: "), line

    @property
    def command(self) -> list[str]:
        own_port = ("--sip-port", str(self._sip_port))  # another of these may run at the same time
        return [sys.executable, "-P", "-m", "hotline", "up", "--state", str(self.state.folder), *own_port]

    @property
    def ready(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.state.ready.read_text("utf-8"))
        return content

    def end(self, how: signal.Signals) -> int:
        """Send the signal to `hotline up` alone and return its exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One hotline for all tests of this module; a test that ends it starts it again."""
    made = Up(State.at(tmp_path_factory.mktemp("up") / "state"))
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGTERM)


def until(fact: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Running; a zombie that waits to be reaped is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def none_left(pids: dict[str, int]) -> bool:
    return not any(alive(pid) for pid in pids.values())


def test_ready_file_is_private_and_complete(up: Up) -> None:
    """STATE/ready.json has what a phone or a script needs, with processes that run; it and the records are 0600."""
    ready = up.ready
    private = [up.state.ready, up.state.database, *up.state.journal.iterdir()]
    assert {file.stat().st_mode & 0o777 for file in private} == {0o600}
    assert set(ready["pids"]) == {"hotline", *CHILDREN}
    assert all(alive(pid) for pid in ready["pids"].values())
    assert all(agent["password"] for agent in ready["agents"])
    assert {"sip", "numbers", "feature_codes", "database_url", "versions"} <= ready.keys()


@pytest.mark.parametrize("name", CHILDREN)
def test_killed_child_is_back_and_ready_json_knows(up: Up, name: str) -> None:
    """kill -9 of any child: another is ready within seconds, ready.json names it, and the others were not touched."""
    before = up.ready["pids"]
    os.kill(before[name], signal.SIGKILL)
    until(lambda: up.ready["pids"].get(name) not in (before[name], None), BACK_SECONDS, f"{name} is back")
    after = up.ready["pids"]
    assert alive(after[name])
    assert {child: after[child] for child in before if child != name} == {
        child: pid for child, pid in before.items() if child != name
    }


def test_asterisk_without_its_sip_port_is_not_up(up: Up) -> None:
    """Somebody takes the SIP port while Asterisk is away: Asterisk is not announced until it has the port again."""
    before, port = up.ready["pids"], up.ready["sip"]["port"]
    os.kill(before["hotline"], signal.SIGSTOP)
    os.kill(before["asterisk"], signal.SIGKILL)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        until(lambda: bound(thief, port), GONE_SECONDS, "the port is free")
        os.kill(before["hotline"], signal.SIGCONT)
        until(lambda: "is another's" in up.said(), BACK_SECONDS, "the theft is told")
        assert "asterisk" not in up.ready["pids"] or up.ready["pids"]["asterisk"] == before["asterisk"]
    until(lambda: up.ready["pids"].get("asterisk") not in (before["asterisk"], None), BACK_SECONDS, "asterisk is back")
    assert has_udp_port(up.ready["pids"]["asterisk"], port)


def bound(thief: socket.socket, port: int) -> bool:
    try:
        thief.bind((HOST, port))
    except OSError:
        return False
    return True


def test_second_up_on_one_state_folder_is_refused(up: Up) -> None:
    """A state folder belongs to one `hotline up`: the second ends with 1, says who has it, and disturbs nothing."""
    pids = up.ready["pids"]
    second = subprocess.run(up.command, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert f"process {pids['hotline']}" in second.stderr
    assert up.ready["pids"] == pids


def test_status_asks_the_acd_that_runs(up: Up) -> None:
    """`hotline status --json` on a fresh shop: every queue without a caller, every agent, no call."""
    command = [sys.executable, "-m", "hotline", "status", "--json", "--state", str(up.state.folder)]
    floor = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert [queue["waiting"] for queue in floor["queues"]] == [0] * len(floor["queues"])
    assert {agent["agent_id"] for agent in floor["agents"]} == {agent["extension"] for agent in up.ready["agents"]}
    assert floor["calls"] == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_orderly_stop_leaves_nothing_and_the_next_start_is_the_same(up: Up, how: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end with 0: no process, no ready.json, the folder free.

    The next start has the ports and passwords that phones remember.
    """
    first = up.ready
    assert up.end(how) == 0
    assert none_left(first["pids"])
    assert not up.state.ready.exists()
    assert not up.state.is_held()
    up.start()
    assert (up.ready["sip"], up.ready["agents"]) == (first["sip"], first["agents"])


def test_nothing_outlives_a_killed_supervisor(up: Up) -> None:
    """kill -9 of `hotline up` itself: Asterisk and all services end with it, and the next start works."""
    pids = up.ready["pids"]
    assert up.end(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: none_left(pids), GONE_SECONDS, "all children are gone")
    up.start()
