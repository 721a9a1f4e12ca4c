"""One platform each: translate in, translate out, map errors. Strangers to the engine."""
