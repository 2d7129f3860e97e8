"""Which site `hotline up` starts with: the folder that it is given, or what was published last."""

from dataclasses import dataclass
from pathlib import Path

from dialplan.loader import SiteInvalid, load_site
from dialplan.site import Site
from hotline import compiled, generations
from hotline.faults import HotlineError
from hotline.generations import Mark
from hotline.settings import default_site, load
from hotline.state import State


@dataclass(frozen=True)
class Source:
    """A folder with a site."""

    folder: Path
    edited: Path
    """the folder that the admin edits: the same, or that of which the version was published"""
    mark: Mark | None = None
    """of a version that was published"""

    def read(self) -> Site:
        """The site. Raises HotlineError with its faults."""
        try:
            return load_site(self.folder) if self.mark is None else compiled.read(self.folder.parent)
        except SiteInvalid as invalid:
            raise HotlineError(f"{self.folder} has faults:\n{invalid}") from invalid


def source_of(state: State, given: Path | None) -> Source:
    """Where nothing is given and nothing was published: the default site."""
    name = generations.published(state)
    if given is not None or name is None or not state.settings.exists():
        folder = given or default_site()
        return Source(folder, folder)
    generation = state.generations / name
    return Source(generation / "site", load(state).site, generations.mark_of(generation))
