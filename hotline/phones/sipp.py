"""One sipp process: started with a scenario, stopped by its id, and read back from its own log of messages."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Template

from hotline.phones.ports import LOOPBACK, free_ports

STOP_SECONDS = 5.0
MESSAGE_HEAD = re.compile(r"^-{10,} (\S+ \S+)\n\w+ message (sent|received).*\n\n", re.MULTILINE)


class LoadError(RuntimeError):
    """sipp could not do what was asked; the text holds what it said."""


@dataclass(frozen=True)
class Switch:
    """Where SIP is spoken."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class SipMessage:
    """One message as sipp saw it leave or arrive."""

    at: float
    """Epoch seconds, to the microsecond."""
    sent: bool
    start_line: str
    call_id: str
    to_user: str
    """User part of the To header."""
    from_user: str
    cseq_method: str
    headers: str
    """All that follows the start line."""

    @property
    def method(self) -> str | None:
        """The method of a request; None for a response."""
        word = self.start_line.partition(" ")[0]
        return None if word.startswith("SIP/") else word

    @property
    def status(self) -> int | None:
        """The code of a response; None for a request."""
        return int(self.start_line.split()[1]) if self.start_line.startswith("SIP/") else None


class Sipp:
    """One sipp process and the files that it leaves in `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.port = 0
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    @property
    def message_file(self) -> Path:
        """sipp's log of messages."""
        return self.folder / f"{self.name}.messages"

    async def start(
        self,
        scenario: str,
        values: Mapping[str, object],
        *,
        remote: str | None = None,
        fields: Iterable[Sequence[str]] = (),
        options: Sequence[str] = (),
    ) -> None:
        """Start sipp.

        Args:
            scenario: XML of scenarios.py; `values` fills its `$NAME`s.
            remote: `host:port` to call; None for a scenario that waits to be called.
            fields: sipp's `[field0]`, `[field1]` ... of each call, in turn.
            options: more of sipp's own options.

        Raises:
            LoadError: sipp is not installed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_ports(1)
        scenario_file = self.folder / f"{self.name}.xml"
        scenario_file.write_text(Template(scenario).substitute({key: str(value) for key, value in values.items()}))
        command = ["sipp", *([remote] if remote else []), "-sf", str(scenario_file), *self._own_options(), *options]
        lines = [";".join(row) for row in fields]
        if lines:
            field_file = self.folder / f"{self.name}.csv"
            field_file.write_text("\n".join(["SEQUENTIAL", *lines]) + "\n")
            command += ["-inf", str(field_file)]
        with (self.folder / f"{self.name}.screen").open("wb") as screen:
            try:
                self._process = await asyncio.create_subprocess_exec(
                    *command, stdin=asyncio.subprocess.DEVNULL, stdout=screen, stderr=screen, env=SCREEN
                )
            except FileNotFoundError as missing:
                raise LoadError("sipp is not installed: apt-get install sip-tester") from missing

    async def finished(self, seconds: float) -> None:
        """Wait until sipp has played all its calls.

        Raises:
            LoadError: a call failed, or the deadline passed; sipp is stopped then.
        """
        if self._process is None:
            raise LoadError(f"{self.name} was not started")
        try:
            async with asyncio.timeout(seconds):
                code = await self._process.wait()
        except TimeoutError as late:
            await self.stop()
            raise LoadError(f"{self.name} was not through after {seconds:g} s; {self._complaint()}") from late
        if code != 0:
            raise LoadError(f"sipp ended {self.name} with code {code}; {self._complaint()}")

    async def stop(self) -> None:
        """End the process by its id. sipp 3.6 says no goodbye: its calls are left standing. Safe to call twice."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def messages(self) -> list[SipMessage]:
        """Return every message so far, in sipp's order; its last one may be missing while it is being written."""
        return list(parse_messages(self.message_file.read_text(errors="replace"))) if self.message_file.exists() else []

    def _own_options(self) -> list[str]:
        traces = ["-trace_msg", "-message_file", str(self.message_file)]
        traces += ["-trace_err", "-error_file", str(self.folder / f"{self.name}.errors")]
        place = ["-i", LOOPBACK, "-mi", LOOPBACK, "-p", str(self.port)]
        return [*place, *traces, "-nostdin", "-timer_resol", "1", "-skip_rlimit", "-deadcall_wait", "0"]

    def _complaint(self) -> str:
        errors = self.folder / f"{self.name}.errors"
        screen = self.folder / f"{self.name}.screen"
        text = errors.read_text(errors="replace") if errors.exists() else screen.read_text(errors="replace")
        return f"it said: {text[-1500:]}"


SCREEN = {"TERM": "vt100", "PATH": "/usr/local/bin:/usr/bin:/bin"}
"""sipp draws a screen wherever it runs, and refuses to without a terminal's name."""


def parse_messages(text: str) -> Iterator[SipMessage]:
    """Read sipp's `-trace_msg` log."""
    heads = list(MESSAGE_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    for head, end in zip(heads, ends, strict=False):
        body = text[head.end() : end]
        start_line, _, headers = body.partition("\n")
        at = datetime.fromisoformat(head[1]).timestamp()
        yield SipMessage(
            at,
            head[2] == "sent",
            start_line.strip(),
            header(headers, "Call-ID"),
            _user(header(headers, "To")),
            _user(header(headers, "From")),
            header(headers, "CSeq").partition(" ")[2],
            headers,
        )


def header(headers: str, name: str) -> str:
    """The first header of that name; empty when there is none."""
    found = re.search(rf"^{name}:\s*(.*?)\r?$", headers, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def _user(address: str) -> str:
    found = re.search(r"sips?:([^@>;]+)@", address)
    return found[1] if found else ""
