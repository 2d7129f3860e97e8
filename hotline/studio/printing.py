"""What `hotline prompts` prints: data on stdout, the rest on stderr."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from hotline.studio.lacks import Lack
from hotline.studio.script import said_at
from hotline.studio.stock import Item, Stock
from ivr.sounds import FORMATS

if TYPE_CHECKING:
    from hotline.studio.intake import Delivery

_WORDS_SHOWN = 48


def show_list(stock: Stock, *, as_json: bool) -> None:
    """A row for each recording that there is or might be; the clips of values of a language are one row."""
    if as_json:
        _print_json([_listed(item) for item in stock.items])
        return
    table = _table("file", "words", "kind", "seconds", "dBov", "formats", "said")
    clips: dict[str, list[Item]] = {}
    for item in stock.items:
        if item.line.prompt:
            table.add_row(*_row(item))
        else:
            clips.setdefault(item.line.language, []).append(item)
    for language, items in clips.items():
        recorded = sum(item.standing == "recorded" for item in items)
        table.add_row(f"{language}/values", f"{len(items)} clips of values", f"{recorded} recorded", "", "", "", "")
    _show(table)


def show_lacks(lacks: Sequence[Lack], *, as_json: bool) -> None:
    if as_json:
        _print_json([{**vars(lack), "missing": lack.is_missing} for lack in lacks])
        return
    table = _table("what", "where", "detail")
    for lack in lacks:
        table.add_row(lack.kind, "/".join(filter(None, (lack.language, lack.name))), lack.detail)
    if lacks:
        _show(table)
    count = sum(lack.is_missing for lack in lacks)
    _say(f"{count or 'nothing'} missing")


def show_written(files: Iterable[Path]) -> None:
    for path in files:
        print(path)


def show_delivery(delivery: "Delivery", *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        taken = [
            {"file": one.file, "recording": one.line.file, "seconds": round(one.seconds, 1), "dbov": round(one.dbov, 1),
             "replaces": one.replaces, "doubt": one.doubt}
            for one in delivery.taken
        ]  # fmt: skip
        refused = [{"file": file, "fault": fault} for file, fault in delivery.refused]
        _print_json({"taken": taken, "refused": refused, "passed_over": list(delivery.passed_over)})
        return
    table = _table("file", "", "what")
    for one in delivery.taken:
        words = f"{'replaces ' if one.replaces else ''}{one.line.file}, {one.seconds:.1f} s, was at {one.dbov:.0f} dBov"
        table.add_row(one.file, "listen" if one.doubt else "ok", "; ".join(filter(None, (words, one.doubt))))
    for file, fault in delivery.refused:
        table.add_row(file, "refused", fault)
    for file in delivery.passed_over:
        table.add_row(file, "passed over", "no sound")
    _show(table)
    done = "would be taken" if dry_run else "taken"
    _say(f"{len(delivery.taken)} {done}, {len(delivery.refused)} refused")


def _row(item: Item) -> tuple[str, ...]:
    told, line = _listed(item), item.line
    seconds = f"{told['seconds']:g}" if told["loudness_dbov"] is not None else f"~{told['seconds']:g}"
    loudness = "" if told["loudness_dbov"] is None else f"{told['loudness_dbov']:.1f}"
    formats = "all" if len(item.formats) == len(FORMATS) else " ".join(item.formats) or "none yet"
    words = line.words if len(line.words) <= _WORDS_SHOWN else f"{line.words[:_WORDS_SHOWN]}…"
    said = said_at(line.uses) or "nowhere"
    return line.file.removesuffix(".wav"), words, item.standing, seconds, loudness, formats, said


def _listed(item: Item) -> Mapping[str, Any]:
    line = item.line
    seconds, loudness = _measured(item)
    return {
        "prompt": line.prompt,
        "language": line.language,
        "file": line.file,
        "words": line.words,
        "kind": item.standing,
        "recorded_words": item.recorded_words,
        "seconds": line.seconds if seconds is None else round(seconds, 1),
        "loudness_dbov": loudness if loudness is None else round(loudness, 1),
        "formats": list(item.formats),
        "said": list(line.uses),
    }


def _measured(item: Item) -> tuple[float | None, float | None]:
    """Seconds and loudness of what is rendered."""
    if item.sound is None or "wav" not in item.formats:
        return None, None
    from ivr import levels

    sound = levels.read(item.sound.with_name(f"{item.sound.name}.wav"))
    return sound.duration_seconds, levels.loudness(sound)


def _table(*headings: str) -> Table:
    table = Table(show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _show(table: Table) -> None:
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _print_json(told: Any) -> None:
    print(json.dumps(told, ensure_ascii=False, indent=2))


def _say(words: str) -> None:
    print(words, file=sys.stderr)
