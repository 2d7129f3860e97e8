"""`hotline import asterisk`"""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dialplan.loader import load_site
from hotline.cli import app


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["import", "asterisk", *map(str, words)])


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "extensions.conf").write_text("[in]\nexten => 4001,1,Queue(sales)\n")
    (folder / "queues.conf").write_text("[sales]\nwrapuptime=5\nmember => PJSIP/1001,0,Wang\n")
    return folder


def test_all_mapped_is_0_and_the_site_loads(etc: Path, tmp_path: Path) -> None:
    """Everything has its place: exit 0, nothing on stdout, the site is where it was asked for."""
    done = run(etc, "--out", tmp_path / "site")
    assert (done.exit_code, done.stdout) == (0, "")
    assert load_site(tmp_path / "site").numbers == {"4001": "main.n4001"}


def test_something_to_decide_is_1_and_named(etc: Path) -> None:
    """An option without an equivalent: exit 1, its place, itself and the reason on stdout; without --out no file."""
    (etc / "queues.conf").write_text("[sales]\nservicelevel=60\nmember => PJSIP/1001\n")
    done = run(etc)
    assert done.exit_code == 1
    assert "queues.conf:2:1" in done.stdout
    assert "servicelevel = 60" in done.stdout
    assert "member" not in done.stdout
    assert "member = PJSIP/1001" in run(etc, "--all").stdout
    assert sorted(path.name for path in etc.iterdir()) == ["extensions.conf", "queues.conf"]


def test_json_has_every_line(etc: Path) -> None:
    """Flat rows with file, line, column, text, fate and why."""
    rows = json.loads(run(etc, "--json").stdout)
    assert {"file": "queues.conf", "line": 2, "column": 1, "about": "sales", "text": "wrapuptime = 5"}.items() <= rows[
        [row["text"] for row in rows].index("wrapuptime = 5")
    ].items()
    assert {row["fate"] for row in rows} == {"written"}


def test_wrong_usage_is_2(tmp_path: Path) -> None:
    """A folder that is not there."""
    assert run(tmp_path / "none").exit_code == 2


def test_a_site_that_is_there_is_not_written_over(etc: Path) -> None:
    """--out names a folder with something in it, or the configuration has no queue: refused, nothing is written."""
    refused = run(etc, "--out", etc)
    assert refused.exit_code == 1
    assert "is there already" in str(refused.exception)
    (etc / "queues.conf").unlink()
    assert "there is no queues.conf" in str(run(etc).exception)
