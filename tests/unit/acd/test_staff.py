"""What several phones of one agent are together."""

import pytest

from acd.model import Device
from acd.staff import combined


@pytest.mark.parametrize(
    ("phones", "together"),
    [
        ([Device.IDLE, Device.UNREACHABLE], Device.IDLE),
        ([Device.UNREACHABLE, Device.UNREACHABLE], Device.UNREACHABLE),
        ([Device.IDLE, Device.BUSY], Device.BUSY),
        ([Device.CODE, Device.IDLE], Device.CODE),
        ([Device.CODE, Device.BUSY], Device.BUSY),
    ],
)
def test_a_call_on_any_phone_counts_and_one_that_is_there_is_enough(phones: list[Device], together: Device) -> None:
    """An agent can be rung when one phone can be, and none has a call."""
    assert combined(phones) is together
