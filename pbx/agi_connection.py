"""The socket of one AGI request: its header, within limits, and then its lines, each told as soon as it is whole.

A protocol and not a stream: a header comes in many small segments and has thirty lines, and a stream would wake a task
for each. What is told goes synchronously to the server (`greeted`, `met`, `forget`) and then to the session.
"""

import asyncio
import logging
from typing import TYPE_CHECKING

from pbx.agi_session import AgiSession
from pbx.agi_wire import parse_environment
from pbx.wire import decode

if TYPE_CHECKING:
    from pbx.fastagi import AgiServer

log = logging.getLogger(__name__)

_HEADER_END = b"\n\n"


class AgiConnection(asyncio.Protocol):
    """From connect to close; it is a greeter until its header is complete, and a session from then on."""

    def __init__(self, server: "AgiServer") -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._session: AgiSession | None = None
        self._lateness: asyncio.TimerHandle | None = None
        self._begun = b""
        """What has come of a header, or of a line, that is not complete."""
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # of a stream socket
        """Expect the header from now on, however it trickles in."""
        self._transport = transport
        seconds = self._server.limits.header_seconds
        self._lateness = asyncio.get_running_loop().call_later(seconds, self.refuse, "header too slow")
        self._server.greeted(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes, in whatever chunks they come."""
        if self._refused:
            return
        if self._begun:
            data = self._begun + data
        if self._session is None:
            self._read_header(data)
        else:
            self._read_lines(self._session, data)

    def eof_received(self) -> None:
        """Asterisk has closed; asyncio closes our side."""

    def connection_lost(self, exc: Exception | None) -> None:
        """P1: panoramisk never looks for the end of the stream, and spins for ever on a port probe."""
        if self._session is not None:
            self._session.closed()
        elif not self._refused:
            self.refuse("closed within the header")

    def refuse(self, why: str = "") -> None:
        """Close a connection that is no session; it is not logged where nothing is wrong with it."""
        if why:
            log.info("AGI connection refused: %s", why)
        self._refused = True
        self._settle()
        assert self._transport is not None
        self._transport.close()

    def _settle(self) -> None:
        assert self._lateness is not None
        self._lateness.cancel()
        self._begun = b""
        self._server.forget(self)

    def _read_header(self, data: bytes) -> None:
        end = data.find(_HEADER_END, max(0, len(self._begun) - 1))
        if end < 0:
            self._begun = data
        if max(end, len(self._begun)) > self._server.limits.header_bytes:
            self.refuse(
                f"header of more than {self._server.limits.header_bytes} bytes"
                if b"\n" in data
                else "header line too long"
            )
        elif end >= 0:
            self._settle()
            assert self._transport is not None
            headers = parse_environment(data[: end + 1])
            self._session = session = AgiSession(self._server, headers, self._transport)
            # What came with the header was asked for by nobody, so it must not answer the first command (S26).
            self._read_lines(session, data[end + len(_HEADER_END) :])
            self._server.met(session)

    def _read_lines(self, session: AgiSession, data: bytes) -> None:
        *lines, self._begun = data.split(b"\n")
        for line in lines:
            session.take(decode(line))
        if len(self._begun) > self._server.limits.line_bytes:
            # What follows it cannot be told from its rest.
            log.warning("AGI connection given up: line too long uniqueid=%s", session.uniqueid)
            self._refused = True
            session.close()
            session.closed()
