"""Migrations: they make exactly the models' tables, from any folder, whoever runs them at the same time."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import db.account_tries
import db.done_actions
import db.messages
import db.oversight
import db.site_versions
import db.votes
import shop.counter
import shop.orders
from db.engine import open_engine
from db.migrate import SCRIPTS, configuration, upgrade
from db.schema import Base

NEWEST = ScriptDirectory(str(SCRIPTS)).get_current_head()
SPAWN = multiprocessing.get_context("spawn")


def test_migrations_make_what_the_models_say(database_url: str) -> None:
    """A migrated database differs in nothing from the metadata of db and shop."""
    ours = (db.oversight.Recording, db.votes.Vote, db.messages.Message, db.site_versions.SiteFile)
    theirs = (shop.orders.Order, shop.counter.PhoneOrder)
    assert {table.__tablename__ for table in (*ours, *theirs)} <= set(Base.metadata.tables)
    assert {"done_actions", "account_tries"} <= set(Base.metadata.tables)
    engine = open_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_upgrade_twice_changes_nothing(database_url: str) -> None:
    """A database at the newest revision is left as it is."""
    upgrade(database_url)
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [NEWEST]
    engine.dispose()


def test_upgrade_works_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the current folder nor a relative database path matters to where the scripts are found."""
    monkeypatch.chdir(tmp_path)
    upgrade("sqlite:///state/hotline.db")
    assert (tmp_path / "state" / "hotline.db").exists()


def test_sqlite_is_in_wal_mode_after_upgrade(tmp_path: Path) -> None:
    """Reports can read while the writer writes."""
    upgrade(f"sqlite:///{tmp_path / 'hotline.db'}")
    engine = open_engine(f"sqlite:///{tmp_path / 'hotline.db'}")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 1
    engine.dispose()


def test_processes_that_race_all_succeed(empty_database_url: str) -> None:
    """Four processes upgrade one empty database at once: each ends well and the schema is there once."""
    racers = [SPAWN.Process(target=upgrade, args=(empty_database_url,)) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0, 0, 0, 0]
    engine = open_engine(empty_database_url)
    assert "calls" in inspect(engine).get_table_names()
    engine.dispose()


def test_levels_of_the_first_schema_become_expressions(empty_database_url: str) -> None:
    """What callers asked for before is told in the new words; going back keeps the visits."""
    engine = open_engine(empty_database_url, writing=True)
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "0002_agents")
        for number, levels in enumerate(('{"b": 1, "a": 3}', "{}")):
            connection.execute(
                text(
                    "INSERT INTO queue_visits (visit_id, requirement, priority, arrived_at, recovered)"
                    " VALUES (:id, :levels, 0, '2026-01-01 00:00:00', false)"
                ),
                {"id": f"v{number}", "levels": levels},
            )
        command.upgrade(configuration(connection), "0003_requirements")
        rows = connection.execute(text("SELECT visit_id, requirement FROM queue_visits ORDER BY visit_id")).all()
        assert [tuple(row) for row in rows] == [("v0", "a >= 3 and b"), ("v1", "")]
        command.downgrade(configuration(connection), "0002_agents")
        assert connection.scalar(text("SELECT count(*) FROM queue_visits")) == 2
    engine.dispose()
