"""Python, folders, ports, disk and clock."""

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from hotline.doctor.finding import Finding, lacking
from hotline.faults import StateMissing
from hotline.ports import HOST, SIP_PORT, choose
from hotline.settings import load
from hotline.state import State

OLDEST_PYTHON = (3, 11)
DISK_BYTES_NEEDED = 500_000_000
FIRST_SENSIBLE_YEAR = 2025
"""No clock that is right says less: this version was made then."""


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return lacking("python", version, "make setup PYTHON=python3.11 (or newer)")
    return Finding("python", True, f"{version}, {sys.executable}")


def virtual_environment() -> Finding:
    if sys.prefix == sys.base_prefix:
        return lacking(
            "environment", "not in a virtual environment", "make setup, then .venv/bin/hotline", needed=False
        )
    return Finding("environment", True, sys.prefix)


def state_folder(state: State) -> Finding:
    """A folder that is not there yet is well if it can be made."""
    nearest = next(folder for folder in (state.folder, *state.folder.parents) if folder.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        return lacking("state", f"{nearest} is not writable", "hotline up --state DIR, with a DIR of yours")
    return Finding("state", True, str(state.folder) + ("" if state.folder.exists() else " (will be made)"))


def ports(state: State) -> Finding:
    """Which port phones would be served on; a hotline that is up holds its own ports."""
    if state.is_held():
        return Finding("ports", True, "a hotline is up with this state folder")
    try:
        earlier = load(state).ports
    except StateMissing:
        earlier = None
    wanted, chosen = earlier.sip if earlier else SIP_PORT, choose(earlier).sip
    if chosen != wanted:
        found = f"UDP port {wanted} of {HOST} is in use; `hotline up` would take another"
        return lacking("ports", found, "stop what holds it, or hotline up --sip-port N", needed=False)
    return Finding("ports", True, f"SIP on {HOST}:{chosen}/udp")


def disk(state: State) -> Finding:
    folder = next(folder for folder in (state.folder, *state.folder.parents) if folder.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free >> 20} MB free at {folder}"
    if free < DISK_BYTES_NEEDED:
        return lacking("disk", found, f"free {(DISK_BYTES_NEEDED - free) >> 20} MB there")
    return Finding("disk", True, found)


def clock(now: datetime | None = None) -> Finding:
    """Waits are measured by the monotonic clock; records carry the time of day, so a wrong one makes wrong reports."""
    now = now or datetime.now(UTC)
    zone = Path("/etc/timezone")
    name = os.environ.get("TZ") or (zone.read_text().strip() if zone.exists() else now.astimezone().tzname() or "UTC")
    if now.year < FIRST_SENSIBLE_YEAR:
        return lacking("clock", f"it says {now:%Y-%m-%d}", "timedatectl set-ntp true, or set the clock by hand")
    return Finding("clock", True, f"{now.astimezone():%Y-%m-%d %H:%M:%S %z} ({name})")
