"""Choose free ports on this machine's loopback address."""

import random
import socket
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from hotline.faults import PortTaken

HOST = "127.0.0.1"
SIP_PORT = 5060  # RFC 3261, section 19.1.2
RTP_PORTS = 2000
"""Two for each call leg (RFC 3550, section 11): a thousand legs."""
# All below 32768, where Linux begins to hand out ports by itself: nobody takes one by chance while ours is restarted.
RTP_FIRST_PORTS = range(10_000, 28_000, 2)
SERVICE_PORTS = range(30_000, 32_768)
TCP_PORTS = ("ami", "ivr", "script", "acd")


@dataclass(frozen=True)
class ChosenPorts:
    """One hotline's ports: UDP for sip and rtp, TCP for the others."""

    sip: int
    rtp_first: int
    rtp_last: int
    ami: int
    ivr: int
    script: int
    acd: int


def choose(earlier: ChosenPorts | None, sip: int | None = None) -> ChosenPorts:
    """The earlier ports where they are still free, new ones where not.

    sip: the port that a person asked for; 5060 if it is free when nobody asked. Raises PortTaken, for that one alone.
    """
    if sip is not None and not is_free(sip, socket.SOCK_DGRAM):
        raise PortTaken(f"UDP port {sip} of {HOST} is in use; choose another --sip-port, or leave it out")
    wished = asdict(earlier) if earlier else {"sip": SIP_PORT}
    rtp_first = _rtp_first(wished.get("rtp_first"))
    chosen = {"sip": sip or _one(wished.get("sip"), socket.SOCK_DGRAM, set())}
    for name in TCP_PORTS:
        chosen[name] = _one(wished.get(name), socket.SOCK_STREAM, set(chosen.values()))
    return ChosenPorts(rtp_first=rtp_first, rtp_last=rtp_first + RTP_PORTS - 1, **chosen)


def any_free_port(kind: socket.SocketKind) -> int:
    """One that is free now, that the kernel does not hand out, and that no program is known for."""
    return _one(None, kind, set())


def is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as trial:
        if kind is socket.SOCK_STREAM:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a server
        try:
            trial.bind((HOST, port))
        except OSError:
            return False
        return True


def has_udp_port(pid: int, port: int) -> bool:
    """Whether it is this process that has the port (proc(5)); True as well where the kernel does not let us look."""
    own = f"{int.from_bytes(socket.inet_aton(HOST), sys.byteorder):08X}:{port:04X}"
    try:
        rows = [line.split() for line in Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]]
        bound = {f"socket:[{row[9]}]" for row in rows if row[1] == own}
        return any(str(descriptor.readlink()) in bound for descriptor in Path(f"/proc/{pid}/fd").iterdir())
    except PermissionError:
        return True
    except FileNotFoundError:  # it has just ended, or closed what we looked at
        return False


def _one(wished: int | None, kind: socket.SocketKind, taken: set[int]) -> int:
    """The wished port if it is free, else any of those that neither the kernel hands out nor we have chosen yet."""
    candidates = [*([wished] if wished else []), *_shuffled(SERVICE_PORTS)]
    return next(port for port in candidates if port not in taken and is_free(port, kind))


def _rtp_first(wished: int | None) -> int:
    def whole_block_is_free(first: int) -> bool:
        return all(is_free(port, socket.SOCK_DGRAM) for port in range(first, first + RTP_PORTS))

    candidates = [*([wished] if wished else []), *_shuffled(RTP_FIRST_PORTS)]
    return next(first for first in candidates if whole_block_is_free(first))


def _shuffled(ports: Iterable[int]) -> list[int]:
    """Another order each time: two hotlines that choose at once rarely choose the same."""
    mixed = list(ports)
    random.shuffle(mixed)
    return mixed
