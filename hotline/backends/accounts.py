"""Wrong PINs of accounts, counted in the hotline's own database: known to every call, and after every restart."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from db.account_tries import begin_try, digest_of, forget, take_back
from db.moments import from_epoch
from ivr.backends import AccountsUnknown

log = logging.getLogger(__name__)

T = TypeVar("T")


class RecordedAccounts:
    """The accounts of one database, asked beside the event loop.

    Args:
        engine: takes the write lock of SQLite at once.
    """

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        self._threads = threads

    async def begin_try(self, backend: str, account: str, *, failures: int, minutes: int, at: float) -> bool:
        """Count one more wrong try; False where the account is locked. Raises AccountsUnknown."""
        digest, moment = digest_of(backend, account), from_epoch(at)
        return await self._done(partial(begin_try, self._engine, digest, failures, minutes, moment))

    async def settle(self, backend: str, account: str, *, right: bool) -> None:
        """Forget the tries of an account, or take the last one back. Raises AccountsUnknown."""
        await self._done(partial(forget if right else take_back, self._engine, digest_of(backend, account)))

    async def _done(self, what: Callable[[], T]) -> T:
        run = asyncio.get_running_loop().run_in_executor
        try:
            try:
                return await run(self._threads, what)
            except IntegrityError:  # two first tries at one account, at the same moment: the second one finds it now
                return await run(self._threads, what)
        except SQLAlchemyError as fault:
            log.error("tries cannot be counted action=auth cause=%s", type(fault).__name__)
            raise AccountsUnknown(type(fault).__name__) from fault
