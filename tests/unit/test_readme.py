"""README.md and README.zh.md: what they show is what is printed, and each says what the other does."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.unit.hotline.test_cli import CHECKOUT, hotline

ENGLISH, CHINESE = CHECKOUT / "README.md", CHECKOUT / "README.zh.md"
BOTH = pytest.mark.parametrize("page", [ENGLISH, CHINESE], ids=lambda page: page.name)
COMMAND = ".venv/bin/hotline "


def text(page: Path) -> str:
    return page.read_text("utf-8")


def blocks(page: Path) -> list[str]:
    """What stands between fences, with the name of its language."""
    return re.findall(r"^```(.*?)^```", text(page), re.DOTALL | re.MULTILINE)


def runs(page: Path) -> list[tuple[str, str]]:
    """Every command that is shown with what it prints."""
    return [(words, shown) for block in blocks(page) for words, shown in re.findall(r"\A\n\$ (.*?)\n(.*)", block, re.S)]


def without_remarks(block: str) -> list[str]:
    return [re.split(r"\s+#", line)[0] for line in block.splitlines()]


def rows(page: Path) -> list[list[str]]:
    """The cells of every row of every table, in order."""
    return [line.strip("|").split("|") for line in text(page).splitlines() if line.startswith("|")]


def figures(words: str) -> list[str]:
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", words))


def codes(words: str) -> list[str]:
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", words)]


@BOTH
def test_the_tutorial_is_what_the_program_prints(page: Path, tmp_path: Path) -> None:
    """In a copy of its site, command after command: a terminal shows just that, to the letter."""
    shutil.copytree(CHECKOUT / "dialplan" / "sites" / "flowers", tmp_path / "my-site")
    shown = runs(page)
    assert [words.split()[1] for words, _ in shown] == ["try", "test"]
    for words, printed in shown:
        done = hotline(*shlex.split(words.removeprefix(COMMAND)), cwd=tmp_path)
        assert done.stdout + done.stderr == printed


@BOTH
def test_the_tutorial_shows_its_menu(page: Path) -> None:
    """All of the file but its first line, which names the schema."""
    (shown,) = [block.removeprefix("yaml\n") for block in blocks(page) if block.startswith("yaml\n")]
    menu = text(CHECKOUT / "dialplan" / "sites" / "flowers" / "menus" / "main.yaml")
    assert menu.partition("\n")[2] == shown


@BOTH
def test_the_first_screen_has_the_two_commands(page: Path) -> None:
    """A stranger sees how to begin without turning the page."""
    first = text(page).splitlines()[:24]
    assert [line.split("#")[0].strip() for line in first if line.startswith("make ")] == ["make demo", "make test"]


@BOTH
def test_every_place_that_is_linked_is_there(page: Path) -> None:
    """Relative links lead to files of the checkout."""
    linked = re.findall(r"\]\(([^)#]+)\)", text(page))
    assert [place for place in linked if not (CHECKOUT / place).exists()] == []


def test_both_show_the_same_commands_and_output() -> None:
    """Fence by fence: the same lines, but for the remarks behind a #."""
    english, chinese = ([without_remarks(block) for block in blocks(page)] for page in (ENGLISH, CHINESE))
    assert english == chinese


def test_both_have_the_same_sections_and_links() -> None:
    """As many headings of each level, in the same order, and the same links within each section."""

    def sections(page: Path) -> list[tuple[str, list[str]]]:
        parts = re.split(r"^(#+) .*$", re.sub(r"^```.*?^```", "", text(page), flags=re.S | re.M), flags=re.M)[1:]
        links = (re.findall(r"\]\(([^)]+)\)", words) for words in parts[1::2])
        return list(zip(parts[::2], ([place for place in one if "README" not in place] for one in links), strict=True))

    assert sections(ENGLISH) == sections(CHINESE)


def test_both_have_the_same_rows() -> None:
    """Row by row the tables name the same commands, files and words of the language, and the same figures."""
    english, chinese = rows(ENGLISH), rows(CHINESE)
    assert len(english) == len(chinese)
    for one, other in zip(english, chinese, strict=True):
        for cell, same in zip(one, other, strict=True):
            assert (codes(cell), figures(cell)) == (codes(same), figures(same)), "|".join(one)


def test_both_name_the_same_commands_in_their_sentences() -> None:
    """Whatever one of them writes as code outside of fences, the other has as well."""
    english, chinese = (
        sorted(codes(re.sub(r"^```.*?^```", "", text(page), flags=re.S | re.M))) for page in (ENGLISH, CHINESE)
    )
    assert english == chinese
