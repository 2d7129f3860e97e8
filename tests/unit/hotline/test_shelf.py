"""Old versions are read once, when a call of theirs comes, and not kept for ever."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from dialplan.site import Site
from hotline import compiled, generations, shelf
from hotline.shelf import SiteShelf, menus_in, read_version
from hotline.state import State
from ivr.backends import NoBackends
from ivr.flow import Flow
from ivr.menus import Menus
from ivr.nodes import HangUp
from tests.unit.dialplan.site_text import write_site
from tests.unit.ivr.scripted import soundless_voice

FLOW = Flow({"m.bye": HangUp()}, {"m": "m.bye"})


def no_backends(site: Site, folder: Path) -> NoBackends:
    return NoBackends()


def menus(version: str) -> Menus:
    return Menus(replace(FLOW, version=version), soundless_voice(FLOW))


async def test_fifty_callers_wait_for_one_reading() -> None:
    """After a restart all of them ask at once; the version is read once, and the newest never."""
    read: list[str] = []
    all_asked = threading.Event()

    def reading(version: str) -> Menus:
        all_asked.wait(10.0)
        read.append(version)
        return menus(version)

    books = SiteShelf(menus("new"), reading)
    asking = [asyncio.ensure_future(books.of("old")) for _ in range(50)]
    assert await books.of("new") is books.newest
    all_asked.set()
    found = await asyncio.gather(*asking)
    assert (read, {id(one) for one in found}) == (["old"], {id(found[0])})


async def test_what_ran_until_now_need_not_be_read() -> None:
    """Calls that began before the publish have their menus at hand."""
    books = SiteShelf(menus("old"), lambda version: pytest.fail(f"{version} was read"))
    before = books.newest
    books.put(menus("new"))
    assert (await books.of("old"), books.newest.version) == (before, "new")


async def test_what_is_lost_is_looked_for_again() -> None:
    """A disk may come back."""
    found: list[Menus | None] = [None, menus("old")]
    books = SiteShelf(menus("new"), lambda version: found.pop(0))
    assert await books.of("old") is None
    assert await books.of("old") is not None


async def test_old_versions_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was asked for longest ago is read again."""
    monkeypatch.setattr(shelf, "OLD_KEPT", 2)
    read: list[str] = []

    def reading(version: str) -> Menus:
        read.append(version)
        return menus(version)

    books = SiteShelf(menus("new"), reading)
    for version in ("1", "2", "1", "3", "1", "2"):
        await books.of(version)
    assert read == ["1", "2", "3", "2"]


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.at(tmp_path / "state")
    state.make()
    return state


def test_a_version_is_read_from_its_generation(state: State, tmp_path: Path) -> None:
    """With its own nodes and prompts, though another one runs; one that is gone, or broken, is none."""
    site = write_site(tmp_path / "site")
    old = state.generations / generations.finish(state, generations.make(state, site))
    text = (site / "prompts.yaml").read_text("utf-8")
    (site / "prompts.yaml").write_text(text.replace("en: Hello", "en: Good day"), "utf-8")
    new = state.generations / generations.finish(state, generations.make(state, site))
    versions = [generations.mark_of(one).version for one in (old, new)]
    read = [read_version(state, no_backends, version) for version in versions]
    assert [one and one.version for one in read] == versions
    heard = [one.voice.files("welcome", "en") for one in read if one]
    assert heard[0] != heard[1]
    assert menus_in(new, no_backends)[0] == compiled.read(new)
    (old / "site" / "queues.yaml").write_text("orders: [", "utf-8")
    assert (read_version(state, no_backends, versions[0]), read_version(state, no_backends, "0" * 12)) == (None, None)
