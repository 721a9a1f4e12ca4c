"""The project's own checks and build steps; nothing here is shipped."""
