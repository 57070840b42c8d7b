"""An archive copy on the page on which anybody checks a declaration."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.declaration.seal.archive_copy import extended
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.tables import Declaration
from tests.conftest import MOMENT
from tests.declaration.authorities import Authorities
from tests.declaration.forgery import (
    key_folder,
    school_key,
    with_an_annotation_over_a_page,
)
from tests.declaration.school import School

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.pki.make_keys import KeyFiles
    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


@pytest.fixture
def copy(
    pdf: bytes, key_files: KeyFiles, tmp_path_factory: pytest.TempPathFactory
) -> bytes:
    """The archive copy of what a parent has just signed."""
    authorities = Authorities(tmp_path_factory.mktemp("authorities"))
    try:
        school = School(key_files, school_key(key_folder(key_files)))
        authority = school.with_time_from(authorities.stamps())
        return extended(pdf, authority, at=MOMENT).pdf
    finally:
        authorities.close()


def test_a_copy_by_an_authority_that_the_school_does_not_trust_is_left_open(
    send: Callable[..., Page], copy: bytes
) -> None:
    """Anybody can make one; the page knows the file in it, and asks for nothing."""
    page = send(copy)
    assert page.heading != "This declaration is genuine"
    assert "It is an archive copy: its first" in page.text
    assert "The sealed file in it is, byte for byte, the file in the school's" in (
        page.text
    )
    assert "which no certificate that the school trusts confirms" in page.text
    assert "Ask the school for its own copy of the declaration." in page.text
    assert "that you trust" not in page.text
    assert "check again with" not in page.text.lower()


def test_the_school_s_own_copy_is_genuine_whatever_its_timestamps_carry(
    app_context: AppContext, send: Callable[..., Page], copy: bytes
) -> None:
    """The record keeps this very copy; of another it says nothing."""
    with app_context.sessions.writing() as session:
        declaration = session.scalars(select(Declaration)).one()
        sha256 = hashlib.sha256(copy).hexdigest()
        session.add(ArchiveCopy(declaration_id=declaration.id, sha256=sha256))
    assert send(copy).heading == "This declaration is genuine"
    with app_context.sessions.writing() as session:
        kept = session.scalars(select(ArchiveCopy)).one()
        kept.sha256 = "0" * 64
    assert send(copy).heading != "This declaration is genuine"


def test_a_copy_with_anything_added_is_not_genuine(
    send: Callable[..., Page], copy: bytes
) -> None:
    """The reason is that something was added, and not that it is damaged."""
    page = send(with_an_annotation_over_a_page(copy))
    assert page.heading != "This declaration is genuine"
    assert "no timestamp covers it" in page.text
