"""A changed site is put in place whole or not at all, by whoever is asked, and told in words."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dialplan.loader import load_site
from hotline import generations
from hotline.control import Control, NoAnswer, ask
from hotline.faults import HotlineError
from hotline.installing import Installer
from hotline.settings import keep, load, settle, with_agents
from hotline.site_changes import changes
from hotline.state import State
from hotline.succession import PREPARE, USE, Successor
from tests.unit.dialplan.site_text import write_site


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State.at(tmp_path / "s")
    state.make()
    return state


# In words


def edited(tmp_path: Path, file: str, old: str, new: str) -> list[str]:
    before = load_site(write_site(tmp_path / "old"))
    folder = write_site(tmp_path / "new")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    return changes(before, load_site(folder))


def test_nothing_is_different(tmp_path: Path) -> None:
    """The same site twice: no line."""
    site = load_site(write_site(tmp_path))
    assert changes(site, site) == []


EDITS = {
    "an agent is added": (
        "agents.yaml",
        '"1002": {name: Li, skills: {orders: 2}}',
        '"1002": {name: Li, skills: {orders: 2}}\n"1003": {name: Chen, skills: {orders: 1}}',
        "agent 1003 added (Chen)",
    ),
    "an agent is removed": ("agents.yaml", '"1002": {name: Li, skills: {orders: 2}}', "", "agent 1002 removed (Li)"),
    "skills": ("agents.yaml", "Li, skills: {orders: 2}", "Li, skills: {orders: 5}",
               "agent 1002: skills {orders: 2} -> {orders: 5}"),
    "a rule": ("queues.yaml", "  skills: {orders: 1}", "  skills: {orders: 1}\n  priority: 2",
               "queue orders: priority 0 -> 2"),
    "a limit": ("queues.yaml", "  skills: {orders: 1}", "  skills: {orders: 1}\n  wait_seconds_max: 600",
                "queue orders: wait seconds max none -> 600"),
    "a number": ("site.yaml", '  "4001": main', '  "4001": main\n  "4002": main.person',
                 "number 4002 added (main.person)"),
    "where a number leads": ("site.yaml", '"4001": main', '"4001": main.choose',
                             "number 4001: main.welcome -> main.choose"),
    "a trunk": ("site.yaml", "192.0.2.10", "192.0.2.11", "trunk carrier: addresses 192.0.2.10 -> 192.0.2.11"),
    "a node": ("menus/main.yaml", "skills: {mandarin: 3}}", "skills: {mandarin: 4}}",
               "main.person: skills {mandarin: 3} -> {mandarin: 4}"),
    "a name": ("site.yaml", "name: Tea House", "name: Coffee House", "name: Tea House -> Coffee House"),
    "a prompt": ("prompts.yaml", "en: Hello", "en: Good day", 'prompt welcome (en): "Hello" -> "Good day"'),
    "a new prompt": ("prompts.yaml", "bye:", "more: {zh: 更多, en: More}\nbye:", "prompt more added"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_what_is_different_is_told(edit: str, tmp_path: Path) -> None:
    """One edit, one line of plain words."""
    file, old, new, said = EDITS[edit]
    assert edited(tmp_path, file, old, new) == [said]


# Generations in place


class House:
    """A state folder with a generation that runs, an Asterisk that is a shell command, and two children."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.told: list[str] = []
        self.faults: set[str] = set()
        self.asked = state.folder / "asterisk-was-told"
        self.asterisk_status = 0
        self.changed = 0
        self.controls = [Control(state.control(name), self.child(name)) for name in ("acd", "ivr")]

    def child(self, name: str) -> Any:
        async def take_over(words: Mapping[str, Any]) -> Mapping[str, Any]:
            pjsip = (self.state.generations / words["generation"] / "etc" / "pjsip.conf").read_text()
            self.told.append(f"{name} {words['phase']} {pjsip}")
            if self.told[-1] in self.faults:
                raise HotlineError(f"{name} cannot")
            return {}

        return take_over

    def generation(self, **files: str) -> str:
        source = self.state.folder / "source"
        source.mkdir(exist_ok=True)
        made = generations.make(self.state, source)
        for name, text in files.items():
            (made / "etc" / f"{name}.conf").write_text(text)
        return generations.finish(self.state, made)

    def installer(self) -> Installer:
        script = f'echo "$@" >> {self.asked}; exit {self.asterisk_status}'

        def count() -> None:
            self.changed += 1

        return Installer(self.state, ("sh", "-c", script, "asterisk"), count)

    def console(self) -> list[str]:
        return self.asked.read_text().splitlines() if self.asked.exists() else []


@pytest.fixture
async def house(state: State) -> Any:
    house = House(state)
    for control in house.controls:
        await control.start()
    generations.point_to(state, house.generation(pjsip="old", extensions="same", rtp="old"))
    yield house
    for control in house.controls:
        await control.close()


async def test_asterisk_hears_of_changed_files_only_and_then_the_children(house: House) -> None:
    """One module is reloaded for the file that changed, each child reads the new site; the rest waits for a start."""
    new = house.generation(pjsip="new", extensions="same", rtp="new")
    told = await house.installer().answer({"generation": new})
    assert house.console() == [
        "-rx module reload res_pjsip.so",
        "-rx module reload res_pjsip_endpoint_identifier_ip.so",
    ]
    assert house.told == ["acd prepare new", "ivr prepare new", "acd use new", "ivr use new"]
    assert (told, house.changed, generations.current(house.state)) == ({"next_start": ["rtp.conf"]}, 1, new)


async def test_only_what_was_published_is_what_the_next_start_begins_with(house: House) -> None:
    """A reload runs until then."""
    await house.installer().answer({"generation": house.generation(pjsip="tried")})
    assert generations.published(house.state) is None
    name = house.generation(pjsip="new")
    generations.mark(house.state.generations / name, generations.Mark("aaaaaaaaaaaa", 7))
    await house.installer().answer({"generation": name})
    assert generations.published(house.state) == name
    await house.installer().answer({"generation": house.generation(pjsip="tried")})
    assert generations.published(house.state) == name


async def test_a_child_that_cannot_take_it_has_all_taken_back(house: House) -> None:
    """The old generation is current again and everybody is told so; the fault says what it was."""
    before = generations.current(house.state)
    house.faults.add("ivr use new")
    with pytest.raises(HotlineError, match="ivr cannot; the old site runs on"):
        await house.installer().answer({"generation": house.generation(pjsip="new")})
    assert house.told[2:] == ["acd use new", "ivr use new", "acd use old", "ivr use old"]
    assert (generations.current(house.state), house.changed) == (before, 0)


async def test_what_a_child_cannot_prepare_changes_nothing(house: House) -> None:
    """It is refused before anybody, Asterisk included, has heard that there is another site."""
    before = generations.current(house.state)
    house.faults.add("ivr prepare new")
    with pytest.raises(HotlineError, match="ivr cannot"):
        await house.installer().answer({"generation": house.generation(pjsip="new", extensions="new")})
    assert (house.told, house.console()) == (["acd prepare new", "ivr prepare new"], [])
    assert (generations.current(house.state), house.changed) == (before, 0)


async def test_whoever_cannot_be_taken_back_stops_nobody(house: House) -> None:
    """The others are told all the same; who did not hear it reads the old site when it comes back."""
    house.faults |= {"ivr use new", "acd use old"}
    with pytest.raises(HotlineError, match="the old site runs on"):
        await house.installer().answer({"generation": house.generation(pjsip="new")})
    assert house.told[-2:] == ["acd use old", "ivr use old"]


async def test_a_child_makes_first_and_changes_over_then(state: State) -> None:
    """What was prepared is used, once; a child that was not there to prepare makes it when it is to use it."""
    made: list[str] = []
    used: list[str] = []

    def make(site_folder: Path) -> str:
        made.append(site_folder.parent.name)
        return f"site {site_folder.parent.name}"

    async def use(thing: str) -> None:
        used.append(thing)

    successor = Successor(state, make, use)
    for words in (
        {"generation": "2", "phase": PREPARE},
        {"generation": "3", "phase": PREPARE},
        {"generation": "3", "phase": USE},
        {"generation": "4", "phase": USE},
    ):
        await successor.answer(words)
    assert (made, used) == (["2", "3", "4"], ["site 3", "site 4"])


async def test_an_asterisk_that_refuses_has_all_taken_back(house: House) -> None:
    """No child has heard of the new site then but in passing: they are told to read the old one."""
    before = generations.current(house.state)
    house.asterisk_status = 1
    with pytest.raises(HotlineError, match="Asterisk refused `dialplan reload`"):
        await house.installer().answer({"generation": house.generation(pjsip="new")})
    assert house.told[2:] == ["acd use old", "ivr use old"]
    assert generations.current(house.state) == before


async def test_an_asterisk_that_does_not_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for without end."""
    monkeypatch.setattr("hotline.installing.ASTERISK_SECONDS", 0.05)
    installer = Installer(house.state, ("sh", "-c", "sleep 60", "asterisk"), lambda: None)
    with pytest.raises(HotlineError, match="did not answer `dialplan reload`"):
        await installer.answer({"generation": house.generation(pjsip="old", extensions="new", rtp="old")})


async def test_what_is_no_generation_is_refused(house: House) -> None:
    """A name that nobody made changes nothing."""
    before = generations.current(house.state)
    with pytest.raises(HotlineError, match="no generation 77"):
        await house.installer().answer({"generation": "77"})
    assert generations.current(house.state) == before


# Sockets


async def test_a_fault_goes_to_whoever_asked(state: State) -> None:
    """As the error that it was."""

    async def refuse(words: Mapping[str, Any]) -> Mapping[str, Any]:
        raise HotlineError(f"no {words['what']}")

    control = Control(state.control("x"), refuse)
    await control.start()
    assert state.control("x").stat().st_mode & 0o777 == 0o600
    with pytest.raises(HotlineError, match="no tea"):
        await ask(state.control("x"), {"what": "tea"}, patience_seconds=0, answer_seconds=5)
    await control.close()


async def test_a_process_that_is_coming_back_is_waited_for(state: State) -> None:
    """Its socket may be missing for a while."""

    async def answer(words: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"well": True}

    control = Control(state.control("x"), answer)
    asking = asyncio.create_task(ask(state.control("x"), {}, patience_seconds=5, answer_seconds=5))
    await asyncio.sleep(0)
    await control.start()
    assert await asking == {"well": True}
    await control.close()


async def test_nobody_there_is_said(state: State) -> None:
    """After the patience."""
    with pytest.raises(NoAnswer, match="nobody answers on x-control"):
        await ask(state.control("x"), {}, patience_seconds=0, answer_seconds=1)


async def test_a_child_that_breaks_is_no_answer(state: State) -> None:
    """Our own bug in a child is a refusal to whoever asked, and all is taken back."""

    async def breaks(words: Mapping[str, Any]) -> Mapping[str, Any]:
        raise ZeroDivisionError

    control = Control(state.control("x"), breaks)
    await control.start()
    with pytest.raises(NoAnswer, match="500"):
        await ask(state.control("x"), {}, patience_seconds=0, answer_seconds=5)
    await control.close()


# Settings and calls


def test_new_agents_get_passwords_and_nobody_loses_one(state: State, tmp_path: Path) -> None:
    """Who is removed and comes back registers with the password that the phone remembers."""
    settle(state, tmp_path, ["1001", "1002"])
    before = load(state)
    keep(state, with_agents(before, ["1002", "1003"]))
    after = load(state).agent_passwords
    assert after.keys() == {"1001", "1002", "1003"}
    assert {one: after[one] for one in before.agent_passwords} == before.agent_passwords
