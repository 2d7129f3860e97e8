"""The studio's script: what is to be recorded, as a table for Excel and as a page to read from."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined

from hotline.faults import HotlineError
from hotline.studio.stock import Item
from ivr.recordings import Standing

COLUMNS: Final = ("number", "file", "language", "prompt", "words", "sentence", "said", "note", "seconds", "now")
USES_SHOWN = 2
_NOW = {Standing.RECORDED: "recorded", Standing.CHANGED: "recorded, but in other words", Standing.SPOKEN: ""}

_PAGE = """\
<!DOCTYPE html>
<html lang="{{ language }}">
<head><meta charset="utf-8"><title>{{ site }}: {{ language }}</title>
<style>
body { font: 16px/1.5 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid #bbb; padding: .5em; text-align: left; vertical-align: top }
tr { break-inside: avoid }
.words { font-size: 1.4em }
.small { color: #555; font-size: .85em }
</style></head>
<body>
<h1>{{ site }}: {{ language }}</h1>
<p>{{ rows | length }} recordings, about {{ minutes }} minutes. One file for each row, called as it says: WAV, 16 or 24
bits, 44.1 or 48 kHz, one speaker, one distance, no music, no limiter; peaks about 6 dB below the limit. Leave half a
second of the silent room before and after: it is cut off, and the loudness made even, by us. Say exactly these words. A
value stands in [ ] and is a recording of its own: best say the whole sentence with the example, and cut.</p>
<table>
<tr><th>No.</th><th>Words</th><th>File</th><th>About</th></tr>
{% for row in rows %}
<tr><td>{{ row.number }}</td>
<td><div class="words">{{ row.words }}</div>
{% if row.sentence %}<div class="small">of: {{ row.sentence }}</div>{% endif %}
<div class="small">{{ row.said }}{{ row.note and ". " ~ row.note }}{{ row.now and ". Now " ~ row.now }}</div></td>
<td><code>{{ row.file }}</code></td><td>{{ row.seconds }} s</td></tr>
{% endfor %}
</table>
</body>
</html>
"""

Row = Mapping[str, str]


def rows_of(items: Sequence[Item]) -> list[Row]:
    """The rows of the script, numbered within each language."""
    counted: dict[str, int] = {}
    rows: list[Row] = []
    for item in items:
        line = item.line
        counted[line.language] = counted.get(line.language, 0) + 1
        values = (
            str(counted[line.language]), line.file, line.language, line.prompt, line.words, line.sentence,
            said_at(line.uses), line.note, f"{line.seconds:g}", _NOW[item.standing],
        )  # fmt: skip
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def as_csv(rows: Sequence[Row]) -> bytes:
    """With a byte order mark, by which Excel knows that it is UTF-8."""
    written = io.StringIO()
    csv.writer(written).writerows([COLUMNS, *([row[column] for column in COLUMNS] for row in rows)])
    return written.getvalue().encode("utf-8-sig")


def as_page(rows: Sequence[Row], site: str) -> str:
    """A page for each speaker to read from; of one language."""
    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_PAGE)
    minutes = max(1, round(sum(float(row["seconds"]) for row in rows) / 60))
    return page.render(site=site, language=rows[0]["language"], rows=rows, minutes=minutes)


def write_script(rows: Sequence[Row], site: str, to: Path) -> list[Path]:
    """Write the script: into a `.csv` or `.html` file, or a folder with the table and a page for each language.

    Raises HotlineError: the file has another ending, or cannot be written.
    """
    try:
        return [_written(path, content) for path, content in _files(rows, site, to)]
    except OSError as fault:
        raise HotlineError(f"{fault.filename or to} cannot be written: {fault.strerror}") from fault


def _files(rows: Sequence[Row], site: str, to: Path) -> Iterator[tuple[Path, bytes]]:
    languages = list(dict.fromkeys(row["language"] for row in rows))
    pages = {one: as_page([row for row in rows if row["language"] == one], site).encode() for one in languages}
    match to.suffix.lower():
        case ".csv":
            yield to, as_csv(rows)
        case ".html" if len(pages) == 1:
            yield to, next(iter(pages.values()))
        case ".html":
            raise HotlineError(f"{to}: a page is for one speaker; say which with --lang: {', '.join(languages)}")
        case "":
            yield to / "script.csv", as_csv(rows)
            yield from ((to / f"script.{language}.html", page) for language, page in pages.items())
        case other:
            raise HotlineError(f"{to}: cannot write {other}; expected a folder, a .csv (for Excel) or a .html file")


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def said_at(uses: Sequence[str]) -> str:
    """Where something is said, in a line."""
    more = f" and {len(uses) - USES_SHOWN} more" if len(uses) > USES_SHOWN else ""
    return "; ".join(uses[:USES_SHOWN]) + more
