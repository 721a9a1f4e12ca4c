"""`bots.yaml`: read with the place of every error, written without disturbing what the owner wrote."""
