"""signer audit, as the school and the auditor type it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.errors import SealError
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.pki.certificates import fingerprint, read_certificates
from signer.pki.make_keys import make_keys
from signer.workflows.audit.bundle import export_audit
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.requests.follow_link import open_link
from tests.audit.making import contents, write
from tests.cli.invoking import signer
from tests.conftest import MOMENT, PASSPHRASE
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from click.testing import Result

    from signer.pki.make_keys import KeyFiles
    from signer.workflows.context import AppContext


@pytest.fixture
def bundle(app_context: AppContext, tmp_path: Path) -> Path:
    """What the command wrote, of a school that has asked everybody."""
    ask_parents(app_context)
    path = tmp_path / "audit.zip"
    done = signer(app_context.settings, "audit", "export", str(path), "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found == {
        "file": str(path),
        "declarations": 0,
        "entries": 1,
        "origin": "127.0.0.1:8000/log",
        "size": path.stat().st_size,
        "problem": None,
        "waiting": 0,
        "waiting_why": None,
    }
    return path


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_declarations_that_wait_for_their_seal_are_told(
    app_context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the terminal, in the bundle, to programs, and by the exit code."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    amira = open_link(app_context, post.token("Amira Khan"))

    def fail(*_: object) -> None:
        raise SealError("the authority is away")

    with monkeypatch.context() as patch:
        patch.setattr("signer.workflows.declarations.seal.typeset", fail)
        sign(app_context, amira)
    path = tmp_path / "early.zip"
    done = signer(app_context.settings, "audit", "export", str(path), "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert (found["waiting"], found["waiting_why"]) == (1, "the authority is away")
    assert "1 declaration is waiting for a seal" in done.stderr
    assert "the authority is away" in done.stderr
    readme = contents(path)["README.txt"].decode()
    assert "NOT COMPLETE YET: 1 of the declarations" in readme
    seal_outstanding(app_context)
    later = tmp_path / "later.zip"
    done = signer(app_context.settings, "audit", "export", str(later))
    assert done.exit_code == 0, done.output
    assert "NOT COMPLETE" not in done.output
    assert "NOT COMPLETE" not in contents(later)["README.txt"].decode()


@pytest.fixture
def brought(bundle: Path, tmp_path: Path) -> dict[str, str]:
    """Certificate, log key and a checkpoint, as an auditor keeps them."""
    files = contents(bundle)
    kept = {}
    for name in ("keys/ca.pem", "keys/log.vkey", "log/checkpoint"):
        path = tmp_path / f"kept-{name.rpartition('/')[2]}"
        path.write_bytes(files[name])
        kept[name] = str(path)
    return kept


def check(*arguments: str) -> Result:
    """As typed by somebody who has no settings of the school's."""
    done = CliRunner().invoke(main, ["audit", "check", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def test_a_bundle_of_one_moment_is_whole(bundle: Path, brought: dict[str, str]) -> None:
    """With everything brought along there is nothing left to say."""
    done = check(
        str(bundle),
        *("--trust", brought["keys/ca.pem"], "--log-key", brought["keys/log.vkey"]),
        *("--held", brought["log/checkpoint"], "--deep"),
    )
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[-1] == "WHOLE. Every check passed, and nothing is missing."
    assert lines[0] == (
        "0 of 0 sealed declarations are genuine; 0 are proved to be in the log."
    )
    assert "0 declarations were typeset again, with the same result." in lines
    assert "note" not in done.stdout


def test_trust_that_comes_from_the_bundle_alone_is_told(
    bundle: Path, brought: dict[str, str]
) -> None:
    """Nobody knows whose it is, and each thing to bring along is named."""
    done = check(str(bundle))

    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    notes = [one for one in lines if one.startswith("note")]
    assert [one.split()[1] for one in notes] == [
        "keys/ca.pem:",
        "keys/log.vkey:",
        "log/checkpoint:",
    ]
    [authority] = read_certificates(Path(brought["keys/ca.pem"]))
    log_key = Path(brought["keys/log.vkey"]).read_text("utf-8").strip()
    assert lines[-4].startswith("SIGNER UNKNOWN TO YOU. The bundle agrees with itself")
    assert lines[-3:] == [
        f"  keys/ca.pem  {fingerprint(authority)}",
        f"  keys/log.vkey  {log_key}",
        (
            "Where they are the same, check again with --trust ca.pem "
            "--log-key log.vkey."
        ),
    ]


@pytest.mark.parametrize(
    ("option", "name", "left"),
    [
        ("--trust", "keys/ca.pem", "--log-key log.vkey"),
        ("--log-key", "keys/log.vkey", "--trust ca.pem"),
    ],
)
def test_one_key_that_is_brought_along_says_nothing_of_the_other(
    bundle: Path, brought: dict[str, str], option: str, name: str, left: str
) -> None:
    """Seals of the school's in a log of somebody else's are not the whole, say."""
    done = check(str(bundle), option, brought[name])

    assert done.exit_code == 1
    assert done.stdout.endswith(f"check again with {left}.\n")


@pytest.fixture
def forged(app_context: AppContext, tmp_path: Path) -> Path:
    """A bundle in the school's name, made with the forger's own keys."""
    keys = make_keys(
        tmp_path / "forger",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=MOMENT,
        extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
    )
    app_context.settings = replace(
        app_context.settings,
        seal_file=keys.seal_key,
        trust_file=keys.authority_certificate,
        crl_file=keys.revocation_list,
        log_key_file=keys.seal_key.with_name(LOG_KEY),
    )
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    path = tmp_path / "forged.zip"
    assert export_audit(app_context, path).declarations == 1
    return path


def test_a_forged_bundle_is_never_called_genuine_or_whole(
    forged: Path, key_files: KeyFiles
) -> None:
    """It agrees with itself, and that is all; the school's certificate refutes it."""
    done = check(str(forged))
    assert done.exit_code == 1
    assert "SIGNER UNKNOWN TO YOU. The bundle agrees with itself" in done.stdout
    assert (
        "1 of 1 sealed declarations are unchanged, by a signer unknown to you"
        in done.stdout
    )
    assert "genuine" not in done.stdout
    assert "WHOLE" not in done.stdout

    done = check(str(forged), "--json")
    assert done.exit_code == 1
    document = json.loads(done.stdout)
    assert (document["verdict"], document["whole"]) == ("unknown signer", False)
    assert document["gaps"] == 0
    assert document["counts"]["genuine"] == 0
    assert document["counts"]["unknown_signer"] == 1
    assert [one["where"] for one in document["own_keys"]] == [
        "keys/ca.pem",
        "keys/log.vkey",
    ]

    done = check(str(forged), "--trust", str(key_files.authority_certificate))
    assert done.exit_code == 1
    assert "NOT WHOLE. " in done.stdout
    assert "0 of 1 sealed declarations are genuine" in done.stdout


def test_gaps_are_named_and_end_with_another_code(bundle: Path, tmp_path: Path) -> None:
    """Each on a line of its own, for people and for programs."""
    files = contents(bundle)
    del files["keys/ca.pem"], files["log/openings.jsonl"]
    path = write(tmp_path / "less.zip", files)
    done = check(str(path))
    document = json.loads(check(str(path), "--json").stdout)

    assert done.exit_code == 1
    assert "GAP   keys/ca.pem: It is missing." in done.stdout
    assert "NOT WHOLE. " in done.stdout
    assert document["whole"] is False
    assert document["verdict"] == "not whole"
    assert {
        "severity": "gap",
        "where": "keys/ca.pem",
        "sentence": "It is missing.",
    } in (document["findings"])
    assert document["counts"]["entries"] == 1


def test_an_export_never_replaces_a_file(app_context: AppContext, bundle: Path) -> None:
    """The one that is there is named."""
    before = bundle.read_bytes()
    done = signer(app_context.settings, "audit", "export", str(bundle))

    assert done.exit_code == 1
    assert f"{bundle} already exists, and was not changed." in done.output
    assert bundle.read_bytes() == before


def test_before_anybody_was_asked_there_is_nothing(
    app_context: AppContext, tmp_path: Path
) -> None:
    """In words that say why."""
    done = signer(app_context.settings, "audit", "export", str(tmp_path / "a.zip"))

    assert done.exit_code == 1
    assert "There is nothing to export yet" in done.output


def test_people_are_told_what_to_do_next(
    app_context: AppContext, tmp_path: Path
) -> None:
    """What was written, and how to check it."""
    ask_parents(app_context)
    done = signer(app_context.settings, "audit", "export", str(tmp_path / "a.zip"))

    assert done.exit_code == 0
    assert "0 declarations, 1 entry of the log 127.0.0.1:8000/log" in done.stdout
    assert "“signer audit check --trust ca.pem --log-key log.vkey”" in done.stdout


@pytest.mark.parametrize(
    ("option", "content", "said", "code"),
    [
        ("--log-key", b"nothing", "does not contain a log key", 2),
        ("--log-key", b"", "does not contain a log key", 2),
        ("--log-key", b"\xff", "cannot be read as text", 2),
        ("--held", b"x" * 1_000_001, "is too large to be what it should be", 2),
        ("--held", b"hello\nthere\n", "is neither a checkpoint nor a proof", 2),
        ("--trust", b"nothing", "holds no certificate", 1),
        ("--crl", b"nothing", "holds no list of revoked certificates", 1),
        ("--tsa-trust", b"nothing", "holds no certificate", 1),
    ],
)
def test_what_is_brought_along_must_be_what_it_should_be(  # noqa: PLR0917 - a row of the table
    bundle: Path, tmp_path: Path, option: str, content: bytes, said: str, code: int
) -> None:
    """The file is named, and nothing is said of the bundle."""
    path = tmp_path / "brought"
    path.write_bytes(content)
    done = check(str(bundle), option, str(path))

    assert done.exit_code == code
    assert str(path) in done.output
    assert said in done.output
    assert "WHOLE" not in done.output


def test_what_is_no_bundle_is_refused(tmp_path: Path) -> None:
    """And wrong usage has a code of its own."""
    path = tmp_path / "audit.zip"
    path.write_bytes(b"nothing")

    assert "is damaged, or is not a ZIP file; get it again." in check(str(path)).output
    assert check(str(tmp_path / "none.zip")).exit_code == 2
    assert check().exit_code == 2
