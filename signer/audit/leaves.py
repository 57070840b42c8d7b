"""The entries of a bundle's log, and the roots that follow from them.

One walk over the entries computes every hash above them, compares those with the
tiles, and keeps the root at each size that a signed head vouches for. Memory holds
no more than a tile at each level.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from signer.audit.archive import Archive
from signer.audit.bundle import tile_file, tile_of
from signer.audit.findings import Findings
from signer.errors import BundleRefused
from signer.ledger.hashing import EMPTY_ROOT, HASH_BYTES, leaf_hash
from signer.ledger.tiles import LEVELS_A_TILE, WIDTH, Tile, unbundle
from signer.ledger.tree import Node, grow, root

MOST_MISSING = 100
"""So many missing files of entries are named one by one; a head may claim any size."""


class Leaves:
    """The log of a bundle, walked once.

    Args:
        archive: the bundle.
        size: how many entries its newest head vouches for.
        sizes: of which smaller logs the root is wanted as well.
        findings: gets a gap for each tile that is missing or says something else.

    Attributes:
        roots: by size, the roots computed so far; complete after the walk, but for
            what missing entries make impossible.
    """

    def __init__(
        self, archive: Archive, size: int, sizes: Collection[int], findings: Findings
    ) -> None:
        self._archive = archive
        self._size = size
        bundles = sum(map(_is_bundle, archive.names))
        self._walked = min(size, WIDTH * (bundles + MOST_MISSING))
        self._sizes = {*sizes, size}
        self._findings = findings
        self._known: dict[Node, bytes] = {}
        self._buffers: dict[int, bytearray] = {}
        self._grown = 0
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}

    def hashes(self) -> Iterator[bytes | None]:
        """The hash of each entry in order; None where neither is to be had.

        Where a file of entries is missing or damaged, the tile above it tells.
        """
        for start in range(0, self._walked, WIDTH):
            width = min(WIDTH, self._size - start)
            entries = self._bundle(Tile(None, start // WIDTH, width))
            kept = self._tile(Tile(0, start // WIDTH, width))
            if entries is None:
                hashes = kept
            else:
                hashes = [leaf_hash(entry) for entry in entries]
                self._compare(Tile(0, start // WIDTH, width), kept, hashes)
            if hashes is not None and self._grown == start:
                self._grow(hashes)
            yield from hashes or (None,) * width
        for level, buffer in sorted(self._buffers.items()):
            if buffer:
                place = (self._grown >> (LEVELS_A_TILE * level)) // WIDTH
                self._compare_above(level, place, buffer)
        if self._walked < self._size:
            self._findings.gap(
                "log/tile/entries",
                f"Of {self._size} entries, those from {self._walked} on are missing.",
            )
        self._nothing_else()

    def _grow(self, hashes: list[bytes]) -> None:
        for leaf in hashes:
            added = grow(self._known, self._grown, leaf)
            self._known |= added
            self._grown += 1
            for (level, place), value in added.items():
                if level and level % LEVELS_A_TILE == 0:
                    self._above(level // LEVELS_A_TILE, place, value)
            if self._grown in self._sizes:
                self.roots[self._grown] = root(self._known, self._grown)
        size = self._grown
        edge = {(n, (size >> n) - 1) for n in range(size.bit_length()) if size >> n & 1}
        self._known = {node: self._known[node] for node in edge}

    def _above(self, level: int, place: int, value: bytes) -> None:
        buffer = self._buffers.setdefault(level, bytearray())
        buffer += value
        if len(buffer) == WIDTH * HASH_BYTES:
            self._compare_above(level, place // WIDTH, buffer)
            buffer.clear()

    def _compare_above(self, level: int, index: int, buffer: bytearray) -> None:
        tile = Tile(level, index, len(buffer) // HASH_BYTES)
        self._compare(tile, self._tile(tile), _parts(bytes(buffer)))

    def _compare(
        self, tile: Tile, kept: list[bytes] | None, computed: list[bytes]
    ) -> None:
        if kept is not None and kept != computed:
            self._findings.gap(
                tile_file(tile), "It does not hold the hashes that the entries give."
            )

    def _bundle(self, tile: Tile) -> list[bytes] | None:
        raw = self._read(tile)
        try:
            entries = None if raw is None else unbundle(raw)
        except ValueError:
            entries = []
        if entries is None:
            return None
        if len(entries) != tile.width or {len(one) for one in entries} != {HASH_BYTES}:
            self._findings.gap(
                tile_file(tile), f"It does not hold {tile.width} entries of this log."
            )
            return None
        return entries

    def _tile(self, tile: Tile) -> list[bytes] | None:
        raw = self._read(tile)
        if raw is not None and len(raw) != tile.width * HASH_BYTES:
            self._findings.gap(
                tile_file(tile), f"It does not hold {tile.width} hashes."
            )
            return None
        return None if raw is None else _parts(raw)

    def _read(self, tile: Tile) -> bytes | None:
        try:
            return self._archive.read(tile_file(tile))
        except BundleRefused as error:
            self._findings.gap(error.where, f"It {error.problem}.")
            return None

    def _nothing_else(self) -> None:
        """Name the tiles that a log of this size does not have."""
        for name in self._archive.names:
            tile = tile_of(name)
            if tile and tile.width != self._width_at(tile):
                self._findings.gap(
                    name, f"A log of {self._size} entries has no such tile."
                )

    def _width_at(self, tile: Tile) -> int:
        """How many hashes or entries this log has in the place of a tile."""
        count = self._size >> (LEVELS_A_TILE * (tile.level or 0))
        return min(WIDTH, count - tile.first)


def _is_bundle(name: str) -> bool:
    tile = tile_of(name)
    return tile is not None and tile.level is None


def _parts(raw: bytes) -> list[bytes]:
    return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]
