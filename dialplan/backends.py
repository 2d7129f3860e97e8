"""`backends.yaml`: what else knows something of callers, or does something for them. The file may be missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from dialplan.node import Strict
from dialplan.words import (
    TEMPLATE_SLOT,
    BackendSeconds,
    EnvironmentName,
    HeaderName,
    Name,
    Template,
    Words,
    refusal,
)

BIND = re.compile(r"(?<![:\w\\]):([A-Za-z0-9_]+)(?!:)")
"""an input of a statement, as SQLAlchemy's `text` reads it; a `::` is a cast"""
_READING = re.compile(r"\s*(select|with|values)\b", re.IGNORECASE)
_WRITING = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
OURS = frozenset({"authorization", "idempotency-key", "content-length", "content-type", "host"})
"""headers that are set by what the backend is, in lower case"""


def _is_url(value: str) -> str:
    bare = TEMPLATE_SLOT.sub("x", value)
    try:
        parts = urlsplit(bare)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        whole = False
    if not whole or re.search(r"[\s{}]", bare) or parts.username is not None:
        raise refusal("bad-url", "an address such as https://shop.example/orders/{number}, {number} being an input")
    host, slot = urlsplit(value).netloc, re.compile(r"[{}]")
    if slot.search(host):
        raise refusal("bad-url", "inputs behind the host alone", f"found {host} for a host")
    return value


def _is_statement(value: str) -> str:
    unfit = next((name for name in BIND.findall(value) if not _NAME.fullmatch(name)), None)
    if unfit is not None:
        raise refusal("bad-sql", r"inputs such as :number; a colon that is none is written \:", f"found :{unfit}")
    if slot := TEMPLATE_SLOT.search(value):
        expected = f":{slot[1]}, which the database binds; words are never put into a statement"
        raise refusal("bad-sql", expected, f"found {slot[0]}", offset=slot.start())
    if ";" in value.rstrip().rstrip(";"):
        raise refusal("bad-sql", "one statement", "found several", offset=value.index(";"))
    return value


def _not_ours(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if name.lower() in OURS:
            raise refusal("wrong-value", "other headers; a token is read from secret_file", f"found {name}")
    return headers


Url = Annotated[Words, AfterValidator(_is_url)]
Statement = Annotated[Words, AfterValidator(_is_statement)]


class UrlBackend(Strict):
    """Asked by HTTP; it answers with a JSON object."""

    url: Url
    """`{input}` in it is replaced, percent-encoded"""
    method: Literal["GET", "POST", "PUT"] = "GET"
    body: dict[Words, Template] = Field(default={})
    """sent as a JSON object; `{input}` in a value is replaced"""
    headers: Annotated[dict[HeaderName, Template], AfterValidator(_not_ours), Field(default={})]
    timeout_seconds: BackendSeconds = 5
    """from the connection to the last byte of the answer"""
    secret_file: Words | None = None
    """a file with a bearer token, absolute or within the site's folder, so that no secret stands in YAML"""

    @model_validator(mode="after")
    def _sent_with_a_body(self) -> Self:
        if self.body and self.method == "GET":
            raise refusal("wrong-value", "POST or PUT, which send a body", "found a body and the method GET")
        return self

    @property
    def inputs(self) -> frozenset[str]:
        """The names that it must be given."""
        templates = (self.url, *self.body.values(), *self.headers.values())
        return frozenset(name for template in templates for name in TEMPLATE_SLOT.findall(template))

    def may_answer(self, field: str) -> bool:
        """Whether a field of this name may be in an answer: nobody knows before."""
        return True

    @property
    def writes(self) -> bool | None:
        """Whether it may do something: a GET does not, and of the others nobody knows."""
        return False if self.method == "GET" else None

    @property
    def tells_a_secret(self) -> bool:
        """Whether the token goes over the network for everybody to read."""
        parts = urlsplit(TEMPLATE_SLOT.sub("x", self.url))
        return bool(self.secret_file) and parts.scheme == "http" and parts.hostname not in _HERE


_HERE = ("127.0.0.1", "::1", "localhost")


class SqlBackend(Strict):
    """Asked by SQL; the columns of the first row are its fields."""

    sql: Statement
    """one statement; `:input` in it is bound by the database"""
    database_file: Words | None = None
    """an SQLite file, absolute or within the site's folder; without it the hotline's own database"""
    database_url_env: EnvironmentName | None = None
    """the environment variable that has the URL of another database"""
    timeout_seconds: BackendSeconds = 5

    @model_validator(mode="after")
    def _one_database(self) -> Self:
        if self.database_file is not None and self.database_url_env is not None:
            raise refusal("wrong-value", "one of them", "found both database_file and database_url_env")
        return self

    @property
    def inputs(self) -> frozenset[str]:
        """The names that it must be given."""
        return frozenset(BIND.findall(self.sql))

    def may_answer(self, field: str) -> bool:
        """Whether a column of this name may come of the statement: it stands in it as a word, or there is a `*`."""
        return "*" in self.sql or re.search(rf"\b{re.escape(field)}\b", self.sql, re.IGNORECASE) is not None

    @property
    def writes(self) -> bool:
        """Whether the statement changes anything."""
        return not _READING.match(self.sql) or _WRITING.search(self.sql) is not None

    @property
    def tells_a_secret(self) -> bool:
        """A statement has no token."""
        return False


Backend = UrlBackend | SqlBackend
KINDS: Mapping[str, type[Backend]] = {"url": UrlBackend, "sql": SqlBackend}
"""The word that each kind has and the other has not."""
Backends = dict[Name, Backend]
