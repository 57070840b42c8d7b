"""A log of many entries, and a stranger who fetches all of it and checks it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from signer.ledger.tiles import WIDTH, tiles_of, unbundle
from signer.store.log.append import append_leaf, lock_log
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

ORIGIN = "127.0.0.1:8000/log"
ENTRIES = 2 * WIDTH + 44


def fill(app_context: AppContext, size: int) -> int:
    """Append until the log has a size; gives that."""
    with app_context.sessions.writing() as session:
        for number in range(lock_log(session).size, size):
            append_leaf(session, "test:appended", number=number)
    return size


class Monitor:
    """A stranger who has this address and nothing else of ours."""

    def __init__(self, visitor: Browser, prefix: str = "/log/") -> None:
        self._visitor = visitor
        self._prefix = prefix

    def get(self, path: str) -> bytes:
        """What stands at a path below the log's address."""
        answer = self._visitor.client.get(
            self._prefix + path, base_url=self._visitor.address
        )
        assert answer.status_code == 200, path
        data: bytes = answer.data
        return data

    def root(self, size: int) -> bytes:
        """The root over every entry, after comparing each hash on the way."""
        entries: list[bytes] = []
        hashes: dict[int, list[bytes]] = {}
        for tile in tiles_of(size):
            raw = self.get(f"tile/{tile.path}")
            if tile.level is None:
                found = unbundle(raw)
                entries += found
            else:
                found = [raw[at : at + 32] for at in range(0, len(raw), 32)]
                hashes.setdefault(tile.level, []).extend(found)
            assert len(found) == tile.width
        assert len(entries) == size
        level = [hashlib.sha256(b"\0" + entry).digest() for entry in entries]
        for number in range(max(hashes) + 1):
            assert hashes[number] == level
            starts = range(0, len(level) - WIDTH + 1, WIDTH)
            level = [naive_root(level[at : at + WIDTH]) for at in starts]
        return naive_root(hashes[0])


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, as it is written there."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = naive_root(leaves[:split]), naive_root(leaves[split:])
    return hashlib.sha256(b"\1" + left + right).digest()
