"""Alembic's entry point: runs the migrations on the connection that upgrade_database hands over."""

from alembic import context

from scaling_search.store.database import VERSION_TABLE
from scaling_search.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
