"""The figures of growth.py as a chart, SVG, both axes logarithmic."""

import math
from typing import Any

_LINES = {
    "add_s": ("add an article", "#0b6e4f", 1000),
    "delete_s": ("delete an article", "#c1440e", 1000),
    "both_p95_ms": ("search, p95", "#1f4e9c", 1),
    "open_s": ("open the index", "#6b4c9a", 1000),
}
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 400, 70, 150, 40, 50


def chart(rows: dict[str, dict[str, Any]]) -> str:
    """Milliseconds against the number of passages, by what is done."""
    counts = sorted(int(size) for size in rows)
    every = [rows[str(n)][key] * scale for n in counts for key, (_, _, scale) in _LINES.items()]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
    first, last = math.log10(counts[0]), max(math.log10(counts[-1]), math.log10(counts[0]) + 1)

    def x(count: int) -> float:
        return _LEFT + (math.log10(count) - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT)

    def y(ms: float) -> float:
        return _HEIGHT - _BOTTOM - (math.log10(ms) - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">Milliseconds, by the number of passages in the index</text>',
    ]
    for power in range(low, high + 1):
        level = y(10**power)
        parts.append(f'<path d="M{_LEFT} {level:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{level + 4:.1f}" text-anchor="end">{10**power:,}</text>')
    for count in counts:
        parts.append(f'<text x="{x(count):.1f}" y="{_HEIGHT - _BOTTOM + 22}" text-anchor="middle">{count:,}</text>')
    ends: list[float] = []
    for key, (name, colour, scale) in sorted(
        _LINES.items(), key=lambda line: rows[str(counts[-1])][line[0]] * line[1][2]
    ):
        points = [(x(n), y(rows[str(n)][key] * scale)) for n in counts]
        path = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.5" fill="{colour}"/>' for a, b in points]
        place = min([points[-1][1], *(end - 17 for end in ends)])  # labels do not cover each other
        ends.append(place)
        parts.append(f'<text x="{points[-1][0] + 10:.1f}" y="{place + 4:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
