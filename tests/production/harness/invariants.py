"""What holds of the records at every moment, and once all is quiet.

It runs in a process of its own, as a command does: whatever it opens and closes there
is nothing to the processes that serve.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, text, update

from signer.config import load
from signer.declaration.statement import from_json, statement_sha256
from signer.declaration.verify import Result
from signer.declaration.verify.verify import verify_with
from signer.store.columns import Delivery, SignedHow, Status
from signer.store.log.hashes import use_snapshot
from signer.store.log.tables import Leaf, LogHead, Opening
from signer.store.tables import (
    Declaration,
    Outbox,
    Parent,
    PinnedVersion,
    Request,
    SealedPdf,
)
from signer.workflows.context import open_context
from signer.workflows.declarations.own_trust import own_trust

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from signer.workflows.context import AppContext


def report(environment: str, seen: str, out: str, quiet: str) -> None:
    """Write down everything that does not hold.

    Args:
        environment: a file with the environment of the product's processes (JSON).
        seen: a file with what parents have seen: references of declarations (JSON).
        out: where the problems go (JSON).
        quiet: "quiet" where nothing is at work any more, so that nothing may wait.
    """
    os.environ.update(json.loads(Path(environment).read_text("utf-8")))
    references = set(json.loads(Path(seen).read_text("utf-8")))
    app_context = open_context(load())
    with closing(app_context.sessions):
        found = list(problems(app_context, references))
        if quiet:
            found += left_undone(app_context)
    Path(out).write_text(json.dumps(found), "utf-8")


def list_requests(environment: str, out: str) -> None:
    """Write down each request of those who have not left, and what came of it.

    Args:
        environment: a file with the environment of the product's processes (JSON).
        out: where they go (JSON): a status and a declaration's reference, or null.
    """
    os.environ.update(json.loads(Path(environment).read_text("utf-8")))
    app_context = open_context(load())
    query = (
        select(Request.status, Declaration.id)
        .outerjoin(Declaration, Declaration.request_id == Request.id)
        .join(Parent, Parent.id == Request.parent_id)
        .where(Parent.left_at.is_(None))
    )
    with closing(app_context.sessions), app_context.sessions.reading() as session:
        found = [list(row) for row in session.execute(query)]
    Path(out).write_text(json.dumps(found), "utf-8")


def let_time_pass(environment: str) -> None:
    """Let every mail that waits be due now, as after a night in which nothing ran.

    Args:
        environment: a file with the environment of the product's processes (JSON).
    """
    os.environ.update(json.loads(Path(environment).read_text("utf-8")))
    app_context = open_context(load())
    with closing(app_context.sessions), app_context.sessions.writing() as session:
        queued = update(Outbox).where(Outbox.delivery == Delivery.QUEUED)
        session.execute(queued.values(due_at=Outbox.queued_at))


def problems(app_context: AppContext, seen: set[str]) -> Iterator[str]:
    """What does not hold, whatever is going on at this moment.

    Args:
        app_context: the records.
        seen: references of declarations that parents were shown as signed.
    """
    with app_context.sessions.reading() as session:
        use_snapshot(session)
        if session.get_bind().dialect.name == "sqlite":
            answer = session.scalar(text("PRAGMA integrity_check"))
            if answer != "ok":
                yield f"integrity_check: {answer}"
        records = _records(session)
        yield from _log_is_whole(session, records)
        yield from _declarations_agree(session, records, seen)
        yield from _mails_agree(session)


def _records(session: Session) -> list[dict[str, str]]:
    return [json.loads(one) for one in session.scalars(select(Opening.record))]


def _log_is_whole(session: Session, records: list[dict[str, str]]) -> Iterator[str]:
    size = session.scalars(select(LogHead.size)).one()
    leaves = list(session.scalars(select(Leaf.position).order_by(Leaf.position)))
    if leaves != list(range(size)):
        yield f"the log's size is {size}, and it has {len(leaves)} leaves"
    erased: set[int] = set()
    for record in records:
        if record["event"] == "parent:erased":
            erased.update(map(int, record["entries"].split(",")))
    opened = set(session.scalars(select(Opening.position)))
    if opened != set(leaves) - erased:
        yield f"openings: {sorted(opened ^ (set(leaves) - erased))[:5]} differ"


def _declarations_agree(
    session: Session, records: list[dict[str, str]], seen: set[str]
) -> Iterator[str]:
    requests = session.scalars(select(Request)).all()
    declarations = session.scalars(select(Declaration)).all()
    by_link = [one.id for one in requests if one.signed_how is SignedHow.LINK]
    yield from _same("signed requests", by_link, (d.request_id for d in declarations))
    ids = [one.id for one in declarations]
    yield from _same("leaves of signatures", _named("signed", records), ids)
    sealed = [one for one in declarations if one.pdf_sha256]
    yield from _same(
        "leaves of seals", _named("sealed", records), [s.id for s in sealed]
    )
    receipts = session.scalars(select(Outbox.occasion).where(Outbox.kind == "receipt"))
    wanted = [f"receipt:{one.id}" for one in sealed]
    yield from _same("receipts in the outbox", receipts, wanted)
    pdfs = session.scalars(select(SealedPdf.sha256))
    versions = session.scalars(select(PinnedVersion.pdf_sha256))
    used = [one.pdf_sha256 for one in sealed] + [one for one in versions if one]
    yield from _same("PDFs", pdfs, used)
    for one in declarations:
        if statement_sha256(one.statement) != one.statement_sha256:
            yield f"{one.id}: the statement is not the one that was hashed"
        if from_json(one.statement).declaration_id != one.id:
            yield f"{one.id}: the statement names another declaration"
    if lost := seen - set(ids):
        yield f"SEEN AS SIGNED AND NOT THERE: {sorted(lost)}"


def _mails_agree(session: Session) -> Iterator[str]:
    # Who has no address is asked on paper.
    mailed = select(Request.id).join(Parent).where(Parent.email != "")
    asked = {f"ask:request:{one}" for one in session.scalars(mailed)}
    queued = set(session.scalars(select(Outbox.occasion).where(Outbox.kind == "ask")))
    # A parent who left and came back is asked by another occasion as well.
    if missing := asked - queued:
        yield f"requests without a mail: {sorted(missing)[:5]}"


def _named(what: str, records: list[dict[str, str]]) -> list[str]:
    """The declarations that the log's entries of one kind are about."""
    event = f"declaration:{what}"
    return [one["declaration"] for one in records if one["event"] == event]


def _same(
    what: str, found: Iterable[object], wanted: Iterable[object]
) -> Iterator[str]:
    there, needed = Counter(found), Counter(wanted)
    if there != needed:
        more = [str(one) for one in (there - needed).elements()]
        less = [str(one) for one in (needed - there).elements()]
        yield f"{what}: {more[:5]} too many, {less[:5]} missing"


def left_undone(app_context: AppContext) -> Iterator[str]:
    """What does not hold once nothing is at work any more."""
    known = own_trust(app_context)
    with app_context.sessions.reading() as session:
        unsealed = session.scalars(
            select(Declaration.id).where(Declaration.pdf_sha256.is_(None))
        ).all()
        if unsealed:
            yield f"never sealed: {list(unsealed)}"
        waiting = session.scalars(
            select(Outbox.occasion).where(Outbox.delivery == "queued")
        ).all()
        if waiting:
            yield f"mails that still wait: {list(waiting)[:5]}"
        refused = session.scalars(
            select(Outbox.occasion).where(Outbox.delivery == "refused")
        ).all()
        if refused:
            yield f"mails refused: {list(refused)[:5]}"
        unasked = session.scalars(
            select(Parent.id).where(
                Parent.left_at.is_(None),
                ~select(Request.id).where(Request.parent_id == Parent.id).exists(),
            )
        ).all()
        if unasked:
            yield f"parents who were never asked: {list(unasked)[:5]}"
        older = select(Request.id).where(
            Request.status == Status.PENDING,
            Request.version_number < app_context.versions[-1].number,
        )
        if session.scalars(older).all():
            yield "requests of an older version are still open"
        pdfs = session.execute(
            select(Declaration.id, SealedPdf).join(
                SealedPdf, SealedPdf.sha256 == Declaration.pdf_sha256
            )
        )
        for reference, pdf in pdfs:
            result = verify_with(known, pdf.content).result
            if result is not Result.GENUINE:
                yield f"{reference}: its PDF is {result}"
