"""What the bot keeps in its database, and the only place that knows SQLite."""
