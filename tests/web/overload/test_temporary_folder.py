"""A temporary folder that is full or missing loses no signature and damns no file."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from signer.declaration.pdf import typst_compiler
from signer.store.tables import Declaration
from signer.workflows.declarations.seal import seal_outstanding
from tests.web.browsing import Browser
from tests.web.verify.sending import form_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _desk_closed(app: Flask) -> Iterator[None]:
    """No process outlives its test."""
    yield
    app.extensions["verification_pool"].close()


@pytest.fixture(params=["missing", "full"])
def without_room(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """Nothing can be written in the temporary folder; undone by the one given."""
    with monkeypatch.context() as patch:
        patch.setattr(typst_compiler, "_compiler", None)
        if request.param == "missing":
            patch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
        else:
            folder = tmp_path / "full"
            folder.mkdir()
            patch.setattr("tempfile.tempdir", str(folder))
            write = Path.write_bytes

            def full(path: Path, content: bytes) -> int:
                if folder in path.parents:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return write(path, content)

            patch.setattr(Path, "write_bytes", full)
        yield patch


def test_a_signature_is_stored_and_sealed_later(
    app_context: AppContext,
    sign: Callable[[str], Page],
    without_room: pytest.MonkeyPatch,
) -> None:
    """The parent reads that they have signed; the worker seals once there is room."""
    page = sign("Amira Khan")
    assert page.status == 200
    with app_context.sessions.reading() as session:
        declaration = session.scalars(select(Declaration)).one()
        assert declaration.pdf_sha256 is None
        assert declaration.seal_attempts == 1
        assert declaration.seal_problem
    assert seal_outstanding(app_context) == 0
    without_room.undo()
    assert seal_outstanding(app_context) == 1


def test_a_file_is_not_called_false(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it was not checked is not its doing, and the page says so."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    files: dict[str, tuple[bytes, str]] = {"pdf": (b"%PDF-1.7\n", "declaration.pdf")}
    sent: dict[str, Any] = form_of(files)
    page = Browser(app).post("/verify", **sent)
    assert page.status in {200, 503}
    assert "not the file" in page.text or "nothing about your file" in page.text
