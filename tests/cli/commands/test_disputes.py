"""signer disputes, and what signer status says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from signer.cli import main
from signer.config import environment
from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import look_up_link
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from click.testing import Result

    from signer.workflows.context import AppContext

    Run = Callable[..., Result]


@pytest.fixture
def run(app_context: AppContext) -> Run:
    """Amira's link has reached somebody else; runs commands there."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    followed = look_up_link(app_context, post.token("Amira Khan"))
    tell_office(
        app_context,
        str(followed.request_ref),
        NoteKind.NOT_ME,
        link_fingerprint=str(followed.link_fingerprint),
        words="",
    )
    variables = {**environment(app_context.settings), "COLUMNS": "120"}
    return lambda *arguments: CliRunner().invoke(main, arguments, env=variables)


def test_a_dispute_is_shown_and_settled(run: Run) -> None:
    """In the words of `status` too, for as long as it is open."""
    assert "Version 2: 1 disputed." in run("status").stdout
    assert "on hold" in run("disputes", "list").stdout
    done = run("disputes", "settle", "amira@example.org", "--by", "Jo Bloggs")
    assert done.stdout == (
        "Settled for Amira Khan: the links work again, and emails are sent.\n"
    )
    (found,) = json.loads(run("disputes", "list", "--json").stdout)
    assert (found["parent"], found["settled_by"]) == ("Amira Khan", "Jo Bloggs")
    assert "disputed" not in run("status").stdout
    history = run("status", "--parent", "amira@example.org").stdout
    assert "no longer in dispute" in history
    assert "settled by Jo Bloggs" in history


def test_whose_mail_stays_on_hold_is_said(
    run: Run, app_context: AppContext, tmp_path: Path
) -> None:
    """By an import and by a correction of the other parent at the address."""
    shared = PEOPLE + "Rashid Khan,amira@example.org,father,Leila Khan,Year 5\n"
    import_register(app_context, read_register(shared.encode()))
    file = tmp_path / "parents.csv"
    moved = shared.replace("Amira Khan,amira@", "Amira Khan,new@")
    file.write_text(moved, encoding="utf-8")
    planned = run("register", "import", str(file), "--dry-run")
    assert "stays on hold: Rashid Khan <amira@example.org>" in planned.stdout
    planned = run("register", "import", str(file), "--dry-run", "--json")
    [on_hold] = json.loads(planned.stdout)["on_hold"]
    assert on_hold["name"] == "Rashid Khan"
    who = ("amira@example.org", "--known-as", "Amira Khan")
    done = run("parent", "correct", *who, "--email", "new@example.org", "--yes")
    assert "Mail to amira@example.org stays on hold" in done.stdout
    assert "Rashid Khan" in done.stdout
    listed = run("disputes", "list").stdout
    assert "on hold" in listed
    assert "amira@example.org" in listed


def test_what_is_not_in_dispute_is_not_settled(run: Run) -> None:
    """The error names the command that shows what is."""
    result = run("disputes", "settle", "tom@example.org")
    assert result.exit_code == 1
    assert "signer disputes list" in result.stderr
    result = run("disputes", "settle", "amira@example.org", "--name", "Ben Khan")
    assert result.exit_code == 1
    settled = run("disputes", "settle", "amira@example.org", "--json")
    assert json.loads(settled.stdout) == {"settled": ["Amira Khan"]}
