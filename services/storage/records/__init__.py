"""What the kho knows, in SQLite or PostgreSQL: tables and their migrations, transactions, the log of every look."""
