"""ZIPs made to do harm: each is answered soon, in little memory, by a named gap."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signer.audit.archive import LARGEST_LIST, Archive
from signer.audit.bundle import largest, read_opened, read_row
from signer.audit.check import check_bundle
from signer.audit.findings import Findings
from signer.errors import BundleRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Read = Callable[[bytes], tuple[dict[str, bytes], list[str]]]

README = "README.txt"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """What can be read of a ZIP, and the gaps found on the way."""

    def reading(raw: bytes) -> tuple[dict[str, bytes], list[str]]:
        path = tmp_path / "bundle.zip"
        path.write_bytes(raw)
        findings = Findings()
        with Archive(path, findings) as archive:
            found = {name: archive.read(name) for name in archive.names}
        return found, [f"{one.where}: {one.sentence}" for one in findings.all()]

    return reading


def zipped(*members: tuple[zipfile.ZipInfo | str, bytes], packing: int = 0) -> bytes:
    """A ZIP of some files."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", packing) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return raw.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "../README.txt",
        "/README.txt",
        "keys/../README.txt",
        "keys\\ca.pem",
        "C:/README.txt",
        "README.txt\0.pdf",
        "declarations/D-7K3M-9QXF-2B4T.pdf/x",
        "declarations/d-7k3m-9qxf-2b4t.pdf",
        "log/tile/0/x000/001",
        "keys/seal-../../x.pem",
        "readme.txt",
        "versions/02.md",
        "\N{FULLWIDTH LATIN CAPITAL LETTER R}EADME.txt",
    ],
)
def test_names_that_no_bundle_has_are_passed_over(read: Read, name: str) -> None:
    """Wherever they would lead to."""
    info = zipfile.ZipInfo("x" * len(name))
    raw = zipped((info, b"x"))
    encoded = name.encode()
    if len(encoded) == len(name):
        raw = raw.replace(b"x" * len(name), encoded)
    else:
        raw = zipped((name, b"x"))
    found, gaps = read(raw)

    assert found == {}
    assert [one for one in gaps if "does not belong in a bundle" in one]


def test_folders_are_no_matter(read: Read) -> None:
    """Programs that pack a folder again put them in."""
    found, gaps = read(zipped(("declarations/", b""), (README, b"x")))

    assert (found, gaps) == ({README: b"x"}, [])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_read_neither_way(read: Read) -> None:
    """No two programs could show different ones."""
    found, gaps = read(zipped((README, b"one"), (README, b"other")))

    assert found == {}
    assert gaps == ["README.txt: It was not looked at: it is in the ZIP 2 times."]


def test_a_bomb_is_not_unpacked(read: Read) -> None:
    """A file that grows a thousandfold is no file of a bundle."""
    bomb = zipped((README, bytes(1_000_000)), packing=zipfile.ZIP_DEFLATED)
    found, gaps = read(bomb)

    assert found == {}
    assert gaps == [
        "README.txt: It was not looked at: it would unpack to 1,000,000 bytes."
    ]


def test_a_bomb_that_hides_its_size_is_not_unpacked(read: Read) -> None:
    """What is more than it says is cut off, and what is cut off is damaged."""
    bomb = zipped((README, bytes(1_000_000)), packing=zipfile.ZIP_DEFLATED)
    size = struct.pack("<I", 1_000_000)
    assert bomb.count(size) == 2
    with pytest.raises(BundleRefused, match="is damaged"):
        read(bomb.replace(size, struct.pack("<I", 1000)))


def test_a_file_that_claims_more_than_its_kind_may_have(read: Read) -> None:
    """Whatever it holds."""
    most = largest(README)
    assert most
    raw = zipped((README, b"x" * 10)).replace(
        struct.pack("<II", 10, 10), struct.pack("<II", 10, most + 1)
    )
    assert "would unpack to" in read(raw)[1][0]


def test_files_that_share_their_bytes_are_not_read(read: Read) -> None:
    """That is how small ZIPs become endless."""
    raw = zipped((README, b"x" * 50), ("check.py", b"y" * 50))
    entries = [one.start() for one in re.finditer(b"PK\x01\x02", raw)]
    shared = bytearray(raw)
    # The second entry of the list points to where the first file stands.
    shared[entries[1] + 42 : entries[1] + 46] = bytes(4)
    found, gaps = read(bytes(shared))

    assert list(found) == [README]
    assert gaps == [
        "check.py: It was not looked at: it shares its bytes with another file."
    ]


def test_a_link_to_elsewhere_is_not_followed(read: Read) -> None:
    """A bundle holds plain files."""
    link = zipfile.ZipInfo(README)
    link.external_attr = 0o120777 << 16

    assert read(zipped((link, b"/etc/passwd")))[1] == [
        "README.txt: It was not looked at: it is no plain file."
    ]


def test_a_locked_file_is_named(read: Read) -> None:
    """Nobody knows what it holds."""
    raw = bytearray(zipped((README, b"x")))
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1

    assert "is locked with a password" in read(bytes(raw))[1][0]


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_packings_are_not_unpacked(read: Read, packing: int) -> None:
    """Bundles are stored or deflated; what else there is has limits of its own."""
    assert "is packed in a way" in read(zipped((README, b"x"), packing=packing))[1][0]


def test_an_archive_with_an_endless_list_is_refused(tmp_path: Path) -> None:
    """The list of files is read at once, so it has a limit."""
    path = tmp_path / "bundle.zip"
    length = LARGEST_LIST + 1
    with path.open("wb") as file:
        file.seek(length)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 9, 9, length, 0, 0))
    with pytest.raises(BundleRefused, match="is damaged"):
        Archive(path, Findings())


def test_a_line_that_never_ends_is_refused(tmp_path: Path) -> None:
    """Lists are read a line at a time, and a line has a limit."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(zipped(("index.csv", b"x" * 3_000_000)))
    with (
        Archive(path, Findings()) as archive,
        pytest.raises(BundleRefused, match="a line that never ends"),
    ):
        list(archive.lines("index.csv"))


def test_a_folder_in_the_place_of_the_bundle_is_refused(tmp_path: Path) -> None:
    """The unpacked bundle is for the program that travels in it."""
    with pytest.raises(BundleRefused, match="cannot be read"):
        check_bundle(tmp_path)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_archives_get_an_answer(
    data: st.DataObject, exported: Path, tmp_path: Path
) -> None:
    """Some bytes of the ZIP's own records are others: an answer, and no traceback."""
    raw = bytearray(exported.read_bytes())
    start = raw.index(b"PK\x01\x02")
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(start, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.zip"
    path.write_bytes(raw)
    findings = Findings()
    try:
        with Archive(path, findings) as archive:
            for name in archive.names:
                try:
                    archive.read(name)
                except BundleRefused:
                    continue
    except BundleRefused:
        pass


@given(st.text() | st.from_regex(r'\{"position": \d+, "salt": "[0-9a-f]*", "record'))
def test_lines_from_outside_are_read_or_refused(line: str) -> None:
    """Whatever they are, with no other error than the one promised."""
    for read_line in (read_row, read_opened):
        with suppress(ValueError):
            read_line(line)
