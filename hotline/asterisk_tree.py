"""Which Asterisk this machine has: the host's own, or the tree that `make setup` brought."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hotline.faults import AsteriskMissing

INSTALLER = Path(__file__).parent.parent / "asterisk-conf" / "install.py"


@dataclass(frozen=True)
class Asterisk:
    command: tuple[str, ...]
    """What starts it; for a tree of our own that is its loader, the library path, and asterisk."""
    version: str
    modules: Path
    data: Path
    moh: Path


def find_asterisk() -> Asterisk:
    """Ask the installer, which owns the rule of where an Asterisk is; it has just run `asterisk -V`.

    Raises AsteriskMissing.
    """
    asked = subprocess.run([sys.executable, str(INSTALLER), "find"], capture_output=True, text=True, timeout=60)
    found = json.loads(asked.stdout or "null")
    if found is None:
        raise AsteriskMissing("there is no Asterisk >= 20 on this machine; `make setup` brings one (no root needed)")
    return Asterisk(
        command=tuple(found["command"]),
        version=found["version"],
        modules=Path(found["modules"]),
        data=Path(found["data"]),
        moh=Path(found["moh"]),
    )
