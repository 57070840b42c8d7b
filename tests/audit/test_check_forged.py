"""The audit of a bundle that somebody forged: each trick is named."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signer.audit.bundle import Opened
from signer.audit.check import check_bundle
from signer.audit.trust import Given
from signer.declaration.seal.seal import seal
from signer.ledger.checkpoints import Checkpoint
from signer.ledger.log_key import LOG_KEY, LogKey
from signer.ledger.signed_notes import NoteVerifier
from signer.pki.make_keys import make_keys
from tests.audit.auditing import ORIGIN, audited, declarations, gaps, given
from tests.audit.making import write
from tests.audit.rewriting import Rewritten
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.forgery import (
    school_key,
    typeset_declaration,
    with_an_annotation_over_a_page,
)

if TYPE_CHECKING:
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")


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

    assert gaps(check_bundle(path, Given(unsigned_list=True))) == []
    june = files["log/checkpoints/1-3.txt"].decode()
    july = files["log/checkpoint"].decode()
    brought = replace(given(files, june=june, july=july), unsigned_list=True)
    told = gaps(check_bundle(path, brought))
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
    from signer.pki.revocation import revocation_list
    from signer.pki.rotation import AuthorityKey

    held = AuthorityKey.load(key_files.authority_key, PASSPHRASE, at=MOMENT)
    listed = revocation_list(
        authority=held.certificate,
        authority_key=held.private_key,
        at=MOMENT - timedelta(hours=1),
        revoke=[key_files.seal],
    )
    brought = replace(given(files), revocation_lists=[listed])

    assert sum("was revoked" in one for one in gaps(check_bundle(exported, brought)))
