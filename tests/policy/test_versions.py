"""Released versions: strict files in an unbroken chain."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signer.errors import VersionChainError, VersionFileError
from signer.markdown.rules import problems
from signer.policy.versions import in_force, read_version, read_versions

REPOSITORY = Path(__file__).parent.parent.parent
RELEASED = REPOSITORY / "versions"
SOURCE = (RELEASED / "2.md").read_bytes()
SHA256 = hashlib.sha256(SOURCE).hexdigest()


def changed(old: str, new: str, source: bytes = SOURCE) -> bytes:
    assert source.count(old.encode()) == 1, f"{old!r} does not stand there once"
    return source.replace(old.encode(), new.encode())


def following(number: int, previous: bytes, released: str = "2023-08") -> bytes:
    """A version that follows another."""
    stated = (
        f"version: {number}\nprevious_sha256: {hashlib.sha256(previous).hexdigest()}"
    )
    source = changed("version: 2", stated)
    source = changed("released: 2022-08", f"released: {released}", source)
    return changed("review_by: 2023-08", "review_by: 2026-08", source)


def written(folder: Path, **files: bytes) -> Path:
    """A folder of versions, given as ``v2=…``."""
    for name, source in files.items():
        (folder / f"{name.removeprefix('v')}.md").write_bytes(source)
    return folder


def test_version_2_is_read_whole() -> None:
    """Every field of the released file is what the file says."""
    version = read_version(RELEASED / "2.md")
    assert version.number == 2
    assert version.title == "Social Media Code of Conduct for Parents and Carers"
    assert (version.label, version.released) == ("August 2022", "2022-08")
    assert version.review_by == "2023-08"
    assert version.school == "My Online Schooling"
    assert version.motto == "Respect, Empower, Thrive"
    assert version.previous_sha256 is None
    assert (version.source, version.sha256) == (SOURCE, SHA256)
    assert version.source.decode().endswith(version.body)
    assert version.body.startswith("## Purpose\n")
    assert (version.filename, version.path) == ("2.md", "/versions/2/")
    assert len(version.declaration) == 3


def test_no_statement_is_a_consent_to_data_processing() -> None:
    """What parents confirm concerns the policy and the signature alone."""
    statements = " ".join(read_version(RELEASED / "2.md").declaration).lower()
    for word in ("consent", "data", "privacy", "process"):
        assert word not in statements


def test_every_released_text_is_allowed_markdown() -> None:
    """The released files hold nothing that a release would refuse."""
    for version in read_versions(RELEASED):
        assert problems(version.body) == []


def test_the_draft_is_a_version_by_itself(tmp_path: Path) -> None:
    """The working draft can be read as the version that it starts from."""
    draft = (REPOSITORY / "docs" / "code-of-conduct.md").read_bytes()
    number = in_force(read_versions(RELEASED)).number
    folder = written(tmp_path, **{f"v{number}": draft})
    assert problems(read_version(folder / f"{number}.md").body) == []


def test_the_newest_version_is_in_force(tmp_path: Path) -> None:
    """Versions come oldest first, by number and not by name."""
    sources = {"v2": SOURCE}
    for number in range(3, 12):
        previous = sources[f"v{number - 1}"]
        sources[f"v{number}"] = following(number, previous)
    versions = read_versions(written(tmp_path, **sources))
    assert [version.number for version in versions] == list(range(2, 12))
    assert in_force(versions).number == 11
    assert in_force(versions[::-1]).number == 11


def test_nothing_in_force_without_a_version(tmp_path: Path) -> None:
    """An empty folder is read, but has no version in force."""
    assert read_versions(tmp_path) == ()
    with pytest.raises(VersionFileError, match="no released version"):
        in_force(())


def test_an_edited_version_breaks_the_chain(tmp_path: Path) -> None:
    """One altered character in an older file is found by the newer one."""
    tampered = changed("civilised nature", "civilized nature")
    folder = written(tmp_path, v2=tampered, v3=following(3, SOURCE))
    with pytest.raises(VersionChainError) as broken:
        read_versions(folder)
    found = hashlib.sha256(tampered).hexdigest()
    assert (broken.value.number, broken.value.stated) == (3, SHA256)
    assert broken.value.found == found


def test_a_version_without_its_predecessors_hash_breaks_the_chain(
    tmp_path: Path,
) -> None:
    """Every version but the first names the one before it."""
    source = changed("version: 2", "version: 3")
    with pytest.raises(VersionChainError) as broken:
        read_versions(written(tmp_path, v2=SOURCE, v3=source))
    assert (broken.value.stated, broken.value.found) == (None, SHA256)


def test_a_first_version_that_names_another_breaks_the_chain(tmp_path: Path) -> None:
    """A deleted first version is missed by the one after it."""
    with pytest.raises(VersionChainError) as broken:
        read_versions(written(tmp_path, v3=following(3, SOURCE)))
    assert (broken.value.stated, broken.value.found) == (SHA256, None)


def test_a_gap_in_the_numbers_is_refused(tmp_path: Path) -> None:
    """A number cannot be left out."""
    folder = written(tmp_path, v2=SOURCE, v4=following(4, SOURCE))
    with pytest.raises(VersionFileError, match="one between is missing"):
        read_versions(folder)


def test_a_release_before_its_predecessor_is_refused(tmp_path: Path) -> None:
    """Time goes forward; a day within the month of the last release may follow it."""
    folder = written(tmp_path, v2=SOURCE, v3=following(3, SOURCE, "2022-07-31"))
    with pytest.raises(VersionFileError, match="released before"):
        read_versions(folder)
    written(folder, v3=following(3, SOURCE, "2022-08-02"))
    assert len(read_versions(folder)) == 2


@pytest.mark.parametrize("name", ["two.md", "02.md", "0.md", "2.txt", "٢.md", "2.MD"])
def test_a_stray_file_is_refused(tmp_path: Path, name: str) -> None:
    """The folder holds versions alone, named by their numbers."""
    (tmp_path / name).write_bytes(SOURCE)
    with pytest.raises(VersionFileError, match="not named as a version"):
        read_versions(tmp_path)


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    """What an editor or a file manager leaves behind does no harm."""
    (tmp_path / ".2.md.swp").write_bytes(b"\x00")
    assert len(read_versions(written(tmp_path, v2=SOURCE))) == 1


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing folder and a folder in a file's place are refused by name."""
    with pytest.raises(VersionFileError, match="nowhere"):
        read_versions(tmp_path / "nowhere")
    (tmp_path / "2.md").mkdir()
    with pytest.raises(VersionFileError, match=r"2\.md.*cannot be read"):
        read_versions(tmp_path)


@pytest.mark.parametrize(
    ("source", "line", "problem"),
    [
        (SOURCE.replace(b"\n", b"\r\n"), 1, "carriage return"),
        (changed("## Legal Framework\n", "## Legal Framework\r\n"), 33, "carriage"),
        (b"\xef\xbb\xbf" + SOURCE, 1, "does not begin with front matter"),
        (SOURCE.decode().encode("utf-16"), 1, "not UTF-8"),
        (SOURCE.replace(b"## Purpose", b"## Purp\xf6se"), 19, "not UTF-8"),
        (changed("## Purpose", "## Purpose e\u0301"), 19, "NFC"),
        (SOURCE.removesuffix(b"\n"), None, "line end"),
        (SOURCE[: SOURCE.index(b"## Purpose")], 20, "no text"),
        (changed("version: 2", "version: 3"), 2, "its name says 2"),
        (changed("version: 2", "version: two"), 2, "whole number"),
        (changed("version: 2", "version: 02"), 2, "whole number"),
        (changed("label: August 2022\n", ""), 1, "does not state label"),
        (changed("label: August 2022", "label: ''"), 4, "label that cannot be kept"),
        (changed("label: August 2022", "label: [a]"), 4, "one text"),
        (changed("label: August 2022", "labels: x"), 4, "no version has"),
        (changed("label: August 2022", 'label: "a\\u202Eb"'), 4, "cannot be kept"),
        (changed("label: August 2022", 'label: "a\\nb"'), 4, "single spaces"),
        (changed("released: 2022-08", "released: August"), 5, "a month or a day"),
        (changed("released: 2022-08", "released: 2022-08-32"), 5, "a month or a day"),
        (changed("review_by: 2023-08", "review_by: 2023-08-01"), 6, "a month"),
        (changed("review_by: 2023-08", "review_by: 2022-07"), 6, "before it was"),
        (changed("version: 2", "version: 2\nprevious_sha256: ABC"), 3, "64 hexa"),
    ],
)
def test_an_odd_file_is_refused_with_its_line(
    tmp_path: Path, source: bytes, line: int | None, problem: str
) -> None:
    """Each thing that can be wrong with a file is told with its line."""
    path = written(tmp_path, v2=source) / "2.md"
    with pytest.raises(VersionFileError, match=problem) as refused:
        read_version(path)
    assert (refused.value.path, refused.value.line) == (str(path), line)


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    """A version without statements could not be signed."""
    start = SOURCE.index(b"declaration:")
    end = SOURCE.index(b"---", start)
    source = SOURCE[:start] + b"declaration: []\n" + SOURCE[end:]
    with pytest.raises(VersionFileError, match="empty declaration"):
        read_version(written(tmp_path, v2=source) / "2.md")


@settings(deadline=None)
@given(at=st.integers(0, len(SOURCE) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_changes_the_identity_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    """No altered file passes for the released one, and none breaks the reader."""
    source = SOURCE[:at] + bytes([byte]) + SOURCE[at + 1 :]
    path = written(tmp_path_factory.mktemp("versions"), v2=source) / "2.md"
    try:
        version = read_version(path)
    except VersionFileError:
        return
    assert (version.sha256 == SHA256) is (source == SOURCE)
