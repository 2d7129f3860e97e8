"""Facts about text on the sockets."""

from hypothesis import given
from hypothesis import strategies as st

from pbx.wire import decode, encode


@given(st.binary())
def test_any_bytes_survive(raw: bytes) -> None:
    """What Asterisk sends can be sent back as it was, in whatever encoding."""
    assert encode(decode(raw)) == raw
