"""The programs that hotline, its demo or its tests start."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hotline.asterisk_tree import find_asterisk
from hotline.doctor.finding import Finding, lacking
from hotline.faults import AsteriskMissing
from ivr.providers import Command, Provider
from ivr.speech_service import Service

POSTGRESQL_SERVERS = Path("/usr/lib/postgresql")


def asterisk() -> Finding:
    try:
        found = find_asterisk()
    except AsteriskMissing:
        return lacking("asterisk", "no Asterisk >= 20", "make setup")
    return Finding("asterisk", True, f"{found.version}, {found.command[-1]}")


def speech(provider: Provider) -> Finding:
    """Who speaks every prompt that has no recording: espeak-ng, or what the site names in its place."""
    match provider:
        case Command(words):
            path = shutil.which(words[0])
            if path is None:
                mend = "install it, or correct speech.command in site.yaml"
                return lacking("speech", f"{words[0]}, the site's speech command, is not there", mend)
            return Finding("speech", True, f"{path}, the site's speech command")
        case Service(url=url, secret_file=secret):
            if secret is not None and not os.access(secret, os.R_OK):
                mend = f"put the secret of the speech service into {secret}, readable by this user"
                return lacking("speech", f"{secret}, the secret_file of {url.partition('?')[0]}, cannot be read", mend)
            return Finding("speech", True, f"{url.partition('?')[0]}, the site's speech service (not asked)")
    return _program("espeak-ng", ["--version"], "espeak-ng", needed=True)


def baresip() -> Finding:
    return _program("baresip", ["-h"], "baresip-core", needed=False)


def sipp() -> Finding:
    return _program("sipp", ["-v"], "sip-tester", needed=False)


def postgresql() -> Finding:
    """The tests start a server of their own; a hotline on SQLite needs none."""
    on_path = shutil.which("initdb")
    folders = sorted(POSTGRESQL_SERVERS.glob("*/bin/initdb"))
    if on_path is None and not folders:
        return lacking("postgresql", "no initdb", _install("postgresql"), needed=False)
    return Finding("postgresql", True, on_path or str(folders[-1]), needed=False)


def _program(name: str, version: Sequence[str], package: str, *, needed: bool) -> Finding:
    path = shutil.which(name)
    if path is None:
        return lacking(name, "not on PATH", _install(package), needed=needed)
    # sipp -v ends with 99; what counts is that it starts and speaks.
    said = subprocess.run([path, *version], capture_output=True, text=True, errors="replace", timeout=10)
    words = [line.strip() for line in (said.stdout + said.stderr).splitlines() if line.strip()]
    if not words:
        return lacking(name, f"{path} does not start", _install(package), needed=needed)
    return Finding(name, True, words[0], needed=needed)


def _install(package: str) -> str:
    return f"apt-get install -y --no-install-recommends {package}"
