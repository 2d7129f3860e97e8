"""Characters of a Chinese keyboard where YAML and the language mean others: `：` for `:`, `“0”` for `"0"`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from dialplan.faults import quoted

_QUOTES = str.maketrans(dict.fromkeys("“”‘’", ""))
_MEANT = {
    "：": '":" and a space',
    "，": '"," and a space',
    "｛": '"{"',
    "［": '"["',
    "－": '"-" and a space',
    "　": "spaces",
}  # fmt: skip
_KEY = r"(?:\"[^\"]*\"|[A-Za-z0-9_.*#-]+)"
_STRAY = re.compile(
    rf"^[ ]*(?P<indent>　)|^[ ]*(?P<dash>－)"
    rf"|(?:^|[{{,，])\s*-?\s*{_KEY}(?P<colon>：)"
    rf"|(?P<comma>，)\s*{_KEY}\s*[:：]"
    rf"|[:：]\s*(?P<bracket>[｛［])"
)
"""Where it can only be meant as YAML's own: within the words of a prompt they are what they are."""
_LINES_BEFORE = 2
"""The parser trips over the line after the one with the mistake, or the next."""


def hint_of(text: str) -> str:
    """Return `did you mean "0"?` for a text that is another one typed with full-width characters, or nothing."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return f"did you mean {quoted(plain)}?" if plain != text and plain and plain.isascii() else ""


def stray(lines: Sequence[str], line: int) -> tuple[int, int, str, str] | None:
    """Return line and column, from 1, of the full-width character at which YAML that cannot be read went wrong, the
    character and what was meant; None where there is none.

    Args:
        line: at which the parser gave up.
    """
    for at in _upwards(line, len(lines)):
        found = _STRAY.search(lines[at - 1])
        if found is not None and found.lastgroup is not None:
            character = found[found.lastgroup]
            return at, found.start(found.lastgroup) + 1, character, _MEANT[character]
    return None


def _upwards(line: int, count: int) -> Iterable[int]:
    return (at for at in range(line, line - _LINES_BEFORE - 1, -1) if 1 <= at <= count)
