"""Whatever a caller does, a call ends, and its records hold."""

import asyncio
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.message_folder import MessageFolder
from ivr.session import IvrSettings, make_handler
from ivr.walk import Limits
from tests.unit.ivr.language_flow import language_flow
from tests.unit.ivr.scripted import Records, ScriptedAgi, site_flow, soundless_voice

SESSIONS_MAX = 40
KEY = st.sampled_from("0123456789*#")
ACT = st.one_of(KEY, st.just("."), KEY.map("!".__add__), st.sampled_from(["!.", "hangup", "lost", "!hangup", "!lost"]))
ACTS = st.lists(ACT, max_size=60)
MESSAGE, SURVEY = ("3", "say 4", "#"), ("5", "2", "say 4")
"""What leads a caller from the main menu to the review of a message, and through half a survey."""
SPOKEN = st.lists(
    st.one_of(ACT.map(lambda act: (act,)), st.sampled_from([MESSAGE, SURVEY, ("say 1",), ("say 4",), ("4",)])),
    max_size=30,
).map(lambda acts: list(chain.from_iterable(acts)))


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> MessageFolder:
    return MessageFolder(tmp_path_factory.mktemp("messages"))


@settings(deadline=None)
@given(SPOKEN, st.lists(st.sampled_from(["answered", "busy", "no_answer", "failed", ""]), max_size=8))
def test_any_caller_of_every_word(messages: MessageFolder, acts: list[str], results: list[str]) -> None:
    """With sub-flows, read-backs, messages, transfers, surveys, global keys and a farewell, too: each session has one
    IVREND, last, and no step has its id twice; whoever leaves in a menu has a farewell. Of each message that was begun
    it is told once whether it is left or not, and its file is there if it is."""
    flow, records, variables = language_flow(), Records(), {"HOTLINE_ENTRY": "main"}
    limited = IvrSettings(Limits(5, 60), clock=lambda: 1000.0, messages=messages)
    handle = make_handler(flow, soundless_voice(flow), records, limited)
    for session in range(SESSIONS_MAX):
        agi = ScriptedAgi(acts, variables)
        asyncio.run(handle(agi))
        acts = agi.acts
        assert len(records.of("IVREND")) == session + 1
        assert records[-1]["verb"] == "IVREND"
        if variables.get("IVR_NEXT") != "transfer" or agi.over:
            break
        variables |= {"IVR_RESULT": results.pop() if results else "", "IVR_NEXT": ""}
    ids = [step["step_id"] for step in records.of("IVRSTEP")]
    assert len(ids) == len(set(ids))
    left = records[-1]["outcome"] in ("left_in_menu", "switch_lost")
    assert [step["node"] for step in records.of("IVRSTEP")][-2:] == ["gone", "quiet"] or not left
    told = [line["file"] for verb in ("MESSAGE", "MESSAGEDROP") for line in records.of(verb)]
    assert sorted(told) == sorted(line["file"] for line in records.of("MESSAGEBEGIN"))
    assert {(messages.folder / line["file"]).exists() for line in records.of("MESSAGE")} <= {True}
    assert {(messages.folder / line["file"]).exists() for line in records.of("MESSAGEDROP")} <= {False}


@settings(deadline=None)
@given(ACTS, st.lists(st.sampled_from(["done", "person", "", "strange"]), max_size=8))
def test_any_caller(acts: list[str], results: list[str]) -> None:
    """Random keys, silences and hang-ups: every session writes exactly one IVREND, last; no step id is ever repeated;
    the call ends in a queue, in a hang-up, or with the caller or the switch gone."""
    flow = site_flow()
    records = Records()
    handle = make_handler(flow, soundless_voice(flow), records, IvrSettings(Limits(5, 30)))
    variables = {"HOTLINE_ENTRY": "main"}
    for session in range(SESSIONS_MAX):
        agi = ScriptedAgi(acts, variables)
        asyncio.run(handle(agi))
        acts = agi.acts
        assert len(records.of("IVREND")) == session + 1
        assert records[-1]["verb"] == "IVREND"
        if variables.get("IVR_NEXT") != "script" or agi.over:
            break
        variables |= {"IVR_RESULT": results.pop() if results else "", "IVR_NEXT": ""}
    assert records[-1]["outcome"] != "script" or agi.over
    ids = [step["step_id"] for step in records.of("IVRSTEP")]
    assert len(ids) == len(set(ids))
    assert len(records.of("CALLSTART")) == 1
