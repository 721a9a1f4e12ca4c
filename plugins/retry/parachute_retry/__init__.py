"""A reply is not lost to a hiccup of the platform."""
