"""A drawing as SVG."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from services.coverage.reports.drawing import Box, Drawing, Line, Words

_FONT = "Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def to_svg(drawing: Drawing) -> str:
    """SVG 1.1 to stand in a page, no script, no outside reference."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" height="{drawing.height}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}" role="img" font-family={quoteattr(_FONT)}>\n'
        f"<title>{escape(drawing.title)}</title>\n"
        f'<rect width="{drawing.width}" height="{drawing.height}" fill="#ffffff"/>\n'
    )
    return head + "\n".join(_shape(s) for s in drawing.shapes) + "\n</svg>\n"


def _shape(s: Box | Line | Words) -> str:
    match s:
        case Box():
            size = f'width="{s.width:.1f}" height="{s.height:.1f}"'
            return f'<rect x="{s.x:.1f}" y="{s.y:.1f}" {size} fill="{s.fill}"/>'
        case Line():
            ends = f'x1="{s.x1:.1f}" y1="{s.y1:.1f}" x2="{s.x2:.1f}" y2="{s.y2:.1f}"'
            return f'<line {ends} stroke="{s.colour}" stroke-width="{s.width:g}"/>'
        case Words():
            weight = ' font-weight="bold"' if s.bold else ""
            place = f'x="{s.x:.1f}" y="{s.y:.1f}" font-size="{s.size}" text-anchor="{s.anchor}"'
            return f'<text {place} fill="{s.colour}"{weight}>{escape(s.text)}</text>'
