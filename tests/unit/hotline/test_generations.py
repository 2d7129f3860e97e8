"""Whoever starts, after whatever was killed, finds the files of one generation, whole."""

from pathlib import Path

import pytest

from hotline import generations
from hotline.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.at(tmp_path / "state")
    state.make()
    return state


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "menus").mkdir(parents=True)
    (folder / "menus" / "old.yaml").touch()
    return folder


def install(state: State, site: Path) -> str:
    name = generations.finish(state, generations.make(state, site))
    generations.point_to(state, name)
    return name


def menus(state: State) -> list[str]:
    return sorted(path.name for path in state.site.rglob("*.yaml"))


def test_a_generation_is_a_copy_of_its_own(state: State, site: Path) -> None:
    """An edit of the folder changes nothing that runs; the next generation has it, and a file that is gone is gone."""
    first = install(state, site)
    (site / "menus" / "old.yaml").rename(site / "menus" / "new.yaml")
    assert menus(state) == ["old.yaml"]
    second = install(state, site)
    assert menus(state) == ["new.yaml"]
    assert (generations.current(state), first != second) == (second, True)


def test_nothing_is_pointed_to_before_the_first(state: State) -> None:
    """A state folder that was never brought up has no generation."""
    assert generations.current(state) is None


def test_an_unfinished_generation_is_nobodys(state: State, site: Path) -> None:
    """Killed before it was pointed to: the old site stands; what is left over is swept away by the next one."""
    running = install(state, site)
    (site / "menus" / "more.yaml").touch()
    generations.make(state, site)
    assert (generations.current(state), menus(state)) == (running, ["old.yaml"])
    generations.tidy(state)
    assert [path.name for path in state.generations.iterdir()] == [running]


def test_a_refused_generation_leaves_nothing(state: State, site: Path) -> None:
    """A reload that is given up half-way leaves no folder behind."""
    with pytest.raises(RuntimeError), generations.made(state, site):
        raise RuntimeError
    assert list(state.generations.iterdir()) == []


def test_the_last_two_are_kept(state: State, site: Path) -> None:
    """The one that runs and the one before it stay, for a reload that is taken back; older ones go."""
    names = [install(state, site) for _ in range(4)]
    generations.point_to(state, names[0])
    generations.tidy(state)
    kept = {path.name for path in state.generations.iterdir()}
    assert kept == {names[0], *names[-2:]}


def test_a_pointer_that_was_being_made_is_made_again(state: State, site: Path) -> None:
    """Killed between making the new link and moving it: the next move is not disturbed by the leftover."""
    running = install(state, site)
    state.current.with_name(".current").symlink_to("nowhere")
    generations.point_to(state, running)
    assert menus(state) == ["old.yaml"]
