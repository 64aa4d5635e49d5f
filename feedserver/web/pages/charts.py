"""Numbers -> shapes for inline SVG: bars of a chart, the line of a curve. Whole units, the origin at the top left."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

BAR, GAP = 5, 1


class Bar(NamedTuple):
    """A bar: where it begins, and how high it is."""

    x: int
    y: int
    height: int


class BarChart(NamedTuple):
    """Bars side by side, in a picture of that size."""

    width: int
    height: int
    bars: tuple[Bar, ...]


class Curve(NamedTuple):
    """A line of steps that ends at the right edge, for ``points``, in a picture of that size."""

    width: int
    height: int
    points: str
    most: int


def bar_chart(counts: Sequence[int], height: int) -> BarChart:
    """Return a chart of counts; whatever is above zero can be seen."""
    most = max(counts, default=0)
    heights = [0 if not count else max(2, round(height * count / most)) for count in counts]
    places = range(0, len(counts) * (BAR + GAP), BAR + GAP)
    bars = (Bar(x, height - tall, tall) for x, tall in zip(places, heights, strict=True) if tall)
    return BarChart(max(len(counts) * (BAR + GAP) - GAP, 0), height, tuple(bars))


def curve(steps: Sequence[tuple[datetime, int]], until: datetime, width: int, height: int) -> Curve | None:
    """Return the curve of a count that only rises, from its first moment to ``until``; None where it never rose while
    somebody looked.

    It is drawn in steps: nothing is known of the time between two looks.
    """
    if len(steps) < 2 or steps[-1][1] == 0:
        return None
    first, most = steps[0][0], steps[-1][1]
    span = max((until - first).total_seconds(), 1)
    points: list[tuple[float, float]] = []
    for moment, count in steps:
        x = width * min(max((moment - first).total_seconds() / span, 0), 1)
        if points:
            points.append((x, points[-1][1]))
        points.append((x, height - (height - 2) * count / most))
    points.append((width, points[-1][1]))
    return Curve(width, height, " ".join(f"{x:.1f},{y:.1f}" for x, y in points), most)
