"""signer log and signer keys log, as an operator or an auditor types them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.log_key import LogKey
from signer.ledger.proof_files import read_proof
from signer.ledger.signed_notes import NoteSigner, NoteVerifier
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.requests.follow_link import open_link
from tests.audit.mirrored_log import MirroredLog, served
from tests.cli.invoking import signer
from tests.conftest import PASSPHRASE
from tests.workflows.conftest import Post, sign
from tests.workflows.log import logs

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

ORIGIN = "127.0.0.1:8000/log"


@pytest.fixture
def logged(app_context: AppContext) -> AppContext:
    """A context with six entries in its log."""
    logs.append(app_context.sessions, 6)
    return app_context


def test_a_checkpoint_is_signed_and_printed(logged: AppContext, tmp_path: Path) -> None:
    """The note alone on standard output; the same in a file, and in a document."""
    done = signer(logged.settings, "log", "checkpoint")
    assert done.exit_code == 0, done.output
    assert read_checkpoint(done.stdout, ORIGIN, verifiers(logged)).size == 6
    file = tmp_path / "head"
    told = signer(logged.settings, "log", "checkpoint", "--out", str(file))
    assert told.stdout == f"{file}\n"
    assert file.read_text() == done.stdout
    document = json.loads(signer(logged.settings, "log", "checkpoint", "--json").stdout)
    assert document["checkpoint"] == done.stdout
    assert (document["origin"], document["size"]) == (ORIGIN, 6)


def test_an_empty_log_is_said_to_be_empty(app_context: AppContext) -> None:
    """There is nothing to sign, which is a no."""
    done = signer(app_context.settings, "log", "checkpoint")
    assert done.exit_code == 1
    assert "The log is empty" in done.output


def test_a_file_that_cannot_be_written_is_named(
    logged: AppContext, tmp_path: Path
) -> None:
    """Path and reason, and no traceback."""
    file = tmp_path / "gone" / "head"
    done = signer(logged.settings, "log", "checkpoint", "--out", str(file))
    assert done.exit_code == 1
    assert f"The file {file} could not be written" in done.output


def test_a_missing_key_names_its_command(logged: AppContext, tmp_path: Path) -> None:
    """The operator learns what makes it."""
    settings = replace(logged.settings, log_key_file=tmp_path / "none.p12")
    done = signer(settings, "log", "checkpoint")
    assert done.exit_code == 1
    assert "signer keys log" in done.output


def test_a_proof_is_printed_or_written(app_context: AppContext, tmp_path: Path) -> None:
    """It is what goes out with the receipt."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    amira = open_link(app_context, post.token("Amira Khan"))
    signed = sign(app_context, amira)
    before = signer(app_context.settings, "log", "prove", signed.declaration_id)
    assert before.exit_code == 1
    assert "signer log checkpoint" in before.output
    sign_checkpoint(app_context)
    done = signer(app_context.settings, "log", "prove", signed.declaration_id)
    assert read_proof(done.stdout).extra
    file = tmp_path / "one.tlog-proof"
    told = signer(
        app_context.settings, "log", "prove", signed.declaration_id, "--out", str(file)
    )
    assert told.stdout == f"{file}\n"
    assert file.read_text() == done.stdout


def test_a_whole_log_is_said_to_be_whole(logged: AppContext, tmp_path: Path) -> None:
    """Name, size and root; checkpoints that were kept fit."""
    kept = tmp_path / "kept"
    signer(logged.settings, "log", "checkpoint", "--out", str(kept))
    done = signer(logged.settings, "log", "check", "--held", str(kept))
    assert done.exit_code == 0, done.output
    assert f"{ORIGIN}\n  6 entries\n" in done.output
    assert f"ok: the log begins with the 6 entries of {kept}" in done.output
    assert "Every entry is what it was." in done.output
    found = json.loads(
        signer(logged.settings, "log", "check", "--json", "--held", str(kept)).stdout
    )
    assert found["whole"] is True
    assert found["held"][0]["size"] == 6


def test_a_broken_log_is_a_no_with_every_reason(logged: AppContext) -> None:
    """Each problem has a line, and the guide is named."""
    sign_checkpoint(logged)
    logs.rewrite(logged, 2)
    logs.remove(logged, 4)
    done = signer(logged.settings, "log", "check")
    assert done.exit_code == 1
    assert "NO: Entry 2 is not the one that was logged." in done.output
    assert "NO: Entry 4 is missing." in done.output
    assert "operator's" in done.output
    refused = signer(logged.settings, "log", "checkpoint")
    assert refused.exit_code == 1
    assert "Nothing was signed" in refused.output


def test_what_is_no_checkpoint_is_said_so(logged: AppContext, tmp_path: Path) -> None:
    """A file of other bytes, or of another log, is answered in a sentence."""
    odd = tmp_path / "odd"
    odd.write_bytes(b"\xff")
    done = signer(logged.settings, "log", "check", "--held", str(odd))
    assert done.exit_code == 2
    assert f"{odd} cannot be read as text" in done.output
    odd.write_text("words\n")
    done = signer(logged.settings, "log", "check", "--held", str(odd))
    assert done.exit_code == 2
    assert f"{odd} is neither a checkpoint nor a proof" in done.output
    other = NoteSigner("other.example/log", Ed25519PrivateKey.generate())
    odd.write_text(Checkpoint(other.name, 1, bytes(32)).signed(other), newline="")
    done = signer(logged.settings, "log", "check", "--held", str(odd))
    assert done.exit_code == 1
    assert f"NO: {odd}: It is no checkpoint of this log" in done.output
    assert "Nothing more is signed" not in done.output
    assert "Stop the worker" not in done.output


def test_a_loss_that_a_witness_alone_knows_of_is_not_called_stopped(
    logged: AppContext, tmp_path: Path
) -> None:
    """The service goes on signing, and the operator is told so and where to read."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 2)
    witness = tmp_path / "witness"
    signer(logged.settings, "log", "checkpoint", "--out", str(witness))
    logs.restore(logged, backup)
    logged.settings.checkpoint_path.unlink()
    done = signer(logged.settings, "log", "check", "--held", str(witness))
    assert done.exit_code == 1
    assert "entries are gone" in done.output
    assert "Nothing more is signed" not in done.output
    assert "Stop the worker" in done.output
    reason = ("--reason", "A disk failed.", "--after", str(witness))
    again = signer(logged.settings, "log", "reopen", *reason)
    assert again.exit_code == 0, again.output


def test_a_lost_log_is_reopened(logged: AppContext, tmp_path: Path) -> None:
    """The new name and the citation are told; then the log signs again."""
    backup = logs.saved(logged)
    logs.append(logged.sessions, 2)
    newest = tmp_path / "newest"
    signer(logged.settings, "log", "checkpoint", "--out", str(newest))
    logs.restore(logged, backup)
    assert signer(logged.settings, "log", "checkpoint").exit_code == 1
    arguments = ("log", "reopen", "--reason", "A disk failed.", "--after", str(newest))
    done = signer(logged.settings, *arguments)
    assert done.exit_code == 0, done.output
    assert f"The log continues as {ORIGIN}/2, with 7 entries." in done.output
    assert f"reopened-after {ORIGIN} 8 " in done.output
    assert signer(logged.settings, "log", "checkpoint").exit_code == 0
    checked = signer(logged.settings, "log", "check", "--held", str(newest))
    assert "is from before the log was reopened" in checked.output
    again = signer(logged.settings, *arguments)
    assert again.exit_code == 1
    assert "newer checkpoint is held" in again.output


def test_the_key_is_made_once(logged: AppContext, tmp_path: Path) -> None:
    """Its public half is printed as tools take it; a second time touches nothing."""
    file = tmp_path / "new" / "log.p12"
    settings = replace(logged.settings, log_key_file=file)
    done = signer(settings, "keys", "log")
    assert done.exit_code == 0, done.output
    key = LogKey.load(file, PASSPHRASE)
    line = next(one for one in done.output.splitlines() if "public key" in one)
    assert NoteVerifier.parse(line.split()[-1]) == key.signer(ORIGIN).verifier
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    again = signer(settings, "keys", "log")
    assert again.exit_code == 1
    assert "already exists" in again.output
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["log.p12"]


def test_the_key_is_made_for_programs(logged: AppContext, tmp_path: Path) -> None:
    """--json names the file and the public key."""
    file = tmp_path / "log.p12"
    settings = replace(logged.settings, log_key_file=file)
    found = json.loads(signer(settings, "keys", "log", "--json").stdout)
    assert found["log_key"] == str(file)
    assert found["log_vkey"].startswith(f"{ORIGIN}+")


def test_a_key_wants_a_passphrase(logged: AppContext, tmp_path: Path) -> None:
    """No key lies about unlocked."""
    settings = replace(
        logged.settings, log_key_file=tmp_path / "log.p12", seal_passphrase=""
    )
    done = signer(settings, "keys", "log")
    assert done.exit_code == 1
    assert "SIGNER_SEAL_PASSPHRASE is missing" in done.output
    assert not (tmp_path / "log.p12").exists()


def test_keys_show_names_the_log_s_key(logged: AppContext, tmp_path: Path) -> None:
    """With its public half; where it is missing, with a warning."""
    done = signer(logged.settings, "keys", "show")
    verifier = str(logged.log_key().signer(ORIGIN).verifier)
    assert f"public key {verifier}" in done.output
    found = json.loads(signer(logged.settings, "keys", "show", "--json").stdout)
    assert found["items"][-1]["vkey"] == verifier
    settings = replace(logged.settings, log_key_file=tmp_path / "none.p12")
    missing = signer(settings, "keys", "show")
    assert missing.exit_code == 0
    assert "WARNING: The log's key" in missing.output
    assert "receipts go without their proof" in missing.output


def test_a_mirror_is_followed_by_anybody(logged: AppContext, tmp_path: Path) -> None:
    """As files on any web server; each visit says whether the log only grew."""
    folder, state = tmp_path / "mirror", str(tmp_path / "kept")
    done = signer(logged.settings, "log", "mirror", str(folder))
    assert (done.exit_code, "No head of the log" in done.output) == (1, True)
    sign_checkpoint(logged)
    done = signer(logged.settings, "log", "mirror", str(folder))
    assert done.stdout.splitlines()[0] == f"{folder}: {ORIGIN}"
    assert "entries: 6" in done.stdout
    again = signer(logged.settings, "log", "mirror", str(folder))
    assert "files written: 0" in again.stdout

    key = str(folder / "log.vkey")
    with served(folder) as address:
        visit = ("log", "follow", address, "--key", key, "--state", state)
        done = signer(logged.settings, *visit)
        assert (done.exit_code, "Its head is kept." in done.stdout) == (0, True)
        logs.append(logged.sessions, 300)
        sign_checkpoint(logged)
        signer(logged.settings, "log", "mirror", str(folder))
        done = signer(logged.settings, *visit)
        assert done.exit_code == 0, done.output
        assert "It begins with the 6 of the last visit." in done.stdout

        (folder / "checkpoint").rename(folder / "away")
        done = signer(logged.settings, *visit)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "NOT KNOWN: " in done.stderr


def test_a_log_that_was_rewritten_is_named(
    app_context: AppContext, tmp_path: Path
) -> None:
    """With 1, and words."""
    key = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    (tmp_path / "log.vkey").write_text(str(key.verifier))
    with served(tmp_path / "mirror") as address:
        visit = ["log", "follow", address, "--key", str(tmp_path / "log.vkey")]
        visit += ["--state", str(tmp_path / "kept")]
        MirroredLog([b"one", b"two"], key).write(tmp_path / "mirror")
        assert signer(app_context.settings, *visit).exit_code == 0
        MirroredLog([b"one", b"other", b"three"], key).write(tmp_path / "mirror")
        done = signer(app_context.settings, *visit)
    assert done.exit_code == 1
    assert done.stdout.startswith("NO: Up to number 2 its entries are not those")
