"""Everything of one bot in one file, and back."""
