"""FastAGI for synchronous scripts: each call gets a thread, but only once its header is complete.

One thread accepts and reads headers of all connections by readiness, so that idle connections, half headers and floods
cost no thread and keep nobody waiting (S11).
"""

import contextlib
import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx.agi_wire import parse_environment, parse_target
from pbx.fastagi import AgiLimits
from pbx.pyst import Agi, AGIHangup

log = logging.getLogger(__name__)

Script = Callable[[Agi], None]

_HEADER_END: Final = b"\n\n"
_STOP_SECONDS: Final = 5.0
_NO_DESCRIPTOR_SECONDS: Final = 0.1


@dataclass
class _Greeter:
    """A connection whose header is not complete."""

    connection: socket.socket
    deadline: float
    header: bytearray = field(default_factory=bytearray)


class _Sender:
    """The writing side of a connection as a stream without a buffer, so that closing it can never fail."""

    def __init__(self, connection: socket.socket) -> None:
        self.write = connection.sendall

    def flush(self) -> None:
        """Everything was sent by `write`."""


class ScriptServer:
    """Serves calls by the first segment of their AGI URL's path, one script and one thread each.

    Args:
        scripts: by route. One that raises loses its own call only.
        max_threads: calls at once; one more is closed, and the dialplan's fallback takes it.
        limits: as for `AgiServer`; a script that waits longer than `command_seconds` for one reply meets AGIHangup.
    """

    def __init__(
        self, scripts: Mapping[str, Script], max_threads: int = 100, *, limits: AgiLimits | None = None
    ) -> None:
        self._scripts = dict(scripts)
        self._max_threads = max_threads
        self._limits = limits or AgiLimits()
        self._greeters: dict[socket.socket, _Greeter] = {}
        self._calls: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._wake: socket.socket | None = None
        self._acceptor: threading.Thread | None = None

    def start(self, host: str, port: int) -> int:
        """Listen in a thread of its own; the port that was bound, for port 0."""
        self._listener = socket.create_server((host, port), backlog=1024)
        self._listener.setblocking(False)
        self._wake, woken = socket.socketpair()
        self._acceptor = threading.Thread(
            target=self._accept_until_closed, args=(woken,), name="script server", daemon=True
        )
        self._acceptor.start()
        return int(self._listener.getsockname()[1])

    def add(self, scripts: Mapping[str, Script]) -> None:
        """Serve these as well, in place of those of the same name; what runs goes on as it began."""
        self._scripts = {**self._scripts, **scripts}

    def close(self) -> None:
        """Accept no more calls; those in progress see the connection end and get a few seconds to return."""
        if self._acceptor is None or self._wake is None:
            return
        self._wake.close()
        self._acceptor.join()
        self._acceptor = None
        with self._lock:
            calls = dict(self._calls)
        for connection in calls.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in calls:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _accept_until_closed(self, woken: socket.socket) -> None:
        assert self._listener is not None
        with selectors.DefaultSelector() as self._selector, woken, self._listener:
            self._selector.register(self._listener, selectors.EVENT_READ)
            self._selector.register(woken, selectors.EVENT_READ)
            while self._serve_ready(woken):
                self._close_late()
            for greeter in list(self._greeters.values()):
                self._drop(greeter, "closing")

    def _serve_ready(self, woken: socket.socket) -> bool:
        """Serve what is ready, or wait until something is; False when it is time to close."""
        for key, _ in self._selector.select(self._seconds_to_deadline()):
            if key.fileobj is woken:
                return False
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj in self._greeters:
                self._read(self._greeters[key.fileobj])
        return True

    def _seconds_to_deadline(self) -> float | None:
        # Deadlines are in the order of arrival, and so is the dictionary.
        first = next(iter(self._greeters.values()), None)
        return None if first is None else max(0.0, first.deadline - time.monotonic())

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connection, _ = self._listener.accept()
        except OSError as error:
            # No descriptor left, most likely: an idle connection's will do, else wait for a script to end.
            log.warning("AGI connection not accepted: %s", error)
            if self._greeters:
                self._make_room()
            else:
                time.sleep(_NO_DESCRIPTOR_SECONDS)
            return
        if len(self._greeters) >= self._limits.greeters_max:
            self._make_room()
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._greeters[connection] = _Greeter(connection, time.monotonic() + self._limits.header_seconds)
        self._selector.register(connection, selectors.EVENT_READ)

    def _read(self, greeter: _Greeter) -> None:
        """Take what is there of the header and not a byte more: what follows belongs to the script."""
        try:
            peeked = greeter.connection.recv(self._limits.header_bytes, socket.MSG_PEEK)
            seam = greeter.header[-1:] + peeked
            found = seam.find(_HEADER_END)
            wanted = len(peeked) if found < 0 else found + len(_HEADER_END) - (len(seam) - len(peeked))
            greeter.header += greeter.connection.recv(wanted) if wanted else b""
        except BlockingIOError:
            return
        except OSError as error:
            self._drop(greeter, str(error))
            return
        if not peeked:
            self._drop(greeter, "closed within the header")
        elif len(greeter.header) > self._limits.header_bytes:
            self._drop(greeter, "header too long")
        elif found >= 0:
            self._forget(greeter)
            self._hand_over(greeter)

    def _hand_over(self, greeter: _Greeter) -> None:
        environment = bytes(greeter.header)
        headers = parse_environment(environment)
        route, uniqueid = parse_target(headers).route, headers.get("agi_uniqueid", "")
        script = self._scripts.get(route)
        if script is None or len(self._calls) >= self._max_threads:
            reason = "unknown script" if script is None else f"{self._max_threads} scripts running"
            log.error("AGI request refused: %s path=%s uniqueid=%s", reason, route, uniqueid)
            greeter.connection.close()
            return
        connection = greeter.connection
        thread = threading.Thread(
            target=self._run, args=(script, connection, environment, route), name=f"script {route}", daemon=True
        )
        with self._lock:
            self._calls[thread] = connection
        try:
            thread.start()
        except RuntimeError as error:
            # The machine has no thread left. That costs this call its script, not all later ones theirs.
            log.error("AGI request refused: %s path=%s uniqueid=%s", error, route, uniqueid)
            connection.close()
            with self._lock:
                del self._calls[thread]

    def _run(self, script: Script, connection: socket.socket, environment: bytes, route: str) -> None:
        try:
            connection.settimeout(self._limits.command_seconds)
            with connection.makefile("rb") as stdin:
                script(Agi(stdin, _Sender(connection), environment=environment))
        except AGIHangup as error:
            log.debug("script ended: %s path=%s", error, route)
        except Exception:
            uniqueid = parse_environment(environment).get("agi_uniqueid", "")
            log.exception("script failed: path=%s uniqueid=%s", route, uniqueid)
        finally:
            connection.close()
            with self._lock:
                self._calls.pop(threading.current_thread(), None)

    def _close_late(self) -> None:
        now = time.monotonic()
        while self._greeters and (first := next(iter(self._greeters.values()))).deadline <= now:
            self._drop(first, "header too slow")

    def _make_room(self) -> None:
        self._drop(next(iter(self._greeters.values())), "made room for another")

    def _drop(self, greeter: _Greeter, reason: str) -> None:
        log.info("AGI connection refused: %s", reason)
        self._forget(greeter)
        greeter.connection.close()

    def _forget(self, greeter: _Greeter) -> None:
        self._selector.unregister(greeter.connection)
        del self._greeters[greeter.connection]
