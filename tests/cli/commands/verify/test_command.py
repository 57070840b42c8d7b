"""signer verify, as an auditor types it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.declaration.seal.seal import seal
from signer.pki.make_keys import make_keys
from signer.pki.rotation import AuthorityKey, publish_list
from tests.conftest import MOMENT, PASSPHRASE, REPOSITORY
from tests.declaration.forgery import (
    STATEMENT,
    genuine,
    key_folder,
    school_key,
    typeset_declaration,
)

if TYPE_CHECKING:
    from click.testing import Result

    from signer.pki.make_keys import KeyFiles

pytestmark = pytest.mark.usefixtures("frozen")

VERSIONS = str(REPOSITORY / "versions")


@pytest.fixture
def pdf(key_files: KeyFiles, tmp_path: Path) -> str:
    path = tmp_path / "declaration.pdf"
    path.write_bytes(genuine(key_folder(key_files)))
    return str(path)


@pytest.fixture
def authority(key_files: KeyFiles) -> str:
    return str(key_files.authority_certificate)


def signer(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, ["verify", *arguments])


def test_a_genuine_file_is_shown_step_by_step(pdf: str, authority: str) -> None:
    """Fourteen numbered lines, the result in capitals, and the exit code 0."""
    done = signer(pdf, "--trust", authority, "--versions", VERSIONS)
    assert done.exit_code == 0, done.output
    lines = [line for line in done.output.splitlines() if line[4:5] == "."]
    assert [line.split()[1] for line in lines] == [
        *("file", "seal", "digest", "signature", "signer", "timestamp"),
        *("revocation", "changes", "statement", "typesetting", "policy"),
        *("record", "log", "standing"),
    ]
    assert "  GENUINE. " in done.output
    assert "Amira Khan" in done.output


def test_settings_name_whom_to_trust_and_what_was_released(
    pdf: str, authority: str
) -> None:
    """Without options the school's own settings are used."""
    done = signer(pdf, SIGNER_TRUST_FILE=authority, SIGNER_VERSIONS_DIR=VERSIONS)
    assert done.exit_code == 0, done.output


def test_one_document_for_programs(pdf: str, authority: str) -> None:
    """--json prints one document with a report for each file."""
    done = signer(pdf, pdf, "--json", "--trust", authority, "--versions", VERSIONS)
    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert found["genuine"] is True
    assert [one["file"] for one in found["files"]] == [pdf, pdf]
    assert found["files"][0]["result"] == "genuine"
    assert len(found["files"][0]["checks"]) == 14


def test_one_file_that_is_not_genuine_decides(
    pdf: str, authority: str, tmp_path: Path
) -> None:
    """The exit code is 1 as soon as one file of several is not genuine."""
    content = (tmp_path / "declaration.pdf").read_bytes()
    forged = tmp_path / "forged.pdf"
    forged.write_bytes(content.replace(b"Amira", b"Omira", 1)[:-1] + b"\r")
    done = signer(pdf, str(forged), "--trust", authority, "--versions", VERSIONS)
    assert done.exit_code == 1
    assert "  GENUINE. " in done.output
    assert "  NOT GENUINE. " in done.output


def test_without_a_certificate_the_signer_is_unknown(pdf: str, tmp_path: Path) -> None:
    """An auditor without the school's certificate is told how to get it."""
    done = signer(pdf, "--versions", VERSIONS, SIGNER_INSTANCE=str(tmp_path))
    assert done.exit_code == 1
    assert "UNCHANGED, BUT SIGNER UNKNOWN TO YOU" in done.output
    assert "ca.pem" in done.output


def test_the_certificate_of_another_school_does_not_do(
    pdf: str, tmp_path: Path
) -> None:
    """What is trusted is what was named, and nothing else."""
    other = make_keys(tmp_path / "k", school="S", passphrase=PASSPHRASE, at=MOMENT)
    trusted = str(other.authority_certificate)
    done = signer(pdf, "--trust", trusted, "--versions", VERSIONS)
    assert done.exit_code == 1
    assert "UNCHANGED, BUT SIGNER UNKNOWN TO YOU" in done.output


def test_without_released_versions_nothing_is_proved(
    pdf: str, authority: str, tmp_path: Path
) -> None:
    """A text that cannot be compared leaves the answer open."""
    missing = str(tmp_path / "none")
    done = signer(pdf, "--trust", authority, SIGNER_VERSIONS_DIR=missing)
    assert done.exit_code == 1
    assert "CANNOT TELL" in done.output
    assert "Name the folder of the released versions with --versions" in done.output
    assert "not a print" not in done.output


def test_what_is_no_pdf_gets_an_answer(authority: str, tmp_path: Path) -> None:
    """A wrong file is told apart from a forged one."""
    path = tmp_path / "photo.pdf"
    path.write_bytes(b"\xff\xd8\xff\xe0")
    done = signer(str(path), "--trust", authority, "--versions", VERSIONS)
    assert done.exit_code == 1
    assert "The file is not a PDF." in done.output
    assert "CANNOT TELL" in done.output


def test_many_files_are_checked_with_a_bar_on_the_side(
    pdf: str, authority: str
) -> None:
    """The bar goes to standard error, so that the document stays whole."""
    done = signer(*[pdf] * 50, "--json", "--trust", authority, "--versions", VERSIONS)
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["files"]) == 50


def test_of_many_files_the_genuine_take_a_line_each(
    pdf: str, authority: str, tmp_path: Path
) -> None:
    """What needs a reader stands out, and the end counts them all."""
    (tmp_path / "letter.pdf").write_text("Dear parents")
    files = [*[pdf] * 11, str(tmp_path / "letter.pdf")]
    done = signer(*files, "--trust", authority, "--versions", VERSIONS)
    assert done.exit_code == 1
    assert done.output.count(f"{pdf}: genuine\n") == 11
    assert done.output.count("  CANNOT TELL. ") == 1
    assert done.output.endswith("12 files: 11 genuine, 1 not to be told.\n")


def test_the_pages_are_typeset_again_when_asked(pdf: str, authority: str) -> None:
    """--deep makes the tenth step, which is left out otherwise."""
    known = ("--trust", authority, "--versions", VERSIONS, "--json")
    for words, outcome in (((), "not checked"), (("--deep",), "passed")):
        [found] = json.loads(signer(pdf, *known, *words).stdout)["files"]
        assert found["result"] == "genuine"
        assert (found["checks"][9]["name"], found["checks"][9]["outcome"]) == (
            "typesetting",
            outcome,
        )


def test_pages_that_could_not_be_compared_are_named_after_the_verdict(
    key_files: KeyFiles, authority: str, tmp_path: Path
) -> None:
    """Whoever asks for --deep learns that it was not done, and so does a program."""
    elsewhere = typeset_declaration(replace(STATEMENT, template="1"))
    path = tmp_path / "elsewhere.pdf"
    path.write_bytes(seal(elsewhere, school_key(key_folder(key_files)), at=MOMENT).pdf)
    known = ("--trust", authority, "--versions", VERSIONS)
    for words, left in (((), 0), (("--deep",), 1)):
        done = signer(str(path), *known, *words)
        assert "  GENUINE. " in done.output
        assert ("Its pages were not compared" in done.output) is bool(left)
        assert done.exit_code == left
        done = signer(str(path), *known, *words, "--json")
        document = json.loads(done.stdout)
        assert (document["genuine"], document["uncompared"]) == (True, left)
        assert done.exit_code == left
    done = signer(*[str(path)] * 11, *known, "--deep")
    assert f"{path}: genuine, but its pages were not compared\n" in done.output
    assert done.output.endswith("Genuine, but not compared as --deep asks: 11.\n")
    assert done.exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-file.pdf"],
        ["/dev/null"],
        ["{pdf}", "{pdf}", "--proof", "{pdf}"],
        ["{pdf}", "--log-key", "{pdf}"],
        ["{pdf}", "--log-key", "/dev/null"],
        ["{pdf}", "--trust", "no-such-file.pem"],
        ["{pdf}", "--versions", "no-such-folder"],
        ["{pdf}", "--no-such-option"],
    ],
)
def test_wrong_usage_has_a_code_of_its_own(arguments: list[str], pdf: str) -> None:
    """What cannot be understood is exit code 2, never a verdict."""
    assert signer(*(one.format(pdf=pdf) for one in arguments)).exit_code == 2


def test_a_certificate_file_without_a_certificate_is_named(
    pdf: str, tmp_path: Path
) -> None:
    """The file is named, and nothing is said of the declaration."""
    path = tmp_path / "ca.pem"
    path.write_text("nothing")
    done = signer(pdf, "--trust", str(path), "--versions", VERSIONS)
    assert done.exit_code == 1
    assert str(path) in done.output
    assert "GENUINE" not in done.output


def test_a_revoked_seal_is_told_by_the_newest_list(
    pdf: str, authority: str, key_files: KeyFiles, tmp_path: Path
) -> None:
    """A list that revokes the certificate since leaves a bare seal in doubt."""
    held = AuthorityKey.load(key_files.authority_key, PASSPHRASE, at=MOMENT)
    path = tmp_path / "ca.crl"
    known = ("--trust", authority, "--versions", VERSIONS, "--crl", str(path))
    for at, word in (
        (MOMENT + timedelta(days=1), "CANNOT TELL"),
        (MOMENT - timedelta(days=1), "NOT GENUINE"),
    ):
        path.unlink(missing_ok=True)
        publish_list(path, held, at=at, revoke=[key_files.seal])
        done = signer(pdf, *known)
        assert done.exit_code == 1
        assert f"  {word}. " in done.output
        assert "it is not in the school's record" not in done.output
    path.unlink()
    publish_list(path, held, at=MOMENT)
    done = signer(pdf, *known)
    assert done.exit_code == 0, done.output
    assert "was not revoked, according to the list of 22 November 2026" in done.output


def test_a_file_to_trust_for_timestamps_must_hold_a_certificate(
    pdf: str, authority: str, tmp_path: Path
) -> None:
    """The file is named, and a certificate there is taken, though not needed here."""
    path = tmp_path / "tsa.pem"
    path.write_text("nothing")
    known = ("--trust", authority, "--versions", VERSIONS, "--tsa-trust", str(path))
    assert str(path) in signer(pdf, *known).output
    path.write_bytes(Path(authority).read_bytes())
    assert signer(pdf, *known).exit_code == 0
