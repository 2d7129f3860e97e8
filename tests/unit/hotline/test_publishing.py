"""A version of the site is in force whole or not at all, and the table tells the truth about it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from db.engine import open_engine
from db.site_versions import SiteVersion, came_into_force, files_of, versions
from dialplan import yaml_tree
from dialplan.loader import check_site
from hotline import compiled, generations, site_files
from hotline.faults import HotlineError
from hotline.publishing import Note, Proposal, Published, publish, publish_again
from hotline.reloading import SiteRefused, alone
from hotline.site_files import SiteTooLarge, read_files, version_of
from hotline.starting_site import source_of
from hotline.state import State
from hotline.version_history import (
    BEFORE,
    IN_FORCE,
    NEXT_START,
    find,
    history,
    restore,
    sides,
    the_one_before,
    unified,
    words,
)
from tests.unit.dialplan.site_text import write_site
from tests.unit.hotline.killed_publisher import ASTERISK, MOMENTS

CHECKOUT = Path(__file__).parents[3]
NOTE = Note("wang", "first")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    monkeypatch.setattr("hotline.reloading.find_asterisk", lambda: ASTERISK)
    return State.at(tmp_path / "state")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site")


def put(state: State, site: Path, note: Note = NOTE) -> Published:
    done = publish(state, site, note, lambda proposal: True)
    assert done is not None
    return done


def edit(site: Path, file: str, old: str, new: str) -> None:
    text = (site / file).read_text("utf-8")
    assert old in text
    (site / file).write_text(text.replace(old, new), "utf-8")


def rows(state: State) -> list[SiteVersion]:
    engine = open_engine(f"sqlite:///{state.database}")
    found = versions(engine)
    engine.dispose()
    return found


def states(state: State) -> dict[int, str]:
    return {one.number: one.state for one in history(state).versions}


def test_the_next_start_begins_with_what_was_published(state: State, site: Path, tmp_path: Path) -> None:
    """Where no hotline runs: with the version, whatever became of the folder since; a folder that is given is taken."""
    first = put(state, site)
    edit(site, "site.yaml", "name: Tea House", "name: Half an edit")
    source = source_of(state, None)
    assert (first.number, first.runs, source.read().name, source.edited) == (1, False, "Tea House", site)
    assert source.mark == generations.Mark(first.version, 1)
    assert source_of(state, tmp_path).folder == tmp_path


def test_a_version_is_stored_with_its_files(state: State, site: Path) -> None:
    """Author, message, hash and every file, so that the database alone can bring it back."""
    (site / "prompts" / "zh").mkdir(parents=True)
    (site / "prompts" / "zh" / "odd.bin").write_bytes(bytes(range(256)))
    done = put(state, site)
    (row,) = rows(state)
    engine = open_engine(f"sqlite:///{state.database}")
    assert (row.author, row.message, row.version) == ("wang", "first", done.version)
    assert files_of(engine, row) == read_files(site)
    engine.dispose()
    assert row.published_at is not None
    assert row.published_at >= row.stored_at


def test_a_version_is_written_into_a_folder(state: State, site: Path, tmp_path: Path) -> None:
    """By its number or the beginning of its hash; a folder that has something in it is not touched."""
    done = put(state, site)
    assert restore(state, done.version[:6], tmp_path / "copy") == len(read_files(site))
    assert read_files(tmp_path / "copy") == read_files(site)
    with pytest.raises(HotlineError, match="copy is there already"):
        restore(state, "1", tmp_path / "copy")
    with pytest.raises(HotlineError, match="there is no version 9"):
        restore(state, "9", tmp_path / "other")


def test_another_machine_needs_the_database_alone(state: State, site: Path, tmp_path: Path) -> None:
    """A state folder that was never brought up restores a version from the database of another."""
    put(state, site)
    elsewhere = State.at(tmp_path / "elsewhere")
    restore(elsewhere, "1", tmp_path / "copy", f"sqlite:///{state.database}")
    assert read_files(tmp_path / "copy") == read_files(site)


def test_the_same_again_changes_nothing(state: State, site: Path) -> None:
    """It is told that it is in force already: no row, no generation more."""
    first = put(state, site)
    folders = sorted(state.generations.iterdir())
    again = put(state, site, Note("li", "again"))
    assert (again.again, again.number, again.version) == (True, first.number, first.version)
    assert (len(rows(state)), sorted(state.generations.iterdir())) == (1, folders)


def test_a_bad_site_never_replaces_a_good_one(state: State, site: Path) -> None:
    """Its faults are told, and nothing is stored."""
    put(state, site)
    (site / "queues.yaml").write_text("orders: [", "utf-8")
    with pytest.raises(SiteRefused, match=r"queues\.yaml:1"):
        put(state, site)
    assert states(state) == {1: NEXT_START}


def test_what_cannot_be_spoken_is_not_published(state: State, site: Path) -> None:
    """A speech command that fails leaves the version of before, and no row."""
    put(state, site)
    edit(site, "site.yaml", "name: Tea House", 'name: Tea House\nspeech: {command: ["false", "{file}"]}')
    with pytest.raises(HotlineError, match="cannot be spoken"):
        put(state, site)
    assert states(state) == {1: NEXT_START}


def test_nobody_publishes_who_does_not_agree(state: State, site: Path) -> None:
    """Whoever is asked hears what is different, in words, and may say no: a dry run is that."""
    put(state, site)
    edit(site, "menus/main.yaml", "skills: {mandarin: 3}}", "skills: {mandarin: 4}}")
    heard: list[Proposal] = []
    assert publish(state, site, NOTE, lambda proposal: bool(heard.append(proposal))) is None
    assert heard[0].changes == ["main.person: skills {mandarin: 3} -> {mandarin: 4}"]
    assert states(state) == {1: NEXT_START}


def test_the_first_has_nothing_to_be_compared_with(state: State, site: Path) -> None:
    """It is told how much there is."""
    done = put(state, site)
    assert done.changes[0].startswith("the first version: 1 menus with ")


def test_one_of_two_publishers_wins(state: State, site: Path) -> None:
    """The other is told who is at it; nothing waits."""
    put(state, site)
    with (
        alone(state, "publish by li"),
        pytest.raises(HotlineError, match=r"another publish by li \(process \d+\) is under way"),
    ):
        put(state, site)


def test_back_to_a_version_of_before(state: State, site: Path) -> None:
    """It is the newest again, under a number of its own; the folder that is edited stays as it is."""
    first = put(state, site)
    edit(site, "site.yaml", "name: Tea House", "name: Coffee House")
    put(state, site, Note("li", "second"))
    assert the_one_before(state).number == 1
    done = publish_again(state, find(state, "1"), Note("li", "back"), lambda proposal: True)
    assert done is not None
    assert (done.number, done.version, done.changes) == (3, first.version, ["name: Coffee House -> Tea House"])
    assert states(state) == {3: NEXT_START, 2: BEFORE, 1: BEFORE}
    source = source_of(state, None)
    assert (source.read().name, source.edited) == ("Tea House", site)
    assert the_one_before(state).number == 2


def test_what_is_in_force_is_told(state: State, site: Path) -> None:
    """While a hotline runs: by what it runs. A folder that was reloaded is no version, unless its content is one."""
    put(state, site)
    with state.held():
        running = generations.finish(state, generations.make(state, site))
        generations.point_to(state, running)
        assert states(state) == {1: IN_FORCE}
        (site / "notes.txt").write_text("tried")
        running = generations.finish(state, generations.make(state, site))
        generations.point_to(state, running)
        told = history(state)
    assert ([one.state for one in told.versions], told.unpublished) == ([BEFORE], version_of(read_files(site)))


def killed_at(moment: str, state: State, site: Path) -> None:
    command = [sys.executable, "-P", "-m", "tests.unit.hotline.killed_publisher", str(state.folder), str(site), moment]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    killed = subprocess.run(command, cwd=CHECKOUT, env=environment, timeout=120)
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_it_is_one_version_or_the_other(moment: str, state: State, site: Path) -> None:
    """kill -9: what the next start begins with is what the table says is in force, a version that never was is shown
    so, and whoever publishes the same again has it in force."""
    put(state, site)
    edit(site, "site.yaml", "name: Tea House", "name: Coffee House")
    killed_at(moment, state, site)
    name = source_of(state, None).read().name
    now = {number for number, told in states(state).items() if told == NEXT_START}
    assert now == ({2} if name == "Coffee House" else {1})
    assert {row.number for row in rows(state) if row.published_at is None} == (
        {row.number for row in rows(state)} - {1} - now
    )
    assert (name == "Coffee House") == (list(MOMENTS).index(moment) >= list(MOMENTS).index("after the decision"))
    done = put(state, site)
    assert (source_of(state, None).read().name, done.again) == ("Coffee House", name == "Coffee House")
    assert {row.number for row in rows(state) if row.published_at is not None} == {1, done.number}


def test_whoever_comes_after_a_killed_publisher_tells_the_table(state: State, site: Path) -> None:
    """A version that was in force, if only for a moment, is never shown as one that was not."""
    put(state, site)
    edit(site, "site.yaml", "name: Tea House", "name: Coffee House")
    killed_at("before the table is told", state, site)
    assert [row.published_at is None for row in rows(state)] == [True, False]
    edit(site, "site.yaml", "name: Coffee House", "name: Milk House")
    put(state, site)
    assert states(state) == {3: NEXT_START, 2: BEFORE, 1: BEFORE}


def test_two_versions_are_compared(state: State, site: Path) -> None:
    """In words or line by line, by number, hash or folder."""
    first = put(state, site)
    edit(site, "prompts.yaml", "en: Hello", "en: Good day")
    said = ['prompt welcome (en): "Hello" -> "Good day"']
    assert words(*sides(state, None, None)) == said
    put(state, site, Note("li", "second"))
    assert words(*sides(state, first.version, None)) == said
    assert words(*sides(state, "1", str(site))) == said
    assert words(*sides(state, "2", str(site))) == []
    lines = unified(*sides(state, "1", "2"))
    assert lines[:2] == ["--- 1/prompts.yaml", "+++ 2/prompts.yaml"]
    assert [line for line in lines[3:] if line[0] in "+-" and "Good day" in line] != []


def test_a_version_that_no_program_reads_is_compared_by_its_files(state: State, site: Path, tmp_path: Path) -> None:
    """Words need a site; lines do not."""
    put(state, site)
    broken = write_site(tmp_path / "broken", queues_yaml="orders: [")
    with pytest.raises(HotlineError, match="broken cannot be read as a site"):
        words(*sides(state, "1", str(broken)))
    assert "+orders: [" in unified(*sides(state, "1", str(broken)))


def test_a_comment_alone_is_told_as_nothing_anybody_notices(state: State, site: Path) -> None:
    """It is another version all the same."""
    put(state, site)
    with (site / "menus" / "main.yaml").open("a", encoding="utf-8") as menu:
        menu.write("# why it is so\n")
    done = put(state, site, Note("li", "a comment"))
    assert done.changes == ["nothing that a caller or an agent would notice, in menus/main.yaml"]


def test_too_much_for_a_version(state: State, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said how much there is, and which file is the largest."""
    monkeypatch.setattr(site_files, "BYTES_MAX", 1 << 20)
    (site / "music").mkdir()
    (site / "music" / "long.wav").write_bytes(bytes(3 << 20))
    with pytest.raises(SiteTooLarge, match=r"a version holds 1\.0 MiB at most; the largest is music/long\.wav with 3"):
        put(state, site)


def test_a_database_that_is_away(state: State, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is published, in one sentence."""
    monkeypatch.setenv("HOTLINE_DATABASE", "postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(HotlineError, match="the database cannot be used, and versions are kept there"):
        put(state, site)
    assert generations.published(state) is None


def test_what_is_compiled_is_read_by_the_same_code_alone(
    state: State, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program reads the YAML beside it: the same site comes of both."""
    put(state, site)
    generation = state.generations / str(generations.published(state))
    read = compiled.read(generation)
    (generation / compiled.FILE).write_bytes(b"of another program" * 10)
    assert compiled.read(generation) == read
    compiled.write(read, generation)
    whole = (generation / compiled.FILE).read_bytes()
    (generation / compiled.FILE).write_bytes(whole[: len(whole) // 2])
    assert compiled.read(generation) == read
    (generation / compiled.FILE).unlink()
    assert compiled.read(generation) == read


def test_only_changed_files_are_parsed_again(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with the same name and content is the document of before, and what the checks add to it stays apart."""
    first = compiled.Parsed()
    check_site(site, read=first)
    first.write(tmp_path)
    edit(site, "prompts.yaml", "en: Hello", "en: Good day")
    read: list[str] = []

    def reading(file: str, content: bytes) -> yaml_tree.Document:
        read.append(file)
        return parse(file, content)

    parse = yaml_tree.read
    monkeypatch.setattr(yaml_tree, "read", reading)
    second = compiled.Parsed(tmp_path)
    checked = [check_site(site, read=second) for _ in range(2)]
    assert read == ["prompts.yaml"]
    assert checked[0] == checked[1] == check_site(site)


def test_the_first_time_that_a_version_came_into_force_stands(state: State, site: Path) -> None:
    """However often it is told."""
    put(state, site)
    (row,) = rows(state)
    assert row.published_at is not None
    engine = open_engine(f"sqlite:///{state.database}", writing=True)
    came_into_force(engine, 1, row.published_at.replace(year=2099))
    engine.dispose()
    assert rows(state)[0].published_at == row.published_at
