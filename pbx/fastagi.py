"""The FastAGI server: one coroutine per call, on panoramisk's `Application`, with limits on what a peer may do.

FastAGI knows no authentication (S11): whoever reaches the port can talk to it. So nothing is promised to a connection
before its header is complete, and connections without one make room for others, the oldest first.

P6: Asterisk reports AGISTATUS=SUCCESS when this process is killed in mid-call. Only a variable that the handler sets as
its last act tells the dialplan that a session came to its end.
"""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from panoramisk.fast_agi import Application

from pbx.agi_connection import AgiConnection
from pbx.agi_session import DEFAULT_TIMEOUT, AgiSession, Played
from pbx.agi_wire import AgiReply
from pbx.errors import AgiRefused, AgiTimeout, CallerGone, SessionOver, SwitchError, SwitchGone

__all__ = [
    "DEFAULT_TIMEOUT",
    "AgiLimits",
    "AgiRefused",
    "AgiReply",
    "AgiServer",
    "AgiSession",
    "AgiTimeout",
    "CallerGone",
    "Handler",
    "Played",
    "SessionOver",
    "SwitchError",
    "SwitchGone",
]

log = logging.getLogger(__name__)

Handler = Callable[[AgiSession], Awaitable[None]]


@dataclass(frozen=True)
class AgiLimits:
    """What a peer may take of us."""

    header_bytes: int = 16_384
    header_seconds: float = 5.0
    """From connect to the end of the header, however it trickles in."""
    greeters_max: int = 256
    """Connections without a complete header; one more closes the oldest."""
    sessions_max: int = 1_000
    """Calls at once; one more is closed, and the dialplan's fallback takes it."""
    line_bytes: int = 65_536
    command_seconds: float = 300.0
    """Longest wait for a reply, unless the command says otherwise; EXEC waits for ever."""


class AgiServer(Application):  # type: ignore[misc]  # panoramisk has no types
    """Serves calls by the first segment of their AGI URL's path.

    Args:
        routes: handler of each route. One that raises loses its own call only.
    """

    def __init__(self, routes: Mapping[str, Handler], *, limits: AgiLimits | None = None) -> None:
        # panoramisk asks for the current event loop where it is given none, and there is none yet.
        super().__init__(loop=False)
        self.limits = limits or AgiLimits()
        self._server: asyncio.Server | None = None
        self._greeters: dict[AgiConnection, None] = {}
        self._sessions: set[asyncio.Task[None]] = set()
        for path, handler in routes.items():
            self.add_route(path, handler)

    def __bool__(self) -> bool:
        """Always true, though panoramisk's `Application` is a dictionary, and an empty one."""
        return True

    def add_route(self, path: str, endpoint: Handler) -> None:
        """P7: panoramisk wraps callables with asyncio.coroutine, which Python 3.11 no longer has.

        Raises:
            ValueError: there is a handler for this route.
        """
        if path in self._route:
            raise ValueError(f"route {path!r} has a handler")
        self._route[path] = endpoint

    async def start(self, host: str, port: int) -> int:
        """Listen; the port that was bound, for port 0. asyncio sets TCP_NODELAY on every connection."""
        self.loop = asyncio.get_running_loop()
        self._server = await self.loop.create_server(lambda: AgiConnection(self), host, port, backlog=1024)
        for listener in self._server.sockets:
            _keep_alive(listener)
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def sessions(self) -> int:
        """Calls being served."""
        return len(self._sessions)

    async def drain(self, seconds: float) -> None:
        """Accept no more calls, let those in progress end, and cancel what is left after this time."""
        if self._server is not None:
            self._server.close()
        for greeter in list(self._greeters):
            greeter.refuse()
        if self._sessions and seconds > 0:
            await asyncio.wait(self._sessions, timeout=seconds)
        await _cancel(self._sessions)
        if self._server is not None:
            await self._server.wait_closed()
            self._server = None

    async def close(self) -> None:
        """Stop at once; sessions are cancelled and their connections closed."""
        await self.drain(0)

    async def handler(self, *_: object) -> None:
        """P1, P5, P7: panoramisk's handler of a connection, in whose place `AgiConnection` stands.

        Raises:
            TypeError: always.
        """
        raise TypeError("use start(): it serves connections itself")

    # What a connection tells.

    def greeted(self, connection: AgiConnection) -> None:
        """A peer has connected. Of too many without a complete header the oldest makes room."""
        if len(self._greeters) >= self.limits.greeters_max:
            next(iter(self._greeters)).refuse()
        self._greeters[connection] = None

    def forget(self, connection: AgiConnection) -> None:
        """This one is no greeter any more."""
        self._greeters.pop(connection, None)

    def met(self, session: AgiSession) -> None:
        """A header is complete: serve the call."""
        handler: Handler | None = self._route.get(session.route)
        if handler is None:
            log.error("AGI request for unknown route %r: uniqueid=%s", session.route, session.uniqueid)
            session.close()
        elif len(self._sessions) >= self.limits.sessions_max:
            log.error("AGI request refused, %d sessions: uniqueid=%s", len(self._sessions), session.uniqueid)
            session.close()
        else:
            task = self.loop.create_task(self._serve(session, handler))
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)

    async def _serve(self, session: AgiSession, handler: Handler) -> None:
        try:
            await handler(session)
        except SessionOver as error:
            log.debug("AGI session ended: %s path=%s uniqueid=%s", error, session.route, session.uniqueid)
        except Exception:
            # P5: the fault stays in its own call; CancelledError passes, panoramisk swallows it.
            log.exception("AGI handler failed: path=%s uniqueid=%s", session.route, session.uniqueid)
        finally:
            session.close()


async def _cancel(tasks: "set[asyncio.Task[None]]") -> None:
    tasks = set(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _keep_alive(listener: socket.socket) -> None:
    """A switch that vanished without a word is noticed within half a minute, though AGI itself may be silent.

    Said to the listening socket: connections inherit it (Linux, tcp(7) and net/ipv4/tcp_minisocks.c)."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
