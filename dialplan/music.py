"""The music of a site: folders of sound files below `music/`, each a class of that name for callers who wait."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from dialplan.node import Strict
from dialplan.words import Name, SinceSeconds

MUSIC_FOLDER = "music"
DEFAULT_MUSIC = "default"
"""Asterisk's own, unless the site has a folder of this name."""
ENDING = ".wav"


class MusicSettings(Strict):
    """One entry of a queue's `music`."""

    after_seconds: SinceSeconds = 0
    """since the caller came"""
    play: Name
    """a folder below `music/`, or `default`"""


def _as_steps(music: object) -> object:
    return [{"play": music}] if isinstance(music, str) else music


class _OrText:
    """An editor takes the short form as well."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(core)]}


Music = Annotated[
    list[MusicSettings],
    BeforeValidator(_as_steps),
    _OrText(),
]
"""one music, or a list of them with the time since which each plays"""


@dataclass(frozen=True)
class MusicFolder:
    """One folder below `music/`."""

    files: tuple[str, ...]
    """its sounds, below the site's folder, in the order of their names, which is that in which they are played"""
    broken: Mapping[str, str]
    """those that cannot be played, and why"""
    strange: tuple[str, ...]
    """files of which nobody makes music"""


def read_music(site: Path) -> dict[str, MusicFolder]:
    """Return what lies below `music/`, by name. Hidden files are nobody's business."""
    folders = (path for path in sorted((site / MUSIC_FOLDER).glob("[!.]*")) if path.is_dir())
    return {folder.name: _read(site, folder) for folder in folders}


def _read(site: Path, folder: Path) -> MusicFolder:
    files: list[str] = []
    broken: dict[str, str] = {}
    strange: list[str] = []
    for path in sorted(folder.glob("[!.]*")):
        name = path.relative_to(site).as_posix()
        if path.suffix.lower() != ENDING:
            strange.append(name)
        elif why := _why_unplayable(path):
            broken[name] = why
        else:
            files.append(name)
    return MusicFolder(tuple(files), broken, tuple(strange))


def _why_unplayable(path: Path) -> str:
    """Why this is no wav of plain samples, with sound in it; empty for one."""
    try:
        with path.open("rb") as file, wave.open(file) as sound:
            return "" if sound.getnframes() else "there is no sound in it"
    except (OSError, EOFError, wave.Error) as fault:
        return str(fault) or "it ends too early"
