"""A colour -> a stylesheet with the nearest colours that can be read, on light paper and on dark."""

from typing import NamedTuple

LEAST_CONTRAST = 4.5  # of text with what is behind it (WCAG 2.2, 1.4.3)
_STEPS = 20  # from the colour to black or white


class Colour(NamedTuple):
    """Red, green and blue, each from 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        """Spell it as CSS does."""
        return f"#{bytes(self).hex()}"


LIGHT, DARK = Colour(0xFD, 0xFC, 0xFA), Colour(0x1B, 0x19, 0x17)  # the papers of embed.css
_BLACK, _WHITE = Colour(0, 0, 0), Colour(255, 255, 255)


def stylesheet(accent: str) -> str:
    """Return the rule that gives an embed its colour, which is spelled RRGGBB."""
    colour = Colour(*bytes.fromhex(accent))
    return f":root {{ --accent: light-dark({readable(colour, LIGHT)}, {readable(colour, DARK)}); }}\n"


def readable(colour: Colour, paper: Colour) -> Colour:
    """Return the colour, moved towards black on light paper and white on dark, until its contrast suffices."""
    pole = _BLACK if paper is LIGHT else _WHITE
    steps = (_between(colour, pole, step) for step in range(_STEPS + 1))
    return next(mixed for mixed in steps if contrast(mixed, paper) >= LEAST_CONTRAST)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _between(colour: Colour, pole: Colour, step: int) -> Colour:
    return Colour(*((own * (_STEPS - step) + its * step) // _STEPS for own, its in zip(colour, pole, strict=True)))


def _luminance(colour: Colour) -> float:
    """Return the relative luminance, 0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
