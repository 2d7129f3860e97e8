"""A call's place survives on its channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.checkpoint import BACK_MAX, VARIABLES_BYTES_MAX, Checkpoint, channel_assignments, restore

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,10}", fullmatch=True)


@given(
    st.integers(1, 10**6),
    st.dictionaries(NAMES, st.text(st.characters(exclude_categories=("Cs",)), max_size=9), max_size=3),
    st.none() | st.integers(1, 2**33).map(float),
    st.none() | st.integers(1, 2**33).map(float),
    st.lists(NAMES.map("main.".__add__), max_size=BACK_MAX),
)
def test_round_trip(
    step: int, variables: dict[str, str], away: float | None, since: float | None, answered: list[str]
) -> None:
    """Whatever the call's variables hold comes back, and none of it can be taken for Asterisk's own syntax."""
    kept = Checkpoint("main.top", step, variables, away, since, answered)
    texts = kept.channel_variables()
    assert not set(texts["IVR_VARS"]) & set(',"\\ ()${}\r\n\0;')
    assert restore(texts["IVR_NODE"], texts["IVR_VARS"]) == kept


def test_the_way_back_is_forgotten_before_asterisk_cuts_the_line() -> None:
    """Where the variables leave no room for it, it is dropped, and nothing else is."""
    kept = Checkpoint("main.top", 3, {"order": "2" * (VARIABLES_BYTES_MAX - 60)}, answered=["main.a" * 9] * BACK_MAX)
    again = restore("main.top", kept.channel_variables()["IVR_VARS"])
    assert (again.answered, again.variables, again.step) == ([], kept.variables, 3)


def test_a_first_entry_has_nothing_to_restore() -> None:
    """Without IVR_VARS a call starts at step 1 with no variables."""
    assert restore("main.welcome", "") == Checkpoint("main.welcome")


def test_variables_that_asterisk_would_cut_are_refused() -> None:
    """A command that is too long would be read as two, so it is never sent."""
    with pytest.raises(ValueError, match=r"the variables at main\.top are"):
        Checkpoint("main.top", variables={"order": "2" * VARIABLES_BYTES_MAX}).channel_variables()


@pytest.mark.parametrize("value", ["a,b=c", 'say "x"', "back\\slash"])
def test_values_that_mset_would_cut_are_refused(value: str) -> None:
    """A value that Asterisk would read as two assignments never gets there."""
    with pytest.raises(ValueError, match="IVR_X cannot hold"):
        channel_assignments({"IVR_X": value})
