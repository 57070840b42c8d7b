"""The log of a bundle, written anew or cut short."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from signer.audit.bundle import HEADINGS, read_row
from signer.ledger.checkpoints import Checkpoint
from signer.ledger.hashing import leaf_hash
from signer.ledger.log_key import LOG_KEY, LogKey
from signer.ledger.proof_files import Proof
from signer.ledger.tiles import bundle as bundled
from signer.ledger.tree import grow, inclusion_proof, root
from tests.audit.auditing import ORIGIN, openings
from tests.conftest import PASSPHRASE

if TYPE_CHECKING:
    from signer.pki.make_keys import KeyFiles


class Rewritten:
    """A log written anew by somebody who has the school's key of it, or cut short."""

    def __init__(self, files: dict[str, bytes], key_files: KeyFiles) -> None:
        path = key_files.seal_key.with_name(LOG_KEY)
        self._signer = LogKey.load(path, PASSPHRASE).signer(ORIGIN)
        self._files = files
        self.opened = openings(files)

    def files(self, head: str = "") -> dict[str, bytes]:
        """The bundle with this log in the place of its own.

        Args:
            head: one that the school signed once, where nobody has its key.
        """
        self.opened = [
            replace(one, position=place) for place, one in enumerate(self.opened)
        ]
        size = len(self.opened)
        nodes: dict[tuple[int, int], bytes] = {}
        for place, one in enumerate(self.opened):
            nodes |= grow(nodes, place, leaf_hash(one.commitment))
        head = head or Checkpoint(ORIGIN, size, root(nodes, size)).signed(self._signer)
        files = {
            name: content
            for name, content in self._files.items()
            if not name.startswith(("log/", "proofs/"))
        }
        files["log/checkpoint"] = head.encode()
        files[f"log/tile/0/000.p/{size}"] = b"".join(
            nodes[0, place] for place in range(size)
        )
        files[f"log/tile/entries/000.p/{size}"] = bundled(
            [one.commitment for one in self.opened]
        )
        files["log/openings.jsonl"] = "".join(one.line for one in self.opened).encode()
        rows = [HEADINGS]
        old = {
            row.declaration: row
            for row in map(read_row, self._files["index.csv"].decode().splitlines()[1:])
        }
        for one in self.opened:
            record = json.loads(one.record)
            if record["event"] != "declaration:sealed":
                continue
            name = record["declaration"]
            proof = Proof(
                one.position,
                tuple(inclusion_proof(nodes, one.position, size)),
                head,
                one.salt + one.record,
            )
            files[f"proofs/{name}.tlog-proof"] = str(proof).encode()
            rows.append(replace(old[name], leaf=one.position).line)
        files["index.csv"] = "".join(rows).encode()
        return files
