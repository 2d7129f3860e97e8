"""Sites written as one text, for tests: what is in each file, and what is wrong with it.

`--- FILE` begins a file; words behind its name say more: `missing` (there is none), `in ENCODING`, `N times` (its
text so often). Files that are not named are those of the good site. Then comes what the site must be told: `--- faults`
in short, a line for each, or `--- report` word for word as `hotline check` prints it, with the line and the caret. A
part `today` has the day on which the site is checked.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from dialplan.faults import Fault
from dialplan.loader import Checked, check_site
from dialplan.public_holidays import KNOWN_UNTIL

BROKEN_SITES = Path(__file__).parent / "broken_sites"
SITES = sorted(path.relative_to(BROKEN_SITES).with_suffix("").as_posix() for path in BROKEN_SITES.glob("**/*.txt"))
TOLD = ("faults", "report")
TODAY = "2026-01-01"
"""on which sites are checked that do not say otherwise; no new release of a calendar changes what they are told"""


def sections(name: str) -> dict[str, str]:
    """Return the files of a text in `broken_sites/`, and what is told under `faults` or `report`."""
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
    for title, text in {**sections("good"), **sections(name), **renamed}.items():
        if title not in (*TOLD, "today"):
            _write(folder, title, text)
    return folder


def check_text(folder: Path, name: str) -> Checked:
    """Write the site of this text into the folder, and check it on its day."""
    return check_site(write_site(folder, name), date.fromisoformat(sections(name).get("today", TODAY).strip()))


def told(fault: Fault) -> str:
    """Return a fault in short, as a section `faults` has it."""
    return f"{fault.file}:{fault.line}:{fault.column} {fault.severity} {fault.rule}: {fault.message}"


def told_of(checked: Checked, part: str) -> str:
    """Return what a section `faults` or `report` has; until when holidays are known is written as 2026-12-31."""
    text = checked.report() if part == "report" else "\n".join(map(told, checked.faults))
    return f"{text}\n".replace(str(KNOWN_UNTIL), "2026-12-31") if text else ""


def _write(folder: Path, title: str, text: str) -> None:
    file, *more = title.split()
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    match more:
        case ["missing"]:
            path.unlink(missing_ok=True)
        case ["in", encoding]:
            path.write_text(text, encoding)
        case [number, "times"]:
            path.write_text(text * int(number), "utf-8")
        case _:
            path.write_text(text, "utf-8")
