"""How many witnesses must have cosigned, for signer verify and signer audit check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.workflows.audit.bundle import export_audit
from signer.workflows.log.cosigning.cosign import cosign_head
from signer.workflows.log.inclusion_proofs import proof_of_declaration
from signer.workflows.log.origins import verifiers
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from tests.cli.commands.verify.test_record import pdf, report_on
from tests.workflows.log import logs
from tests.workflows.log.cosigning.witness import Witness, naming, witnessing

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

__all__ = ["pdf"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_verify_asks_for_as_many_as_it_is_told(
    app_context: AppContext,
    pdf: Path,
    tmp_path: Path,
) -> None:
    """One has cosigned: that is enough where it is said so, and two are not there."""
    sign_checkpoint(app_context)
    with witnessing() as witness:
        naming(app_context, witness)
        assert cosign_head(app_context) == 1
    _, report, _ = report_on(app_context, pdf)
    named = report["statement"]["declaration_id"]
    with app_context.sessions.reading() as session:
        proof = str(proof_of_declaration(app_context, session, named))
    (tmp_path / "declaration.tlog-proof").write_text(proof)
    keys = tmp_path / "witnesses"
    keys.write_text(f"{witness.key}\n{Witness('witness.example/w2').key}\n")
    log_key = tmp_path / "log.vkey"
    log_key.write_text("".join(f"{one}\n" for one in verifiers(app_context)))
    asked = (pdf, "--log-key", log_key, "--witness-key", keys)
    code, report, checks = report_on(app_context, *asked)
    assert (code, report["result"]) == (1, "cannot tell")
    assert "cosigned by 1 of the witnesses that you trust" in checks["log"]["sentence"]
    code, report, checks = report_on(app_context, *asked, "--quorum", "1")
    assert (code, report["result"]) == (0, "genuine")
    assert witness.name in checks["log"]["sentence"]
    bare = (pdf, "--witness-key", keys, "--quorum", "1")
    (tmp_path / "declaration.tlog-proof").unlink()
    assert report_on(app_context, *bare)[0] == 0
    nowhere = {"SIGNER_INSTANCE": str(tmp_path / "none"), "SIGNER_DATABASE_URL": ""}
    assert report_on(app_context, *bare, **nowhere)[0] == 1


def test_a_bundle_needs_as_many(app_context: AppContext, tmp_path: Path) -> None:
    """A gap where fewer have cosigned its newest head, and a note of who has."""
    logs.append(app_context.sessions, 5)
    sign_checkpoint(app_context)
    path = tmp_path / "audit.zip"
    keys = tmp_path / "witnesses"
    with witnessing() as witness:
        naming(app_context, witness)
        assert cosign_head(app_context) == 1
        export_audit(app_context, path)
    keys.write_text(f"{witness.key}\n{Witness('witness.example/w2').key}\n")
    asked = ["audit", "check", str(path), "--witness-key", str(keys)]
    printed = CliRunner().invoke(main, asked).output
    assert "GAP   log/checkpoint: It was cosigned by 1 of the witnesses" in printed
    printed = CliRunner().invoke(main, [*asked, "--quorum", "1"]).output
    assert (
        f"note  log/checkpoint: Witnesses that cosigned it: {witness.name}" in printed
    )
    done = CliRunner().invoke(main, [*asked, "--quorum", "3"])
    assert done.exit_code == 2
    assert "--quorum asks for 3 witnesses" in done.output
