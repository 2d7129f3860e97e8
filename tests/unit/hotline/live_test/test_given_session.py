"""The IVR of a live test obeys what its scenarios give, and treats every other call as always."""

from pathlib import Path
from typing import Any

import pytest

from hotline.given_calls import VARIABLE, GivenCall, GivenCalls, handler_maker
from ivr.menus import Menus, OnlyOne
from ivr.session import IvrSettings, handler_of
from tests.unit.ivr.scripted import Records, ScriptedAgi, site_flow, soundless_voice

CALLER = "13800138000"


class Headed(ScriptedAgi):
    """As the real session: caller and language are what Asterisk's headers say, to begin with."""

    def __init__(self, acts: tuple[str, ...], variables: dict[str, str]) -> None:
        super().__init__(acts, variables)
        self.headers = {"agi_dnid": "4001", "agi_callerid": CALLER, "agi_language": self.language}
        del self.caller_number, self.language

    def __getattr__(self, name: str) -> Any:
        header = {"caller_number": "agi_callerid", "language": "agi_language"}
        if name not in header:
            raise AttributeError(name)
        return self.headers[header[name]]


class Line:
    """One caller's channel, over as many sessions as the dialplan begins."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, **given: Any) -> None:
        monkeypatch.setenv(VARIABLE, str(folder))
        self.calls = GivenCalls(folder)
        if given:
            self.calls.give(CALLER, GivenCall(**{"name": "001", "began": 0.0, "at": 0.0, "language": "zh", **given}))
        flow = site_flow()
        self.records = Records()
        self.handle = handler_maker()(OnlyOne(Menus(flow, soundless_voice(flow))), self.records, IvrSettings())
        self.variables = {"HOTLINE_ENTRY": "main", "HOTLINE_CALLED": "4001"}
        self.heard: list[str] = []

    async def session(self, *acts: str) -> None:
        agi: Any = Headed(acts, self.variables)
        await self.handle(agi)
        self.heard += agi.heard


def test_an_ivr_that_people_call_has_none_of_this(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the environment variable the handlers are those of the room ivr."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert handler_maker() is handler_of


async def test_a_call_of_which_nothing_is_given_goes_as_always(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins where its number leads, and a script is run."""
    line = Line(tmp_path, monkeypatch)
    await line.session("1", "1")
    assert line.heard[0] == "zh/welcome"
    assert line.variables["IVR_NEXT"] == "script"


async def test_the_beginning_is_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Node, language, variables, caller and number dialled: in the menus and in the records."""
    line = Line(tmp_path, monkeypatch, entry="main.top", language="en", variables={"topic": "x"}, called="4009")
    await line.session("0")
    assert line.heard == ["en/top"]
    assert line.variables["CHANNEL(language)"] == "en"
    start = line.records[0]
    assert (start["caller_number"], start["called_number"], start["language"]) == ("", "4009", "en")
    told = line.calls.told(CALLER, "001")
    assert told is not None
    assert (told.call_id, told.variables) == ("1700000000.1", {"topic": "x"})


async def test_a_given_result_brings_the_call_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script is not run: the session ends without a word where to go, the next one goes on with the result. Results
    come one after the other, and the last one repeats."""
    line = Line(tmp_path, monkeypatch, entry="main.top", results={"script": {"order_status": ("done", "person")}})
    await line.session("1")
    assert (line.variables["IVR_NEXT"], line.variables["IVR_RESULT"]) == ("", "done")
    await line.session("1")
    assert (line.variables["IVR_NEXT"], line.variables["IVR_RESULT"]) == ("", "person")
    await line.session()
    assert line.variables["IVR_NEXT"] == "queue"
    assert [step["result"] for step in line.records.of("IVRSTEP")] == [
        *("matched", "done", "matched", "person", "queue")
    ]


async def test_an_outcome_that_the_menu_does_not_know_is_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue node without outcomes lets nobody come back: the caller is in the queue."""
    line = Line(tmp_path, monkeypatch, entry="main.person", results={"queue": {"orders": ("full",)}})
    await line.session()
    assert line.variables["IVR_NEXT"] == "queue"


def test_who_has_not_called_is_not_told_of(tmp_path: Path) -> None:
    """What was told of an earlier call of the same number is not taken for this one's."""
    calls = GivenCalls(tmp_path)
    assert calls.told(CALLER, "001") is None
    calls.give(CALLER, GivenCall("001", 0.0, 0.0, "zh"))
    assert calls.given(CALLER) == GivenCall("001", 0.0, 0.0, "zh")
    assert calls.told(CALLER, "001") is None
