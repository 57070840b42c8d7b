"""signer verify of a version's own PDF."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.declaration.pdf.version_pdf import typeset_version
from signer.declaration.seal.seal import seal
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from tests.conftest import MOMENT, REPOSITORY
from tests.declaration.forgery import VERSION, key_folder, school_key
from tests.declaration.pdf.test_version_pdf import TEXT

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")


def test_it_is_told_apart_from_a_declaration(
    key_files: KeyFiles, tmp_path: Path
) -> None:
    """The answer says what it is; the exit code is that of no genuine declaration."""
    text = replace(TEXT, source=VERSION.source)
    typeset = typeset_version(text, blocks(to_html(VERSION.body)))
    path = tmp_path / "version.pdf"
    path.write_bytes(seal(typeset, school_key(key_folder(key_files)), at=MOMENT).pdf)
    arguments = [
        *("verify", str(path)),
        *("--trust", str(key_files.authority_certificate)),
        *("--versions", str(REPOSITORY / "versions")),
    ]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1, done.output
    assert "NOT A DECLARATION. It is the text of the code of conduct" in done.output
    assert "NOT GENUINE" not in done.output
    found = json.loads(CliRunner().invoke(main, [*arguments, "--json"]).stdout)
    assert found["files"][0]["result"] == "sealed text"
