"""Wrong PINs of callers, by account, over calls and restarts.

A try is counted as a wrong one before anybody knows, in a transaction of its own: callers who try at the same moment
from many lines are counted one after the other, and a process that dies has counted.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Engine, Index, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from db.schema import Base

KEPT_DAYS = 2
"""No lock is as long: a day at most."""


class AccountTries(Base):
    """The wrong tries at one account since the last right one."""

    __tablename__ = "account_tries"
    __table_args__ = (Index(None, "failed_at"),)

    account: Mapped[str] = mapped_column(primary_key=True)
    """A digest: whoever reads this table learns no card numbers by it."""
    failures: Mapped[int]
    failed_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


def digest_of(backend: str, account: str) -> str:
    """The name under which an account of a backend is counted."""
    return hashlib.sha256(f"{backend}:{account}".encode()).hexdigest()


def begin_try(engine: Engine, account: str, failures: int, minutes: int, at: datetime) -> bool:
    """Count one more wrong try; False where the account is locked, and nothing was counted.

    engine: takes the write lock of SQLite at once. account: its digest.
    """
    span = timedelta(minutes=minutes)
    with Session(engine) as session, session.begin():
        session.execute(delete(AccountTries).where(AccountTries.failed_at < at - timedelta(days=KEPT_DAYS)))
        tries = session.get(AccountTries, account, with_for_update=True)
        if tries is None:
            tries = AccountTries(account=account, failures=0, failed_at=at, locked_until=None)
            session.add(tries)
        if tries.locked_until is not None and tries.locked_until > at:
            return False
        if tries.locked_until is not None or at - tries.failed_at >= span:
            tries.failures, tries.locked_until = 0, None
        tries.failures, tries.failed_at = tries.failures + 1, at
        if tries.failures >= failures:
            tries.locked_until = at + span
        return True


def forget(engine: Engine, account: str) -> None:
    """The last try was right."""
    with Session(engine) as session, session.begin():
        session.execute(delete(AccountTries).where(AccountTries.account == account))


def take_back(engine: Engine, account: str) -> None:
    """Nobody could say whether the last try was right: it does not count, nor does a lock that it was the reason of."""
    with Session(engine) as session, session.begin():
        tries = session.get(AccountTries, account, with_for_update=True)
        if tries is not None and tries.failures > 0:
            tries.failures, tries.locked_until = tries.failures - 1, None
