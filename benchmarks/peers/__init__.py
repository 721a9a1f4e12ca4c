"""Contestants that run in environments of their own, below .venvs/: nothing here imports the project."""
