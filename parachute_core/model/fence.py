"""How a fenced block of code begins in Markdown."""

import re

FENCE = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)$")
"""A whole line: the marker, and the language behind it. A line with more backticks behind the marker is no fence (CommonMark 4.5)."""
