"""Which numbers outside a site allows."""

import pytest
from pydantic import ValidationError

from dialplan.outbound import Outbound


def outbound(*allow: str) -> Outbound:
    return Outbound(trunk="carrier", allow=list(allow), caller_number="4001")


@pytest.mark.parametrize(
    ("pattern", "number", "allowed"),
    [
        ("1[3-9]xxxxxxxxx", "13900000081", True),
        ("1[3-9]xxxxxxxxx", "12900000081", False),
        ("1[3-9]xxxxxxxxx", "139000000811", False),  # the whole number, not its beginning
        ("1[3-9]xxxxxxxxx", "0013900000081", False),
        ("1[3-9]xxxxxxxxx", "1390000008a", False),
        ("1[3-9]xxxxxxxxx", "1390000008\n", False),
        ("1[3-9]xxxxxxxxx", "", False),
        ("+861XXXXXXXXXX", "+8613900000081", True),
        ("+861XXXXXXXXXX", "8613900000081", False),
        ("0ZNXXXXXX", "012345678", True),
        ("0ZNXXXXXX", "002345678", False),
        ("0ZNXXXXXX", "011345678", False),
        ("[12-35]00", "500", True),
        ("[12-35]00", "400", False),
        ("12x", "12\u0663", False),  # a digit of another script
    ],
)
def test_a_pattern_matches_whole_numbers(pattern: str, number: str, allowed: bool) -> None:
    """x is any digit, Z 1 to 9, N 2 to 9, [...] one of these; all of the number has to match."""
    assert outbound(pattern).allows(number) is allowed


def test_patterns_for_asterisk_have_no_brackets() -> None:
    """Every class becomes a pattern for each of its digits; the dialplan then allows the very same numbers."""
    assert outbound("1[3-4]x", "9[12][5]N").plain_patterns == ["13X", "14X", "915N", "925N"]


@pytest.mark.parametrize(
    "pattern", ["", "1", "1.", "1!", "x" * 21, "[9-3]0", "[]0", "[3-]0", "1[", "1a", "1,2", "${A}"]
)
def test_a_pattern_that_says_nothing_is_refused(pattern: str) -> None:
    """Patterns have one length of 2 to 20; nothing in them means anything to Asterisk but what it says."""
    with pytest.raises(ValidationError):
        outbound(pattern)


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        (["1xx"], ["12x"]),
        (["1xx", "2x"], ["1[3-5]N", "11x"]),
        (["[1-3]ZN"], ["2xx", "x55"]),
        (["1xx"], ["1xx"]),
        (["1xx"], ["2xx", "1xxx"]),
        (["+1x"], ["+15"]),
    ],
)
def test_what_is_denied_is_dialled_by_nobody(allow: list[str], deny: list[str]) -> None:
    """Of all numbers of these lengths, those that are called are those that Asterisk is given, each by one pattern of
    one allowed kind: a denied one has no extension at all."""
    rules = Outbound(trunk="carrier", allow=allow, deny=deny, caller_number="4001")
    called = [Outbound(trunk="carrier", allow=[one], caller_number="4001") for one in rules.plain_patterns]
    for number in (
        f"{sign}{digits:0{length}}" for sign in ("", "+") for length in (2, 3) for digits in range(10**length)
    ):
        dialled = sum(one.allows(number) for one in called)
        assert (dialled == 1) is rules.allows(number) and dialled <= 1
        assert not (rules.denies(number) and rules.allows(number))


def test_no_pattern_denies_nothing() -> None:
    """`deny` need not be written, and an empty list says the same."""
    assert not outbound("1xx").denies("123") and outbound("1xx").allows("123")
