"""What alembic runs: the steps, on the connection that it is handed and in its transaction."""

from alembic import context

from trailarrd.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
