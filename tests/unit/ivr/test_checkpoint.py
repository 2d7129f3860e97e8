"""A call's place survives on its channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.checkpoint import Checkpoint, channel_assignments, restore

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True)


@given(
    st.integers(1, 10**6),
    st.dictionaries(NAMES, st.text(st.characters(exclude_categories=("Cs",)))),
    st.none() | st.integers(1, 2**33).map(float),
)
def test_round_trip(step: int, variables: dict[str, str], since: float | None) -> None:
    """Whatever the call's variables hold comes back, and none of it can be taken for Asterisk's own syntax."""
    kept = Checkpoint("main.top", step, variables, since)
    texts = kept.channel_variables()
    assert not set(texts["IVR_VARS"]) & set(',"\\ ()${}\r\n\0;')
    assert restore(texts["IVR_NODE"], texts["IVR_VARS"]) == kept


def test_a_first_entry_has_nothing_to_restore() -> None:
    """Without IVR_VARS a call starts at step 1 with no variables."""
    assert restore("main.welcome", "") == Checkpoint("main.welcome")


@pytest.mark.parametrize("value", ["a,b=c", 'say "x"', "back\\slash"])
def test_values_that_mset_would_cut_are_refused(value: str) -> None:
    """A value that Asterisk would read as two assignments never gets there."""
    with pytest.raises(ValueError, match="IVR_X cannot hold"):
        channel_assignments({"IVR_X": value})
