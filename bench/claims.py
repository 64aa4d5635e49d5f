"""What is claimed of the server, what was measured, and whether the one holds for the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bench.results import table

_HEAD = ("", "measured", "beside", "ratio", "target", "met")


@dataclass(frozen=True, slots=True)
class Target:
    """A bound, and whether the ``measured`` figure or its ``ratio`` to the one beside it has to keep it."""

    of: Literal["measured", "ratio"]
    sign: Literal["≥", "≤", "<"]
    bound: float
    unit: str = ""

    def is_met(self, figure: float) -> bool:
        """Whether the figure keeps the bound."""
        if self.sign == "≥":
            return figure >= self.bound
        return figure < self.bound if self.sign == "<" else figure <= self.bound

    def __str__(self) -> str:
        """Spell it."""
        return f"{self.sign} {self.bound:g}{f' {self.unit}' if self.unit else ''}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A row of the table: figures in ``unit``, those of others ``beside`` them, and the target, if there is one."""

    what: str
    measured: float
    unit: str
    beside: str = ""
    ratio: float | None = None
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met, where there is one."""
        if self.target is None:
            return None
        figure = self.measured if self.target.of == "measured" else self.ratio
        return figure is not None and self.target.is_met(figure)

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the row."""
        met = {None: "", True: "yes", False: "**no**"}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return self.what, f"{spell(self.measured)} {self.unit}", self.beside, ratio, str(self.target or ""), met


def claims_table(claims: Iterable[Claim]) -> str:
    """Return all of them as Markdown."""
    return table(_HEAD, (claim.cells() for claim in claims))


def spell(figure: float) -> str:
    """Return three digits or more."""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"
