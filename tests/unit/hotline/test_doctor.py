"""The doctor's findings."""

import json
import os
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline import doctor
from hotline.doctor import machine, programs
from hotline.doctor.finding import Finding
from hotline.doctor.printing import to_json
from hotline.faults import AsteriskMissing
from hotline.ports import HOST
from hotline.settings import SHOP_SITE, settle
from hotline.state import State
from ivr.providers import Command, Espeak, Provider
from ivr.speech_service import Service


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any program: an empty folder on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "POSTGRESQL_SERVERS", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("look", "package", "needed"),
    [
        (lambda: programs.speech(Espeak()), "espeak-ng", True),
        (programs.baresip, "baresip-core", False),
        (programs.sipp, "sip-tester", False),
        (programs.postgresql, "postgresql", False),
    ],
)
def test_missing_program_is_told_with_its_package(bare: Path, look: object, package: str, needed: bool) -> None:
    """Each lack names the Debian package that mends it; only what calls need makes the doctor fail."""
    assert callable(look)
    finding = look()
    assert (finding.well, finding.needed) == (False, needed)
    assert finding.mend == f"apt-get install -y --no-install-recommends {package}"


def test_program_that_does_not_start_is_missing(bare: Path) -> None:
    """A program that is there and says nothing (a broken library, say) does not count as there."""
    (bare / "espeak-ng").write_text("#!/bin/sh\nexit 127\n")
    (bare / "espeak-ng").chmod(0o755)
    assert "does not start" in programs.speech(Espeak()).found


@pytest.mark.parametrize(
    ("provider", "well", "found"),
    [
        (Command(("say", "{file}")), False, "say, the site's speech command, is not there"),
        (
            Service(url="http://127.0.0.1:5002/say?in={text}"),
            True,
            "http://127.0.0.1:5002/say, the site's speech service",
        ),
        (
            Service(url="http://x/", secret_file=Path("/no/key")),
            False,
            "/no/key, the secret_file of http://x/, cannot be read",
        ),
    ],
)
def test_a_site_with_a_voice_of_its_own_needs_no_espeak(bare: Path, provider: Provider, well: bool, found: str) -> None:
    """What counts is the command or the service that the site names; on this machine there is no espeak-ng."""
    finding = programs.speech(provider)
    assert (finding.name, finding.well) == ("speech", well)
    assert finding.found.startswith(found)


def test_the_voice_is_that_of_the_site_that_was_brought_up(bare: Path, tmp_path: Path) -> None:
    """The state folder remembers the site; its speech command is on PATH."""
    (bare / "say").write_text("#!/bin/sh\n")
    (bare / "say").chmod(0o755)
    site = tmp_path / "site"
    shutil.copytree(SHOP_SITE, site)
    with (site / "site.yaml").open("a") as file:
        file.write('speech: {command: [say, "{file}"]}\n')
    state = State.at(tmp_path / "state")
    state.folder.mkdir()
    settle(state, site, [])
    assert Finding("speech", True, f"{bare}/say, the site's speech command") in doctor.examine(state)


def test_missing_asterisk_is_mended_by_setup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Asterisk the command is `make setup`."""

    def missing() -> None:
        raise AsteriskMissing("none")

    monkeypatch.setattr(programs, "find_asterisk", missing)
    assert programs.asterisk() == Finding("asterisk", False, "no Asterisk >= 20", "make setup")


def test_small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that a day of journals could fill is a lack, with the amount to free."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1 << 20))
    finding = machine.disk(State.at(tmp_path / "state"))
    assert not finding.well
    assert finding.mend.startswith("free 475 MB")


def test_clock_before_this_version_is_wrong() -> None:
    """A clock that stands before this version was written is a lack: every report would be wrong."""
    assert not machine.clock(datetime(1970, 1, 1, tzinfo=UTC)).well
    assert machine.clock(datetime(2026, 11, 22, tzinfo=UTC)).well


def test_state_folder_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder that we may not write into is a lack; one that is only missing is not."""
    assert machine.state_folder(State.at(tmp_path / "new" / "state")).well
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert not machine.state_folder(State.at(tmp_path)).well


def test_taken_sip_port_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the usual SIP port is taken the doctor says so, and that it does not stop a start."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, 0))
        monkeypatch.setattr("hotline.ports.SIP_PORT", taken.getsockname()[1])
        monkeypatch.setattr(machine, "SIP_PORT", taken.getsockname()[1])
        finding = machine.ports(State.at(tmp_path))
    assert (finding.well, finding.needed) == (False, False)


def test_doctor_looks_at_everything_and_changes_nothing(tmp_path: Path) -> None:
    """One finding for each part, each with a command unless it is well, and no folder made."""
    findings = doctor.examine(State.at(tmp_path / "state"))
    names = "python environment asterisk espeak-ng baresip sipp postgresql state ports disk clock"
    assert [finding.name for finding in findings] == names.split()
    assert all(finding.well != bool(finding.mend) for finding in findings)
    assert list(tmp_path.iterdir()) == []


def test_json_holds_every_field() -> None:
    """--json prints what the table shows, for programs."""
    printed = json.loads(to_json([Finding("x", False, "y", "z", needed=False)]))
    assert printed == [{"name": "x", "well": False, "found": "y", "mend": "z", "needed": False}]
