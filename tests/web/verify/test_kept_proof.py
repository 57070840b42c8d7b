"""Proofs as people have kept them: programs change what is not signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.store.tables import Declaration
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.sign_checkpoint import sign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page

KEPT: dict[str, Callable[[bytes], bytes]] = {
    "with other line ends": lambda proof: proof.replace(b"\n", b"\r\n"),
    "with a byte order mark": lambda proof: b"\xef\xbb\xbf" + proof,
    "without its last line end": lambda proof: proof.rstrip(b"\n"),
    "with one line end more": lambda proof: proof + b"\n",
    "with all of these": lambda proof: (
        b"\xef\xbb\xbf" + proof.replace(b"\n", b"\r\n") + b"\r\n\r\n"
    ),
}


@pytest.fixture
def proof(app_context: AppContext, pdf: bytes) -> bytes:
    """The proof that came with the declaration."""
    assert pdf
    sign_checkpoint(app_context)
    with app_context.sessions.reading() as session:
        named = session.scalars(select(Declaration.id)).one()
        return str(proof_of_declaration(app_context, session, named)).encode()


def test_a_proof_is_read_whatever_a_program_made_of_it(
    send: Callable[..., Page], pdf: bytes, proof: bytes
) -> None:
    """With the declaration and alone, the answer is that of the file as it was sent."""
    for how, change in KEPT.items():
        sent = (change(proof), "a.tlog-proof")
        page = send(pdf, proof=sent)
        assert page.heading == "This declaration is genuine", how
        assert "It is still in the school" in page.text, how
        assert send(b"", proof=sent, name="").heading == "What the log says today", how


def test_a_damaged_proof_makes_no_genuine_declaration_a_forgery(
    send: Callable[..., Page], pdf: bytes, proof: bytes
) -> None:
    """What cannot be read contradicts nothing: a footer, say, behind the signatures."""
    page = send(pdf, proof=(proof + b"-- \nSent from my phone\n", "a.tlog-proof"))
    assert page.heading == "This declaration is genuine"
    assert "The proof is damaged" in page.text
    assert "made up" not in page.text
