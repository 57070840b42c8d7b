"""A ZIP that brings settings, keys and texts with its forgery is not believed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from signer.cli import main
from signer.pki.certificates import fingerprint
from signer.pki.make_keys import KeyFiles, make_keys
from tests.conftest import MOMENT, PASSPHRASE, REPOSITORY
from tests.declaration.forgery import genuine, key_folder

pytestmark = pytest.mark.usefixtures("frozen")

VERSIONS = str(REPOSITORY / "versions")


def verify(*arguments: str | Path, **environ: str) -> Result:
    runner = CliRunner(env=environ)
    return runner.invoke(main, ["verify", *map(str, arguments)])


@pytest.fixture
def unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a stranger's ZIP was unpacked into, and the current one.

    It holds a declaration sealed with a key in the school's name that the stranger
    made, and all the files of that key.
    """
    folder = tmp_path / "unpacked"
    folder.mkdir()
    keys = make_keys(
        folder / "stranger",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=MOMENT,
    )
    (folder / "declaration.pdf").write_bytes(genuine(key_folder(keys)))
    monkeypatch.chdir(folder)
    return folder


def with_settings_file(folder: Path) -> None:
    for name in ("signer.toml", ".env", "settings.sh"):
        (folder / name).write_text('trust_file = "stranger/ca.pem"\n', "utf-8")


def with_instance(folder: Path) -> None:
    shutil.copytree(folder / "stranger", folder / "instance" / "keys")
    shutil.copytree(folder / "stranger", folder / "keys")


def with_both(folder: Path) -> None:
    with_settings_file(folder)
    with_instance(folder)


HOSTILE = pytest.mark.parametrize(
    "bring", [with_settings_file, with_instance, with_both]
)


@HOSTILE
def test_a_stranger_is_no_school_for_lying_beside_the_file(
    unpacked: Path, bring: Callable[[Path], None]
) -> None:
    """An auditor without a certificate is told that the signer is unknown."""
    bring(unpacked)
    done = verify("declaration.pdf", "--versions", VERSIONS)
    assert done.exit_code == 1
    assert "UNCHANGED, BUT SIGNER UNKNOWN TO YOU" in done.output
    assert "  GENUINE" not in done.output


@HOSTILE
def test_a_server_trusts_its_own_authority_in_every_folder(
    unpacked: Path,
    bring: Callable[[Path], None],
    key_files: KeyFiles,
    tmp_path: Path,
) -> None:
    """The stranger's file is refused, and the school's own beside it is genuine."""
    bring(unpacked)
    shutil.copytree(key_folder(key_files), tmp_path / "school" / "keys")
    (unpacked / "own.pdf").write_bytes(genuine(key_folder(key_files)))
    done = verify(
        *("declaration.pdf", "own.pdf", "--json", "--versions", VERSIONS),
        SIGNER_INSTANCE=str(tmp_path / "school"),
        SIGNER_BASE_URL="https://policies.school.example",
    )
    forged, own = json.loads(done.stdout)["files"]
    assert done.exit_code == 1
    assert (forged["result"], own["result"]) == ("unknown signer", "genuine")
    assert forged["authority_source"] is forged["authority_sha256"] is None
    trusted = tmp_path / "school" / "keys" / "ca.pem"
    assert own["authority_source"] == f"{trusted}, in the instance that was named"


def test_the_texts_in_the_folder_are_no_released_versions(
    unpacked: Path, key_files: KeyFiles
) -> None:
    """Neither a forged version beside the file nor a forged record counts."""
    (unpacked / "versions").mkdir()
    text = (REPOSITORY / "versions" / "2.md").read_bytes()
    (unpacked / "versions" / "2.md").write_bytes(text.replace(b"must not", b"must"))
    (unpacked / "own.pdf").write_bytes(genuine(key_folder(key_files)))
    done = verify("own.pdf", "--trust", key_files.authority_certificate)
    assert done.exit_code == 0, done.output


def test_the_verdict_names_whom_it_trusts_and_who_said_so(
    unpacked: Path, key_files: KeyFiles
) -> None:
    """The fingerprint can be compared by telephone, and the file looked at."""
    authority = key_files.authority_certificate
    (unpacked / "own.pdf").write_bytes(genuine(key_folder(key_files)))
    fingerprint_line = f"(SHA-256): {fingerprint(key_files.authority)}\n"
    for words, variables, source in (
        (("--trust", authority), {}, f"{authority}, named with --trust"),
        ((), {"SIGNER_TRUST_FILE": authority}, f"{authority}, named by SIGNER_TRUST_"),
    ):
        named = {key: str(value) for key, value in variables.items()}
        done = verify("own.pdf", *words, "--versions", VERSIONS, **named)
        assert f"from {source}" in done.output
        assert done.output.count(fingerprint_line) == 1


def test_of_many_files_the_authority_is_named_once(
    unpacked: Path, key_files: KeyFiles
) -> None:
    """The lines of genuine files stay short, and still say whose word they are."""
    (unpacked / "own.pdf").write_bytes(genuine(key_folder(key_files)))
    authority = key_files.authority_certificate
    done = verify(*["own.pdf"] * 11, "--trust", authority, "--versions", VERSIONS)
    assert done.exit_code == 0
    assert done.output.count(fingerprint(key_files.authority)) == 1
