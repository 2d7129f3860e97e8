"""Facts about actions: how they are written, what is refused, when they are answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.ami_actions import SwitchAction
from pbx.ami_message import AmiEvent, AmiReply


async def test_an_action_is_written_in_order_with_repeated_headers() -> None:
    """Action and ActionID come first, a sequence repeats its header, an empty line ends it."""
    action = SwitchAction("Originate", {"Channel": "PJSIP/1", "Variable": ["A=1", "B=2"]})
    lines = action.wire.decode().split("\r\n")
    assert lines[0] == "Action: Originate"
    assert lines[1].startswith("ActionID: hotline-")
    assert lines[2:] == ["Channel: PJSIP/1", "Variable: A=1", "Variable: B=2", "", ""]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"Variable": "A=1,EVIL=1"}, "comma"),
        ({"variable": ["A=1", "B=2,EVIL=1"]}, "comma"),
        ({"Data": "x" * 1020}, "1022 bytes"),
        ({"Data": "é" * 510}, "1022 bytes"),
        ({"Variable": [f"V{n}=1" for n in range(127)]}, "headers"),
        ({"Channel: x\r\nAction": "y"}, "header name"),
        ({"": "y"}, "header name"),
        ({"ActionID": "mine"}, "ours"),
        ({"action": "Command"}, "ours"),
    ],
)
async def test_what_would_not_arrive_as_one_header_is_refused(fields: dict[str, str], complaint: str) -> None:
    """S6, S7: commas in Variable, long lines, too many headers and foreign header names raise ValueError."""
    with pytest.raises(ValueError, match=complaint):
        SwitchAction("Originate", fields)


@given(st.text(), st.text())
async def test_one_action_is_one_action(key: str, value: str) -> None:
    """Whatever a field holds, it is refused or it is one line of one action (S5)."""
    try:
        wire = SwitchAction("X", {key: value}).wire
    except ValueError:
        return
    assert wire.count(b"\r\n\r\n") == 1
    assert wire.count(b"\n") == wire.count(b"\r") == 4


async def test_a_list_ends_with_complete_and_not_before() -> None:
    """Items between `EventList: start` and `Complete` are gathered, the closing event is not one of them."""
    action = SwitchAction("CoreShowChannels", {})
    assert not action.add_message(AmiReply.of("Response", {"Response": "Success", "EventList": "start"}))
    assert not action.add_message(AmiEvent.of("CoreShowChannel", {"Channel": "a"}))
    assert not action.add_message(AmiEvent.of("SomethingComplete", {"Channel": "b"}))
    assert action.add_message(AmiEvent.of("CoreShowChannelsComplete", {"EventList": "Complete", "ListItems": "2"}))
    assert [item["Channel"] for item in action.listed] == ["a", "b"]


async def test_the_representation_of_an_action_can_be_made() -> None:
    """panoramisk's own methods still work on it."""
    assert "Originate" in repr(SwitchAction("Originate", {"Channel": "x"}))
