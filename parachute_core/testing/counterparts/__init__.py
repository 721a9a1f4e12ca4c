"""The counterparts of the connectors that come with the core, for `parachute_core.testing.conformance`."""
