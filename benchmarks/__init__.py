"""What the core and its plugins cost, beside what others cost: every figure of a table comes from one interleaved run."""
