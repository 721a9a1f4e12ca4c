"""A table as a picture: one bar a row, its length the ratio to the table's reference, on a logarithmic scale."""

from html import escape
from math import log10
from pathlib import Path

from benchmarks.harness import Table

LABEL, BARS, FIGURE, LINE, TOP = 330, 420, 110, 24, 58
OURS = "parachute"
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600; font-size: 15px } .dim { fill: #57606a }
.ours { fill: #0a7d5a } .other { fill: #8c959f } .line { stroke: #d0d7de }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .dim { fill: #9198a1 } .ours { fill: #3fb68b } .line { stroke: #3d444d } }
"""


def draw(table: Table) -> str:
    """The picture."""
    ratios = [row.ratio for row in table.rows]
    least = min(0.5, *ratios)
    span = max(log10(max(ratios) / least), 0.3)
    height = TOP + LINE * len(table.rows) + 14
    width = LABEL + BARS + FIGURE
    one = LABEL + BARS * log10(1 / least) / span
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(table.title)}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="0" y="18">{escape(table.title)}</text>',
        f'<text class="dim" x="0" y="38">times {escape(table.reference)}, logarithmic</text>',
        f'<line class="line" x1="{one:.0f}" x2="{one:.0f}" y1="{TOP - 10}" y2="{height - 8}"/>',
    ]
    for number, row in enumerate(table.rows):
        y = TOP + LINE * number
        length = max(2.0, BARS * log10(row.ratio / least) / span)
        kind = "ours" if row.name.startswith(OURS) else "other"
        parts += [
            f'<text x="{LABEL - 8}" y="{y + 12}" text-anchor="end">{escape(row.name)}</text>',
            f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{length:.0f}" height="16" rx="2"/>',
            f'<text x="{LABEL + length + 6:.0f}" y="{y + 12}">{row.ratio:.3g} x</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def write(table: Table, folder: Path) -> None:
    """Put the picture into the folder, under the table's name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{table.name}.svg").write_text(draw(table), "utf-8")
