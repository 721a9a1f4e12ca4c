"""Codes of the owner that let a person in past the queue."""
