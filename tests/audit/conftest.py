"""A bundle as it was exported, and what is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.config import Settings
from signer.ledger.log_key import LOG_KEY
from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.audit.bundle import export_audit
from signer.workflows.context import open_context
from signer.workflows.register.import_register import import_register
from tests.audit.making import a_year, contents
from tests.conftest import MOMENT, PASSPHRASE, PEOPLE
from tests.policy.releasing import folder_of_2

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory, key_files: KeyFiles) -> Path:
    """The bundle of a small school, made once; nobody changes it."""
    folder = tmp_path_factory.mktemp("exported")
    versions = folder_of_2(folder / "versions")
    list_releases(versions, read_versions(versions))
    settings = Settings(
        instance=folder,
        secret_keys=("a secret of the tests that is long enough to be one",),
        versions_dir=versions,
        seal_file=key_files.seal_key,
        seal_passphrase=PASSPHRASE,
        trust_file=key_files.authority_certificate,
        crl_file=key_files.revocation_list,
        log_key_file=key_files.seal_key.with_name(LOG_KEY),
    )
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    sessions.close()
    with clock.frozen(MOMENT):
        app_context = open_context(replace(settings))
        import_register(app_context, read_register(PEOPLE.encode()))
        a_year(app_context)
        path = folder / "audit.zip"
        export_audit(app_context, path)
        app_context.sessions.close()
    return path


@pytest.fixture(scope="session")
def files(exported: Path) -> dict[str, bytes]:
    """What is in it, by name; copy it before you change it."""
    return contents(exported)


@pytest.fixture
def copy(files: dict[str, bytes]) -> dict[str, bytes]:
    """The bundle's files, to change."""
    return dict(files)
