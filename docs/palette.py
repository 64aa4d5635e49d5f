"""A PNG of Chromium's -> the same with a palette of 256 colours (PNG, third edition, 11.2.2): a third of the bytes."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 256  # colours
_BYTES = 3  # of a pixel without a palette


def with_palette(png: bytes) -> bytes:
    """Return a picture of eight bits a channel, without transparency, in its most frequent colours.

    Any other colour becomes the nearest of them.
    """
    header, width, height = next(_chunks(png))[1], *struct.unpack_from(">II", png, 16)
    if header[8:] != b"\x08\x02\x00\x00\x00":
        raise ValueError(f"not eight bits of red, green and blue: {header[8:]!r}")
    lines = list(_lines(zlib.decompress(b"".join(body for kind, body in _chunks(png) if kind == b"IDAT")), width))
    pixels = [[line[at : at + _BYTES] for at in range(0, len(line), _BYTES)] for line in lines]
    counted = Counter(pixel for line in pixels for pixel in line)
    colours = [colour for colour, _ in counted.most_common(_MOST)]
    places = {colour: _nearest(colour, colours) for colour in counted}
    packed = zlib.compress(b"".join(b"\0" + bytes(places[pixel] for pixel in line) for line in pixels), 9)
    chunks = (
        (b"IHDR", struct.pack(">II", width, height) + b"\x08\x03\x00\x00\x00"),
        (b"PLTE", b"".join(colours)),
        (b"IDAT", packed),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _lines(data: bytes, width: int) -> Iterator[bytes]:
    """Yield the lines of pixels without their filters (9.2)."""
    size = width * _BYTES
    above = bytes(size)
    for start in range(0, len(data), size + 1):
        line = bytearray(data[start + 1 : start + 1 + size])
        kind = data[start]
        for at in range(size) if kind else ():
            left, corner = (line[at - _BYTES], above[at - _BYTES]) if at >= _BYTES else (0, 0)
            line[at] = (line[at] + _foretold(kind, left, above[at], corner)) & 0xFF
        above = bytes(line)
        yield above


def _foretold(kind: int, left: int, up: int, corner: int) -> int:
    """Return what a filter takes a byte for, by its neighbours."""
    if kind == 4:  # Paeth
        middle = left + up - corner
        return min((left, up, corner), key=lambda neighbour: abs(middle - neighbour))
    return (0, left, up, (left + up) // 2)[kind]


def _nearest(colour: bytes, colours: Iterable[bytes]) -> int:
    near = (sum((one - other) ** 2 for one, other in zip(colour, each, strict=True)) for each in colours)
    return min(enumerate(near), key=lambda found: found[1])[0]
