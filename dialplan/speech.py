"""Who speaks the prompts of a site: `speech` of site.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from dialplan.faults import did_you_mean, quoted
from dialplan.node import Strict
from dialplan.words import Language, SpeechSeconds, Words, refusal

PLACEHOLDERS: Mapping[str, tuple[str, ...]] = {
    "command": ("text", "language", "file"),
    "url": ("text", "language", "voice"),
    "headers": ("language", "voice", "secret"),
    "body": ("text", "language", "voice", "secret"),
}
"""what may stand in braces in each of these words"""
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_OF_A_SERVICE = ("method", "headers", "body", "voices", "secret_file")
"""words that mean nothing for a command"""


def _known_placeholders(word: str, place: str) -> str:
    for name in _PLACEHOLDER.finditer(word):
        known = PLACEHOLDERS[place]
        if name[1] not in known:
            expected = ", ".join(f"{{{one}}}" for one in known)
            found, hint = f"found {quoted(name[0])}", did_you_mean(name[1], known)
            raise refusal("unknown-placeholder", f"one of {expected}", found, hint, offset=name.start())
    return word


def _holding(place: str) -> AfterValidator:
    return AfterValidator(lambda word: _known_placeholders(word, place))


def _writes_a_file(command: list[str]) -> list[str]:
    if not any("{file}" in word for word in command):
        raise refusal("no-file", "{file} in one of its words, where it has to write a wav", "found no {file}")
    return command


def _is_address(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+\S*", url):
        raise refusal("bad-service-url", "an address that begins with http:// or https://", f"found {quoted(url)}")
    return url


def _body_placeholders(body: object) -> object:
    """Texts of a mapping are looked at however deep they lie."""
    if isinstance(body, str):
        _known_placeholders(body, "body")
    for one in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        _body_placeholders(one)
    return body


def _is_absolute(path: str) -> str:
    if not path.startswith("/"):
        raise refusal("bad-file", "a path that begins with /, outside of the site", f"found {quoted(path)}")
    return path


class Speech(Strict):
    """Who speaks in place of espeak-ng, asked once for each text: a program (`command`) or a service (`url`)."""

    command: (
        Annotated[list[Annotated[Words, _holding("command")]], Field(min_length=1), AfterValidator(_writes_a_file)]
        | None
    ) = None
    """a program and its arguments, started without a shell; it has the text on its standard input, whether {text} is
    among them or not"""
    url: Annotated[Words, AfterValidator(_is_address), _holding("url")] | None = None
    """of a service that answers with a sound file: wav, mp3, flac, ogg"""
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[Words, Annotated[Words, _holding("headers")]] = Field(default_factory=dict)
    body: Annotated[dict[str, JsonValue] | Words | None, AfterValidator(_body_placeholders)] = None
    """what is sent: a mapping as JSON, a text as it stands; one that begins with < is XML"""
    voices: dict[Language, Words] = Field(default_factory=dict)
    """what the service calls the voice of each language, for {voice}"""
    secret_file: Annotated[Words, AfterValidator(_is_absolute)] | None = None
    """a file with nothing but the secret, for {secret}; outside of the site, so that it is in nobody's copy of it"""
    version: Words = "1"
    """to be changed when the same command or service speaks differently: all is rendered anew"""
    seconds_max: SpeechSeconds = 60
    """for one text, and for each of the three times that a service is asked for it"""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.command is None and self.url is None:
            raise refusal("missing-key", "the key command, or the key url", 'found neither "command" nor "url"')
        if self.command is not None and self.url is not None:
            raise refusal("idle-word", "one of them alone", "found both command and url")
        if self.command is not None:
            for word in _OF_A_SERVICE:
                if word in self.model_fields_set:
                    found = f"found {word}, which means nothing for a command"
                    raise refusal("idle-word", "it beside url alone", found)
        return self

    @model_validator(mode="after")
    def _what_is_filled_in_is_there(self) -> Self:
        written = f"{self.url} {self.headers} {self.body}"
        for placeholder, word in (("{voice}", "voices"), ("{secret}", "secret_file")):
            if placeholder in written and not getattr(self, word):
                raise refusal("missing-key", f"the key {word}, for {placeholder}", f'found no "{word}"')
        return self
