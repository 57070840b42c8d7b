"""Sealed declarations, and verification with everything at hand."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from signer.declaration.verify import Report
from signer.declaration.verify.verify import verify
from tests.declaration.authorities import Authorities
from tests.declaration.forgery import RELEASED, genuine, key_folder, school_key
from tests.declaration.school import School

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles, SealKey


@pytest.fixture
def key(key_files: KeyFiles) -> SealKey:
    return school_key(key_folder(key_files))


@pytest.fixture
def sealed(key_files: KeyFiles) -> bytes:
    return genuine(key_folder(key_files))


@pytest.fixture
def checked(key_files: KeyFiles) -> Callable[..., Report]:
    """Verification with the school's authority and versions at hand."""

    def check(pdf: bytes, **more: Any) -> Report:
        at_hand = {"trust_roots": [key_files.authority], "released": RELEASED}
        return verify(pdf, **{**at_hand, **more})

    return check


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., str]:
    """Runs an independent program on a PDF and gives what it prints."""
    path = tmp_path / "declaration.pdf"

    def run(pdf: bytes, *command: str) -> str:
        path.write_bytes(pdf)
        words = [str(path) if word == "PDF" else word for word in command]
        done = subprocess.run(words, capture_output=True, check=True, cwd=tmp_path)
        # pdftotext marks the direction of what it writes.
        return re.sub("[\u202a-\u202e]", "", done.stdout.decode())

    return run


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authorities]:
    """Certomancer over HTTP on this machine."""
    running = Authorities(tmp_path_factory.mktemp("authorities"))
    yield running
    running.close()


@pytest.fixture
def school(key_files: KeyFiles) -> School:
    return School(key_files, school_key(key_folder(key_files)))


@pytest.fixture(scope="session")
def kept() -> dict[str, bytes]:
    """Seals that several tests look at, each made once."""
    return {}


@pytest.fixture(params=["tsa", "tsa-listed"])
def stamped(
    request: pytest.FixtureRequest,
    school: School,
    authorities: Authorities,
    kept: dict[str, bytes],
) -> bytes:
    """A seal whose timestamp authority answers on revocation: by OCSP, by a list."""
    if request.param not in kept:
        kept[request.param] = school.sealed(authorities.stamps(request.param)).pdf
    return kept[request.param]


@pytest.fixture
def one_stamped(
    school: School, authorities: Authorities, kept: dict[str, bytes]
) -> bytes:
    """One of them."""
    if "tsa" not in kept:
        kept["tsa"] = school.sealed(authorities.stamps()).pdf
    return kept["tsa"]


@pytest.fixture
def judged(school: School, authorities: Authorities) -> Callable[..., Report]:
    """Verification that trusts the school's authority and the timestamp's."""

    def judge(pdf: bytes, **more: Any) -> Report:
        at_hand = {
            "trust_roots": [school.files.authority],
            "tsa_roots": [authorities.certificate("root")],
            "released": RELEASED,
        }
        return verify(pdf, **{**at_hand, **more})

    return judge
