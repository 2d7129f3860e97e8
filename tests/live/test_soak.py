"""The short form of `make soak`: the same people, dice, faults and books, for about a minute."""

from pathlib import Path

import pytest

from hotline.demo.house import House
from tests.soak.soak import Size, make_soak_site, soak

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

SEED = 1637
SHORT = Size(seconds=45.0, acd_every_seconds=30.0, callers=6, agents=("1001", "1003", "1004"))


async def test_nobody_is_lost_and_the_books_agree(tmp_path: Path) -> None:
    """Callers hang up anywhere or are called back, agents answer, reject, let ring, send callers on, go away and
    unregister, and the ACD is killed with -9: every call ends by its caller, after a talk by its agent, or with the
    promise of a callback; it has one outcome, each part of it too, and is in the records as the phones saw it; no agent
    is stuck."""
    place = make_soak_site(tmp_path / "site")
    async with House(tmp_path, place.site) as house:
        result = await soak(house, place, SHORT, SEED, lambda line: None)
        assert not result.problems, "\n".join([f"seed {SEED}", result.summary(), *result.problems, house.log_tail()])
    assert result.faults["acd"] >= 1
    assert {"completed_by_agent", "completed_by_caller", "abandoned_waiting"} <= result.outcomes.keys()
    assert result.visits["transferred"] >= 1
    assert result.callbacks["answered"] >= 1
