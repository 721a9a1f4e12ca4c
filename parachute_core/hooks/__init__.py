"""The contract with plugins, and the only place that knows pluggy."""
