"""Whoever starts, after whatever was killed, finds the files of one generation, whole."""

import os
import time
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


def kept(state: State) -> set[str]:
    generations.tidy(state)
    return {path.name for path in state.generations.iterdir()}


def test_what_no_call_can_hold_any_more_goes(state: State, site: Path) -> None:
    """A day after it was replaced a generation goes; the last two stay, what runs, and what was published last."""
    names = [install(state, site) for _ in range(6)]
    generations.point_to(state, names[0])
    generations.publish(state, names[1])
    assert kept(state) == set(names)
    a_day_ago = time.time() - generations.CALL_SECONDS_MAX
    for name in names:
        os.utime(state.generations / name, (a_day_ago, a_day_ago))
    assert kept(state) == {names[0], names[1], *names[-2:]}


def test_a_generation_is_kept_for_a_day_from_when_it_was_replaced(state: State, site: Path) -> None:
    """However long it ran: the last of its calls may have come just before."""
    first = install(state, site)
    os.utime(state.generations / first, (0, 0))
    others = {install(state, site) for _ in range(3)}
    assert kept(state) == {first, *others}


def test_whoever_reloads_all_day_fills_no_disk(state: State, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number the oldest go, whatever their age."""
    monkeypatch.setattr(generations, "KEPT_MOST", 3)
    names = [install(state, site) for _ in range(5)]
    assert kept(state) == set(names[-3:])


def test_a_version_is_found_by_what_is_in_it(state: State, site: Path) -> None:
    """The same files are the same version, wherever they lie; of several generations with it the newest is found."""
    install(state, site)
    again = install(state, site)
    version = generations.mark_of(state.generations / again).version
    (site / ".git").mkdir()
    (site / ".git" / "HEAD").touch()
    hidden = install(state, site)
    (site / "menus" / "more.yaml").touch()
    other = install(state, site)
    assert generations.of_version(state, version) == state.generations / hidden
    assert generations.mark_of(state.generations / other).version not in ("", version)
    assert (generations.of_version(state, ""), generations.of_version(state, "0" * 12)) == (None, None)


def test_what_new_calls_get(state: State, site: Path) -> None:
    """While a hotline runs, what runs; else what the next start begins with, which a reload does not change."""
    running, published = install(state, site), install(state, site)
    generations.point_to(state, running)
    generations.publish(state, published)
    assert generations.in_force(state) == state.generations / published
    with state.held():
        assert generations.in_force(state) == state.generations / running


def test_a_pointer_that_was_being_made_is_made_again(state: State, site: Path) -> None:
    """Killed between making the new link and moving it: the next move is not disturbed by the leftover."""
    running = install(state, site)
    state.current.with_name(".current").symlink_to("nowhere")
    generations.point_to(state, running)
    assert menus(state) == ["old.yaml"]
