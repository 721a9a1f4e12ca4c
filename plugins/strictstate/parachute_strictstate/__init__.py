"""An impossible connector state is an error at once."""
