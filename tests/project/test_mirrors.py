"""Every module has a test of its own name, a test that imports it, or a reason.

The reason is that its folder is tested by way of what it is for: the modules named here
are steps of one thing, and it is the thing that has to hold.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"

TESTED_THROUGH = {
    # Whole bundles are checked, genuine and forged.
    "signer/audit": "tests/audit/test_check.py",
    # Commands are called as a person types them.
    "signer/cli": "tests/cli/commands",
    "signer/cli/commands": "tests/cli/commands",
    "signer/cli/commands/keys": "tests/cli/commands/keys/test_upkeep.py",
    "signer/cli/commands/operations": "tests/cli/commands/operations/test_serve.py",
    "signer/cli/commands/register": "tests/cli/commands/test_register.py",
    "signer/cli/commands/staff": "tests/cli/commands/staff/test_command.py",
    "signer/cli/commands/status": "tests/cli/commands/status/test_command.py",
    "signer/cli/commands/verify": "tests/cli/commands/verify/test_command.py",
    # Whole documents are converted, and a release takes what comes out.
    "signer/conversion": "tests/conversion/test_html.py",
    # Typesetting ends in a PDF, and the PDF is looked at.
    "signer/declaration/pdf": "tests/declaration/pdf/test_declaration_pdf.py",
    # Each check has forgeries that it alone finds.
    "signer/declaration/verify": "tests/declaration/verify/test_forgeries.py",
    "signer/declaration/verify/checks": "tests/declaration/verify/test_forgeries.py",
    "signer/declaration/verify/sandbox": "tests/declaration/verify/sandbox",
    # Errors are raised and worded where they belong.
    "signer/errors": "tests/cli/commands",
    "signer/mail": "tests/mail/test_smtp.py",
    # Seals are made and verified with a real authority.
    "signer/pki": "tests/declaration/seal/test_validation_data.py",
    "signer/policy": "tests/policy/test_change_log.py",
    # A draft is released, or refused with what stops it.
    "signer/policy/release": "tests/policy/release/test_contradictions.py",
    # Laws of the whole comparison, and examples of what comes out.
    "signer/redline": "tests/redline/test_model.py",
    # Whole files are read.
    "signer/register": "tests/register/test_rows.py",
    "signer/register/file": "tests/register/test_rows.py",
    # A server is started, and spoken to.
    "signer/server": "tests/server/test_requests.py",
    "signer/site/pages": "tests/site/test_mkdocs_plugin.py",
    "signer/store": "tests/store/test_engine.py",
    "signer/store/log": "tests/store/log/test_append.py",
    "signer/store/migrations": "tests/store/test_schema.py",
    # Rows of the desk come from what is done at its pages.
    "signer/store/desk": "tests/web/desk/test_accounts.py",
    # Pages are opened as a browser does.
    "signer/web/desk/campaign": "tests/web/desk/campaign/test_campaign.py",
    "signer/web/desk/entrance": "tests/web/desk/entrance/test_link.py",
    "signer/web/desk/home": "tests/web/desk/test_today.py",
    "signer/web/desk/staff": "tests/web/desk/test_accounts.py",
    "signer/workflows/lists": "tests/web/desk/campaign/test_campaign.py",
    "signer/web/desk": "tests/web/desk/test_accounts.py",
    "signer/web/desk/parents": "tests/web/desk/parents/test_person.py",
    "signer/web/desk/record": "tests/web/desk/record/test_record.py",
    "signer/web/desk/release": "tests/web/desk/release/test_release.py",
    "signer/web/desk/text": "tests/web/desk/text/test_edit.py",
    "signer/web/forms": "tests/web/desk/test_accounts.py",
    "signer/web/evidence": "tests/web/evidence",
    "signer/web/signing": "tests/web/signing/test_sign.py",
    "signer/workflows/audit": "tests/workflows/audit/test_bundle.py",
    "signer/workflows/campaigns": "tests/workflows/campaigns/test_start_on_release.py",
    "signer/workflows/desk": "tests/web/desk/entrance/test_link.py",
    "signer/workflows/keys": "tests/workflows/keys/test_warnings.py",
    # A mail is queued, sent and read.
    "signer/workflows/yearly": "tests/workflows/yearly/test_letter.py",
    "signer/workflows/log": "tests/workflows/log/test_check.py",
    # A witness that is strict about the protocol is asked.
    "signer/workflows/log/cosigning": "tests/workflows/log/cosigning/test_cosign.py",
    "signer/workflows/mailing": "tests/workflows/mailing/test_outcome.py",
    "signer/workflows/operations/doctor": "tests/workflows/operations/doctor",
    "signer/workflows/reconciliation": "tests/workflows/reconciliation",
    # A page, its PDF and its lists, compared with each other and with each day's list.
    "signer/workflows/record": "tests/web/desk/record/test_record.py",
    "signer/workflows/register": "tests/workflows/register",
    # What a search finds, on both databases.
    "signer/store/register": "tests/workflows/parents/test_browse.py",
    "signer/workflows/staff": "tests/workflows/staff/test_tell.py",
}


def imported() -> set[str]:
    """The dotted name of everything of the package that a test imports or patches."""
    names = set()
    for path in TESTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
    return names


@cache
def untested() -> list[Path]:
    """The modules without a test of their own, and that no test imports."""
    known = imported()
    modules = (
        path.relative_to(ROOT)
        for path in sorted((ROOT / "signer").rglob("*.py"))
        if path.name != "__init__.py" and "versions" not in path.parts
    )
    return [
        path
        for path in modules
        if not (
            TESTS / path.relative_to("signer").with_name(f"test_{path.name}")
        ).is_file()
        and ".".join(path.with_suffix("").parts) not in known
    ]


def test_every_module_is_tested_by_name_or_for_a_reason() -> None:
    """A new module gets a test beside it, or stands with those it is a step of."""
    without = [
        path
        for path in untested()
        # `python -m` is what runs these.
        if path.name != "__main__.py" and str(path.parent) not in TESTED_THROUGH
    ]
    assert without == []


@pytest.mark.parametrize("folder", TESTED_THROUGH)
def test_a_reason_is_still_one(folder: str) -> None:
    """The test that stands in is there, and still stands in for something."""
    assert (ROOT / TESTED_THROUGH[folder]).exists()
    assert any(str(path.parent) == folder for path in untested())
