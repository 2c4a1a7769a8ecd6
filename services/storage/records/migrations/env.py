"""Alembic's entry: runs migrations on the connection ``engine.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from services.storage.records.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,  # SQLite too: the engine says BEGIN itself, and a migration is whole or not at all
)
with context.begin_transaction():
    context.run_migrations()
