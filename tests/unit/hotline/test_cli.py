"""The command line as a person meets it: what goes where, and exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]
COMMANDS = (
    *("up", "demo", "check", "try", "test", "draw", "conf", "doctor", "reload"),
    *("publish", "versions", "diff", "rollback", "restore", "maintenance", "status", "supervise", "recording"),
    *("prompts", "agent", "queue", "caller", "callback", "messages", "report", "acd", "import"),
)


def hotline(*words: str, cwd: Path = CHECKOUT, text: str = "") -> subprocess.CompletedProcess[str]:
    """Args: text: the input, all of it."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "hotline", *words]
    return subprocess.run(command, input=text, capture_output=True, text=True, cwd=cwd, env=environment, timeout=60)


def test_help_lists_every_command_and_hides_the_children() -> None:
    """What people use is listed, examples come first; what only the supervisor starts is not shown."""
    shown = hotline("--help").stdout
    listed = [line.split()[0] for line in shown.split("Commands:")[1].splitlines() if line.strip()]
    assert listed == list(COMMANDS)
    assert shown.index("Examples:") < shown.index("Options:")


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_begins_with_examples(command: str) -> None:
    """Every command's help shows how it is used before it lists options."""
    shown = hotline(command, "--help")
    assert shown.returncode == 0
    assert 0 < shown.stdout.index("Examples:") < shown.stdout.index("Options:")


def test_help_imports_nothing_heavy() -> None:
    """The libraries of the rooms are imported by the commands that need them, not by the command line."""
    code = "import hotline.cli, sys; print([m for m in sys.argv[1:] if m in sys.modules])"
    heavy = ["pydantic", "sqlalchemy", "aiohttp", "rich", "numpy", "jinja2", "panoramisk", "asyncio"]
    done = subprocess.run(
        [sys.executable, "-c", code, *heavy], capture_output=True, text=True, cwd=CHECKOUT, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("words", [["dance"], ["up", "--sip-port", "0"], ["report", "daily", "--format", "xml"]])
def test_wrong_usage_is_2(words: list[str]) -> None:
    """A word or value that the command line does not know ends with 2 and says so on stderr alone."""
    done = hotline(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "hotline" in done.stderr


def test_well_written_site_is_0() -> None:
    """`hotline check` on the shop: nothing on stdout, the verdict on stderr, exit 0, even when strict."""
    done = hotline("check", "--strict")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no errors, no warnings" in done.stderr


def test_faults_are_1_as_text_and_as_json(tmp_path: Path) -> None:
    """`hotline check` on an empty folder: each fault with file:line:column, the same faults as JSON, exit 1."""
    text, data = hotline("check", str(tmp_path)), hotline("check", str(tmp_path), "--format", "json")
    assert (text.returncode, data.returncode) == (1, 1)
    faults = json.loads(data.stdout)
    assert [f"{fault['file']}:{fault['line']}:{fault['column']}:" in text.stdout for fault in faults] == [True] * len(
        faults
    )
    assert {"site.yaml", "queues.yaml"} <= {Path(fault["file"]).name for fault in faults}


def test_up_of_a_site_with_faults_starts_nothing(tmp_path: Path) -> None:
    """`hotline up` on a broken site prints its faults and ends with 1 before it makes a state folder."""
    done = hotline("up", "--site", str(tmp_path), "--state", str(tmp_path / "state"))
    assert done.returncode == 1
    assert "site.yaml:1:1" in done.stderr
    assert not (tmp_path / "state").exists()


def test_status_without_a_hotline_is_1(tmp_path: Path) -> None:
    """`hotline status` where nothing runs is one line on stderr, not a traceback."""
    done = hotline("status", "--state", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hotline: the ACD does not answer")
    assert "Traceback" not in done.stderr


def test_report_of_a_state_that_was_never_up_is_1(tmp_path: Path) -> None:
    """`hotline report` where no records are says which command makes them."""
    done = hotline("report", "daily", "--state", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "hotline up" in done.stderr


def test_configuration_is_printed_with_file_names() -> None:
    """`hotline conf` prints every file under its name to stdout."""
    done = hotline("conf")
    assert done.returncode == 0
    assert "; ---- pjsip.conf" in done.stdout
