"""The level that the settings ask for is reached, or the seal waits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from signer.declaration.verify import Result
from signer.declaration.verify.verify import verify
from signer.pki.certificates import read_certificates
from signer.store.tables import Declaration, SealedPdf
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.register.history import parent_history
from tests.declaration.authorities import ARCHITECTURE, Authorities
from tests.workflows.conftest import sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorities]:
    """Certomancer over HTTP on this machine."""
    running = Authorities(tmp_path_factory.mktemp("authorities"))
    yield running
    running.close()


@pytest.fixture
def stamping(
    app_context: AppContext, authorities: Authorities, tmp_path: Path
) -> AppContext:
    """A context whose settings name the timestamp authority."""
    root = tmp_path / "tsa.pem"
    root.write_bytes(authorities.certificate("root").public_bytes(Encoding.PEM))
    keys = app_context.settings.trust_path.parent
    app_context.settings = replace(
        app_context.settings,
        tsa_url=f"{authorities.address}/{ARCHITECTURE}/tsa/tsa",
        tsa_trust_file=root,
        crl_file=keys / "ca.crl",
    )
    return app_context


def declaration(app_context: AppContext) -> Declaration:
    with app_context.sessions.reading() as session:
        return session.scalars(select(Declaration)).one()


def levels(app_context: AppContext) -> tuple[str, str | None]:
    """The level asked for and the one reached, as the parent's history shows them."""
    [history] = parent_history(app_context, "amira@example.org")
    told = history.requests[-1].declaration
    assert told
    return told.level_asked, told.level_reached


def test_with_a_timestamp_authority_the_level_is_recorded(
    stamping: AppContext, amira: Followed, authorities: Authorities
) -> None:
    """What is stored bears the timestamp, and the record says the level reached."""
    sign(stamping, amira)
    seal_outstanding(stamping)
    assert declaration(stamping).level == "B-LT"
    with stamping.sessions.reading() as session:
        pdf = session.scalars(select(SealedPdf)).one().content
    report = verify(
        pdf,
        trust_roots=read_certificates(stamping.settings.trust_path),
        tsa_roots=[authorities.certificate("root")],
        released={one.number: one.source for one in stamping.versions},
    )
    assert report.result is Result.GENUINE
    assert report.timestamped_at is not None


@pytest.mark.parametrize("manner", ["broken", "imprint", "nonce"])
def test_while_the_authority_fails_the_seal_waits(
    stamping: AppContext, amira: Followed, authorities: Authorities, manner: str
) -> None:
    """The signature is kept, the reason recorded, and the level never lowered."""
    path = f"/{ARCHITECTURE}/tsa/tsa"
    authorities.instead[path] = f"/{manner}{path}"
    try:
        sign(stamping, amira)
        assert seal_outstanding(stamping) == 0
    finally:
        authorities.instead.clear()
    waiting = declaration(stamping)
    assert waiting.pdf_sha256 is None
    assert levels(stamping) == ("B-LT", None)
    assert waiting.seal_problem
    assert seal_outstanding(stamping) == 1
    sealed = declaration(stamping)
    assert (sealed.level, sealed.seal_problem) == ("B-LT", None)
    assert levels(stamping) == ("B-LT", "B-LT")


def test_without_a_revocation_list_the_seal_waits(
    stamping: AppContext, amira: Followed
) -> None:
    """The level needs the list; the record names the file that is missing."""
    settings = stamping.settings
    stamping.settings = replace(settings, crl_file=settings.instance_path / "no.crl")
    sign(stamping, amira)
    assert seal_outstanding(stamping) == 0
    assert "no.crl" in (declaration(stamping).seal_problem or "")
    stamping.settings = settings
    assert seal_outstanding(stamping) == 1
