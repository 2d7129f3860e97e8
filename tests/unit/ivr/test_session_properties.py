"""Whatever a caller does, a call ends, and its records hold."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.session import IvrSettings, make_handler
from ivr.walk import Limits
from tests.unit.ivr.scripted import Records, ScriptedAgi, site_flow, soundless_voice

SESSIONS_MAX = 40
KEY = st.sampled_from("0123456789*#")
ACTS = st.lists(
    st.one_of(KEY, st.just("."), KEY.map("!".__add__), st.sampled_from(["!.", "hangup", "lost", "!hangup", "!lost"])),
    max_size=60,
)


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
