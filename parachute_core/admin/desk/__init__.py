"""The owner's page: what the admin API knows and does, for a browser. It has no way of its own to do anything."""
