"""The documents of a site that callers can have faxed: TIFF files below `faxes/`."""

from __future__ import annotations

from pathlib import Path

FAXES_FOLDER = "faxes"
_TIFF = (b"II*\0", b"MM\0*")
"""the beginning of a TIFF file, in either order of bytes (TIFF 6.0, section 2)"""


def read_faxes(site: Path) -> dict[str, bool]:
    """Return the files below `faxes/`, as nodes name them, and whether each is a TIFF file, without hidden ones."""
    files = (path for path in sorted((site / FAXES_FOLDER).glob("[!.]*")) if path.is_file())
    return {f"{FAXES_FOLDER}/{path.name}": _is_tiff(path) for path in files}


def _is_tiff(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) in _TIFF
    except OSError:
        return False
