"""Sites written as one text, for tests: `--- file` begins a file, `--- faults` the faults that it must have."""

from __future__ import annotations

from pathlib import Path

BROKEN_SITES = Path(__file__).parent / "broken_sites"


def sections(name: str) -> dict[str, str]:
    """Return the files of a text in `broken_sites/`, and its faults under `faults`."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (BROKEN_SITES / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("--- "):
            current = found.setdefault(line.removeprefix("--- "), [])
        else:
            current.append(line)
    return {file: "".join(f"{line}\n" for line in lines) for file, lines in found.items()}


def write_site(folder: Path, name: str = "good", **changes: str) -> Path:
    """Write the good site with the files of this text, and then with `changes`, into the folder.

    Args:
        changes: file name, with `_` for `.` and `__` for `/`, to its text.
    """
    renamed = {file.replace("__", "/").replace("_yaml", ".yaml"): text for file, text in changes.items()}
    files = {**sections("good"), **sections(name), **renamed}
    files.pop("faults", None)
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
