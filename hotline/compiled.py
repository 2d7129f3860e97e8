"""A checked site as the processes read it: compiled once, so that none of them reads all of its YAML again, and a
change of one file has that one parsed and no other.

What was compiled is only read by the very code that wrote it; any other reads the YAML, which lies beside it. Both are
ours alone (the state folder is mode 0700), so that a pickle can be trusted as far as the site itself.
"""

import hashlib
import pickle
from functools import cache
from pathlib import Path
from typing import Any, Final

import dialplan
from dialplan import yaml_tree
from dialplan.site import Site
from dialplan.yaml_tree import Document

FILE: Final = "site.compiled"
PARSED_FILE: Final = "yaml.parsed"


class Parsed:
    """Documents by what they were parsed from; called as `dialplan.yaml_tree.read` is."""

    def __init__(self, generation: Path | None = None) -> None:
        """generation: that of before, of which most files are still the same."""
        self._before: dict[bytes, bytes] = _unpickled(generation / PARSED_FILE) or {} if generation else {}
        self._now: dict[bytes, bytes] = {}

    def __call__(self, file: str, content: bytes) -> Document:
        """Parse the file, unless it was parsed before."""
        key = hashlib.sha256(f"{file}\0".encode() + content).digest()
        if key not in self._before:
            # As bytes: whoever is given a document adds what the checks find.
            self._before[key] = pickle.dumps(yaml_tree.read(file, content), pickle.HIGHEST_PROTOCOL)
        self._now[key] = self._before[key]
        document: Document = pickle.loads(self._now[key])
        return document

    def write(self, generation: Path) -> None:
        """Keep what was asked for in this folder, for the next one."""
        _pickle(self._now, generation / PARSED_FILE)


def write(site: Site, generation: Path) -> None:
    """Into the folder of a generation, beside the site."""
    _pickle(site, generation / FILE)


def read(generation: Path) -> Site:
    """The site of a generation. Raises dialplan.loader.SiteInvalid where it has to be read anew and has faults."""
    from dialplan.loader import load_site  # not at the top: what is compiled needs none of it

    site: Site | None = _unpickled(generation / FILE)
    return load_site(generation / "site") if site is None else site


def _pickle(thing: object, file: Path) -> None:
    file.write_bytes(_code() + pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))


def _unpickled(file: Path) -> Any:
    """What is in it; None where it is not there, or another program's."""
    try:
        content = file.read_bytes()
        return pickle.loads(content[len(_code()) :]) if content.startswith(_code()) else None
    except (OSError, EOFError, pickle.UnpicklingError):  # the last two after a loss of power
        return None


@cache
def _code() -> bytes:
    """A digest of the code that makes a site of YAML."""
    digest = hashlib.sha256()
    for path in sorted(Path(*dialplan.__path__).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()
