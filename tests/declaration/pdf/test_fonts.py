"""The fonts of the PDF are files of this package, and the ones that are listed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from signer.declaration.pdf import fonts
from signer.errors import TypesetError
from tests.conftest import REPOSITORY, run

FOLDER = REPOSITORY / "signer" / "declaration" / "pdf" / "font_files"


def test_the_list_names_every_font() -> None:
    """`sha256sum --check` finds nothing wrong, and no font is missing in the list."""
    run("sha256sum", "--strict", "--quiet", "--check", "SHA256SUMS", cwd=FOLDER)
    lines = (FOLDER / "SHA256SUMS").read_text("utf-8").splitlines()
    there = [path for path in FOLDER.rglob("*.?tf") if path.is_file()]
    assert {line.partition("  ")[2] for line in lines} == {
        path.relative_to(FOLDER).as_posix() for path in there
    }
    assert fonts.fonts_sha256() == fonts.FIRST_FONTS


def test_every_family_has_its_licence() -> None:
    """The Open Font License goes with each copy, and so does its notice."""
    for family in {path.parent for path in FOLDER.rglob("*.?tf")}:
        text = (family / "OFL.txt").read_text("utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in text
        assert "Copyright" in text or "©" in text


def test_no_package_of_others_holds_a_font() -> None:
    """Whoever withdraws one stops no install."""
    names = ("pyproject.toml", "requirements/service.txt", "requirements/site.txt")
    for name in names:
        text = (REPOSITORY / name).read_text("utf-8")
        for word in ("fontpkg", "manimgx", "noto"):
            assert word not in text, name


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"x")])
def test_a_font_that_is_missing_or_another_is_told(
    spoil: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page is set with it, since the statement names the listed ones."""
    assert callable(spoil)
    folder = tmp_path / "font_files"
    shutil.copytree(FOLDER / "almarai", folder / "almarai")
    lines = (FOLDER / "SHA256SUMS").read_text("utf-8").splitlines(keepends=True)
    own = [line for line in lines if "almarai/" in line]
    (folder / "SHA256SUMS").write_text("".join(own), "utf-8")
    monkeypatch.setattr(fonts, "_FOLDER", folder)
    monkeypatch.setattr(fonts, "_LIST", folder / "SHA256SUMS")
    spoil(folder / "almarai" / "Almarai-Bold.ttf")
    with pytest.raises(TypesetError, match="font"):
        fonts.load_fonts()
