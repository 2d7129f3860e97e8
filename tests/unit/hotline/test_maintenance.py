"""Maintenance is spoken before it is switched on, holds over restarts, and a damaged switch is off for callers."""

from pathlib import Path

import pytest

from hotline import generations
from hotline.faults import HotlineError
from hotline.maintenance import maintenance_of_calls, standing, switch_off, switch_on
from hotline.state import State
from ivr.maintenance import NO_MAINTENANCE
from tests.unit.dialplan.site_text import write_site
from tests.unit.hotline.test_cli import hotline


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state folder with the good site, which speaks Chinese and English."""
    state = State.at(tmp_path / "state")
    state.make()
    site = write_site(tmp_path / "site")
    generations.point_to(state, generations.finish(state, generations.make(state, site)))
    return state


def exist(sounds: list[str]) -> bool:
    return bool(sounds) and all(Path(f"{sound}.wav").stat().st_size > 1000 for sound in sounds)


def test_a_text_is_spoken_and_then_on(state: State) -> None:
    """Every caller hears it as it is; the sounds lie in the state folder, which no cache takes away."""
    switch_on(state, "Back at nine.", "wang", is_prompt=False, language="en")
    told = maintenance_of_calls(state)
    assert told.words == "Back at nine."
    assert told.spoken("zh") == told.spoken("en")
    assert exist(told.spoken("en"))
    assert all(Path(sound).is_relative_to(state.folder) for sound in told.spoken("en"))
    off = switch_off(state)
    assert off is not None
    assert (off.by, maintenance_of_calls(state), standing(state)) == ("wang", NO_MAINTENANCE, None)
    assert switch_off(state) is None


def test_a_prompt_is_heard_in_each_language(state: State) -> None:
    """As the menus say it."""
    switch_on(state, "welcome", "wang", is_prompt=True, language=None)
    told = maintenance_of_calls(state)
    assert exist(told.spoken("zh"))
    assert exist(told.spoken("en"))
    assert told.spoken("zh") != told.spoken("en")


REFUSED = {
    "a language that the site does not speak": ("Bonjour", False, "fr", "does not speak fr, but zh, en"),
    "nothing": ("  ", False, None, "found 2 characters, expected a text of 1 to 1000"),
    "nothing that is spoken": ("...", False, None, "nothing to say"),
    "a value": ("It is {total:money}", False, None, r"or with a \{value\}"),
    "a prompt that is none": ("welcom", True, None, 'no prompt welcom; did you mean "welcome"'),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_said_is_refused(case: str, state: State) -> None:
    """And nothing is switched on."""
    words, is_prompt, language, said = REFUSED[case]
    with pytest.raises(HotlineError, match=said):
        switch_on(state, words, "wang", is_prompt=is_prompt, language=language)
    assert standing(state) is None


def test_speech_that_fails_refuses(state: State, tmp_path: Path) -> None:
    """What was on before stays as it was."""
    before = switch_on(state, "Back at nine.", "wang", is_prompt=False, language="en")
    text = (tmp_path / "site" / "site.yaml").read_text("utf-8")
    (tmp_path / "site" / "site.yaml").write_text(f'{text}speech: {{command: ["false", "{{file}}"]}}\n', "utf-8")
    generations.point_to(state, generations.finish(state, generations.make(state, tmp_path / "site")))
    with pytest.raises(HotlineError, match="cannot be spoken"):
        switch_on(state, "Back at ten.", "li", is_prompt=False, language="en")
    now = standing(state)
    assert now is not None
    assert (now.words, exist(list(now.sounds["en"]))) == (before.words, True)


def test_a_damaged_switch(state: State, caplog: pytest.LogCaptureFixture) -> None:
    """Callers get the menus, which is logged; whoever asks is told what to do."""
    state.maintenance.write_text("{")
    assert maintenance_of_calls(state) == NO_MAINTENANCE
    assert "maintenance not read" in caplog.text
    with pytest.raises(HotlineError, match="remove it to switch it off"):
        standing(state)


def test_a_state_folder_without_a_site(tmp_path: Path) -> None:
    """Nobody knows who speaks."""
    state = State.at(tmp_path)
    state.make()
    with pytest.raises(HotlineError, match="no site has ever run"):
        switch_on(state, "Back at nine.", "wang", is_prompt=False, language=None)


def test_the_command(state: State) -> None:
    """On, how it stands, off; what is neither is wrong usage."""
    folder = ["--state", str(state.folder)]
    assert hotline("maintenance", *folder).stdout == "maintenance is off\n"
    on = hotline("maintenance", "on", "Back at nine.", "--language", "en", "--by", "wang", *folder)
    assert (on.returncode, on.stdout == hotline("maintenance", *folder).stdout) == (0, True)
    assert 'by wang: new calls hear "Back at nine."' in on.stdout
    assert '"words": "Back at nine."' in hotline("maintenance", "--json", *folder).stdout
    assert hotline("maintenance", "off", *folder).stdout == "maintenance is off\n"
    for words in (["on"], ["on", "text", "--prompt", "welcome"], ["off", "text"], ["perhaps"]):
        assert hotline("maintenance", *words, *folder).returncode == 2
