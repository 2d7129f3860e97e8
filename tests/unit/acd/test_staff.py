"""What phones tell of their agents."""

import pytest

from acd.model import Agent, AgentProfile, Device, Floor, QueueRules
from acd.staff import Staff, combined


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


def test_news_of_a_phone_touches_only_who_sits_there() -> None:
    """asterisk#1972: however many queues and agents there are, one phone's news looks at one agent."""
    agents = {str(number): AgentProfile(str(number), "", {}) for number in range(1000, 2000)}
    queues = {f"queue-{number}": QueueRules(f"queue-{number}", {}) for number in range(100)}
    touched: list[str] = []

    def changed(agent: Agent, now: float, *, last_of_kind: bool) -> None:
        touched.append(agent.profile.agent_id)

    staff = Staff(Floor(queues, agents), lambda deadline, agent_id: None, lambda verb, fields: None, changed)
    staff.set_device("1500", Device.IDLE, 1.0)
    assert touched == ["1500"]
    assert staff.agents["1500"].device is Device.IDLE
