"""The dialogue about an order, over a real socket to the script server, with Asterisk's side scripted."""

import base64
import re
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agi_scripts import order_status
from pbx.script_server import ScriptServer
from shop.orders import Department, Order, Stage

SHIPPED = Order(number="20260001", stage=Stage.SHIPPED, department=Department.DELIVERY)
DEADLINE_SECONDS = 10.0


class Words:
    """Stands for the voice: a sound's path names the prompt and the value spoken."""

    def files(self, prompt_id: str, language: str, /, **slots: str | int) -> list[str]:
        return [f"{language}/{prompt_id}", *(f"{language}/={value}" for value in slots.values())]


class Records(list[dict[str, Any]]):
    """Stands for the journal."""

    def append(self, verb: Any, **fields: Any) -> None:
        super().append({"verb": verb, **fields})


class Switch:
    """Stands for Asterisk: begins an AGI request and answers its commands until the script closes it.

    The caller presses `keys` one by one when waited for: "." lets a wait pass, "!" before a key presses it during the
    next sound, "x" hangs up, "k" kills the switch.
    """

    def __init__(self, port: int, keys: str, language: str = "zh") -> None:
        self.keys = list(re.findall(r"!?.", keys))
        self.language = language
        self.heard: list[str] = []
        self.set: dict[str, str] = {}
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_SECONDS)

    def run(self) -> None:
        with self.connection, self.connection.makefile("rwb", buffering=0) as stream:
            environment = {
                "agi_network_script": "order_status",
                "agi_request": "agi://127.0.0.1/order_status",
                "agi_uniqueid": "17.1",
                "agi_language": self.language,
            }
            stream.write("".join(f"{name}: {value}\n" for name, value in environment.items()).encode() + b"\n")
            while (line := stream.readline()) and (reply := self.reply(line.decode().strip())):
                stream.write(reply.encode())
            self.connection.shutdown(socket.SHUT_WR)
            # The script closes when it has seen the end: then its records are written.
            assert stream.readline() == b""

    def reply(self, command: str) -> str:
        words = [quoted or bare for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', command)]
        match words[:2]:
            case ["GET", "FULL"]:
                return f"200 result=1 ({base64.b64encode(b'.17.0|chinese.order_status').decode()})\n"
            case ["SET", "VARIABLE"]:
                self.set[words[2]] = words[3]
                return "200 result=1\n"
            case ["STREAM", "FILE"]:
                self.heard.append(words[2])
                during = self.keys and self.keys[0].startswith("!")
                return self.pressed(self.keys.pop(0)[1:] if during else ".", " endpos=8000")
            case ["WAIT", "FOR"]:
                return self.pressed(self.keys.pop(0) if self.keys else "x", "")
        assert command == "NOOP", command
        return "200 result=0\n"

    def pressed(self, key: str, more: str) -> str:
        if key == "k":
            return ""
        if key == "x":
            return f"HANGUP\n200 result=-1{more}\n"
        return f"200 result={0 if key == '.' else ord(key)}{more}\n"


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def call(records: Records) -> Iterator[Callable[..., Switch]]:
    """Begins a call to the script, plays it to its end, and gives what the switch saw."""

    def find(number: str) -> Order | None:
        if number == "666":
            raise RuntimeError("database is away")
        return SHIPPED if number == SHIPPED.number else None

    server = ScriptServer({"order_status": order_status.make(find, Words(), records)})
    port = server.start("127.0.0.1", 0)

    def begin(keys: str, language: str = "zh") -> Switch:
        switch = Switch(port, keys, language)
        switch.run()
        return switch

    yield begin
    server.close()


def results(records: Records) -> list[tuple[str, str]]:
    return [(record["input"], record["result"]) for record in records]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_order_is_told(call: Callable[..., Switch], records: Records, language: str) -> None:
    """A number ended with # is told by stage and department in the channel's language, and the script is done."""
    started = time.time()
    switch = call("20260001#", language)
    assert switch.heard == [
        f"{language}/ask_order",
        f"{language}/order_status.shipped",
        f"{language}/=20260001",
        f"{language}/department.delivery",
    ]
    assert switch.set == {"IVR_RESULT": "done"}
    (record,) = records
    assert record["started_at"] == pytest.approx(started, abs=DEADLINE_SECONDS)
    assert record["step_id"] == f"17.0:order_status:{record['started_at']:.3f}:1"
    assert {name: record[name] for name in record if name not in {"started_at", "step_id"}} == {
        "verb": "IVRSTEP",
        "call_id": "17.0",
        "menu": "chinese",
        "node": "order_status",
        "kind": "script",
        "language": language,
        "attempts": 1,
        "input": "20260001",
        "result": "found",
    }


def test_a_number_may_end_with_a_pause_and_begin_during_the_question(
    call: Callable[..., Switch], records: Records
) -> None:
    """The first key stops the question and counts; a silence ends the number."""
    switch = call("!20260001.")
    assert switch.set == {"IVR_RESULT": "done"}
    assert results(records) == [("20260001", "found")]


def test_a_wrong_number_may_be_corrected(call: Callable[..., Switch], records: Records) -> None:
    """What was not found is repeated to the caller, who may key another number."""
    switch = call("123#20260001#")
    assert switch.heard[1:4] == ["zh/order_not_found", "zh/=123", "zh/order_try_again"]
    assert switch.set == {"IVR_RESULT": "done"}
    assert results(records) == [("123", "not_found"), ("20260001", "found")]


def test_three_wrong_numbers_lead_to_a_person(call: Callable[..., Switch], records: Records) -> None:
    """Wrong numbers and silences count together; the third hands over to a person."""
    switch = call("1#.3#")
    assert switch.heard[-3:] == ["zh/order_not_found", "zh/=3", "zh/transfer_to_person"]
    assert switch.set == {"IVR_RESULT": "person"}
    assert results(records) == [("1", "not_found"), ("", "no_input"), ("3", "not_found")]
    assert len({record["step_id"] for record in records}) == 3


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("x", [("", "left_in_menu")]),
        ("!x", [("", "left_in_menu")]),
        ("20x", [("", "left_in_menu")]),
        ("20k", [("", "switch_lost")]),
        ("1#x", [("1", "not_found"), ("", "left_in_menu")]),
        ("20260001#!x", [("20260001", "found")]),
    ],
)
def test_hanging_up_anywhere(
    call: Callable[..., Switch],
    records: Records,
    keys: str,
    expected: list[tuple[str, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A hang-up ends the script without a result and without a fault; each attempt is recorded once."""
    assert call(keys).set == {}
    assert results(records) == expected
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_failing_lookup_leaves_no_result(
    call: Callable[..., Switch], records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    """When the orders cannot be read the script dies: the menu's `failed` takes the caller to a person."""
    assert call("666#").set == {}
    assert "script failed" in caplog.text
    assert results(records) == []


def test_prompts_are_all_listed(call: Callable[..., Switch]) -> None:
    """What the script says is what it announces, so that a missing prompt is found before a call."""
    said = {sound.partition("/")[2] for keys in ("1#.3#", "20260001#") for sound in call(keys).heard}
    assert {prompt for prompt in said if not prompt.startswith("=")} <= order_status.PROMPTS
    assert len(order_status.PROMPTS) == 4 + len(Stage) + len(Department)
