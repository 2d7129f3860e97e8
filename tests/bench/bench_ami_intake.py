"""AMI intake: events a second on one core, panoramisk 1.4 against ours, the same bytes in the same run.

    python tests/bench/bench_ami_intake.py [rounds]

Prints one line `name value unit target` per figure; "-" where there is no target. Exit 1 if a target is missed.

Both sides get the same stream, 64 kB at a time, straight into their protocol's `data_received`: no socket, so that only
the intake is timed. A call's life in events of about 450 bytes, of which the ACD wants 21 kinds. Of every wanted event
four headers are read, as a translator does. Rounds alternate and the median counts.
"""

import asyncio
import statistics
import sys
import time

from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from pbx.ami import AmiAddress, AmiEvent, SwitchManager
from pbx.ami_protocol import Wire
from pbx.inbox import Inbox

TARGET_EVENTS_PER_SECOND = 60_000
CHUNK_BYTES = 65_536
CALLS = 1_500

# What one call through menu and queue makes Asterisk say, by kind; the wanted kinds first.
WANTED_IN_A_CALL = (
    "Newchannel", "Newstate", "DialBegin", "DeviceStateChange", "DialEnd", "BridgeCreate", "BridgeEnter", "BridgeEnter",
    "DeviceStateChange", "BridgeLeave", "BridgeLeave", "BridgeDestroy", "Hangup", "Hangup",
)  # fmt: skip
OTHERS_IN_A_CALL = ("VarSet",) * 12 + ("Newexten",) * 6 + ("RTCPSent", "RTCPReceived")
WANTED = frozenset(WANTED_IN_A_CALL) | {
    "FullyBooted", "Shutdown", "Reload", "OriginateResponse", "BlindTransfer", "AttendedTransfer", "Hold", "Unhold",
    "HangupRequest", "ContactStatus", "PeerStatus",
}  # fmt: skip
GREETING = b"Asterisk Call Manager/11.0.0\r\n"


def event(name: str, number: int) -> bytes:
    """An event with a channel snapshot: 17 headers, about 450 bytes."""
    return (
        f"Event: {name}\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-{number:08x}\r\nChannelState: 6\r\n"
        f"ChannelStateDesc: Up\r\nCallerIDNum: 13800138000\r\nCallerIDName: Zhang O\\'Neil\r\n"
        f"ConnectedLineNum: 801\r\nConnectedLineName: <unknown>\r\nLanguage: zh\r\nAccountCode: \r\n"
        f"Context: queue\r\nExten: s\r\nPriority: 4\r\nUniqueid: hotline-1795328558.{number}\r\n"
        f"Linkedid: hotline-1795328558.{number}\r\nBridgeUniqueid: 6b7ad1b0-7c2d-4ee6-9bd6-6a3d1f0a9d6{number % 10}\r\n"
        f"Device: PJSIP/801\r\nState: INUSE\r\n\r\n"
    ).encode()


def traffic() -> tuple[list[bytes], int, int]:
    """Chunks, number of events, and how many of them are wanted."""
    kinds = (*WANTED_IN_A_CALL, *OTHERS_IN_A_CALL)
    # 7 and the number of kinds share no factor: the kinds are mixed, the same way each time.
    order = [kinds[(7 * index) % len(kinds)] for index in range(len(kinds))]
    stream = b"".join(event(name, call) for call in range(CALLS) for name in order)
    chunks = [stream[start : start + CHUNK_BYTES] for start in range(0, len(stream), CHUNK_BYTES)]
    return chunks, CALLS * len(kinds), CALLS * len(WANTED_IN_A_CALL)


def look(message: AmiEvent | Message) -> tuple[str, str, str, str]:
    """Read what a translator reads."""
    return message["Channel"], message["Uniqueid"], message["Linkedid"], message["CallerIDName"]


class Nowhere(asyncio.Transport):
    """A transport that neither side writes to."""


async def stock_seconds(chunks: list[bytes], wanted: int) -> float:
    """Time that panoramisk takes, with one callback for each wanted kind."""
    manager = Manager()
    seen = 0

    def listener(_: Manager, message: Message) -> None:
        nonlocal seen
        look(message)
        seen += 1

    for name in sorted(WANTED):
        manager.register_event(name, listener)
    protocol = AMIProtocol()
    protocol.connection_made(Nowhere())
    protocol.factory, protocol.encoding = manager, "utf8"
    protocol.data_received(GREETING)
    started = time.perf_counter()
    for chunk in chunks:
        protocol.data_received(chunk)
    elapsed = time.perf_counter() - started
    assert seen == wanted, f"panoramisk told {seen} of {wanted}"
    return elapsed


async def our_seconds(chunks: list[bytes], wanted: int, names: frozenset[str] = WANTED) -> float:
    """Time that ours takes: framing, filter, inbox, and the reader that empties it after each chunk."""
    inbox = Inbox(10_000)
    wire = Wire(SwitchManager(AmiAddress("127.0.0.1", 0, "u", "s"), names, inbox))
    wire.connection_made(Nowhere())
    wire.data_received(GREETING)
    seen = 0
    started = time.perf_counter()
    for chunk in chunks:
        wire.data_received(chunk)
        while len(inbox):
            letter = await inbox.get()
            assert isinstance(letter, AmiEvent)
            look(letter)
            seen += 1
    elapsed = time.perf_counter() - started
    assert seen == wanted, f"ours told {seen} of {wanted}"
    return elapsed


def main(rounds: int) -> int:
    """Run both in turns and print the figures."""
    chunks, events, wanted = traffic()
    rates: dict[str, list[float]] = {"stock": [], "ours": [], "all": []}
    for _ in range(rounds):
        rates["stock"].append(events / asyncio.run(stock_seconds(chunks, wanted)))
        rates["ours"].append(events / asyncio.run(our_seconds(chunks, wanted)))
        rates["all"].append(events / asyncio.run(our_seconds(chunks, events, WANTED | set(OTHERS_IN_A_CALL))))
    stock, ours, unfiltered = (statistics.median(rates[name]) for name in ("stock", "ours", "all"))
    print(f"ami_intake_panoramisk {stock:.0f} events/s -")
    print(f"ami_intake_hotline {ours:.0f} events/s >={TARGET_EVENTS_PER_SECOND}")
    print(f"ami_intake_hotline_unfiltered {unfiltered:.0f} events/s -")
    print(f"ami_intake_ratio {ours / stock:.1f} x -")
    print(f"ami_intake_event_size {sum(map(len, chunks)) / events:.0f} bytes -")
    print(f"ami_intake_wanted {100 * wanted / events:.0f} % -")
    return 0 if ours >= TARGET_EVENTS_PER_SECOND else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
