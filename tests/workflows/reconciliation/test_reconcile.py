"""Whatever is wrong between two parts of the record is named, and nothing else is."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from signer.store.tables import Declaration, Parent, Request
from signer.store.transient import Reconciliation
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal import seal_outstanding
from signer.workflows.paper.record import record_paper
from signer.workflows.reconciliation.disagreement import Between
from signer.workflows.reconciliation.reconcile import (
    reconcile,
    reconcile_nightly,
)
from signer.workflows.requests.follow_link import open_link
from tests.workflows.conftest import Post, sign, snapshot, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from signer.workflows.context import AppContext
    from signer.workflows.reconciliation.disagreement import Disagreement
    from tests.sharing.states import Memory

    Advance = Callable[[timedelta], None]


@pytest.fixture
def signed(app_context: AppContext, asked: Post, memory: Memory) -> str:
    """One parent has signed by link, one on paper; gives the declaration by link."""
    memory.bring_about(app_context, sign_both_ways)
    query = (
        select(Declaration.id)
        .join(Request, Request.id == Declaration.request_id)
        .join(Parent)
        .where(Parent.name == "Amira Khan")
    )
    with app_context.sessions.reading() as session:
        return session.scalars(query).one()


def sign_both_ways(app_context: AppContext) -> None:
    post = Post(app_context)
    sign(app_context, open_link(app_context, post.token("Amira Khan")))
    seal_outstanding(app_context)
    record_paper(app_context, "wang@example.org", by="Ms Office")
    post.send()


def spoil(app_context: AppContext, *statements: str) -> None:
    """Change the database as nothing in the service ever does."""
    with app_context.sessions.writing() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
        for statement in statements:
            session.execute(text(statement))


def found(app_context: AppContext, *, verify: bool = False) -> list[Disagreement]:
    return list(reconcile(app_context, verify=verify).disagreements)


def told(app_context: AppContext) -> set[tuple[Between, str, str]]:
    return {(one.between, one.subject, one.problem) for one in found(app_context)}


def test_a_record_that_agrees_with_itself_is_said_to(
    app_context: AppContext, signed: str
) -> None:
    """Signed by link, on paper, and not at all; with each PDF verified too."""
    result = reconcile(app_context, verify=True)
    assert result.disagreements == ()
    assert (result.requests, result.declarations, result.verified) == (4, 1, True)


def test_before_anybody_is_asked_there_is_nothing_to_disagree(
    app_context: AppContext,
) -> None:
    """An empty record agrees with itself."""
    assert found(app_context) == []


def test_comparing_changes_nothing(app_context: AppContext, signed: str) -> None:
    """Every row stays as it is."""
    before = snapshot(app_context)
    reconcile(app_context, verify=True)
    assert snapshot(app_context) == before


SPOILT: dict[str, tuple[tuple[str, ...], Between, str]] = {
    "a request signed without a declaration": (
        ("UPDATE request SET status = 'signed', signed_how = 'link' WHERE id = 2",),
        Between.REQUESTS,
        "no declaration is kept",
    ),
    "a declaration whose request is open": (
        (
            """UPDATE request SET status = 'pending', signed_how = NULL
            WHERE id = (SELECT request_id FROM declaration)""",
        ),
        Between.REQUESTS,
        "is not signed by link",
    ),
    "a request for another text": (
        ("UPDATE request SET version_sha256 = 'other' WHERE id = 2",),
        Between.REQUESTS,
        "another text than the one pinned",
    ),
    "another time": (
        ("UPDATE declaration SET signed_at = '2020-01-01 00:00:00'",),
        Between.REQUESTS,
        "states another time",
    ),
    "another hash of the statement": (
        ("UPDATE declaration SET statement_sha256 = 'other'",),
        Between.REQUESTS,
        "not the one that was hashed",
    ),
    "a parent never asked": (
        (
            "DELETE FROM outbox WHERE request_id = 2",
            "DELETE FROM link WHERE request_id = 2",
            "DELETE FROM request WHERE id = 2",
        ),
        Between.CAMPAIGN,
        "were never asked",
    ),
    "an open request of a parent who left": (
        (
            """UPDATE parent SET left_at = '2026-11-22 14:10:13+00' WHERE id =
            (SELECT parent_id FROM request WHERE id = 2)""",
        ),
        Between.CAMPAIGN,
        "its parent has left",
    ),
    "a PDF nobody refers to": (
        (
            """INSERT INTO pdf (sha256, content)
            SELECT 'aa' || substr(sha256, 3), content FROM pdf
            WHERE sha256 = (SELECT pdf_sha256 FROM declaration)""",
        ),
        Between.PDFS,
        "No declaration and no version refers to it",
    ),
    "no event of signing": (
        ("UPDATE declaration SET id = 'D-AAAA-AAAA-AAAA'",),
        Between.LOG,
        "does not tell that it was signed",
    ),
    "no event of paper": (
        ("UPDATE request SET ref = 'another' WHERE signed_how = 'paper'",),
        Between.LOG,
        "does not tell that it was signed on paper",
    ),
    "a request that was never mailed": (
        ("DELETE FROM outbox WHERE request_id = 2",),
        Between.MAIL,
        "no mail with a link was ever written",
    ),
    "a PDF without a receipt": (
        ("DELETE FROM outbox WHERE kind = 'receipt'",),
        Between.MAIL,
        "no receipt was ever written",
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
def test_each_disagreement_is_named(
    app_context: AppContext,
    signed: str,
    frozen: Advance,
    spoilt: tuple[tuple[str, ...], Between, str],
) -> None:
    """What was done to the database is told, with what to do about it."""
    statements, between, problem = spoilt
    spoil(app_context, *statements)
    frozen(timedelta(hours=2))
    matching = [
        one
        for one in found(app_context)
        if one.between is between and problem in one.problem
    ]
    assert len(matching) == 1
    assert matching[0].what_to_do


def test_an_altered_pdf_is_named(app_context: AppContext, signed: str) -> None:
    """One bit in the middle of it."""
    with app_context.sessions.writing() as session:
        row = session.execute(text("SELECT pdf_sha256 FROM declaration")).scalar_one()
        content = session.execute(
            text("SELECT content FROM pdf WHERE sha256 = :sha256"), {"sha256": row}
        ).scalar_one()
        altered = bytearray(content)
        altered[len(altered) // 2] ^= 1
        session.execute(
            text("UPDATE pdf SET content = :content WHERE sha256 = :sha256"),
            {"content": bytes(altered), "sha256": row},
        )
    assert (
        Between.PDFS,
        f"declaration {signed}",
        "Its PDF is not the one that was sealed.",
    ) in told(app_context)


def test_the_log_s_own_check_is_part_of_it(
    app_context: AppContext, signed: str
) -> None:
    """A leaf that was altered is told as the log's."""
    spoil(app_context, "UPDATE opening SET record = salt WHERE position = 0")
    assert Between.LOG_ITSELF in {one.between for one in found(app_context)}


def test_a_declaration_waits_ten_minutes_for_its_seal_before_it_is_named(
    app_context: AppContext,
    asked: Post,
    frozen: Advance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Sealing is tried again all the while."""
    followed = open_link(app_context, asked.token("Amira Khan"))
    monkeypatch.setattr(app_context, "seal_key", _no_key)
    declaration = sign(app_context, followed).declaration_id
    frozen(timedelta(minutes=9))
    assert not [one for one in found(app_context) if one.between is Between.PDFS]
    frozen(timedelta(minutes=2))
    (late,) = [one for one in found(app_context) if one.between is Between.PDFS]
    assert late.subject == f"declaration {declaration}"


def _no_key() -> object:
    from signer.errors import KeyUnusable

    raise KeyUnusable("seal.p12", "cannot be read")


def test_a_released_file_that_was_changed_is_named(
    app_context: AppContext, signed: str
) -> None:
    """Without stopping the rest of the comparison."""
    path = app_context.settings.versions_dir / "2.md"
    path.write_text(path.read_text(encoding="utf-8") + "More.\n", encoding="utf-8")
    assert (Between.FILES, "version 2", "The released file 2.md was changed.") in told(
        app_context
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_of_sqlite_that_is_damaged_is_named(
    app_context: AppContext, signed: str
) -> None:
    """As one into which the log of writes of another was written."""
    app_context.sessions.close()
    path = app_context.settings.instance_path / "signer.sqlite3"
    with path.open("r+b") as file:
        content = file.read()
        size = int.from_bytes(content[16:18], "big")
        file.write(bytes(size))
        file.seek(28)
        file.write((len(content) // size + 1).to_bytes(4, "big"))
    (damage,) = [one for one in found(app_context) if one.between is Between.STORAGE]
    assert "never used" in damage.problem


def test_mail_that_waits_for_more_than_a_day_is_named(
    app_context: AppContext, frozen: Advance
) -> None:
    """How much, and since when."""
    ask_parents(app_context)
    frozen(timedelta(hours=23))
    assert found(app_context) == []
    frozen(timedelta(hours=2))
    (waiting,) = found(app_context)
    assert waiting.problem == (
        "4 mails have waited for more than a day, the oldest since "
        "22 November 2026, 14:10 GMT."
    )


def test_the_nightly_run_tells_the_headteacher_once_a_day(
    app_context: AppContext, signed: str, asked: Post, frozen: Advance
) -> None:
    """One mail a day while anything disagrees, none once all is well again."""
    reconcile_nightly(app_context)
    asked.send()
    head = app_context.settings.head_email
    assert asked.to(head) == []
    spoil(app_context, "DELETE FROM outbox WHERE kind = 'receipt'")
    reconcile_nightly(app_context)
    reconcile_nightly(app_context)
    asked.send()
    (mail,) = asked.to(head)
    body = words(mail)
    assert f"About declaration {signed}" in body.replace("\n", " ")
    assert "signer check" in body
    with app_context.sessions.reading() as session:
        last = session.get_one(Reconciliation, 1)
        assert last.disagreements == 1
        assert [one["between"] for one in json.loads(last.first)] == [Between.MAIL]


def test_what_is_kept_of_a_run_holds_no_name_and_no_address(
    app_context: AppContext, signed: str
) -> None:
    """So that erasing a parent leaves nothing of them in it."""
    spoil(
        app_context,
        *(
            statement
            for statements, _, _ in SPOILT.values()
            for statement in statements
        ),
    )
    reconcile_nightly(app_context)
    with app_context.sessions.reading() as session:
        row = session.get_one(Reconciliation, 1)
        kept = row.first
        assert row.disagreements == len(json.loads(kept))
    for name in ("Amira", "Khan", "O'Brien", "王", "@"):
        assert name not in json.loads(json.dumps(kept))
