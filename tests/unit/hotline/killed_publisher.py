"""A publisher that is killed with -9. Run: python -m tests.unit.hotline.killed_publisher STATE SITE MOMENT"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from unittest import mock

from hotline import generations, publishing
from hotline.asterisk_tree import Asterisk
from hotline.state import State

ASTERISK: Final = Asterisk(("asterisk",), "22", Path("/nowhere"), Path("/nowhere"), Path("/nowhere"))
"""Nothing of it is run: the configuration only names its folders."""
MOMENTS: Final = {
    "before anything is spoken": (publishing, "prepare", False),
    "before it is stored": (publishing.site_versions, "store", False),
    "after it was stored": (publishing.site_versions, "store", True),
    "after its generation was finished": (generations, "finish", True),
    "before the decision": (generations, "publish", False),
    "after the decision": (generations, "publish", True),
    "before the table is told": (publishing, "_put_in_force", True),
    "after the table was told": (publishing, "Published", False),
}


def main(state: State, site: Path, moment: str) -> None:
    """Publish, and die at this moment."""
    room, name, is_after = MOMENTS[moment]
    with (
        mock.patch("hotline.reloading.find_asterisk", lambda: ASTERISK),
        mock.patch.object(room, name, _deadly(getattr(room, name), is_after=is_after)),
    ):
        publishing.publish(state, site, publishing.Note("li", "second"), lambda proposal: True)


def _deadly(function: Callable[..., Any], *, is_after: bool) -> Callable[..., None]:
    def dies(*arguments: Any, **more: Any) -> None:
        if is_after:
            function(*arguments, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    return dies


if __name__ == "__main__":
    main(State.at(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3])
