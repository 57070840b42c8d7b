"""A log as files that a plain web server serves, with nothing of the service behind."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from signer.ledger.checkpoints import Checkpoint
from signer.ledger.commitments import commit
from signer.ledger.hashing import leaf_hash
from signer.ledger.proof_files import Proof
from signer.ledger.tiles import LEVELS_A_TILE, Tile, tiles_of
from signer.ledger.tree import grow, inclusion_proof, root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from signer.ledger.signed_notes import NoteSigner

SALT = bytes(range(32))


class MirroredLog:
    """A log whose entries commit to records of the tests.

    Args:
        records: what they commit to, in order.
        signer: signs its head.
        extensions: further lines of the head.
    """

    def __init__(
        self,
        records: Sequence[bytes],
        signer: NoteSigner,
        extensions: tuple[str, ...] = (),
    ) -> None:
        self._records = records
        self._entries = [commit(SALT, record) for record in records]
        self._nodes: dict[tuple[int, int], bytes] = {}
        for place, entry in enumerate(self._entries):
            self._nodes |= grow(self._nodes, place, leaf_hash(entry))
        self.size = len(records)
        head = Checkpoint(
            signer.name, self.size, root(self._nodes, self.size), extensions
        )
        self.note = head.signed(signer)

    def proof(self, position: int) -> str:
        """The proof of an entry, as a parent has it."""
        path = inclusion_proof(self._nodes, position, self.size)
        opening = SALT + self._records[position]
        return str(Proof(position, tuple(path), self.note, opening))

    def write(self, folder: Path) -> None:
        """Write what is served, over what was there."""
        for tile in tiles_of(self.size):
            path = folder / "tile" / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tile.packed(self._parts(tile)))
        (folder / "checkpoint").write_bytes(self.note.encode())

    def _parts(self, tile: Tile) -> list[bytes]:
        places = range(tile.first, tile.first + tile.width)
        if tile.level is None:
            return [self._entries[place] for place in places]
        return [self._nodes[tile.level * LEVELS_A_TILE, place] for place in places]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder is served meanwhile."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()
