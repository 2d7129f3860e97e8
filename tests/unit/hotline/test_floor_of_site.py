"""What admins write is what the engine distributes by."""

from pathlib import Path

import pytest

from acd.model import OfferOutcome, WrapUp
from acd.wrong_pins import PinLimits
from dialplan.loader import load_site
from hotline.floor_of_site import GOODBYE_SECONDS, floor_of
from hotline.settings import SHOP_SITE
from hotline.words_of_site import book_of
from tests.unit.dialplan.site_text import write_site


def test_every_setting_of_agents_reaches_the_floor(tmp_path: Path) -> None:
    """Phones, dispositions, rests, limits and the wrap-up, a queue's own extension before the site's."""
    floor = floor_of(load_site(write_site(tmp_path, "good_agents")))
    assert (floor.phones, floor.dispositions) == ({"2001", "2002"}, {"1"})
    assert [agent.own_phones for agent in floor.agents.values()] == [("1001", "2001"), ("1002",)]
    assert (floor.rna_limit, floor.external_resets_idle, floor.wrap_up_counts_as_idle) == (0, True, True)
    assert (floor.rest_seconds[OfferOutcome.RNA], floor.rest_seconds[OfferOutcome.REJECT]) == (3, 7)
    assert set(floor.refused_seconds.values()) == {0}
    rules = floor.queues["orders"]
    assert (rules.wrap_up, rules.wrap_up_seconds_max) == (WrapUp.UNTIL_DISPOSITION, 60)
    assert rules.wrap_up_extend_seconds == 0


def test_the_limits_of_wrong_pins_reach_the_desk(tmp_path: Path) -> None:
    """As the site says, and where it says nothing five within ten minutes lock for a quarter of an hour."""
    assert book_of(load_site(write_site(tmp_path, "good_agents"))).pin_limits == PinLimits(0, 60, 3600)
    assert book_of(load_site(write_site(tmp_path / "plain"))).pin_limits == PinLimits(5, 600, 900) == PinLimits()


def test_the_sites_extension_stands_where_a_queue_has_none(tmp_path: Path) -> None:
    """A queue that says nothing is extended as the site says."""
    site = load_site(write_site(tmp_path, "good_agents"))
    plain = site.queues["orders"].model_copy(update={"wrap_up_extend_seconds": None})
    assert floor_of(site.model_copy(update={"queues": {"orders": plain}})).queues["orders"].wrap_up_extend_seconds == 20


@pytest.mark.parametrize(
    ("mode", "written_seconds", "delay_seconds"),
    [("caller_first", 0, GOODBYE_SECONDS), ("caller_first", 60, 60), ("agent_first", 0, 0)],
)
def test_nobody_is_called_while_they_still_listen(mode: str, written_seconds: int, delay_seconds: float) -> None:
    """Who is called first hears the goodbye before, whatever the site says; an agent may be rung at once."""
    site = load_site(SHOP_SITE)
    orders = site.queues["orders"]
    assert orders.callback is not None
    told = orders.callback.model_copy(update={"mode": mode, "initial_delay_seconds": written_seconds})
    queues = {"orders": orders.model_copy(update={"callback": told})}
    rules = floor_of(site.model_copy(update={"queues": queues})).queues["orders"]
    assert rules.callback is not None and rules.callback.initial_delay_seconds == delay_seconds
