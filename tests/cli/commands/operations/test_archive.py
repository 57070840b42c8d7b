"""signer archive, as an operator types it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.declaration.authorities import ARCHITECTURE, Authorities
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

PATH = f"/{ARCHITECTURE}/tsa/tsa-first"


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorities]:
    """Certomancer over HTTP on this machine."""
    running = Authorities(tmp_path_factory.mktemp("authorities"))
    yield running
    running.close()


@pytest.fixture
def stamping(
    app_context: AppContext, authorities: Authorities, tmp_path: Path
) -> Settings:
    """Settings that name an authority, and a declaration that was sealed before."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    root = tmp_path / "tsa.pem"
    root.write_bytes(authorities.certificate("root").public_bytes(Encoding.PEM))
    return replace(
        app_context.settings,
        tsa_url=authorities.address + PATH,
        tsa_trust_file=root,
        crl_file=app_context.settings.trust_path.with_name("ca.crl"),
    )


def test_what_is_missing_is_made_and_said(stamping: Settings) -> None:
    """How many, and how long they last; a dry run only counts."""
    done = signer(stamping, "archive", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "1 archive copy to make." in done.stdout
    done = signer(stamping, "archive")
    assert done.exit_code == 0, done.output
    assert "1 made, 0 renewed." in done.stdout
    assert (
        "1 archive copy kept. The first certificate behind them ends on 1 January "
        "2028; the copy is renewed from 3 October 2027." in done.stdout
    )
    document = json.loads(signer(stamping, "archive", "--json").stdout)
    assert (document["made"], document["kept"], document["due"]) == (0, 1, 0)


def test_what_cannot_be_made_is_a_no(
    stamping: Settings, authorities: Authorities
) -> None:
    """Exit code 1, and why."""
    authorities.instead[PATH] = f"/broken{PATH}"
    try:
        done = signer(stamping, "archive")
    finally:
        authorities.instead.clear()
    assert done.exit_code == 1
    assert "Not all could be made; each is tried again." in done.stdout
    assert "The last problem: " in done.stdout


def test_without_an_authority_there_is_nothing_to_do(app_context: AppContext) -> None:
    """The command names the setting."""
    done = signer(app_context.settings, "archive")
    assert done.exit_code == 1
    assert "SIGNER_TSA_URL names no timestamp authority" in done.stderr
