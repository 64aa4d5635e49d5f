"""Cost of a request by size of the store -> an SVG that reads well on light and on dark ground."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log10

_WIDTH, _HEIGHT = 720, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 190, 44, 52
_STYLE = """\
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-weight: 600; }
.grid { stroke: #d0d7de; }
.line { fill: none; stroke-width: 2; }
.c0 { stroke: #0a66c2; } .c1 { stroke: #b35900; } .c2 { stroke: #1a7f37; } .c3 { stroke: #6e7781; }
circle { fill: currentColor; }
.d0 { color: #0a66c2; } .d1 { color: #b35900; } .d2 { color: #1a7f37; } .d3 { color: #6e7781; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .grid { stroke: #3d444d; }
  .c0 { stroke: #58a6ff; } .c1 { stroke: #f0a050; } .c2 { stroke: #56d364; } .c3 { stroke: #9198a1; }
  .d0 { color: #58a6ff; } .d1 { color: #f0a050; } .d2 { color: #56d364; } .d3 { color: #9198a1; }
}"""


@dataclass(frozen=True, slots=True)
class Line:
    """A name and (entries, milliseconds) from the smallest store to the largest."""

    name: str
    points: tuple[tuple[int, float], ...]


def draw(title: str, lines: Sequence[Line]) -> str:
    """Return the SVG: entries along a logarithmic axis, milliseconds along a linear one that begins at 0."""
    scale = _Scale.of(lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="22">{escape(title)}</text>',
        *_axes(scale),
        *_lines(scale, lines),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class _Scale:
    smallest: int
    largest: int
    step: float
    most: float

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "_Scale":
        sizes = [size for line in lines for size, _ in line.points]
        highest = max(cost for line in lines for _, cost in line.points)
        unit = 10.0 ** (ceil(log10(highest)) - 1)
        step = next(unit * part for part in (0.2, 0.5, 1, 2) if highest / (unit * part) <= 6)
        return cls(min(sizes), max(sizes), step, step * ceil(highest / step))

    def x(self, size: float) -> float:
        span = log10(self.largest / self.smallest) or 1
        return round(_LEFT + (_WIDTH - _LEFT - _RIGHT) * log10(size / self.smallest) / span, 1)

    def y(self, cost: float) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * cost / self.most, 1)


def _axes(scale: _Scale) -> Iterator[str]:
    right = _WIDTH - _RIGHT
    for number in range(round(scale.most / scale.step) + 1):
        y = scale.y(number * scale.step)
        yield f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{right}" y2="{y}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{number * scale.step:g}</text>'
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    yield f'<text transform="rotate(-90 16 {middle})" x="16" y="{middle}" text-anchor="middle">milliseconds</text>'
    yield f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 10}" text-anchor="middle">entries in the store</text>'


def _lines(scale: _Scale, lines: Sequence[Line]) -> Iterator[str]:
    for size in sorted({size for line in lines for size, _ in line.points}):
        yield f'<text x="{scale.x(size)}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
    for number, (line, beside) in enumerate(zip(lines, _spread(scale, lines), strict=True)):
        places = [(scale.x(size), scale.y(cost)) for size, cost in line.points]
        yield f'<polyline class="line c{number}" points="{" ".join(f"{x},{y}" for x, y in places)}"/>'
        for x, y in places:
            yield f'<circle class="d{number}" cx="{x}" cy="{y}" r="4"/>'
        name = f"{line.name} {line.points[-1][1]:.2f}"
        yield f'<text x="{_WIDTH - _RIGHT + 12}" y="{beside + 4:.1f}">{escape(name)}</text>'


def _spread(scale: _Scale, lines: Sequence[Line], apart: float = 17) -> list[float]:
    """Return where the names stand beside the ends of their lines, moved upwards where they would overlap."""
    heights: dict[int, float] = {}
    free = float(_HEIGHT)
    for number in sorted(range(len(lines)), key=lambda each: lines[each].points[-1][1]):
        free = heights[number] = min(scale.y(lines[number].points[-1][1]), free - apart)
    return [heights[number] for number in range(len(lines))]
