"""An archive copy on the page on which anybody checks a declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.declaration.seal.archive_copy import extended
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


def test_a_copy_with_anything_added_is_not_genuine(
    send: Callable[..., Page], copy: bytes
) -> None:
    """The reason is that something was added, and not that it is damaged."""
    page = send(with_an_annotation_over_a_page(copy))
    assert page.heading != "This declaration is genuine"
    assert "no timestamp covers it" in page.text
