"""A bundle of seals that an outside authority stamped, checked by both verifiers."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signer import clock
from signer.audit.check import check_bundle
from signer.audit.findings import Verdict
from signer.audit.trust import Given
from signer.workflows.audit.bundle import export_audit
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal import seal_outstanding
from tests.audit.making import sign
from tests.audit.test_stranger import check
from tests.conftest import MOMENT
from tests.declaration.authorities import ARCHITECTURE, Authorities
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.workflows.context import AppContext


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorities]:
    """Certomancer over HTTP on this machine."""
    running = Authorities(tmp_path_factory.mktemp("authorities"))
    yield running
    running.close()


@pytest.fixture
def bundle(app_context: AppContext, authorities: Authorities, tmp_path: Path) -> Path:
    """One declaration of level B-LT, and all that proves it."""
    root = tmp_path / "root.pem"
    root.write_bytes(authorities.certificate("root").public_bytes(Encoding.PEM))
    app_context.settings = replace(
        app_context.settings,
        tsa_url=f"{authorities.address}/{ARCHITECTURE}/tsa/tsa",
        tsa_trust_file=root,
        crl_file=app_context.settings.trust_path.with_name("ca.crl"),
    )
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    sign(app_context, post, "Amira Khan")
    assert seal_outstanding(app_context) == 1
    path = tmp_path / "audit.zip"
    export_audit(app_context, path)
    return path


def test_a_stamped_seal_is_whole_now_and_in_ten_years(
    bundle: Path, authorities: Authorities
) -> None:
    """Its certificates have ended by then; what was true when it was made counts.

    Whose it is, only the school's own certificate and key of the log can say.
    """
    brought = Given(tsa_roots=[authorities.certificate("root")])
    with clock.frozen(MOMENT + timedelta(days=3653)):
        later = check_bundle(bundle)
    for found in (check_bundle(bundle), later, check_bundle(bundle, brought)):
        assert found.verdict is Verdict.UNKNOWN_SIGNER, found.findings
        assert found.counts.levels == {"B-LT": 1}
    told = {one.where for one in later.findings}
    assert "keys/tsa.pem" in told
    assert "keys/tsa.pem" not in {
        one.where for one in check_bundle(bundle, brought).findings
    }


def test_a_stranger_verifies_a_stamped_seal(
    bundle: Path, tmp_path: Path, authorities: Authorities
) -> None:
    """With the authority's certificate in the bundle, and not with another's."""
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    done = check(folder)
    assert done.returncode == 0, done.stdout + done.stderr

    (folder / "keys" / "tsa.pem").write_bytes((folder / "keys/ca.pem").read_bytes())
    done = check(folder)
    assert done.returncode == 1
    assert "nobody that you trust confirms the timestamp." in done.stdout
