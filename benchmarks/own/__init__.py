"""Contestants that run in the project's own environment."""
