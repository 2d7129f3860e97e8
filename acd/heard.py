"""The events of AMI that this room acts on; the link drops all others unread.

Asterisk is told to send no others (eventfilter in manager.conf): of what a call makes it tell, two thirds are of no use
here, and each would wake this process.
"""

from typing import Final

EVENTS: Final = frozenset(
    {
        *("Newchannel", "Hangup", "HangupRequest", "Newstate", "DialEnd", "DTMFEnd", "BridgeEnter"),
        *("Hold", "Unhold", "BlindTransfer", "AttendedTransfer", "OriginateResponse"),
        *("MixMonitorStart", "MixMonitorStop"),
        *("DeviceStateChange", "FullyBooted"),
    }
)
