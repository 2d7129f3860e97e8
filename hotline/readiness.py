"""How a child says that it is ready: systemd's protocol (sd_notify(3)), so that a systemd unit needs nothing else.

`hotline up` and systemd (`Type=notify`) both name a datagram socket in $NOTIFY_SOCKET; started by hand there is none.
"""

import os
import socket
from pathlib import Path

VARIABLE = "NOTIFY_SOCKET"


def announce_ready() -> None:
    """Say that calls can be taken. Once; without a listener it does nothing."""
    _send("READY=1")


def announce_progress(words: str) -> None:
    """One line about a long start, shown to whoever waits for it."""
    _send("STATUS=" + words.replace("\n", " "))


def _send(message: str) -> None:
    address = os.environ.get(VARIABLE)
    if not address:
        return
    if address.startswith("@"):  # systemd writes the NUL of an abstract address so
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
        out.sendto(message.encode(), address)


class ReadinessSocket:
    """The listening end, kept by the supervisor: one for each child."""

    def __init__(self, path: Path) -> None:
        """Bind to path; a socket that a killed supervisor left there is replaced."""
        path.unlink(missing_ok=True)
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(os.fspath(path))
        self.socket.setblocking(False)

    def forget(self) -> None:
        """Drop what an earlier child said and nobody read."""
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        self.socket.close()
        self.path.unlink(missing_ok=True)
