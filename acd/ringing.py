"""The Dial that rings agents for a held caller: which phones it dials, and what has come of it."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from acd.commands import RingAgents
from acd.events import TalkEnded
from acd.model import Offer, OfferOutcome

# DIALSTATUS (app_dial.c) to what became of the offer. HANGUPCAUSE 21 is Q.850 "call rejected", SIP 603.
_CAUSE_REJECTED: Final = "21"
_OUTCOME_OF_STATUS: Final[Mapping[str, OfferOutcome]] = {
    "NOANSWER": OfferOutcome.RNA,
    "BUSY": OfferOutcome.BUSY,
    "CHANUNAVAIL": OfferOutcome.UNREACHABLE,
    "CONGESTION": OfferOutcome.UNREACHABLE,
}


def unheard_talk(ring: RingAgents, answered: str, peer: str, *, by_agent: bool) -> TalkEnded:
    """The end of a talk whose answer AMI did not tell, by Dial's ANSWEREDTIME and DIALEDPEERNAME."""
    return TalkEnded(ring.visit_id, by_agent, read_number(answered), answered_by(ring.offers, peer))


def answered_by(offers: Sequence[Offer], peer: str) -> str:
    """The agent on whose phone this channel is (`PJSIP/1001-0000002a`); empty for a channel of nobody's."""
    phone = peer.removeprefix("PJSIP/").rpartition("-")[0]
    return next((one.agent_id for one in offers if phone in one.phones), "")


def dialling_of(phones: Sequence[str], options: str, several: Collection[str]) -> tuple[str, str]:
    """Application and data that dial these phones, all at once.

    Dial reaches the first contact of an endpoint alone; all of them are in PJSIP_DIAL_CONTACTS (chan_pjsip), which
    AGI's EXEC passes on as it stands and Exec fills in. It is empty where none is left: Dial must not lack a phone.

    Args:
        several: the phones of which more than one may be registered.
    """
    if not any(phone in several for phone in phones):
        return "Dial", f"{'&'.join(f'PJSIP/{phone}' for phone in phones)},{options}"
    targets = [_contacts_of(phone) if phone in several else f"PJSIP/{phone}" for phone in phones]
    return "Exec", f"Dial({'&'.join(targets)},{options})"


def _contacts_of(phone: str) -> str:
    contacts = f"${{PJSIP_DIAL_CONTACTS({phone})}}"
    return f'${{IF($["{contacts}"=""]?PJSIP/{phone}:{contacts})}}'


def has_talked(status: str, answered: str) -> bool:
    """Answer whether agent and caller were bridged: ANSWEREDTIME is set when a bridge ends, so it is empty where the
    agent has hung up in the whisper (app_dial.c, end_bridge_callback)."""
    return status == "ANSWER" and answered != ""


def outcome_of(status: str, cause: str) -> OfferOutcome:
    """What an unanswered Dial was, by its DIALSTATUS and HANGUPCAUSE."""
    if cause == _CAUSE_REJECTED:
        return OfferOutcome.REJECT
    return _OUTCOME_OF_STATUS.get(status, OfferOutcome.ERROR)


def read_number(text: str, default: float = 0.0) -> float:
    try:
        number = float(text)
    except ValueError:
        return default
    return number if math.isfinite(number) else default
