"""Fixtures that every test may ask for."""

from tests.postgres import (
    database_url,
    empty_database_url,
    migrated_sqlite,
    migrated_template,
    postgres_server,
    shared_database,
)

__all__ = [
    "database_url",
    "empty_database_url",
    "migrated_sqlite",
    "migrated_template",
    "postgres_server",
    "shared_database",
]
