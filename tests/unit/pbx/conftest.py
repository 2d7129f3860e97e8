"""Fixtures of the wire: a fake switch, a client linked to it, and servers that are closed after each test."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import settings

from pbx.ami import AmiAddress, AmiClient, AmiTimes, LinkUp
from pbx.fastagi import AgiLimits, AgiServer, Handler
from tests.unit.pbx.peers import AmiPeer

# How long one example takes says more about who shares the machine than about our code.
settings.register_profile("wire", deadline=None)
settings.load_profile("wire")

FAST = AmiTimes(ping_interval_seconds=0.05, silence_seconds_max=5.0, retry_seconds_first=0.01, retry_seconds_max=0.05)


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    """A running fake switch."""
    made = AmiPeer()
    await made.start()
    yield made
    await made.close()


Linker = Callable[..., Awaitable[AmiClient]]


@pytest.fixture
async def link(peer: AmiPeer) -> AsyncIterator[Linker]:
    """Makes clients of the fake switch; by default one that is logged in, its first LinkUp read."""
    clients: list[AmiClient] = []

    async def make(*events: str, ready: bool = True, inbox_size: int = 100, times: AmiTimes = FAST) -> AmiClient:
        address = AmiAddress("127.0.0.1", peer.port, "hotline", "a-secret-word")
        client = AmiClient(address, events=frozenset(events), inbox_size=inbox_size, times=times)
        clients.append(client)
        await client.start()
        if ready:
            assert await client.next() == LinkUp(1)
        return client

    yield make
    for client in clients:
        await client.close()


Server = Callable[..., Awaitable[int]]


@pytest.fixture
async def serve() -> AsyncIterator[Server]:
    """Starts AGI servers with one handler, for the route `hold`; gives their port."""
    servers: list[AgiServer] = []

    async def make(handler: Handler, *, limits: AgiLimits | None = None) -> int:
        server = AgiServer({"hold": handler}, limits=limits)
        servers.append(server)
        return await server.start("127.0.0.1", 0)

    yield make
    for server in servers:
        await server.close()
