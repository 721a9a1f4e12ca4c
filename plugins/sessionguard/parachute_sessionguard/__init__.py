"""Nothing reaches or leaves a session that has ended."""
