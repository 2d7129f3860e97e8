"""Free ports."""

import socket

from hotline.phones.ports import LOOPBACK, PORT_RANGE, free_ports


def test_neighbouring_ports_can_be_bound_for_udp_and_tcp() -> None:
    """Each of the ports given can be bound both ways, and lies in our own range."""
    first = free_ports(3)
    assert first in PORT_RANGE
    for port in range(first, first + 3):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(socket.AF_INET, kind) as probe:
                probe.bind((LOOPBACK, port))
