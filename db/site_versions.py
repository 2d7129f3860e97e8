"""Published versions of the site, each with all its files: so any can be put back from the database alone.

A version is a row with a number; the content that it had is named by `version`, and may be published more than once.
Files are kept once for all versions that have them, compressed, under the sha256 of their content.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import JSON, Engine, Index, Integer, LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.schema import Base, Call


class SiteVersion(Base):
    """One version that was published, or was about to be."""

    __tablename__ = "site_versions"
    __table_args__ = (Index(None, "version"), {"sqlite_autoincrement": True})

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[str]
    """12 hex digits of the sha256 over the files: their names and contents."""
    author: Mapped[str]
    message: Mapped[str]
    stored_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    """When it came into force; None: it never did, as far as is known."""
    files: Mapped[dict[str, str]] = mapped_column(JSON)
    """Digest of each file's content, by its path in the site."""


class SiteFile(Base):
    """The content of a file of one version or more."""

    __tablename__ = "site_files"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """zlib"""


class FileLost(Exception):
    """The database lacks a file of a version, or holds another content for it."""


@dataclass(frozen=True)
class Calls:
    """Calls of one version: all of them, and those that go on."""

    ran: int
    running: int


def store(engine: Engine, version: str, author: str, message: str, files: Mapping[str, bytes]) -> int:
    """Keep a version that is not in force yet; return its number. All of it in one transaction, or nothing."""
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    contents = {digests[path]: content for path, content in files.items()}
    with Session(engine) as session, session.begin():
        known = set(session.scalars(select(SiteFile.digest)))
        for digest, content in contents.items():
            if digest not in known:
                session.merge(SiteFile(digest=digest, content=zlib.compress(content)))
        fields = {"version": version, "author": author, "message": message, "files": digests}
        row = SiteVersion(**fields, stored_at=datetime.now(UTC), published_at=None)
        session.add(row)
        session.flush()
        return row.number


def came_into_force(engine: Engine, number: int, at: datetime) -> None:
    """Note when a version came into force; the first time that is told stands."""
    with Session(engine) as session, session.begin():
        row = session.get(SiteVersion, number)
        if row is not None and row.published_at is None:
            row.published_at = at


def versions(engine: Engine) -> list[SiteVersion]:
    """All of them, the newest first."""
    with Session(engine, expire_on_commit=False) as session:
        return list(session.scalars(select(SiteVersion).order_by(SiteVersion.number.desc())))


def files_of(engine: Engine, row: SiteVersion) -> dict[str, bytes]:
    """Every file of a version, by its path. Raises FileLost."""
    with Session(engine) as session:
        found = session.execute(
            select(SiteFile.digest, SiteFile.content).where(SiteFile.digest.in_(set(row.files.values())))
        )
        contents = {digest: zlib.decompress(content) for digest, content in found}
    for path, digest in row.files.items():
        if hashlib.sha256(contents.get(digest, b"")).hexdigest() != digest:
            raise FileLost(f"the database has lost {path} of version {row.number}")
    return {path: contents[digest] for path, digest in row.files.items()}


def calls_of(engine: Engine, rows: Sequence[SiteVersion]) -> dict[int, Calls]:
    """Calls of each version, by number. Of several with the same content a call is of the one that was the newest as it
    began."""
    return {row.number: _calls_of(engine, row, _next_alike(rows, row)) for row in rows}


def _next_alike(rows: Sequence[SiteVersion], row: SiteVersion) -> SiteVersion | None:
    later = [one for one in rows if one.version == row.version and one.number > row.number and one.published_at]
    return min(later, key=lambda one: one.number, default=None)


def _calls_of(engine: Engine, row: SiteVersion, later: SiteVersion | None) -> Calls:
    if row.published_at is None:
        return Calls(0, 0)
    # From when it was stored on: the first calls may begin a moment before it is noted that it came into force.
    query = select(func.count(), func.count() - func.count(Call.ended_at)).where(
        Call.version == row.version, Call.started_at >= row.stored_at
    )
    if later is not None:
        query = query.where(Call.started_at < later.stored_at)
    with Session(engine) as session:
        ran, running = session.execute(query).one()
    return Calls(ran, running)
