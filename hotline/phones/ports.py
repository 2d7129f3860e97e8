"""Free ports on the loopback address.

A port is free at the moment of asking only: who starts a process on it must be ready to ask again when binding fails.
"""

import random
import socket

from hotline.ports import HOST, is_free

LOOPBACK = HOST
PORT_RANGE = range(6_100, 9_900)
"""Below everything that `hotline.ports` chooses from, and below what Linux gives to outgoing sockets."""

KINDS = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
ATTEMPTS = 200


def free_ports(count: int) -> int:
    """Return the first of `count` neighbouring ports, each free for UDP and TCP; baresip takes SIP's and the next.

    Raises:
        OSError: no such run was found in 200 random places.
    """
    for _ in range(ATTEMPTS):
        first = random.choice(PORT_RANGE)
        if all(is_free(port, kind) for port in range(first, first + count) for kind in KINDS):
            return first
    raise OSError(f"no {count} neighbouring ports are free between {PORT_RANGE.start} and {PORT_RANGE.stop}")
