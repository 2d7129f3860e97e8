"""`hotline maintenance`: what calls that begin are told instead of the menus; a switch, no edit and no publish.

It is a file in the state folder, so it holds over every restart, and is read as each call begins. What is said is
spoken before the switch is thrown, and kept beside it: nobody is told in silence.
"""

import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dialplan.site import Site
from hotline import compiled, generations
from hotline.faults import HotlineError, telling_of_the_disk
from hotline.state import State, write_private
from hotline.voices import site_voice
from ivr.maintenance import NO_MAINTENANCE, Maintenance
from ivr.spoken.slots import Slot
from ivr.voice import Voice, fragments

log = logging.getLogger(__name__)

TEXT_MAX: Final = 1_000
"""Characters: more than a minute of speech, which nobody listens to."""
_TEXT: Final = "maintenance"


@dataclass(frozen=True)
class Standing:
    """Maintenance is on."""

    words: str
    """the text, or the id of the prompt"""
    is_prompt: bool
    sounds: Mapping[str, Sequence[str]]
    """by language"""
    since: float
    """epoch seconds"""
    by: str


def switch_on(state: State, words: str, by: str, *, is_prompt: bool, language: str | None) -> Standing:
    """Speak it, then switch maintenance on; calls that begin from now on hear it.

    Args:
        words: a text, or the id of a prompt of the site.
        language: of the text; None: the site's first.

    Raises HotlineError where it cannot be spoken: nothing has changed then.
    """
    site, recordings = _site(state)
    voice = _prompt(site, recordings, words) if is_prompt else _text(site, words, language or site.languages[0])
    spoken = {one: voice.files(words if is_prompt else _TEXT, one) for one in site.languages}
    with telling_of_the_disk(state.folder):
        now = datetime.now(UTC).timestamp()
        folder = _kept(state, f"{now:.0f}")
        sounds = {one: [_copy(Path(file), folder) for file in files] for one, files in spoken.items()}
        standing = Standing(words, is_prompt, sounds, now, by)
        write_private(state.maintenance, json.dumps(asdict(standing), ensure_ascii=False, indent=2))
    return standing


def switch_off(state: State) -> Standing | None:
    """Calls that begin from now on get the menus. Return what it was; None where it was off."""
    was = standing(state)
    state.maintenance.unlink(missing_ok=True)
    return was


def standing(state: State) -> Standing | None:
    """How it stands; None: it is off. Raises HotlineError where the file is damaged."""
    try:
        return Standing(**json.loads(state.maintenance.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as damage:
        raise HotlineError(f"{state.maintenance} cannot be read ({damage}); remove it to switch it off") from damage


def maintenance_of_calls(state: State) -> Maintenance:
    """What a call that begins now is told. A damaged switch is off: rather the menus than nothing."""
    try:
        now = standing(state)
    except HotlineError as fault:
        log.error("maintenance not read action=begin cause=%s", fault)
        return NO_MAINTENANCE
    return NO_MAINTENANCE if now is None else Maintenance(now.words, now.sounds)


def _site(state: State) -> tuple[Site, Path]:
    generation = generations.in_force(state)
    if generation is None:
        raise HotlineError(f"no site has ever run with {state.folder}, so nobody knows who speaks")
    return compiled.read(generation), generation / "site" / "prompts"


def _text(site: Site, text: str, language: str) -> Voice:
    if language not in site.languages:
        raise HotlineError(f"the site does not speak {language}, but {', '.join(site.languages)}")
    if not 0 < len(text.strip()) <= TEXT_MAX:
        raise HotlineError(f"found {len(text)} characters, expected a text of 1 to {TEXT_MAX}")
    if any(isinstance(part, Slot) for part in fragments(text)) or not fragments(text):
        raise HotlineError("found a text with nothing to say, or with a {value}; expected words alone")
    return site_voice(site.model_copy(update={"prompts": {_TEXT: {language: text}}}), recordings=None)


def _prompt(site: Site, recordings: Path, prompt: str) -> Voice:
    from dialplan.faults import did_you_mean

    if prompt not in site.prompts:
        hint = did_you_mean(prompt, site.prompts)
        raise HotlineError(f"the site has no prompt {prompt}" + (f"; {hint}" if hint else ""))
    texts = site.prompts[prompt]
    if any(isinstance(part, Slot) for text in texts.values() for part in fragments(text)):
        raise HotlineError(f"the prompt {prompt} says values, and nobody has any as a call begins")
    return site_voice(site.model_copy(update={"prompts": {prompt: texts}}), recordings)


def _kept(state: State, name: str) -> Path:
    """A folder for these sounds. Those of before go, but for the last: a caller may be hearing it."""
    folder = state.folder / "maintenance"
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in sorted(folder.iterdir())[:-1]:
        shutil.rmtree(old, ignore_errors=True)
    (folder / name).mkdir(exist_ok=True)
    return folder / name


def _copy(sound: Path, folder: Path) -> str:
    """The sound in every format that lies in the cache, named as Asterisk takes it."""
    for file in sound.parent.glob(f"{sound.name}.*"):
        shutil.copyfile(file, folder / file.name)
    return str(folder / sound.name)
