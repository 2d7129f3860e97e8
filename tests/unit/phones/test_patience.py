"""Waiting with a deadline."""

import pytest

from hotline.phones.patience import NeverHappened, eventually


async def test_the_first_true_answer_is_returned() -> None:
    """The check is asked until it answers with something true."""
    answers = iter([0, "", "there"])
    assert await eventually(lambda: next(answers), 1.0, "an answer", every_seconds=0.0) == "there"


async def test_the_deadline_tells_what_was_waited_for_and_what_was_found() -> None:
    """Whoever reads the failure need not run it again to see the last answer."""
    with pytest.raises(NeverHappened, match=r"waited 0\.01 s for calls; found at last: \[\]"):
        await eventually(lambda: list[int](), 0.01, "calls", every_seconds=0.001)
