"""What can go wrong around the rooms. `hotline` prints the message and ends with 1; a bug keeps its traceback."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)


class HotlineError(Exception):
    """The person at the terminal can mend it; the message says how."""


class AsteriskMissing(HotlineError):
    """There is no Asterisk that we can use."""


class StateBusy(HotlineError):
    """Another `hotline up` holds this state folder."""


class StateMissing(HotlineError):
    """The folder was never brought up, or its settings cannot be read."""


class PortTaken(HotlineError):
    """The port that was asked for is in use."""


class StartFailed(HotlineError):
    """A child did not become ready; everything that was started has been stopped again."""


@contextmanager
def telling_of_the_disk(folder: Path) -> Iterator[None]:
    """A disk that is full or cannot be written is no bug: raises HotlineError, which says where."""
    try:
        yield
    except OSError as refusal:
        if refusal.errno not in DISK_ERRORS and not isinstance(refusal, shutil.Error):
            raise
        raise HotlineError(f"cannot write to {folder}: {refusal.strerror or refusal}") from refusal
