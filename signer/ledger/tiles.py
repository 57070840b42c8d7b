"""Tiles: the log as files that anyone can fetch and keep (C2SP tlog-tiles)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 256
"""Hashes in a full tile, and entries in a full bundle."""

LEVELS_A_TILE = 8
"""Levels of the tree that one tile spans."""

HIGHEST_LEVEL = 63
LONGEST_ENTRY = 0xFFFF

_PATH = re.compile(
    r"(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A run of hashes at one tile level, or of entries.

    Attributes:
        level: the tile level, 0 for leaf hashes; None for entries.
        index: the tile's place within its level.
        width: how many hashes or entries it holds, 1 to 256.
    """

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path below ``tile/``, such as ``0/x001/234.p/56``."""
        level = "entries" if self.level is None else str(self.level)
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        parts = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        index = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{level}/{index}{partial}"

    @property
    def first(self) -> int:
        """The place of its first hash within the level, or of its first entry."""
        return self.index * WIDTH

    def packed(self, parts: Sequence[bytes]) -> bytes:
        """The tile's content: its hashes one after the other, or its entries."""
        return bundle(parts) if self.level is None else b"".join(parts)

    def is_within(self, size: int) -> bool:
        """Whether a tree of a size has all that this tile holds."""
        span = 1 << (LEVELS_A_TILE * (self.level or 0))
        return (self.first + self.width) * span <= size


def parse_path(path: str) -> Tile | None:
    """The tile of a path below ``tile/``; None where the path is no tile's."""
    found = _PATH.fullmatch(path)
    if not found:
        return None
    level = None if found["level"] == "entries" else int(found["level"])
    if level is not None and level > HIGHEST_LEVEL:
        return None
    width = int(found["width"] or WIDTH)
    tile = Tile(level, int(re.sub("[x/]", "", found["index"])), width)
    if found["width"] and width >= WIDTH:
        return None
    # One address each: no leading zeroes beyond those of the last three digits.
    return tile if tile.path == path else None


def tiles_of(size: int) -> list[Tile]:
    """Every tile and entry bundle that a tree of a size has."""
    found: list[Tile] = []
    level, count = 0, size
    while count:
        full, rest = divmod(count, WIDTH)
        widths = [WIDTH] * full + [rest] * (rest > 0)
        kinds: tuple[int | None, ...] = (0, None) if level == 0 else (level,)
        found += [
            Tile(kind, index, width)
            for kind in kinds
            for index, width in enumerate(widths)
        ]
        level, count = level + 1, full
    return found


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle: each after its length in two bytes, big-endian.

    Raises:
        ValueError: an entry is longer than 65,535 bytes.
    """
    if any(len(entry) > LONGEST_ENTRY for entry in entries):
        raise ValueError("an entry is too long for a bundle")
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unbundle(raw: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        ValueError: it ends in the middle of an entry.
    """
    entries = []
    start = 0
    while start < len(raw):
        length = int.from_bytes(raw[start : start + 2])
        end = start + 2 + length
        if end > len(raw) or start + 2 > len(raw):
            raise ValueError("the bundle ends in the middle of an entry")
        entries.append(raw[start + 2 : end])
        start = end
    return entries
