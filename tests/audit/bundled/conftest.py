"""The school of the bundle, to go on with, and the bundles that come of it."""

from __future__ import annotations

import shutil
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.config import Settings
from signer.ledger.log_key import LOG_KEY
from signer.workflows.audit.bundle import export_audit
from signer.workflows.context import open_context
from tests.conftest import MOMENT, PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles
    from signer.workflows.context import AppContext


@pytest.fixture
def school(exported: Path, key_files: KeyFiles, tmp_path: Path) -> Iterator[AppContext]:
    """The school that the bundle was made of, on the day after."""
    folder = tmp_path / "school"
    copied = shutil.ignore_patterns("*.zip", "*.inode", "*.turn")
    shutil.copytree(exported.parent, folder, ignore=copied)
    settings = Settings(
        instance=folder,
        secret_keys=("a secret of the tests that is long enough to be one",),
        versions_dir=folder / "versions",
        seal_file=key_files.seal_key,
        seal_passphrase=PASSPHRASE,
        trust_file=key_files.authority_certificate,
        crl_file=key_files.revocation_list,
        log_key_file=key_files.seal_key.with_name(LOG_KEY),
    )
    with clock.frozen(MOMENT + timedelta(days=1)):
        app_context = open_context(settings)
        yield app_context
        app_context.sessions.close()


@pytest.fixture
def bundled(school: AppContext, tmp_path: Path) -> Callable[[], tuple[Path, Path]]:
    """Exports what the school has now; gives the ZIP and a folder with its files."""

    def export() -> tuple[Path, Path]:
        path, folder = tmp_path / "later.zip", tmp_path / "later"
        export_audit(school, path)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        return path, folder

    return export
