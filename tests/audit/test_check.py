"""The audit of a bundle: what is whole is called whole, and every gap is named."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signer import clock
from signer.audit.bundle import HEADINGS, SIGNED_SUMS
from signer.audit.check import check_bundle
from signer.audit.findings import Verdict
from signer.errors import BundleRefused
from tests.audit.auditing import ORIGIN, audited, declarations, gaps, given, openings
from tests.audit.making import write
from tests.conftest import MOMENT

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.usefixtures("frozen")


def test_a_bundle_agrees_with_itself(exported: Path) -> None:
    """No gap, everything counted; what rests on the bundle alone is said."""
    found = check_bundle(exported)

    assert gaps(found) == []
    assert found.verdict is Verdict.UNKNOWN_SIGNER
    assert not found.whole
    assert (found.origin, found.counts.entries) == (ORIGIN, 8)
    assert (found.counts.signed, found.counts.sealed) == (2, 2)
    assert (found.counts.genuine, found.counts.unknown_signer) == (0, 2)
    assert found.counts.proofs == 2
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

    found = check_bundle(exported, given(files, mail=older))
    assert (found.findings, found.own_keys) == ((), ())
    assert found.verdict is Verdict.WHOLE
    assert (found.counts.genuine, found.counts.unknown_signer) == (2, 0)


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
    left_out.add(SIGNED_SUMS)
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
        f"{one}: SHA256SUMS lists it, and it is missing."
        for one in copy.keys() - {*only, SIGNED_SUMS}
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
    assert any(one.startswith("entries 3 to 4: Nothing says") for one in found)
    assert any(one.startswith("entry 6: Nothing says") for one in found)


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
