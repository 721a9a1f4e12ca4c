"""Who is kept out for good."""
