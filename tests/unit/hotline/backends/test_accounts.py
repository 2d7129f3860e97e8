"""Wrong PINs, counted over calls, restarts and lines at once, on each kind of database."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from db.engine import open_engine
from hotline.backends.accounts import RecordedAccounts
from ivr.backends import AccountsUnknown

NOW = 1_800_000_000.0


class Tries:
    """One process that counts."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url, writing=True)
        self.accounts = RecordedAccounts(self.engine, ThreadPoolExecutor(4))

    async def wrong(self, account: str = "80001", minute: float = 0.0) -> bool:
        return await self.accounts.begin_try("points", account, failures=3, minutes=30, at=NOW + 60 * minute)

    def close(self) -> None:
        self.engine.dispose()


async def test_so_many_wrong_tries_lock_for_so_long(database_url: str) -> None:
    """The third wrong try is the last one, for half an hour and for this account; another process knows it."""
    first = Tries(database_url)
    assert [await first.wrong(minute=minute) for minute in (0, 1, 2, 3)] == [True, True, True, False]
    first.close()
    second = Tries(database_url)
    assert [await second.wrong(minute=31.9), await second.wrong(minute=32.1)] == [False, True]
    assert await second.wrong("80002")
    second.close()


async def test_a_right_pin_forgets_and_a_broken_backend_takes_back(database_url: str) -> None:
    """After a right one the count begins anew; a try of which nobody could say is none, even one that would lock."""
    tries = Tries(database_url)
    await tries.wrong()
    await tries.wrong()
    await tries.wrong()
    await tries.accounts.settle("points", "80001", right=False)
    assert await tries.wrong()
    assert not await tries.wrong()
    await tries.accounts.settle("points", "80001", right=True)
    assert [await tries.wrong() for _ in range(4)] == [True, True, True, False]
    tries.close()


async def test_old_wrong_tries_are_forgotten(database_url: str) -> None:
    """Two wrong ones, half an hour of nothing, and three are free again."""
    tries = Tries(database_url)
    assert [await tries.wrong(minute=minute) for minute in (0, 0, 31, 31, 31, 31)] == [True] * 5 + [False]
    tries.close()


async def test_what_no_lock_reaches_any_more_is_deleted(database_url: str) -> None:
    """Whoever tries many accounts leaves no rows for ever."""
    tries = Tries(database_url)
    for account in ("1", "2", "3"):
        await tries.wrong(account)
    await tries.wrong("4", minute=2 * 24 * 60 + 1)
    with tries.engine.connect() as connection:
        assert connection.scalar(text("select count(*) from account_tries")) == 1
    tries.close()


async def test_lines_at_once_get_no_try_more(database_url: str) -> None:
    """Twenty calls at the same moment have three tries together."""
    tries = Tries(database_url)
    assert sum(await asyncio.gather(*(tries.wrong() for _ in range(20)))) == 3
    tries.close()


async def test_no_card_number_is_kept(database_url: str) -> None:
    """The table holds digests."""
    tries = Tries(database_url)
    await tries.wrong()
    with tries.engine.connect() as connection:
        kept = str(connection.execute(text("select * from account_tries")).all())
    tries.close()
    assert "80001" not in kept


async def test_without_a_database_nobody_knows() -> None:
    """Where nothing can be counted it is said so."""
    tries = Tries("sqlite:////no/such/folder/hotline.db")
    with pytest.raises(AccountsUnknown):
        await tries.wrong()
    tries.close()
