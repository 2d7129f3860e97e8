"""Whatever an admin types, the loader answers with faults."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dialplan.loader import check_site
from tests.unit.dialplan.site_text import sections, write_site

FILES = sorted(file for file in {**sections("good"), **sections("good_hours")} if file != "faults")
PIECES = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ": ",
    "- ",
    "#",
    "*",
    "&a ",
    "!x ",
    "|",
    ">",
    '"',
    "'",
    "\n",
    "  ",
    "\t",
    "0",
    "~",
    "中",
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FILES), st.floats(0, 1), st.integers(0, 30), st.sampled_from(["", *PIECES, "\x00", "\x85", "null"])
)
def test_no_typing_mistake_escapes_as_an_exception(file: str, at: float, cut: int, typed: str) -> None:
    """Anything cut out of a file, anything put in: there is a site or an error, and each fault lies within its file."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_site(Path(name), "good_hours")
        text = (folder / file).read_text("utf-8")
        place = int(at * len(text))
        (folder / file).write_text(text[:place] + typed + text[place + cut :], "utf-8")
        checked = check_site(folder)
    assert (checked.site is None) == any(fault.severity == "error" for fault in checked.faults)
    for fault in checked.faults:
        assert 1 <= fault.line <= max(len(checked.sources.get(fault.file, ())), 1), fault
        assert fault.column >= 1
    assert len(checked.report()) >= len(checked.faults)
