"""Who speaks the prompts of a site: `speech` of site.yaml."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from dialplan.faults import did_you_mean, quoted
from dialplan.node import Strict
from dialplan.words import SpeechSeconds, Words, refusal

PLACEHOLDERS = ("text", "language", "file")
"""what a word of the command may hold in braces"""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def _known_placeholders(word: str) -> str:
    for name in _PLACEHOLDER.finditer(word):
        if name[1] not in PLACEHOLDERS:
            expected = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            hint = did_you_mean(name[1], PLACEHOLDERS)
            found = f"found {quoted(name[0])}"
            raise refusal("unknown-placeholder", f"one of {expected}", found, hint, offset=name.start())
    return word


def _writes_a_file(command: list[str]) -> list[str]:
    if not any("{file}" in word for word in command):
        raise refusal("no-file", "{file} in one of its words, where it has to write a wav", "found no {file}")
    return command


class Speech(Strict):
    """A program that speaks in place of espeak-ng, started once for each text, without a shell."""

    command: Annotated[
        list[Annotated[Words, AfterValidator(_known_placeholders)]],
        Field(min_length=1),
        AfterValidator(_writes_a_file),
    ]
    """the program and its arguments; it has the text on its standard input, whether {text} is among them or not"""
    version: Words = "1"
    """to be changed when the same command speaks differently: all is rendered anew"""
    seconds_max: SpeechSeconds = 60
    """for one text"""
