"""`hotline up`: bring a site up, keep it up, take it down in order."""

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from dialplan.site import Site
from hotline import compiled, ready
from hotline.asterisk_conf import write_configuration
from hotline.asterisk_tree import Asterisk, find_asterisk
from hotline.child import Program
from hotline.control import Control
from hotline.faults import telling_of_the_disk
from hotline.installing import Installer
from hotline.log_watch import LogWatch
from hotline.ports import HOST, has_udp_port
from hotline.settings import Settings, load, settle
from hotline.starting_site import Source, source_of
from hotline.state import State
from hotline.supervise import Supervisor

START_SECONDS = 180.0
"""The first start on a machine renders every prompt; later ones take a few seconds."""
WATCH_SECONDS = 0.5
CHILDREN = ("records", "acd", "ivr")
"""In the order of who writes for whom; Asterisk comes after them, and stops before them."""
STANDING_BY = ("ivr",)
"""Of these a second process waits, loaded: callers in a menu hear when the first one dies."""


@dataclass(frozen=True)
class Plan:
    """What a start has decided, and written down, before anything runs."""

    state: State
    site: Site
    settings: Settings
    asterisk: Asterisk
    console: tuple[str, ...]
    """What asks the running Asterisk, with `-rx` and a line of its console behind it."""
    programs: tuple[Program, ...]


def run_up(
    state: State,
    site_folder: Path | None,
    *,
    sip_port: int | None,
    database_url: str | None,
    trace_days: float | None = None,
) -> None:
    """Run until SIGINT or SIGTERM. Raises HotlineError for what the person at the terminal can mend.

    site_folder: None: what was published last, and where nothing was, the default site.
    """
    source = source_of(state, site_folder)
    site = source.read()
    asterisk = find_asterisk()
    # For every child too: who called whom is nobody else's to read, also in a state folder that was there before.
    os.umask(0o077)
    state.make()
    with telling_of_the_disk(state.folder), state.held():
        settings = settle(
            state, source.edited, site.extensions, sip_port=sip_port, database_url=database_url, trace_days=trace_days
        )
        asyncio.run(_serve(_prepare(state, site, source, settings, asterisk)))


def _prepare(state: State, site: Site, source: Source, settings: Settings, asterisk: Asterisk) -> Plan:
    state.ready.unlink(missing_ok=True)
    configuration = write_configuration(site, settings, state, asterisk, source)
    programs = (
        *(_python_program(state, name) for name in CHILDREN),
        _asterisk_program(state, settings, asterisk, configuration),
    )
    for program in programs:
        begin_log(program.log)
    return Plan(state, site, settings, asterisk, (*asterisk.command, "-C", str(configuration)), programs)


def begin_log(log: Path) -> None:
    """An empty file; the one of the last start is kept beside it."""
    if log.exists():
        log.replace(log.with_suffix(".earlier.log"))
    log.touch(mode=0o600)


def _python_program(state: State, name: str) -> Program:
    # -P: a folder named like one of our rooms in the current directory must not be imported instead of it.
    command = (sys.executable, "-P", "-m", "hotline", name, "--state", str(state.folder))
    return Program(name, command, state.log / f"{name}.log", standby=name in STANDING_BY)


def _asterisk_program(state: State, settings: Settings, asterisk: Asterisk, configuration: Path) -> Program:
    """-f stays in the foreground. The probe waits inside Asterisk until every module is loaded.

    Asterisk boots without SIP where its port is taken (res_pjsip, config_transport.c) and would be up for nobody.
    """
    command = (*asterisk.command, "-C", str(configuration))
    probe = (*command, "-rx", "core waitfullybooted")

    def fault(pid: int) -> str | None:
        taken = f"UDP port {settings.ports.sip} of {HOST} is another's, so no call could come in"
        return None if has_udp_port(pid, settings.ports.sip) else taken

    return Program("asterisk", (*command, "-f"), state.log / "asterisk.log", probe=probe, fault=fault)


async def _serve(plan: Plan) -> None:
    stop = asyncio.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(wanted, stop.set)

    def refresh() -> None:
        if not plan.state.ready.exists():  # not everything has been ready yet
            return
        try:
            _publish(plan, supervisor)
        except OSError as refusal:
            _tell(f"{plan.state.ready} could not be renewed: {refusal.strerror}")

    def take_over() -> None:
        """Another site runs: a reload has put it there."""
        nonlocal plan
        plan = replace(plan, site=compiled.read(plan.state.current), settings=load(plan.state))
        refresh()
        renewals.add(renewal := asyncio.create_task(supervisor.renew_standbys()))
        renewal.add_done_callback(renewals.discard)
        _tell("the site was reloaded")

    renewals: set[asyncio.Task[None]] = set()
    supervisor = Supervisor(plan.programs, plan.state.run, tell=_tell, changed=refresh)
    control = Control(plan.state.control("up"), Installer(plan.state, plan.console, take_over).answer)
    await control.start()
    try:
        if await _started(supervisor, stop):
            _publish(plan, supervisor)
            print(ready.line(plan.state, plan.site, plan.settings), flush=True)
            await _show_warnings(LogWatch({program.name: program.log for program in plan.programs}), stop)
    finally:
        await control.close()
        plan.state.ready.unlink(missing_ok=True)
        await supervisor.stop()


def _publish(plan: Plan, supervisor: Supervisor) -> None:
    content = ready.describe(plan.state, plan.site, plan.settings, plan.asterisk, supervisor.pids)
    ready.publish(plan.state, content)


async def _started(supervisor: Supervisor, stop: asyncio.Event) -> bool:
    """Whether all became ready before somebody asked to stop. Raises StartFailed."""
    starting = asyncio.create_task(supervisor.start(START_SECONDS))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not starting.done():
        starting.cancel()
        return False
    await starting
    return True


async def _show_warnings(watch: LogWatch, stop: asyncio.Event) -> None:
    """Until it is time to stop, show what the children's logs say that somebody should see."""
    while not stop.is_set():
        for line in watch.new_serious_lines():
            _tell(line)
        await _wait(stop, WATCH_SECONDS)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Return when the event is set or the time is over."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait([waiting], timeout=seconds)
    waiting.cancel()


def _tell(words: str) -> None:
    """Say it on stderr; a terminal that has gone away must not stop the supervision."""
    with contextlib.suppress(OSError):
        print(f"hotline: {words}", file=sys.stderr, flush=True)
