"""signer check, as an operator types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.workflows.conftest import Post, sign
from tests.workflows.reconciliation.test_reconcile import spoil

if TYPE_CHECKING:
    from signer.workflows.context import AppContext


@pytest.fixture
def asked(app_context: AppContext) -> Post:
    """Everyone has been asked, and their mail has gone out."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    return post


def test_a_record_that_agrees_is_a_yes(app_context: AppContext, asked: Post) -> None:
    """Exit code 0, and one sentence that says what was compared."""
    sign(app_context, open_link(app_context, asked.token("Amira Khan")))
    done = signer(app_context.settings, "check", "--verify")
    assert done.exit_code == 0, done.output
    assert "4 requests, 1 declaration," in done.stdout
    assert "Everything agrees." in done.stdout


def test_a_disagreement_is_a_no_with_what_to_do(
    app_context: AppContext, asked: Post
) -> None:
    """Exit code 1; programs get the same in one document."""
    declaration = sign(app_context, open_link(app_context, asked.token("Amira Khan")))
    spoil(app_context, "DELETE FROM outbox WHERE kind = 'receipt'")
    done = signer(app_context.settings, "check")
    assert done.exit_code == 1
    assert f"declaration {declaration.declaration_id} (requests and mail)" in (
        done.stdout
    )
    assert "What to do: " in done.stdout
    document = json.loads(signer(app_context.settings, "check", "--json").stdout)
    (disagreement,) = document["disagreements"]
    assert disagreement["subject"] == f"declaration {declaration.declaration_id}"


def test_it_compares_where_other_commands_refuse(
    app_context: AppContext, asked: Post
) -> None:
    """A released file that was changed stops them, and is what this is for."""
    path = app_context.settings.versions_dir / "2.md"
    path.write_text(path.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    assert "2.md was changed" in signer(app_context.settings, "check").stdout


def test_without_a_database_it_says_so(app_context: AppContext) -> None:
    """And makes none."""
    url = f"sqlite:///{app_context.settings.instance_path / 'none.sqlite3'}"
    done = signer(app_context.settings, "check", SIGNER_DATABASE_URL=url)
    assert done.exit_code == 1
    assert "no database" in done.output
    assert not (app_context.settings.instance_path / "none.sqlite3").exists()
