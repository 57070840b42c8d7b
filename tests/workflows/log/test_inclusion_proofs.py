"""A declaration is proven to be in the log, or nothing is handed out."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from signer.ledger.proof_files import read_proof
from signer.store.log.tables import Leaf
from signer.store.tables import Declaration
from signer.workflows.log.inclusion_proofs import proof_at, proof_of_declaration
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.workflows.conftest import sign
from tests.workflows.log import logs

if TYPE_CHECKING:
    from signer.ledger.proof_files import Proof
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

ORIGIN = "127.0.0.1:8000/log"


@pytest.fixture
def declared(app_context: AppContext, amira: Followed) -> str:
    """The reference of a declaration, sealed between other entries."""
    signed = sign(app_context, amira)
    logs.append(app_context.sessions, 6)
    return signed.declaration_id


def proof_of(app_context: AppContext, declaration_id: str) -> Proof | None:
    with app_context.sessions.reading() as session:
        return proof_of_declaration(app_context, session, declaration_id)


def test_a_proof_leads_from_the_pdf_to_the_signed_head(
    app_context: AppContext, declared: str
) -> None:
    """Whoever has the file, the PDF's hash and the log's key needs nothing else."""
    note = sign_checkpoint(app_context)
    proof = proof_of(app_context, declared)
    assert proof is not None
    assert proof.checkpoint == note
    read = read_proof(str(proof))
    salt, record = read.extra[:32], read.extra[32:]
    entry = hashlib.sha256(salt + record).digest()
    head = read.check(entry, ORIGIN, verifiers(app_context))
    assert head.size == proof.position + 7
    with app_context.sessions.reading() as session:
        row = session.get_one(Declaration, declared)
        assert session.get_one(Leaf, proof.position).commitment == entry
        assert json.loads(record) == {
            "event": "declaration:sealed",
            "declaration": declared,
            "pdf_sha256": row.pdf_sha256,
        }


def test_nothing_is_proven_before_a_head_covers_it(
    app_context: AppContext, declared: str
) -> None:
    """Without a signed head there is nothing to lead to."""
    assert proof_of(app_context, declared) is None


def test_an_older_head_does_not_prove_it(
    app_context: AppContext, amira: Followed
) -> None:
    """A head from before the seal covers it only once the next is signed."""
    sign_checkpoint(app_context)
    signed = sign(app_context, amira)
    assert proof_of(app_context, signed.declaration_id) is None
    sign_checkpoint(app_context)
    assert proof_of(app_context, signed.declaration_id) is not None


def test_an_unknown_declaration_has_no_proof(
    app_context: AppContext, declared: str
) -> None:
    """A reference that nobody has leads to nothing."""
    sign_checkpoint(app_context)
    assert proof_of(app_context, declared[:-1] + "?") is None


def test_an_erased_record_has_no_proof(app_context: AppContext, declared: str) -> None:
    """Once the salt is erased, nobody can show what the leaf stands for."""
    sign_checkpoint(app_context)
    with app_context.sessions.writing() as session:
        session.execute(text("DELETE FROM opening"))
    assert proof_of(app_context, declared) is None


@pytest.mark.parametrize("level", [0, 1])
def test_a_broken_log_proves_nothing(
    app_context: AppContext, declared: str, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A proof that would prove nothing is not handed out; it is logged instead."""
    sign_checkpoint(app_context)
    with app_context.sessions.writing() as session:
        session.execute(
            text("DELETE FROM tree_node WHERE level = :level"), {"level": level}
        )
    assert proof_of(app_context, declared) is None
    with app_context.sessions.writing() as session:
        session.execute(
            text("UPDATE tree_node SET hash = (SELECT salt FROM opening LIMIT 1)")
        )
    assert proof_of(app_context, declared) is None
    assert "does not prove its entry" in caplog.text


def test_a_proof_is_for_whoever_holds_the_link(
    app_context: AppContext, amira: Followed, declared: str
) -> None:
    """The page gives it to the parent of the request, and to nobody else."""
    ref, mark = amira.request_ref, amira.link_fingerprint
    assert ref
    assert mark
    assert proof_at(app_context, ref, mark) is None
    sign_checkpoint(app_context)
    found = proof_at(app_context, ref, mark)
    assert found is not None
    assert found == (proof_of(app_context, declared), declared)
    assert proof_at(app_context, ref, "0" * 64) is None
    with app_context.sessions.writing() as session:
        session.execute(text("UPDATE link SET revoked_at = made_at"))
    assert proof_at(app_context, ref, mark) is None
