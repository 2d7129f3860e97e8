"""`hotline check`: which sites it looks at, what it prints, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from dialplan.rules.page import page
from hotline.cli import app
from tests.unit.dialplan.site_text import write_site

CHECKOUT = Path(__file__).parents[3]


def check(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, words)])


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good site, one with a warning and one with an error; commands are run in it."""
    for name, text in (("good", "good"), ("warned", "rules/many-choices"), ("broken", "rules/unknown-queue")):
        write_site(tmp_path / name, text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_files_are_shown_as_the_reader_finds_them(sites: Path) -> None:
    """The path of a message is that from where the command was run, so that a terminal or an editor can open it."""
    done = check("broken")
    assert done.stdout.startswith("broken/menus/main.yaml:5:32: found ")
    assert done.stdout.splitlines()[1:] == [
        "    person: {type: queue, queue: order, skills: {mandarin: 3}}",
        "                                 ^",
    ]
    assert done.stderr == "broken: 1 error, no warnings\n"


def test_the_page_shows_what_is_printed(sites: Path) -> None:
    """The example at the head of docs/checks.md is word for word what the command prints."""
    write_site(sites / "tea", "rules/unknown-phone")
    done = check("tea")
    assert f"$ hotline check tea\n{done.stdout}{done.stderr}```\n" in page()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["good"], 0),
        (["warned"], 0),
        (["warned", "--strict"], 1),
        (["warned", "--strict", "--ignore", "many-choices"], 0),
        (["broken"], 1),
        (["good", "warned", "broken"], 1),
        (["good", "warned"], 0),
        (["nowhere"], 2),
        (["good/nothing.yaml"], 2),
        (["good", "--format", "xml"], 2),
        (["good", "--ignore", "many-choice"], 2),
        (["good", "--ignore", "unknown-queue"], 2),
        (["--explain", "many-choices"], 0),
        (["--explain", "many-choice"], 2),
    ],
)
def test_exit_codes(sites: Path, words: list[str], code: int) -> None:
    """0 runs, 1 has an error or with --strict a warning, 2 was asked wrongly; in that case nothing is on stdout."""
    done = check(*words)
    assert done.exit_code == code
    assert code != 2 or done.stdout == ""


def test_what_was_meant_is_asked(sites: Path) -> None:
    """A misspelt rule gets the nearest one, and an error cannot be ignored."""
    assert 'did you mean "many-choices"?' in check("--explain", "many-choice").stderr
    assert "only warnings can be" in " ".join(check("good", "--ignore", "unknown-queue").stderr.split())


def test_a_file_stands_for_its_site_once(sites: Path) -> None:
    """Several files of a site, and the site itself, are one check of all of it; a file in no site is refused."""
    done = check("broken/queues.yaml", "broken/menus/main.yaml", "broken", "good/site.yaml")
    assert done.stderr.splitlines() == ["broken: 1 error, no warnings", "good: no errors, no warnings"]
    assert done.stdout.count("[unknown-queue]") == 1
    (sites / "other.yaml").write_text("x: 1\n")
    assert check("other.yaml").exit_code == 2


def test_all_sites_are_one_list_for_programs(sites: Path) -> None:
    """The faults of several sites are one JSON list and one SARIF run; without any, the form is whole."""
    files = [fault["file"] for fault in json.loads(check("warned", "broken", "--format", "json").stdout)]
    assert files == ["warned/menus/main.yaml", "broken/menus/main.yaml"]
    results = json.loads(check("warned", "broken", "--format", "sarif").stdout)["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["many-choices", "unknown-queue"]
    assert json.loads(check("good", "--format", "json").stdout) == []
    assert json.loads(check("good", "--format", "sarif").stdout)["runs"][0]["results"] == []
    assert check("broken", "--format", "github").stdout.startswith("::error file=broken/menus/main.yaml,line=5,col=32,")


def test_a_rule_is_explained() -> None:
    """--explain says what is wrong, what is expected, and shows an example; no site is looked at."""
    done = check("--explain", "old-number")
    assert done.stdout.splitlines()[0] == "old-number (warning)"
    assert "Wrong: wait_seconds_max: 12:30:00" in done.stdout
    assert done.stderr == ""


def test_the_hook_runs_for_the_files_of_a_site() -> None:
    """The pre-commit hook's pattern is met by every YAML file of the shop but its scenarios; the command is ours."""
    (hook,) = YAML(typ="safe", pure=True).load((CHECKOUT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert (hook["id"], hook["entry"], hook["language"]) == ("hotline-check", "hotline check", "python")
    shop = CHECKOUT / "dialplan" / "sites" / "shop"
    files = [path.relative_to(CHECKOUT).as_posix() for path in shop.glob("**/*.yaml") if path.suffixes == [".yaml"]]
    assert len(files) >= 8
    assert [file for file in files if not re.search(hook["files"], file)] == []
    assert not re.search(hook["files"], ".github/workflows/test.yaml")
