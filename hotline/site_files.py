"""The files of a site as content: what a version is made of, and named by."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from hotline.faults import HotlineError

BYTES_MAX: Final = 256 * 2**20
"""Of all files of one version together, music and recorded prompts included: each goes into the database."""
_VERSION_DIGITS: Final = 12


class SiteTooLarge(HotlineError):
    """More than a version may hold."""


def read_files(folder: Path) -> dict[str, bytes]:
    """Content by path below the folder, sorted; what is hidden (`.git`) is no part of a site. Raises SiteTooLarge."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    shown = {name: path for name, path in sorted(paths.items()) if not is_hidden(name)}
    sizes = {name: path.stat().st_size for name, path in shown.items()}
    if sum(sizes.values()) > BYTES_MAX:
        largest = max(sizes, key=lambda name: sizes[name])
        raise SiteTooLarge(
            f"{folder} has {_mebibytes(sum(sizes.values()))} of files, and a version holds {_mebibytes(BYTES_MAX)} at "
            f"most; the largest is {largest} with {_mebibytes(sizes[largest])}"
        )
    return {name: path.read_bytes() for name, path in shown.items()}


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder that it is in, begins with a dot."""
    return any(part.startswith(".") for part in name.split("/"))


def version_of(files: Mapping[str, bytes]) -> str:
    """12 hex digits of the sha256 over names and contents: the same for the same files, wherever they lie."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_VERSION_DIGITS]


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Make them files again. Raises OSError."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB"
