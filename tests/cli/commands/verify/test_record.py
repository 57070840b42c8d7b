"""signer verify where the school's record is at hand."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from signer import clock
from signer.cli import main
from signer.config import environment
from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import Declaration
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.register.erase import erase_parent
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.sign import declaration_pdf, sign_declaration
from tests.workflows.conftest import Post, answers
from tests.workflows.log import logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext


@pytest.fixture
def pdf(app_context: AppContext, tmp_path: Path) -> Path:
    """A declaration that a parent of the context has signed."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    amira = open_link(app_context, post.token("Amira Khan"))
    assert amira.request_ref
    assert amira.link_fingerprint
    marks = amira.request_ref, amira.link_fingerprint
    sign_declaration(
        app_context, marks[0], link_fingerprint=marks[1], answers=answers(app_context)
    )
    found = declaration_pdf(app_context, *marks)
    assert found
    path = tmp_path / "declaration.pdf"
    path.write_bytes(found[0])
    return path


def report_on(
    app_context: AppContext, *words: object, **changed: str
) -> tuple[int, dict[str, Any], dict[str, dict[str, str]]]:
    """The exit code, the report, and its checks by name."""
    env = {**environment(app_context.settings), **changed}
    done = CliRunner(env=env).invoke(main, ["verify", "--json", *map(str, words)])
    [report] = json.loads(done.stdout)["files"]
    return done.exit_code, report, {one["name"]: one for one in report["checks"]}


def verify(
    app_context: AppContext, path: Path, **changed: str
) -> tuple[int, str, dict[str, str]]:
    """The exit code, the result, and the check against the record."""
    code, report, checks = report_on(app_context, path, **changed)
    return code, report["result"], checks["record"]


def test_the_file_in_the_record_is_found_there(
    app_context: AppContext, pdf: Path
) -> None:
    """Every check is made, the last one too."""
    code, result, record = verify(app_context, pdf)
    assert (code, result) == (0, "genuine")
    assert (record["name"], record["outcome"]) == ("record", "passed")


def test_another_file_under_the_same_reference_is_not_genuine(
    app_context: AppContext, pdf: Path
) -> None:
    """However well it is sealed: the school keeps another."""
    with app_context.sessions.writing() as session:
        session.execute(update(Declaration).values(pdf_sha256=None))
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        assert seal_outstanding(app_context) == 1
    code, result, record = verify(app_context, pdf)
    assert (code, result) == (1, "not genuine")
    assert record["outcome"] == "failed"


def test_without_a_record_that_check_is_left_out(
    app_context: AppContext, pdf: Path, tmp_path: Path
) -> None:
    """Nothing is lowered, and no database is made by looking for one."""
    missing = tmp_path / "elsewhere.sqlite3"
    url = f"sqlite:///{missing}"
    code, result, record = verify(app_context, pdf, SIGNER_DATABASE_URL=url)
    assert (code, result) == (0, "genuine")
    assert record["outcome"] == "not checked"
    assert not missing.exists()


def test_a_declaration_that_the_record_does_not_know_is_left_open(
    app_context: AppContext, pdf: Path, tmp_path: Path
) -> None:
    """It may be older than a declaration, or whoever sealed it stole the key."""
    url = f"sqlite:///{tmp_path / 'older.sqlite3'}"
    older = connect(url)
    schema.upgrade(older.engine)
    older.close()
    code, result, record = verify(app_context, pdf, SIGNER_DATABASE_URL=url)
    assert (code, result) == (1, "cannot tell")
    assert record["sentence"] == "The school's record has no such declaration."
    env = {**environment(app_context.settings), "SIGNER_DATABASE_URL": url}
    done = CliRunner(env=env).invoke(main, ["verify", str(pdf)])
    assert "CANNOT TELL. Nothing is proved either way." in done.output
    assert "it is not in the school's record" in done.output


def test_the_record_s_log_and_the_standing_are_told(
    app_context: AppContext, pdf: Path
) -> None:
    """On the school's server, nothing is left out but what the file does not bear."""
    code, report, checks = report_on(app_context, pdf, "--deep")
    assert code == 0
    left_out = {name for name, one in checks.items() if one["outcome"] != "passed"}
    assert left_out <= {"timestamp", "revocation"}
    assert "is the one in force" in checks["standing"]["sentence"]
    assert "school's own record" in checks["log"]["sentence"]
    named = report["statement"]["declaration_id"]
    with app_context.sessions.writing() as session:
        session.get_one(Declaration, named).request.parent.left_at = clock.now()
    _, _, checks = report_on(app_context, pdf)
    assert "withdrawn: the parent left" in checks["standing"]["sentence"]


def test_a_proof_beside_the_file_is_found(
    app_context: AppContext, pdf: Path, tmp_path: Path
) -> None:
    """An auditor elsewhere, with the log's key, needs no record for it."""
    sign_checkpoint(app_context)
    [named] = declarations_named(app_context)
    with app_context.sessions.reading() as session:
        proof = proof_of_declaration(app_context, session, named)
    pdf.with_suffix(".tlog-proof").write_text(str(proof))
    keys = tmp_path / "log.vkey"
    keys.write_text("".join(f"{key}\n" for key in verifiers(app_context)))
    elsewhere = {"SIGNER_DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}"}

    code, _, checks = report_on(app_context, pdf, "--log-key", keys, **elsewhere)
    assert code == 0
    assert checks["record"]["outcome"] == "not checked"
    assert checks["log"]["outcome"] == "passed"
    assert "when its head was signed" in checks["log"]["sentence"]

    code, _, checks = report_on(app_context, pdf, **elsewhere)
    assert (code, checks["log"]["outcome"]) == (0, "not checked")
    assert "whose key was not given" in checks["log"]["sentence"]

    code, _, checks = report_on(app_context, pdf)
    assert (code, checks["log"]["outcome"]) == (0, "passed")
    assert "when its head was signed" in checks["log"]["sentence"]

    forged = tmp_path / "forged.tlog-proof"
    forged.write_text(str(proof).replace("index ", "index 1"))
    code, report, checks = report_on(app_context, pdf, "--proof", forged)
    assert (code, report["result"]) == (1, "not genuine")
    assert "altered or made up" in checks["log"]["sentence"]

    forged.write_text("Dear auditor")
    code, _, checks = report_on(app_context, pdf, "--proof", forged)
    assert (code, checks["log"]["outcome"]) == (0, "not checked")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda context: logs.rewrite(context, 0),
        lambda context: logs.swap(context, 0, 1),
        lambda context: logs.truncate(context, 1),
    ],
    ids=["rewritten", "reordered", "cut"],
)
def test_a_proof_that_contradicts_today_s_log_is_a_no(
    app_context: AppContext,
    pdf: Path,
    tmp_path: Path,
    spoil: Callable[[AppContext], None],
) -> None:
    """What somebody holds vouches for the log that it was made from."""
    sign_checkpoint(app_context)
    [named] = declarations_named(app_context)
    with app_context.sessions.reading() as session:
        proof = proof_of_declaration(app_context, session, named)
    path = tmp_path / "held.tlog-proof"
    path.write_text(str(proof))
    _, report, checks = report_on(app_context, pdf, "--proof", path)
    assert report["result"] == "genuine"
    assert "still begins with them" in checks["log"]["sentence"]

    spoil(app_context)
    logs.regrow(app_context)
    code, report, checks = report_on(app_context, pdf, "--proof", path)
    assert (code, report["result"]) == (1, "not genuine")
    assert checks["log"]["sentence"].startswith("Today's log is not the one that this")


def test_a_proof_of_what_was_erased_is_told_so(
    app_context: AppContext, pdf: Path, tmp_path: Path
) -> None:
    """The declaration was made all the same; the log names it as deleted."""
    sign_checkpoint(app_context)
    [named] = declarations_named(app_context)
    with app_context.sessions.reading() as session:
        proof = proof_of_declaration(app_context, session, named)
    path = tmp_path / "held.tlog-proof"
    path.write_text(str(proof))
    with app_context.sessions.writing() as session:
        parent = session.get_one(Declaration, named).request.parent
        parent.left_at = clock.now()
        email = parent.email
    erase_parent(app_context, email)
    code, report, checks = report_on(app_context, pdf, "--proof", path)
    assert (code, report["result"]) == (0, "genuine")
    assert "has deleted what it kept of this declaration" in checks["log"]["sentence"]


def test_a_proof_in_an_archive_is_found(
    app_context: AppContext, pdf: Path, tmp_path: Path
) -> None:
    """As beside a file: by its name."""
    sign_checkpoint(app_context)
    [named] = declarations_named(app_context)
    with app_context.sessions.reading() as session:
        proof = proof_of_declaration(app_context, session, named)
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("x/declaration.pdf", pdf.read_bytes())
        packed.writestr("x/declaration.tlog-proof", str(proof))
    code, _, checks = report_on(app_context, archive)
    assert code == 0
    assert "when its head was signed" in checks["log"]["sentence"]


def declarations_named(app_context: AppContext) -> list[str]:
    with app_context.sessions.reading() as session:
        return list(session.scalars(select(Declaration.id)))
