"""signer verify over folders and ZIP archives, well-meant and hostile."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from signer.cli import main
from tests.conftest import REPOSITORY
from tests.declaration.forgery import genuine, key_folder
from tests.declaration.hostile import bomb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

    Verify = Callable[..., tuple[int, dict[str, Any]]]

pytestmark = pytest.mark.usefixtures("frozen")


@pytest.fixture
def pdf(key_files: KeyFiles) -> bytes:
    return genuine(key_folder(key_files))


@pytest.fixture
def verify(key_files: KeyFiles) -> Verify:
    """Runs the command; gives its exit code and each file's report by its name."""

    def run(*words: object) -> tuple[int, dict[str, Any]]:
        known = ("--versions", str(REPOSITORY / "versions"), "--json")
        trust = ("--trust", str(key_files.authority_certificate))
        done = CliRunner().invoke(main, ["verify", *map(str, words), *known, *trust])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        if done.exit_code == 2:
            return 2, {"said": done.output}
        files = json.loads(done.stdout)["files"]
        return done.exit_code, {one["file"]: one for one in files}

    return run


def test_a_folder_is_searched_with_all_that_is_in_it(
    verify: Verify, pdf: bytes, tmp_path: Path
) -> None:
    """In order, in whatever case; what a system hides beside them is left alone."""
    inner = tmp_path / "2026" / "November"
    inner.mkdir(parents=True)
    (tmp_path / "loop").symlink_to(tmp_path)
    for name in ("a.pdf", "2026/b.PDF", "2026/November/c.pdf"):
        (tmp_path / name).write_bytes(pdf)
    for name in ("._a.pdf", "notes.txt", "2026/d.pdf.part"):
        (tmp_path / name).write_bytes(b"nothing")
    (tmp_path / "folder.pdf").mkdir()
    code, found = verify(tmp_path)
    assert code == 0
    assert list(found) == [
        str(tmp_path / name) for name in ("2026/November/c.pdf", "2026/b.PDF", "a.pdf")
    ]


def test_an_archive_is_looked_into(verify: Verify, pdf: bytes, tmp_path: Path) -> None:
    """Each member is named with its archive; nothing is unpacked to the disk."""
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("declarations/a.pdf", pdf)
        packed.writestr("declarations/b.pdf", pdf[:-1])
        packed.writestr("README.txt", "Dear auditor")
        packed.writestr("__MACOSX/._a.pdf", "")
    code, found = verify(archive)
    assert code == 1
    assert {name: one["result"] for name, one in found.items()} == {
        f"{archive}/declarations/a.pdf": "genuine",
        f"{archive}/declarations/b.pdf": "not genuine",
    }
    assert list(tmp_path.iterdir()) == [archive]


def test_names_in_an_archive_lead_nowhere(
    verify: Verify, pdf: bytes, tmp_path: Path
) -> None:
    """They are shown, with nothing in them that could fool a terminal."""
    archive = tmp_path / "all.zip"
    names = ["../../up.pdf", "/etc/root.pdf", "C:\\x.pdf", "a\x1b[2Jb\u202efdp.pdf"]
    with zipfile.ZipFile(archive, "w") as packed:
        for name in names:
            packed.writestr(name, pdf)
    code, found = verify(archive)
    assert code == 0
    assert len(found) == len(names)
    assert all(name.isprintable() for name in found)
    assert f"{archive}/../../up.pdf" in found
    assert list(tmp_path.iterdir()) == [archive]
    assert not (tmp_path.parent / "up.pdf").exists()


def test_two_members_of_one_name_are_two_files(
    verify: Verify, pdf: bytes, tmp_path: Path
) -> None:
    """A forgery does not hide behind a genuine file of its name."""
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.pdf", pdf[:-9])
        with pytest.warns(UserWarning, match="Duplicate name"):
            packed.writestr("a.pdf", pdf)
    done = verify(archive)
    assert done[0] == 1


def spoilt(path: Path, pdf: bytes, flaw: str) -> None:
    """An archive with one member that has a flaw."""
    kind = zipfile.ZIP_LZMA if flaw == "unusual" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", kind) as packed:
        if flaw == "bomb":
            packed.writestr("a.pdf", b"%PDF-1.7\n" + bytes(40_000_000))
        elif flaw == "large":
            packed.writestr("a.pdf", b"%PDF-1.7\n" + bytes(60_000_000))
        else:
            packed.writestr("a.pdf", pdf)
    raw = bytearray(path.read_bytes())
    listed = raw.rindex(b"PK\x01\x02")
    if flaw == "locked":
        raw[6] |= 1
        raw[listed + 8] |= 1
    elif flaw == "damaged":
        raw[200] ^= 0xFF
    elif flaw == "sum":
        raw[14] ^= 0xFF
        raw[listed + 16] ^= 0xFF
    elif flaw == "elsewhere":
        raw[listed + 42 : listed + 46] = (len(raw) - 8).to_bytes(4, "little")
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ("bomb", "packed more than 200 times smaller"),
        ("large", "larger than 50 million bytes"),
        ("locked", "locked with the archive's password"),
        ("unusual", "cannot be unpacked"),
        ("damaged", "cannot be unpacked"),
        ("sum", "cannot be unpacked"),
        ("elsewhere", "cannot be unpacked"),
    ],
)
def test_a_member_that_cannot_be_had_says_why(
    flaw: str, said: str, verify: Verify, pdf: bytes, tmp_path: Path
) -> None:
    """Nothing is proved either way, and the other files are looked at all the same."""
    spoilt(tmp_path / "all.zip", pdf, flaw)
    (tmp_path / "b.pdf").write_bytes(pdf)
    code, found = verify(tmp_path / "all.zip", tmp_path / "b.pdf")
    assert code == 1
    bad, good = found.values()
    assert bad["result"] == "cannot tell"
    assert said in bad["checks"][0]["sentence"]
    assert bad["sha256"] == ""
    assert len(bad["checks"]) == 14
    assert good["result"] == "genuine"


def test_a_bomb_of_the_pdf_s_own_kind_does_not_go_off(
    verify: Verify, tmp_path: Path
) -> None:
    """What is packed twice is caught at the second unpacking."""
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.pdf", b"%PDF-1.7\n" + bomb(1024))
    code, found = verify(archive)
    assert (code, [one["result"] for one in found.values()]) == (1, ["cannot tell"])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.zip", b"", "cannot be opened as a ZIP archive"),
        ("letter.zip", b"Dear parents", "cannot be opened as a ZIP archive"),
        ("cut.zip", b"PK\x03\x04" + bytes(40), "cannot be opened as a ZIP archive"),
        ("none.zip", b"PK\x05\x06" + bytes(18), "There is no PDF in"),
    ],
)
def test_an_archive_without_a_pdf_is_wrong_usage(
    name: str, content: bytes, said: str, verify: Verify, tmp_path: Path
) -> None:
    """It is never taken for "all of them are genuine"."""
    (tmp_path / name).write_bytes(content)
    code, found = verify(tmp_path / name)
    assert code == 2
    assert said in found["said"]


def test_a_folder_without_a_pdf_is_wrong_usage(verify: Verify, tmp_path: Path) -> None:
    """The same holds of a folder."""
    assert verify(tmp_path)[0] == 2


def test_a_file_that_is_far_too_large_is_not_read(
    verify: Verify, tmp_path: Path
) -> None:
    """The answer comes at once; it takes no room, though it says two hundred MB."""
    path = tmp_path / "large.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(200_000_000)
    code, found = verify(path)
    [report] = found.values()
    assert code == 1
    assert report["size"] == 200_000_000
    assert "larger than 50 million bytes" in report["checks"][0]["sentence"]
