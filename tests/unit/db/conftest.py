"""A desk on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.db.story import Desk


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """An empty, migrated database and the files that feed it."""
    desk = Desk(database_url, tmp_path)
    yield desk
    desk.close()
