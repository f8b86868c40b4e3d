"""How the tables came to be, step by step; run by alembic when a database is opened."""
