"""What alembic runs to migrate: on the connection that `db.migrate` or a developer's command hands over."""

from __future__ import annotations

from alembic import context

from db.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata", Base.metadata),
    # SQLite alters a table by copying it; and its DDL rolls back, once the driver no longer begins transactions itself.
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
