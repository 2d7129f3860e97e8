"""A second process of a program, loaded and idle, that takes over the moment the first one dies.

Most of a restart is Python's imports and reading the site. A program that is kept in reserve does both ahead and then
waits: whoever supervises tells it on its standard input that it is the one now. Until then it must touch nothing that
belongs to the one that serves: no port, no journal, no control socket.
"""

import asyncio
import os
from typing import Final

VARIABLE: Final = "HOTLINE_STANDBY"
"""Set for a process that is to stand by."""
WORD: Final = b"serve\n"
_INPUT: Final = 0


async def stand_by() -> None:
    """Return when it is this process's turn to serve: at once, unless it was started to stand by.

    Raises:
        EOFError: who would have told it is gone.
    """
    if VARIABLE not in os.environ:
        return
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_reader(_INPUT, told.set)
    try:
        await told.wait()
    finally:
        loop.remove_reader(_INPUT)
    if os.read(_INPUT, len(WORD)) != WORD:
        raise EOFError("nobody supervises this process any more")
