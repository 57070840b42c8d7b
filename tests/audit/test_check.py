"""The audit of a bundle: what is whole is called whole, and every gap is named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import load_pem_x509_certificates

from signer import clock
from signer.audit.bundle import HEADINGS, Opened, read_opened, read_row
from signer.audit.check import check_bundle
from signer.audit.findings import Severity
from signer.audit.trust import Given
from signer.declaration.keys import make_keys
from signer.declaration.seal import seal
from signer.errors import BundleRefused
from signer.ledger.checkpoints import Checkpoint
from signer.ledger.hashing import leaf_hash
from signer.ledger.log_key import LOG_KEY, LogKey
from signer.ledger.notes import NoteVerifier
from signer.ledger.proof_files import Proof
from signer.ledger.tiles import bundle as bundled
from signer.ledger.tree import grow, inclusion_proof, root
from tests.audit.making import write
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.forgery import (
    school_key,
    typeset_declaration,
    with_an_annotation_over_a_page,
)

if TYPE_CHECKING:
    from pathlib import Path

    from signer.audit.findings import Audit
    from signer.declaration.keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")

ORIGIN = "127.0.0.1:8000/log"


@pytest.fixture
def copy(files: dict[str, bytes]) -> dict[str, bytes]:
    """The bundle's files, to change."""
    return dict(files)


def gaps(audit: Audit) -> list[str]:
    """The gaps, each with the place that it is about."""
    return [
        f"{one.where}: {one.sentence}"
        for one in audit.findings
        if one.severity is Severity.GAP
    ]


def audited(path: Path, files: dict[str, bytes], given: Given | None = None) -> Audit:
    """The audit of a bundle of some files, whose list fits them."""
    return check_bundle(write(path / "changed.zip", files), given)


def declarations(files: dict[str, bytes]) -> list[str]:
    """Their references, in the order of the log."""
    lines = files["index.csv"].decode().splitlines()
    return [line.split(",")[0] for line in lines[1:]]


def openings(files: dict[str, bytes]) -> list[Opened]:
    """What the entries commit to."""
    return [
        read_opened(line) for line in files["log/openings.jsonl"].decode().splitlines()
    ]


def given(files: dict[str, bytes], **held: str) -> Given:
    """What an auditor brings who got all of it another way."""
    return Given(
        trust_roots=load_pem_x509_certificates(files["keys/ca.pem"]),
        log_keys=[NoteVerifier.parse(files["keys/log.vkey"].decode())],
        held=held or {"mail.txt": files["log/checkpoint"].decode()},
    )


def test_a_bundle_is_whole(exported: Path) -> None:
    """No gap, everything counted; what rests on the bundle alone is said."""
    found = check_bundle(exported)

    assert gaps(found) == []
    assert found.whole
    assert (found.origin, found.counts.entries) == (ORIGIN, 8)
    assert (found.counts.signed, found.counts.sealed) == (2, 2)
    assert (found.counts.genuine, found.counts.proofs) == (2, 2)
    assert (found.counts.paper, found.counts.declined) == (1, 1)
    assert found.counts.levels == {"B-B": 2}
    assert found.counts.checkpoints == 2
    assert [one.where for one in found.findings] == [
        "keys/ca.pem",
        "keys/log.vkey",
        "log/checkpoint",
    ]


def test_nothing_is_left_to_say_where_trust_was_brought_along(
    exported: Path, files: dict[str, bytes]
) -> None:
    """With certificate, log key and a witness's head there is no note either."""
    older = files["log/checkpoints/1-3.txt"].decode()

    assert check_bundle(exported, given(files, mail=older)).findings == ()


def test_a_sample_is_typeset_again(exported: Path) -> None:
    """Here the sample is all there is; each page is what the statement gives."""
    assert check_bundle(exported, deep=True).counts.typeset == 2


def test_progress_is_told(exported: Path) -> None:
    """How many PDFs are done, of how many."""
    told: list[tuple[int, int]] = []
    check_bundle(exported, progress=lambda done, all_: told.append((done, all_)))

    assert told == [(1, 3), (2, 3), (3, 3)]


NEEDED_TOGETHER = [
    ["declarations/", "log/tile/0/000.p/8", "keys/log.vkey", "check.py"],
    ["proofs/", "versions/2.md", "README.txt", "index.csv"],
    ["log/tile/entries/000.p/8", "versions/SHA256SUMS", "keys/ca.pem"],
    ["log/openings.jsonl", "log/checkpoint", "SHA256SUMS"],
]


@pytest.mark.parametrize("missing", NEEDED_TOGETHER, ids=lambda one: one[0])
def test_whatever_is_missing_is_named(
    copy: dict[str, bytes], tmp_path: Path, missing: list[str]
) -> None:
    """Also where the list of files was made to fit what is left."""
    left_out = {one for one in copy if one.startswith("log/checkpoints/")}
    left_out = {one for one in copy if one.startswith(tuple(missing))} - left_out
    for name in left_out:
        del copy[name]
    found = gaps(audited(tmp_path, copy))

    assert [one for one in left_out if not any(one in gap for gap in found)] == []


def test_whatever_the_list_names_is_missed(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """Nothing but the list is left: it names everything."""
    only = {"SHA256SUMS": copy["SHA256SUMS"]}
    found = gaps(check_bundle(write(tmp_path / "only.zip", only, summed=False)))
    expected = {
        f"{one}: SHA256SUMS lists it, and it is missing." for one in copy.keys() - only
    }

    assert expected <= set(found)


def test_a_missing_file_is_named_by_the_list(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """Also where the audit could do without it."""
    del copy["keys/ca.crl"]
    copy["README.txt"] += b"One more line.\n"
    path = write(tmp_path / "changed.zip", copy, summed=False)

    assert gaps(check_bundle(path)) == [
        "README.txt: It is not what SHA256SUMS says.",
        "keys/ca.crl: SHA256SUMS lists it, and it is missing.",
    ]


CHANGED_TOGETHER = [
    [
        *("check.py", "keys/log.pem", "keys/seal.pem", "keys/ca.crl"),
        *("log/tile/0/000.p/8", "log/checkpoints/1-3.txt", "versions/SHA256SUMS"),
        *("versions/2.pdf", "declarations/", "proofs/"),
    ],
    *(["log/tile/entries/000.p/8"], ["log/checkpoint"], ["log/openings.jsonl"]),
    *(["keys/log.vkey"], ["keys/ca.pem"], ["versions/2.md"]),
]


@pytest.mark.parametrize("names", CHANGED_TOGETHER, ids=lambda one: one[0])
def test_whatever_is_changed_is_named(
    copy: dict[str, bytes], tmp_path: Path, names: list[str]
) -> None:
    """A bit in the middle of each, and the list of files made to fit."""
    spoilt = [
        one
        for one in copy
        if one in names or one.startswith(tuple(n for n in names if n.endswith("/")))
    ]
    for name in spoilt:
        content = bytearray(copy[name])
        content[len(content) // 2] ^= 1
        copy[name] = bytes(content)
    found = audited(tmp_path, copy)

    named = {one.where for one in found.findings}
    # What these two tell is named by what it is told of.
    assert set(spoilt) - {"log/openings.jsonl", "versions/SHA256SUMS"} <= named
    assert not found.whole


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b",2026-", b",2025-"),
        (b",B-B,", b",B-LT,"),
        (b",2\n", b",3\n"),
        (b".pdf,", b".pdf,0"),
    ],
)
def test_an_index_that_says_something_else_is_a_gap(
    copy: dict[str, bytes], tmp_path: Path, before: bytes, after: bytes
) -> None:
    """Time, level, entry, hash: each is held to what the PDF and the log say."""
    first, _ = declarations(copy)
    assert before in copy["index.csv"]
    copy["index.csv"] = copy["index.csv"].replace(before, after, 1)

    assert gaps(audited(tmp_path, copy)) == [
        f"index.csv: What it says of {first} is not so."
    ]


def test_a_declaration_taken_away_with_all_its_traces_but_the_log(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """PDF, proof and index line are gone; its entry cannot be taken back."""
    first, second = declarations(copy)
    del copy[f"declarations/{first}.pdf"], copy[f"proofs/{first}.tlog-proof"]
    lines = copy["index.csv"].decode().splitlines(keepends=True)
    copy["index.csv"] = "".join(one for one in lines if first not in one).encode()

    found = gaps(audited(tmp_path, copy))
    assert found == [
        (
            f"declarations/{first}.pdf: The log says that it was sealed (entry 2), "
            "and it is missing."
        ),
        f"proofs/{first}.tlog-proof: It is missing.",
    ]
    assert not any(second in one for one in found)


def test_an_entry_that_nobody_may_open_is_a_gap(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """Unless the log itself says that it was erased."""
    kept = [one for one in openings(copy) if one.position not in {3, 4, 6}]
    copy["log/openings.jsonl"] = "".join(one.line for one in kept).encode()

    found = gaps(audited(tmp_path, copy))
    assert any(one.startswith("entries 3 to 4: Nothing tells") for one in found)
    assert any(one.startswith("entry 6: Nothing tells") for one in found)


def test_many_gaps_are_all_named(copy: dict[str, bytes], tmp_path: Path) -> None:
    """Nothing stops at the first."""
    first, second = declarations(copy)
    copy[f"declarations/{first}.pdf"] = b"%PDF-1.7 nothing"
    copy[f"proofs/{second}.tlog-proof"] = b"nothing"
    copy["versions/2.md"] += b"One more rule.\n"
    copy["log/tile/0/000.p/8"] = bytes(256)
    copy["index.csv"] = HEADINGS.encode() + b"nonsense\n"
    found = "\n".join(gaps(audited(tmp_path, copy)))

    for sentence in (
        f"declarations/{first}.pdf: It is “cannot tell”",
        f"declarations/{first}.pdf: It is not the file that the log names (entry 2)",
        f"declarations/{second}.pdf: It is “not genuine”. The text attached is not",
        f"proofs/{second}.tlog-proof: It proves nothing",
        "versions/2.md: It is not the one in the list of releases.",
        "versions/2.md: It is not the text that parents were asked to sign (entry 0).",
        "log/tile/0/000.p/8: It does not hold the hashes that the entries give.",
        "index.csv: Line 2 is not as it must be.",
        f"index.csv: It leaves out {first}.",
    ):
        assert sentence in found


def test_a_file_that_the_log_does_not_know_is_a_gap(
    copy: dict[str, bytes], tmp_path: Path, key_files: KeyFiles
) -> None:
    """However genuine: nothing says when it came."""
    added = seal(
        typeset_declaration(), school_key(key_files.seal_key.parent), at=MOMENT
    ).pdf
    copy["declarations/D-7K3M-9QXF-2B4T.pdf"] = added
    found = gaps(audited(tmp_path, copy))

    assert found == [
        (
            "declarations/D-7K3M-9QXF-2B4T.pdf: The log does not know it: nothing says "
            "when it came."
        ),
        "index.csv: It leaves out D-7K3M-9QXF-2B4T.",
    ]


def test_a_sealed_text_that_is_another_is_a_gap(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """The log names the sealed PDF of each version as well."""
    first, _ = declarations(copy)
    copy["versions/2.pdf"] = copy[f"declarations/{first}.pdf"]
    found = gaps(audited(tmp_path, copy))
    del copy["versions/2.pdf"]

    assert found == [
        "versions/2.pdf: It is “genuine”.",
        "versions/2.pdf: It is not the file that the log names (entry 7).",
    ]
    assert gaps(audited(tmp_path, copy)) == [
        "versions/2.pdf: The log says that it was sealed (entry 7), and it is missing."
    ]


def test_a_forged_declaration_is_a_gap(copy: dict[str, bytes], tmp_path: Path) -> None:
    """Its seal, its hash and its line in the index all speak against it."""
    first, _ = declarations(copy)
    name = f"declarations/{first}.pdf"
    copy[name] = with_an_annotation_over_a_page(copy[name])
    found = gaps(audited(tmp_path, copy))

    assert found == [
        (
            f"{name}: It is “not genuine”. The seal does not cover the whole file: "
            "something was added to it or taken away since."
        ),
        f"{name}: It is not the file that the log names (entry 2).",
        f"index.csv: What it says of {first} is not so.",
    ]


def test_a_proof_of_another_entry_is_a_gap(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """Two proofs exchanged prove nothing of either."""
    first, second = (f"proofs/{one}.tlog-proof" for one in declarations(copy))
    copy[first], copy[second] = copy[second], copy[first]

    assert len(gaps(audited(tmp_path, copy))) == 2


class Rewritten:
    """A log written anew by somebody who has the school's key of it."""

    def __init__(self, files: dict[str, bytes], key_files: KeyFiles) -> None:
        path = key_files.seal_key.with_name(LOG_KEY)
        self._signer = LogKey.load(path, PASSPHRASE).signer(ORIGIN)
        self._files = files
        self.opened = openings(files)

    def files(self) -> dict[str, bytes]:
        """The bundle with this log in the place of its own."""
        self.opened = [
            replace(one, position=place) for place, one in enumerate(self.opened)
        ]
        size = len(self.opened)
        nodes: dict[tuple[int, int], bytes] = {}
        for place, one in enumerate(self.opened):
            nodes |= grow(nodes, place, leaf_hash(one.commitment))
        head = Checkpoint(ORIGIN, size, root(nodes, size)).signed(self._signer)
        files = {
            name: content
            for name, content in self._files.items()
            if not name.startswith(("log/", "proofs/"))
        }
        files["log/checkpoint"] = head.encode()
        files[f"log/tile/0/000.p/{size}"] = b"".join(
            nodes[0, place] for place in range(size)
        )
        files[f"log/tile/entries/000.p/{size}"] = bundled(
            [one.commitment for one in self.opened]
        )
        files["log/openings.jsonl"] = "".join(one.line for one in self.opened).encode()
        rows = [HEADINGS]
        old = {
            row.declaration: row
            for row in map(read_row, self._files["index.csv"].decode().splitlines()[1:])
        }
        for one in self.opened:
            record = json.loads(one.record)
            if record["event"] != "declaration:sealed":
                continue
            name = record["declaration"]
            proof = Proof(
                one.position,
                tuple(inclusion_proof(nodes, one.position, size)),
                head,
                one.salt + one.record,
            )
            files[f"proofs/{name}.tlog-proof"] = str(proof).encode()
            rows.append(replace(old[name], leaf=one.position).line)
        files["index.csv"] = "".join(rows).encode()
        return files


def test_a_log_written_anew_shows_against_a_head_that_a_witness_kept(
    copy: dict[str, bytes], tmp_path: Path, key_files: KeyFiles, files: dict[str, bytes]
) -> None:
    """A whole declaration is gone, and all is signed again: one mail tells."""
    first, _ = declarations(copy)
    log = Rewritten(copy, key_files)
    log.opened = [one for one in log.opened if first.encode() not in one.record]
    rewritten = log.files()
    del rewritten[f"declarations/{first}.pdf"]
    path = write(tmp_path / "changed.zip", rewritten)

    assert gaps(check_bundle(path)) == []
    june = files["log/checkpoints/1-3.txt"].decode()
    july = files["log/checkpoint"].decode()
    told = gaps(check_bundle(path, given(files, june=june, july=july)))
    assert [one[:42] for one in told] == [
        "june: The first 3 entries are not the ones",
        "july: It vouches for 8 entries, and the ne",
    ]


def test_what_is_signed_and_never_sealed_is_a_gap(
    copy: dict[str, bytes], tmp_path: Path, key_files: KeyFiles
) -> None:
    """The signature is in the log; where is its PDF?"""
    first, _ = declarations(copy)
    log = Rewritten(copy, key_files)
    del log.opened[2]
    rewritten = log.files()
    del rewritten[f"declarations/{first}.pdf"]

    assert gaps(audited(tmp_path, rewritten)) == [
        (
            f"{first}: It was signed (entry 1), and the log does not say that it was "
            "sealed: there is no PDF to check."
        )
    ]


def test_what_was_erased_is_no_gap_as_long_as_the_log_says_so(
    copy: dict[str, bytes], tmp_path: Path, key_files: KeyFiles
) -> None:
    """The entries of a parent who has left stay shut; everything else is whole."""
    first, _ = declarations(copy)
    log = Rewritten(copy, key_files)
    erased = {"entries": "1,2", "event": "parent:erased"}
    record = json.dumps(erased, separators=(",", ":")).encode()
    log.opened.append(Opened(8, bytes(32), record))
    rewritten = log.files()
    still_open = audited(tmp_path, rewritten)
    lines = rewritten["log/openings.jsonl"].decode().splitlines(keepends=True)
    rewritten["log/openings.jsonl"] = "".join([lines[0], *lines[3:]]).encode()
    for name in (f"declarations/{first}.pdf", f"proofs/{first}.tlog-proof"):
        del rewritten[name]
    rows = rewritten["index.csv"].decode().splitlines(keepends=True)
    rewritten["index.csv"] = "".join(one for one in rows if first not in one).encode()
    found = audited(tmp_path, rewritten)

    assert gaps(found) == []
    assert (found.counts.parents_erased, found.counts.erased) == (1, 2)
    assert [one.split(":")[0] for one in gaps(still_open)] == ["entry 1", "entry 2"]


def test_events_told_twice_are_gaps(
    copy: dict[str, bytes], tmp_path: Path, key_files: KeyFiles
) -> None:
    """A declaration is signed once and sealed once."""
    log = Rewritten(copy, key_files)
    log.opened += [replace(log.opened[1], salt=bytes(32)), log.opened[2]]

    found = gaps(audited(tmp_path, log.files()))
    assert [one.split(":")[0] for one in found[:2]] == ["entry 8", "entry 9"]


def test_a_head_that_claims_a_huge_log_ends_soon(
    copy: dict[str, bytes], tmp_path: Path, key_files: KeyFiles
) -> None:
    """Nobody walks along entries that are not there."""
    path = key_files.seal_key.with_name(LOG_KEY)
    head = Checkpoint(ORIGIN, 10**18, bytes(32))
    signed = head.signed(LogKey.load(path, PASSPHRASE).signer(ORIGIN))
    copy["log/checkpoint"] = signed.encode()
    found = gaps(audited(tmp_path, copy))

    assert any("those from 25856 on are missing" in one for one in found)
    assert any("could not be computed" in one for one in found)


def test_other_keys_in_the_bundle_do_not_count(
    exported: Path, files: dict[str, bytes], tmp_path: Path
) -> None:
    """What was got another way wins, and the difference is named."""
    other = make_keys(tmp_path / "k", school="S", passphrase=PASSPHRASE, at=MOMENT)
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    brought = Given(
        trust_roots=[other.authority],
        log_keys=[NoteVerifier(ORIGIN, key)],
        held={"mail": files["log/checkpoint"].decode()},
    )
    found = gaps(check_bundle(exported, brought))

    assert any(one.startswith("keys/ca.pem: It is not the cert") for one in found)
    assert any(one.startswith("keys/log.vkey: It does not hold") for one in found)
    assert any(one.startswith("log/checkpoint: It is not signed") for one in found)
    assert any(one.startswith("mail: It is not signed") for one in found)
    assert sum("It is “unknown signer”" in one for one in found) == 3


def test_a_revocation_list_that_is_brought_along_counts(
    exported: Path, files: dict[str, bytes], key_files: KeyFiles
) -> None:
    """A seal that was revoked before it was used makes every PDF a gap."""
    from signer.declaration.revocation import revocation_list
    from signer.declaration.rotation import AuthorityKey

    held = AuthorityKey.load(key_files.authority_key, PASSPHRASE, at=MOMENT)
    listed = revocation_list(
        authority=held.certificate,
        authority_key=held.private_key,
        at=MOMENT - timedelta(hours=1),
        revoke=[key_files.seal],
    )
    brought = replace(given(files), revocation_lists=[listed])

    assert sum("was revoked" in one for one in gaps(check_bundle(exported, brought)))


def test_it_is_as_whole_in_ten_years(exported: Path, files: dict[str, bytes]) -> None:
    """The certificates have ended by then; the seals are judged as of their time."""
    with clock.frozen(MOMENT + timedelta(days=3653)):
        assert check_bundle(exported, given(files)).whole


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    """With the file's name, and what to do."""
    path = tmp_path / "audit.zip"
    path.write_bytes(hashlib.sha256().digest())

    with pytest.raises(BundleRefused, match=r"audit\.zip is damaged, or is not a ZIP"):
        check_bundle(path)


def test_a_list_without_end_is_read_so_far_and_no_further(
    copy: dict[str, bytes], tmp_path: Path
) -> None:
    """What has to be held in memory is in proportion to the bundle."""
    line = copy["index.csv"].decode().splitlines(keepends=True)[1]
    first, _ = declarations(copy)
    copy["SHA256SUMS"] = b"".join(
        f"{number:064x}  versions/{number}.md\n".encode() for number in range(1, 30_000)
    )
    copy["index.csv"] = (
        HEADINGS.encode()
        + "".join(
            line.replace(first, f"D-0000-0000-{number:04d}{number % 10}")
            for number in range(1, 30_000)
        ).encode()
    )
    path = write(tmp_path / "long.zip", copy, summed=False)
    found = check_bundle(path)

    assert found.gaps > 10_000
    assert len(found.findings) <= 10_001
    for name in ("SHA256SUMS", "index.csv"):
        assert f"{name}: It lists far more than there is." in gaps(found) or (
            found.findings[-1].sentence.startswith("There are ")
        )


def test_an_empty_zip_is_all_gaps(tmp_path: Path) -> None:
    """Everything that is needed is named."""
    found = gaps(check_bundle(write(tmp_path / "empty.zip", {})))

    assert len(found) >= 7
    assert "log/checkpoint: It is missing." in found
