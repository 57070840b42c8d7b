"""The signed list of a bundle's files: nobody without the log's key shortens it."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signer.audit.bundle import SIGNED_SUMS, SUMS
from signer.audit.check import check_bundle
from signer.audit.checkpoints import LogKeys
from signer.audit.signed_list import SINCE, SignedList, read_signed_list
from signer.errors import NoteRefused
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.signed_notes import NoteSigner
from tests.audit.auditing import ORIGIN, audited, declarations, gaps, given
from tests.audit.making import write
from tests.audit.rewriting import Rewritten
from tests.audit.test_stranger import check

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")

SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
LISTED = SignedList(ORIGIN, 8, "ab" * 32, "2026-12-05T10:00:00Z")


@pytest.fixture
def shortened(copy: dict[str, bytes], key_files: KeyFiles) -> dict[str, bytes]:
    """What somebody without any key makes: the second declaration never was."""
    _, second = declarations(copy)
    log = Rewritten(copy, key_files)
    log.opened = log.opened[:3]
    files = log.files(copy["log/checkpoints/1-3.txt"].decode())
    del files[f"declarations/{second}.pdf"]
    del files["versions/2.pdf"]
    return files


def summed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with a list that fits them, and the signed one as it was."""
    sums: str = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in files.items()
        if name not in {SUMS, SIGNED_SUMS}
    )
    return {**files, SUMS: sums.encode()}


def test_a_bundle_that_was_cut_at_an_older_head_is_not_the_signed_one(
    shortened: dict[str, bytes], tmp_path: Path
) -> None:
    """All in it fits, but what the log's key signed of the list."""
    path = write(tmp_path / "cut.zip", summed(shortened), summed=False)

    assert [one.partition(":")[0] for one in gaps(check_bundle(path))] == [
        SUMS,
        SIGNED_SUMS,
    ]


def test_a_bundle_whose_signed_list_was_taken_out_is_not_whole(
    shortened: dict[str, bytes], tmp_path: Path
) -> None:
    """Not even one that says of itself that it is old enough to have none."""
    path = write(tmp_path / "cut.zip", shortened)
    held = {"mail.txt": shortened["log/checkpoint"].decode()}
    found = check_bundle(path, given(shortened, **held))

    [gap] = gaps(found)
    assert gap.startswith(f"{SIGNED_SUMS}: It is missing")
    assert "--unsigned-list" in gap
    assert not found.whole


def test_a_bundle_cut_before_lists_were_signed_is_called_so(
    shortened: dict[str, bytes], tmp_path: Path
) -> None:
    """As bundles of older releases are, which stay whole for whoever has had them."""
    found = audited(tmp_path, shortened)

    assert gaps(found) == []
    [note] = [one for one in found.findings if one.where == SIGNED_SUMS]
    assert "--held" in note.sentence
    assert len(gaps(audited(tmp_path, shortened, given(shortened, mail="x")))) == 1


def test_a_list_that_had_to_be_signed_is_missed(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """No release without signed lists sealed anything since."""
    before = copy["index.csv"].decode()
    later = before.replace("2026-11-22T", "2026-12-22T")
    assert later != before
    assert SINCE < "2026-12-22"
    copy["index.csv"] = later.encode()

    assert any(
        one.startswith(f"{SIGNED_SUMS}: It is missing.")
        for one in gaps(audited(tmp_path, copy))
    )


@pytest.mark.parametrize(
    "note",
    [
        LISTED.signed(SIGNER),
        Checkpoint(ORIGIN, 8, bytes(32)).signed(SIGNER),
        "",
        "audit bundle of x\n",
    ],
    ids=["another key", "a head", "nothing", "no signature"],
)
def test_a_list_that_the_key_did_not_sign_is_a_gap(
    copy: dict[str, bytes], tmp_path: Path, note: str
) -> None:
    """Whatever stands in its place."""
    copy[SIGNED_SUMS] = note.encode()
    path = write(tmp_path / "changed.zip", copy, summed=False)

    assert [one.partition(":")[0] for one in gaps(check_bundle(path))] == [SIGNED_SUMS]


def test_a_signed_list_is_no_head_and_a_head_is_no_list() -> None:
    """The same key signs both, and neither can stand in for the other."""
    keys = LogKeys([SIGNER.verifier])
    note = LISTED.signed(SIGNER)
    assert read_signed_list(note, keys) == LISTED
    with pytest.raises(NoteRefused):
        read_checkpoint(note, ORIGIN, [SIGNER.verifier])
    with pytest.raises(NoteRefused):
        read_signed_list(Checkpoint(ORIGIN, 8, bytes(32)).signed(SIGNER), keys)


def unpack(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return folder


def test_the_stand_alone_check_finds_what_was_cut(
    shortened: dict[str, bytes], tmp_path: Path
) -> None:
    """With the signed list as it was, and without any."""
    path = write(tmp_path / "cut.zip", summed(shortened), summed=False)
    done = check(unpack(path, tmp_path / "cut"))
    assert done.returncode == 1
    assert "not the list that was signed with this head" in done.stdout

    (tmp_path / "cut" / SIGNED_SUMS).unlink()
    assert check(tmp_path / "cut").returncode == 1


def test_the_stand_alone_check_compares_what_people_hold(
    exported: Path, files: dict[str, bytes], tmp_path: Path
) -> None:
    """A head as a mail program spoilt it, a proof, and one of a longer log."""
    folder = unpack(exported, tmp_path / "bundle")
    head = tmp_path / "head.txt"
    head.write_bytes(
        b"\xef\xbb\xbf" + files["log/checkpoint"].rstrip().replace(b"\n", b"\r\n")
    )
    proof = folder / f"proofs/{declarations(files)[0]}.tlog-proof"
    for path in (head, proof):
        done = check(folder, "--held", str(path))
        assert done.returncode == 0, done.stdout

    # Another log of the same name, as long as it likes.
    other = tmp_path / "other.vkey"
    other.write_text(f"{SIGNER.verifier}\n{files['keys/log.vkey'].decode()}")
    head.write_text(Checkpoint(ORIGIN, 9, bytes(32)).signed(SIGNER))
    done = check(folder, "--log-key", str(other), "--held", str(head))
    assert done.returncode == 1
    assert "The log does not begin as the head in" in done.stdout


def test_the_stand_alone_check_misses_records_and_rows(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    """A record without an erasure, a row of the index, an older head that is not so."""
    folder = tmp_path / "bundle"
    unpack(write(tmp_path / "copy.zip", files, summed=False), folder)
    openings = files["log/openings.jsonl"].splitlines(keepends=True)
    (folder / "log/openings.jsonl").write_bytes(b"".join(openings[:-1]))
    rows = files["index.csv"].splitlines(keepends=True)
    (folder / "index.csv").write_bytes(b"".join(rows[:-1]))
    told = check(folder).stdout
    assert "Nothing says what entry 7 was, or that it was erased." in told
    assert "The index lists other declarations." in told
    assert "index.csv is missing, or not what SHA256SUMS says." in told
