"""The music of the queues: that there is any, that it can be played, and in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dialplan.draft import QUEUES_FILE, Draft
from dialplan.faults import Fault, Severity, did_you_mean, one_of, quoted
from dialplan.findings import fault_at
from dialplan.music import DEFAULT_MUSIC, ENDING, MUSIC_FOLDER, MusicSettings
from dialplan.yaml_tree import Path


def unplayable_music(draft: Draft) -> Iterator[Fault]:
    """A file of the site's music cannot be played, or is none."""
    for name, folder in draft.music.items():
        for file, why in folder.broken.items():
            yield Fault(file, 1, 1, "bad-sound", f"the sound cannot be read: {why}", "a wav with PCM samples")
        for file in folder.strange:
            found = "found a file that is not played"
            yield Fault(file, 1, 1, "stray-file", found, f"*{ENDING}", severity=Severity.WARNING)
        if not folder.files and not folder.broken:
            place = f"{MUSIC_FOLDER}/{name}/"
            yield Fault(place, 1, 1, "empty-music", "found no sound", f"*{ENDING}, at least one")


def unknown_music(draft: Draft) -> Iterator[Fault]:
    """A queue plays what is not there."""
    known = {DEFAULT_MUSIC, *draft.music}
    for queue, number, step in _steps(draft):
        name = getattr(step, "play", None)
        if name is not None and name not in known:
            found, hint = f"found {quoted(name)}, and no folder {MUSIC_FOLDER}/{name}/", did_you_mean(name, known)
            at = _place(draft, queue, number, "play")
            yield fault_at(draft.documents[QUEUES_FILE], at, "unknown-music", found, one_of(known), hint)


def music_out_of_order(draft: Draft) -> Iterator[Fault]:
    """A music does not come after the one before it."""
    for name, queue in draft.queues.items():
        steps: list[MusicSettings] = getattr(queue, "music", [])
        times = [getattr(step, "after_seconds", None) for step in steps]
        for number, (before, after) in enumerate(pairwise(times), start=1):
            if before is not None and after is not None and after <= before:
                found = f"found {after} after {before}"
                expected = "the times of the music in order, all counted from the caller's arrival"
                at = _place(draft, name, number, "after_seconds")
                yield fault_at(draft.documents[QUEUES_FILE], at, "steps-order", found, expected)


def _steps(draft: Draft) -> Iterator[tuple[str, int, MusicSettings | None]]:
    for name, queue in draft.queues.items():
        for number, step in enumerate(getattr(queue, "music", [])):
            yield name, number, step


def _place(draft: Draft, queue: str, number: int, key: str) -> Path:
    written = draft.documents[QUEUES_FILE].values[queue]["music"]
    return (queue, "music") if isinstance(written, str) else (queue, "music", number, key)
