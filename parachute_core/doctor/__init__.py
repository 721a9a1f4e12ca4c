"""What may be wrong with a bot and its surroundings: each finding is a class of its own that looks at the facts. See `docs/doctor.md`."""
