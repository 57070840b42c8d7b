"""Proof files, and the checkpoints that people keep."""

from __future__ import annotations

import pytest

from signer.ledger.proof_files import Proof, held_checkpoint

CHECKPOINT = "example.org/log\n3\nAAAA\n\n\u2014 example.org/log AAAA\n"


@pytest.mark.parametrize(
    "kept",
    [
        CHECKPOINT,
        CHECKPOINT.replace("\n", "\r\n"),
        f"\ufeff{CHECKPOINT}",
        CHECKPOINT.rstrip("\n"),
        f"{CHECKPOINT}\n\n",
        str(Proof(1, (bytes(32),), CHECKPOINT, b"extra")),
        str(Proof(0, (), CHECKPOINT)).replace("\n", "\r\n"),
    ],
    ids=["as it is", "CRLF", "BOM", "cut short", "longer", "proof", "proof, CRLF"],
)
def test_a_kept_checkpoint_is_read_whatever_a_program_made_of_it(kept: str) -> None:
    """Editors and mail programs change what was not signed."""
    assert held_checkpoint(kept) == CHECKPOINT
