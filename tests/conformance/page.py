"""The page of all numbered sentences: `python -m tests.conformance.page > docs/conformance.md`, or `make docs`."""

from __future__ import annotations

from collections.abc import Iterator

from tests.conformance.book import CHECKOUT, Assertion, Chapter, assertions, chapters, path_of

_INTRODUCTION = """\
# What the menu language promises, sentence by sentence

Every sentence of [language.md](language.md) has a number here, and a test ({count} sentences). A test fails where
a row, a point or a sentence of that page has no number, where one of its words is in no assertion, and where a
number stands for something that is no longer there. This page is made from the sentences themselves (`make docs`).

To add one: write a row or a sentence in `docs/language.md`, run `pytest tests/conformance`, and give what it names a
number in `tests/conformance/sentences/`: `of` is the word of the row, or how the sentence begins; `nodes` are the
menu (`m`; `one two three bye` hang up, `person` is a queue, without being written), `keys` what the caller does, and
`goes` what happens. Then `make docs`. A number is never used twice.

| in `keys` | the caller |
| --- | --- |
| `12#` | hears everything, then presses these keys, all but the first at once |
| `!1` | presses it at once, into what is being said |
| `T` | hears everything, and presses nothing until the time for a key is over |
| `.` | hears what is being said to its end |
| `1.5s` | lets so much time pass |
| `~8` | hears everything, then speaks for so many seconds, where a message is recorded |
| `q`, `!q` | hears everything, then hangs up; hangs up at once |

| in the column of what happens | |
| --- | --- |
| `hear ask`, `hearing ask` | a prompt was heard to its end, or cut off |
| `silence 5` | so many seconds passed without a key |
| `matched to one` | the result of the node, and the node that followed |
| `order = 12`, `language en`, `vote tea green` | a variable, the language, a vote |
| `queue orders full` | the call went there, and this came of it |
| `asked points found`, `asked points found 3` | what a backend said, at once or after so many seconds |
| `spoke voice_mail 8`, `fax prices done` | so many seconds were recorded; what came of a fax |
| `ends hung_up` | how the menus ended, as the record `IVREND` says it |
| `etc` | and whatever follows |

What a key does at each moment is in [truth-table.md](truth-table.md).
"""


def page() -> str:
    """Return the page: how to read it, then every sentence by section."""
    book = chapters()
    count = sum(1 for chapter in book for _ in assertions(chapter))
    return "\n".join([_INTRODUCTION.replace("{count}", str(count)), *(_chapter(chapter) for chapter in book)])


def _chapter(chapter: Chapter) -> str:
    path = path_of(chapter).relative_to(CHECKOUT).as_posix()
    lines = [f"## {chapter.section} {chapter.title}", "", f"Tests: [`{path}`](../{path})", ""]
    lines += ["| number | sentence | shown by |", "| --- | --- | --- |"]
    lines += [_row(one) for one in assertions(chapter)]
    return "\n".join([*lines, ""])


def _row(one: Assertion) -> str:
    return f"| {one.number} | {_cell(one.says)} | {_cell('; '.join(_shown(one)))} |"


def _shown(one: Assertion) -> Iterator[str]:
    for proof in one.proof:
        path, _, function = proof.partition("::")
        yield f"[`{path.rpartition('/')[2].removesuffix('.py')}::{function}`](../{path})"
    does = f"`{one.keys}`: " if one.keys else ""
    if one.goes is not None:
        yield f"{does}{', '.join(one.goes)}"
    elif one.words is not None:
        yield f"{does}{' '.join(one.words)}"
    if one.faults is not None:
        rules = ", ".join(f"[`{rule}`](checks.md)" for rule in one.faults)
        yield f"`hotline check`: {rules or 'no error'}"
    yield from (f"{does if one.goes is None else ''}`{name} = {value}`" for name, value in one.variables.items())
    for node, fields in one.records.items():
        yield f"record of `{node}`: " + ", ".join(f"{name} `{value}`" for name, value in fields.items())
    if one.survey is not None:
        yield f"survey: {', '.join(f'`{answer}`' for answer in one.survey) or 'no answer'}"
    if one.messages is not None:
        yield f"messages: {', '.join(f'`{left}`' for left in one.messages) or 'none'}"
    yield from (f"`{name}={value}`" for name, value in one.hands_over.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    print(page(), end="")
