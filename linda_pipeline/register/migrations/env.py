"""What Alembic runs for every upgrade: the migrations on the connection that upgrade.py hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from linda_pipeline.register.sql_tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table="linda_register_version",
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
