"""extensions.conf as steps: what each extension does, one application after another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dialplan.importing.conf import Conf, Place, Section

_APPLICATION = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*")


@dataclass(frozen=True)
class Step:
    """One priority of one extension."""

    context: str
    extension: str
    application: str
    arguments: tuple[str, ...]
    place: Place

    @property
    def text(self) -> str:
        return f"{self.application}({','.join(self.arguments)})"

    @property
    def about(self) -> str:
        """How the report names it."""
        return f"{self.extension}@{self.context}"

    def argument(self, number: int) -> str:
        """The argument of this number, from 1; empty where there is none."""
        return self.arguments[number - 1].strip() if len(self.arguments) >= number else ""


def read_steps(conf: Conf) -> list[Step]:
    """Every priority of every context, in the order of the file; lines of other kinds (`include`, `hint`) are none."""
    return [step for section in conf.sections for step in _steps_of(section)]


def _steps_of(section: Section) -> Iterator[Step]:
    extension = ""
    for setting in section.settings:
        kind, rest = setting.name.lower(), setting.value
        if kind == "exten":
            extension, _, rest = rest.partition(",")
        elif kind != "same":
            continue
        priority, _, call = rest.partition(",")
        found = _APPLICATION.fullmatch(call)
        if found is not None and priority.strip() != "hint":
            arguments = split_arguments(found[2] or "")
            yield Step(section.name, extension.strip(), found[1], arguments, setting.place)


def split_arguments(text: str) -> tuple[str, ...]:
    """Split at commas that stand in no brackets, braces or quotes (app.c, AST_STANDARD_APP_ARGS)."""
    if not text.strip():
        return ()
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == '"'
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return tuple(parts)
