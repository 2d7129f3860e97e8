"""Which phones a Dial rings, and what is made of its end."""

import pytest

from acd.model import Offer, OfferOutcome
from acd.ringing import answered_by, dialling_of, outcome_of


def test_all_phones_of_a_ring_are_dialled_at_once() -> None:
    """One Dial for all; of a phone that several may be registered as, every contact there is, or the phone itself."""
    assert dialling_of(["1001", "2001"], "20,gm(x)", ["1002"]) == ("Dial", "PJSIP/1001&PJSIP/2001,20,gm(x)")
    application, data = dialling_of(["1001", "2001"], "20,gm(x)", ["1001"])
    contacts = "${PJSIP_DIAL_CONTACTS(1001)}"
    assert application == "Exec"
    assert data == f'Dial(${{IF($["{contacts}"=""]?PJSIP/1001:{contacts})}}&PJSIP/2001,20,gm(x))'


@pytest.mark.parametrize(
    ("status", "cause", "outcome"),
    [
        ("NOANSWER", "0", OfferOutcome.RNA),
        ("BUSY", "17", OfferOutcome.BUSY),
        ("BUSY", "21", OfferOutcome.REJECT),
        ("CONGESTION", "21", OfferOutcome.REJECT),
        ("CHANUNAVAIL", "20", OfferOutcome.UNREACHABLE),
        ("CONGESTION", "34", OfferOutcome.UNREACHABLE),
        ("INVALIDARGS", "0", OfferOutcome.ERROR),
        ("", "", OfferOutcome.ERROR),
    ],
)
def test_a_dial_that_came_back_unanswered_names_its_outcome(status: str, cause: str, outcome: OfferOutcome):
    """DIALSTATUS and HANGUPCAUSE tell no answer, busy, reject and unreachable apart."""
    assert outcome_of(status, cause) is outcome


def test_a_channel_tells_whose_phone_answered() -> None:
    """The channel's endpoint is the agent's; a longer number that begins alike is another's."""
    offers = [Offer("o1", "100", 0.0, 0.0, ("100",)), Offer("o2", "1001", 0.0, 0.0, ("2001", "1001"))]
    assert [answered_by(offers, peer) for peer in ("PJSIP/1001-0000002a", "PJSIP/1009-00000001", "")] == [
        "1001",
        "",
        "",
    ]
