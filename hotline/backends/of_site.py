"""All backends of one site, as the menus ask them: a reply comes whatever happens."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession

from dialplan.backends import Backend, SqlBackend, UrlBackend
from hotline.backends.http import ask_by_http, read_secret
from hotline.backends.sql import Database, database_of
from ivr.actions import Reply
from ivr.backends import Request

log = logging.getLogger(__name__)

THREADS = 8
"""Databases that hang take none but these."""


@dataclass
class Means:
    """What the sites of one process ask their backends with: connections and threads, and what is under way."""

    http: ClientSession
    database_url: str
    """the hotline's own"""
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="backend")
    )
    databases: dict[str, Database] = field(default_factory=dict)
    acting: set[asyncio.Task[Reply]] = field(default_factory=set)
    asking: set[asyncio.Task[Reply]] = field(default_factory=set)

    def database(self, name: str, make: Callable[[], Database]) -> Database:
        """The database of this name, the same for all who ask."""
        if name not in self.databases:
            self.databases[name] = make()
        return self.databases[name]

    async def close(self, seconds: float) -> None:
        """Let actions under way end, for so long; whoever is still on the line asks again with the same key."""
        if self.acting:
            await asyncio.wait(self.acting, timeout=seconds)
        under_way = {*self.acting, *self.asking}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self.http.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        for database in self.databases.values():
            database.dispose()


class SiteBackends:
    """The backends of a site.

    Args:
        folder: the site's, in which relative files are looked for.
    """

    def __init__(self, backends: Mapping[str, Backend], folder: Path, means: Means) -> None:
        self._backends = backends
        self._folder = folder
        self._means = means

    def ask(self, request: Request) -> asyncio.Task[Reply]:
        """Begin to ask; the task belongs to nobody's call, and goes on without one."""
        task = asyncio.create_task(self._reply(request))
        under_way = self._means.acting if request.key else self._means.asking
        under_way.add(task)
        task.add_done_callback(under_way.discard)
        return task

    async def _reply(self, request: Request) -> Reply:
        try:
            return await self._asked(self._backends[request.backend], request)
        except Exception as fault:
            # Whatever a driver, a server or a site's change may raise must not cost the caller the call. The words of a
            # fault could hold what the caller keyed, so only those that are ours are told.
            told = fault if type(fault).__module__.startswith(("ivr.", "hotline.")) else type(fault).__name__
            log.error("no answer action=ask backend=%s key=%s cause=%s", request.backend, request.key, told)
            return Reply("failed")

    async def _asked(self, backend: Backend, request: Request) -> Reply:
        if isinstance(backend, UrlBackend):
            secret = read_secret(self._folder / backend.secret_file) if backend.secret_file else ""
            return await ask_by_http(self._means.http, backend, request, secret)
        ask = asyncio.get_running_loop().run_in_executor
        database = self._database(backend)
        if not request.key:
            return await ask(self._means.threads, database.read, backend, request)
        reply, before = await ask(self._means.threads, database.act, backend, request)
        if before:
            log.info("done before action=ask backend=%s key=%s", request.backend, request.key)
        return reply

    def _database(self, backend: SqlBackend) -> Database:
        if backend.database_file is not None:
            file = self._folder / backend.database_file
            return self._means.database(str(file), lambda: database_of(file))
        if backend.database_url_env is not None:
            url = os.environ.get(backend.database_url_env, "")
            return self._means.database(url, lambda: Database(url, url, own=False))
        own = self._means.database_url
        return self._means.database(own, lambda: Database(own, own, own=True))
