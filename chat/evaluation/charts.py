"""Charts as inline SVG, a few lines each: no library, no script, no colours of their own (the page's CSS has them)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 360, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 24, 12, 42
_MOST_POINTS = 300

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis from `low` to `high` with its name and its ticks, as pairs of place and label."""

    name: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


def share_axis(name: str, high: float = 1.0) -> Axis:
    """An axis of shares from 0 to `high`, in per cent."""
    steps = 5 if high > 0.5 else 4
    ticks = tuple((high * i / steps, f"{100 * high * i / steps:g} %") for i in range(steps + 1))
    return Axis(name, 0.0, high, ticks)


def count_axis(name: str, most: float) -> Axis:
    """An axis of whole numbers from 0 up to at least `most`, with round steps."""
    step = next(s * 10**p for p in range(12) for s in (1, 2, 5) if s * 10**p * 5 >= most)
    top = max(1, -int(-most // step)) * step
    return Axis(name, 0.0, float(top), tuple((float(at), f"{at}") for at in range(0, top + 1, step)))


def line_chart(
    label: str, x: Axis, y: Axis, lines: Sequence[tuple[str, Sequence[Point]]], mark: Point | None = None
) -> str:
    """Lines by CSS class, and one marked point."""
    parts = []
    for css, points in lines:
        step = max(1, len(points) // _MOST_POINTS)
        thinned = [*points[::step], *points[-1:]]
        path = " ".join(f"{_x(x, a):.1f},{_y(y, b):.1f}" for a, b in thinned)
        parts.append(f'<polyline class="line {escape(css)}" points="{path}"/>')
    if mark:
        parts.append(f'<circle class="mark" cx="{_x(x, mark[0]):.1f}" cy="{_y(y, mark[1]):.1f}" r="5"/>')
    return _chart(label, x, y, parts)


def bar_chart(
    label: str, x: Axis, y: Axis, groups: Sequence[tuple[str, str, Sequence[float]]], *, percent: bool = False
) -> str:
    """Bars side by side over equal parts of the x axis; a group is CSS class, name and heights."""
    parts = []
    places = len(groups[0][2])
    slot = (_WIDTH - _LEFT - _RIGHT) / places
    width = slot * 0.8 / len(groups)
    for number, (css, name, heights) in enumerate(groups):
        for place, height in enumerate(heights):
            if not height:
                continue
            top, left = _y(y, height), _LEFT + slot * (place + 0.1) + width * number
            said = f"{name}: {100 * height:.1f} %" if percent else f"{name}: {height:g}"
            parts.append(
                f'<rect class="bar {escape(css)}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
                f'height="{_y(y, 0) - top:.1f}"><title>{escape(said)}</title></rect>'
            )
    return _chart(label, x, y, parts)


def histogram(values: Sequence[float], low: float, high: float, bins: int) -> list[float]:
    """How many values fall in each of the equal bins; what lies outside counts in the outermost ones."""
    counts = [0.0] * bins
    for value in values:
        place = int((value - low) / (high - low) * bins) if high > low else 0
        counts[min(max(place, 0), bins - 1)] += 1
    return counts


def _chart(label: str, x: Axis, y: Axis, parts: Sequence[str]) -> str:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    frame = [f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">']
    for at, word in y.ticks:
        height = _y(y, at)
        frame.append(f'<line class="grid" x1="{_LEFT}" y1="{height:.1f}" x2="{right}" y2="{height:.1f}"/>')
        frame.append(f'<text x="{_LEFT - 6}" y="{height + 4:.1f}" text-anchor="end">{escape(word)}</text>')
    for at, word in x.ticks:
        frame.append(f'<text x="{_x(x, at):.1f}" y="{bottom + 16}" text-anchor="middle">{escape(word)}</text>')
    frame += parts
    frame.append(f'<line class="axis" x1="{_LEFT}" y1="{bottom}" x2="{right}" y2="{bottom}"/>')
    middle = (_LEFT + right) / 2
    frame.append(f'<text class="name" x="{middle:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x.name)}</text>')
    return "".join(frame) + "</svg>"


def _x(axis: Axis, at: float) -> float:
    return _LEFT + (at - axis.low) / (axis.high - axis.low) * (_WIDTH - _LEFT - _RIGHT)


def _y(axis: Axis, at: float) -> float:
    return _HEIGHT - _BOTTOM - (at - axis.low) / (axis.high - axis.low) * (_HEIGHT - _TOP - _BOTTOM)
