"""Whatever a caller does, a call ends, and its records hold."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.session import IvrSettings, make_handler
from ivr.walk import Limits
from tests.unit.ivr.language_flow import language_flow
from tests.unit.ivr.scripted import Records, ScriptedAgi, site_flow, soundless_voice

SESSIONS_MAX = 40
KEY = st.sampled_from("0123456789*#")
ACTS = st.lists(
    st.one_of(KEY, st.just("."), KEY.map("!".__add__), st.sampled_from(["!.", "hangup", "lost", "!hangup", "!lost"])),
    max_size=60,
)


@settings(deadline=None)
@given(ACTS)
def test_any_caller_of_every_word(acts: list[str]) -> None:
    """With sub-flows, read-backs, global keys and a farewell, too: one IVREND, last, and no step id twice; whoever
    leaves in a menu has a farewell."""
    flow, records = language_flow(), Records()
    handle = make_handler(flow, soundless_voice(flow), records, IvrSettings(Limits(5, 60), clock=lambda: 1000.0))
    agi = ScriptedAgi(acts, {"HOTLINE_ENTRY": "main"})
    asyncio.run(handle(agi))
    assert [record["verb"] for record in records].count("IVREND") == 1
    end = records[-1]
    assert end["verb"] == "IVREND"
    ids = [step["step_id"] for step in records.of("IVRSTEP")]
    assert len(ids) == len(set(ids))
    left = end["outcome"] in ("left_in_menu", "switch_lost")
    assert [step["node"] for step in records.of("IVRSTEP")][-2:] == ["gone", "quiet"] or not left


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
