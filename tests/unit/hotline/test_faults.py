"""Which faults are told in words and which keep their traceback."""

import errno
import os
from pathlib import Path

import pytest

from hotline.faults import HotlineError, telling_of_the_disk


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_takes_nothing_is_told_with_its_folder(number: int) -> None:
    """Full or read-only: the person at the terminal reads which folder it is."""
    with (
        pytest.raises(HotlineError, match=f"/srv/state: {os.strerror(number)}"),
        telling_of_the_disk(Path("/srv/state")),
    ):
        raise OSError(number, os.strerror(number))


def test_another_fault_of_the_system_is_a_bug() -> None:
    """What no disk explains goes on as it is."""
    with pytest.raises(ConnectionResetError), telling_of_the_disk(Path("/srv/state")):
        raise ConnectionResetError(errno.ECONNRESET, "reset")
