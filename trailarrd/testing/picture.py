"""Posters of a simulated server: mountains under a sky, with the title on it, the same for the same title."""

import struct
import zlib
from colorsys import hls_to_rgb
from math import isqrt
from random import Random
from typing import Final
from unicodedata import normalize

WIDTH: Final = 250
HEIGHT: Final = 375
_SKY: Final = 40
"""Shades of it, from the top to the horizon."""
_GLYPHS: Final = (
    "Ae9f99 Be9e9e C78887 De999e Ef8e8f Ff8e88 G78b97 H99f99 I72227 J71196 K9aca9 L8888f Mhrlhh "
    "N9ddb9 O69996 Pe9e88 Q699b7 Re9ea9 S7861e T72222 U99996 V99966 Whhlrh X96669 Y99716 Zf124f "
    "069bd6 126227 26124f 3e161e 499f11 5f8e1e 668e96 7f1244 869696 969716 &4a4a5 '22000 -00f00 "
    ":02020 .00002"
)
_LETTERS: Final = {one[0]: one[1:] for one in _GLYPHS.split()}
"""Five rows of four or five dots each; a digit to the base of 32 is a row."""
_LINES: Final = 4
"""Of a title at most."""
_ROOM: Final = WIDTH - 24
"""For a line."""


def poster(title: str) -> bytes:
    """A PNG of 250 by 375, in a millisecond or two."""
    chance = Random(title)  # no secret
    rows = [bytearray([_SKY * y // HEIGHT]) * WIDTH for y in range(HEIGHT)]
    _disc(rows, chance.randint(60, 190), chance.randint(205, 240), chance.randint(28, 52), _SKY)
    for layer in range(3):
        for _ in range(3):
            top = chance.randint(200, 240) + 45 * layer
            _mountain(rows, chance.randint(0, WIDTH), top, chance.uniform(0.8, 1.7), _SKY + 1 + layer)
    _write(rows, title, _SKY + 4)
    return _png(rows, _palette(chance.random()))


def _disc(rows: list[bytearray], x: int, y: int, radius: int, color: int) -> None:
    for off in range(-radius, radius + 1):
        half = isqrt(radius * radius - off * off)
        _fill(rows[y + off], x - half, x + half, color)


def _mountain(rows: list[bytearray], x: int, top: int, slope: float, color: int) -> None:
    for y in range(top, HEIGHT):
        half = int((y - top) * slope)
        _fill(rows[y], x - half, x + half, color)


def _fill(row: bytearray, start: int, stop: int, color: int) -> None:
    start, stop = max(0, start), min(WIDTH, stop)
    if start < stop:
        row[start:stop] = bytes([color]) * (stop - start)


def _write(rows: list[bytearray], title: str, color: int) -> None:
    """At the top, as large as the longest word allows; of other alphabets what Latin has of it."""
    plain = normalize("NFKD", title).upper()
    words = "".join(one for one in plain if one in _LETTERS or one == " ").split() or ["."]
    dot = max(2, min(6, _ROOM // max(map(_width, words))))
    for number, line in enumerate(_wrapped(words, _ROOM // dot)[:_LINES]):
        x, y = (WIDTH - dot * _width(line)) // 2, 28 + number * 7 * dot
        for letter in line:
            _stamp(rows, letter, x, y, dot, color)
            x += dot * _width(letter)


def _stamp(rows: list[bytearray], letter: str, x: int, y: int, dot: int, color: int) -> None:
    wide = _width(letter) - 2
    for down, digit in enumerate(_LETTERS.get(letter, "")):
        for right in range(wide + 1):
            if int(digit, 32) >> (wide - right) & 1:
                for row in rows[y + down * dot : y + (down + 1) * dot]:
                    _fill(row, x + right * dot, x + (right + 1) * dot, color)


def _width(text: str) -> int:
    """In dots, with one after each letter."""
    return sum(6 if letter in "MW" else 5 for letter in text)


def _wrapped(words: list[str], longest: int) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        if _width(f"{lines[-1]} {word}") <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _palette(hue: float) -> bytes:
    """The sky from dark to light, the sun, mountains from far to near, the letters."""
    sky = [(hue + 0.12 * one / _SKY, 0.2 + 0.45 * one / _SKY, 0.4) for one in range(_SKY)]
    near = [(hue + 0.08, light, 0.35) for light in (0.34, 0.22, 0.12)]
    colors = [*sky, (hue + 0.14, 0.85, 0.8), *near, (hue, 0.96, 0.5)]
    return bytes(round(255 * part) for color in colors for part in hls_to_rgb(color[0] % 1, *color[1:]))


def _png(rows: list[bytearray], palette: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", WIDTH, len(rows), 8, 3, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in rows), 6)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), chunk(b"PLTE", palette), chunk(b"IDAT", content), chunk(b"IEND", b""))
    )
