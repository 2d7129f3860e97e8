"""The shop with shorter times."""

from pathlib import Path

import pytest

from dialplan.loader import load_site
from hotline.demo import quick_site
from hotline.demo.quick_site import LAST_AGENT_HOLD_SECONDS, NUMBERS, RING_SECONDS, WRAP_UP_SECONDS, make_quick_site
from hotline.settings import SHOP_SITE


def test_the_copy_is_a_valid_site_with_the_shorter_times(tmp_path: Path) -> None:
    """Every queue has the short times, both numbers lead straight to a queue, and the agents are the shop's own."""
    site, shop = load_site(make_quick_site(tmp_path / "site")), load_site(SHOP_SITE)
    for queue in site.queues.values():
        assert (queue.ring_seconds, queue.wrap_up_seconds) == (RING_SECONDS, WRAP_UP_SECONDS)
        assert queue.last_agent_hold_seconds == LAST_AGENT_HOLD_SECONDS
    assert site.numbers == {**shop.numbers, **NUMBERS}
    assert site.agents == shop.agents


def test_a_shop_that_says_something_else_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replacement that finds nothing to replace raises instead of leaving the long times."""
    monkeypatch.setattr(quick_site, "TIMES", {"no_such_seconds": 1})
    with pytest.raises(ValueError, match="no_such_seconds"):
        make_quick_site(tmp_path / "site")
