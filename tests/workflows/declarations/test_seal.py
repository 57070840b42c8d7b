"""Whatever ends a process, and wherever: signed means stored, and nothing is half."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import OperationalError

from signer.declaration.statement import from_json, statement_sha256
from signer.register.rows import read_register
from signer.store.columns import Status
from signer.store.log.tables import Leaf, LogHead, Opening
from signer.store.tables import Declaration, Outbox, Request, SealedPdf
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import open_context
from signer.workflows.declarations.seal import FAILURES_IN_A_ROW, seal_outstanding
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.sign import sign_declaration
from signer.workflows.requests.view_request import view_request
from tests.conftest import REPOSITORY, environment_of
from tests.sharing.long_form import rounds
from tests.workflows.conftest import Post, answers, link_in, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

ROOMS = (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 8, 16, 32, 64)
"""Pages of the database: what is left of a disk when somebody signs."""

PARENTS = len(ROOMS)
KILLS = rounds(4, long=8)
LONGEST = 0.2
"""Seconds from the beginning of a signature to the latest kill; one takes less."""

sqlite_alone = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def living(settings_of_today: Settings) -> Iterator[AppContext]:
    """A context whose clock runs, with sixteen parents who have been asked."""
    app_context = open_context(settings_of_today)
    head = "parent_name,parent_email,relationship,child_name,year_group\n"
    rows = [
        f"Parent {n},p{n}@example.org,mother,Child {n},Year 1" for n in range(PARENTS)
    ]
    import_register(app_context, read_register((head + "\n".join(rows)).encode()))
    ask_parents(app_context)
    yield app_context
    app_context.sessions.close()


def opened(app_context: AppContext) -> dict[str, str]:
    """Every parent has opened the link: requests, and the links that admit to them."""
    post = Post(app_context)
    post.send()
    found = {}
    for mail in post.mails():
        link = link_in(mail)
        assert link
        followed = open_link(app_context, link[1])
        assert followed.request_ref
        assert followed.link_fingerprint
        found[followed.request_ref] = followed.link_fingerprint
    assert len(found) == PARENTS
    return found


def sign(app_context: AppContext, ref: str, mark: str) -> None:
    name = name_of(app_context, ref)
    sign_declaration(
        app_context,
        ref,
        link_fingerprint=mark,
        answers=answers(app_context, typed_name=name),
    )


def check_whole(app_context: AppContext) -> int:
    """Nothing is half done, whatever has happened; gives how many are signed."""
    with app_context.sessions.reading() as session:
        requests = session.scalars(select(Request)).all()
        declarations = session.scalars(select(Declaration)).all()
        pdfs = set(session.scalars(select(SealedPdf.sha256)))
        records = [one.record.decode() for one in session.scalars(select(Opening))]
        size = session.scalars(select(LogHead.size)).one()
        positions = list(session.scalars(select(Leaf.position).order_by("position")))
        receipts = set(
            session.scalars(select(Outbox.occasion).where(Outbox.kind == "receipt"))
        )
        if session.get_bind().dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    signed = {one.id for one in requests if one.status is Status.SIGNED}
    assert {one.request_id for one in declarations} == signed
    assert sorted(_named("declaration:signed", records)) == sorted(
        one.id for one in declarations
    )
    for one in declarations:
        assert from_json(one.statement).declaration_id == one.id
        assert statement_sha256(one.statement) == one.statement_sha256
    sealed = [one for one in declarations if one.pdf_sha256 is not None]
    assert {one.pdf_sha256 for one in sealed} == pdfs
    assert sorted(_named("declaration:sealed", records)) == sorted(
        one.id for one in sealed
    )
    assert receipts == {f"receipt:{one.id}" for one in sealed}
    assert positions == list(range(size))
    assert len(records) == size
    return len(signed)


def _named(kind: str, records: list[str]) -> list[str]:
    """The declarations that the log's entries of one kind are about."""
    found = [one for one in records if f'"event":"{kind}"' in one]
    return [re.findall(r'"declaration":"([^"]+)"', one)[0] for one in found]


def check_all_sealed(app_context: AppContext) -> None:
    """Each signed request has one PDF, sent once to its parent, with a proof."""
    with app_context.sessions.reading() as session:
        unsealed = select(func.count()).where(Declaration.pdf_sha256.is_(None))
        assert session.scalar(unsealed) == 0
        pdfs = [one.content for one in session.scalars(select(SealedPdf))]
    attached = [
        one.get_content()
        for mail in Post(app_context).mails()
        for one in mail.iter_attachments()
    ]
    proofs = [one for one in attached if one.startswith(b"c2sp.org/tlog-proof@v1\n")]
    assert sorted(one for one in attached if one not in proofs) == sorted(pdfs)
    assert len(proofs) == len(pdfs)


@sqlite_alone
def test_a_process_killed_while_it_signs_leaves_nothing_half(
    living: AppContext, tmp_path: Path
) -> None:
    """At any instruction: what was answered is stored, what was not is begun again."""
    app_context = living
    waiting = opened(app_context)
    chance = random.Random(20261122)
    done: set[str] = set()
    for _ in range(KILLS):
        done |= _sign_until_killed(app_context, tmp_path, waiting, chance)
        signed = check_whole(app_context)
        assert signed >= len(done)
        for ref in done:
            entry = view_request(app_context, ref, waiting[ref])
            assert entry
            assert entry.state is LinkState.SIGNED
    for ref, mark in waiting.items():
        sign(app_context, ref, mark)
    seal_outstanding(app_context)
    assert check_whole(app_context) == PARENTS
    assert Post(app_context).send() == PARENTS
    check_all_sealed(app_context)


def _sign_until_killed(
    app_context: AppContext,
    tmp_path: Path,
    waiting: dict[str, str],
    chance: random.Random,
) -> set[str]:
    """Start a process that signs, and kill it in the midst; what it said was done."""
    # Those that were tried before come last, so that each kill meets new ones.
    with app_context.sessions.reading() as session:
        signed = set(
            session.scalars(select(Request.ref).where(Request.status == Status.SIGNED))
        )
    todo = [ref for ref in waiting if ref not in signed]
    path = tmp_path / "requests"
    path.write_text("\n".join(f"{ref} {waiting[ref]}" for ref in todo))
    process = subprocess.Popen(
        [sys.executable, "tests/workflows/requests/signing_process.py", str(path)],
        cwd=REPOSITORY,
        env=environment_of(app_context.settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    first = process.stdout.readline()
    assert first.startswith("begun"), first
    time.sleep(chance.uniform(0, LONGEST))
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate()
    return {line.split()[1] for line in rest.splitlines() if line.startswith("done ")}


@sqlite_alone
def test_a_full_disk_loses_nothing_and_says_nothing_false(living: AppContext) -> None:
    """Wherever the room ends: either an error and not signed, or signed and kept."""
    app_context = living
    waiting = opened(app_context)
    outcomes = []
    for pages, (ref, mark) in zip(ROOMS, waiting.items(), strict=True):
        with _room_for(app_context, pages):
            try:
                sign(app_context, ref, mark)
            except OperationalError as error:
                assert "full" in str(error.orig)  # noqa: PT017 - either is right
                outcomes.append("refused")
            else:
                outcomes.append("signed")
            entry = view_request(app_context, ref, mark)
            assert entry
            assert (entry.state is LinkState.SIGNED) is (outcomes[-1] == "signed")
            check_whole(app_context)
    assert {"refused", "signed"} == set(outcomes), outcomes
    seal_outstanding(app_context)
    assert check_whole(app_context) == outcomes.count("signed")
    for ref, mark in waiting.items():
        sign(app_context, ref, mark)
    seal_outstanding(app_context)
    assert check_whole(app_context) == PARENTS
    Post(app_context).send()
    check_all_sealed(app_context)


class _room_for:  # noqa: N801 - reads as what it does
    """As if the disk had room for so many more pages of the database, and no more."""

    def __init__(self, app_context: AppContext, pages: int) -> None:
        self._context, self._pages = app_context, pages

    def __enter__(self) -> None:
        with self._context.sessions.reading() as session:
            free = session.scalar(text("PRAGMA freelist_count"))
            assert free == 0
            size = session.scalar(text("PRAGMA page_count"))
        self._limit = size + self._pages
        self._context.sessions.close()
        event.listen(self._context.sessions.engine, "connect", self._limited)

    def __exit__(self, *_exception: object) -> None:
        event.remove(self._context.sessions.engine, "connect", self._limited)
        self._context.sessions.close()

    def _limited(self, connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self._limit}")


@sqlite_alone
def test_a_database_that_cannot_be_written_signs_nothing(living: AppContext) -> None:
    """An error, no signature; once it can be written, the same page signs."""
    app_context = living
    ref, mark = next(iter(opened(app_context).items()))

    def forbid(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    app_context.sessions.close()
    event.listen(app_context.sessions.engine, "connect", forbid)
    with pytest.raises(OperationalError, match="readonly"):
        sign(app_context, ref, mark)
    event.remove(app_context.sessions.engine, "connect", forbid)
    app_context.sessions.close()
    assert check_whole(app_context) == 0
    sign(app_context, ref, mark)
    assert check_whole(app_context) == 1


def test_a_passphrase_that_is_gone_loses_no_signature(
    app_context: AppContext, asked: Post
) -> None:
    """Signed all the same; sealed when the file is back; mail goes on meanwhile."""
    followed = open_link(app_context, asked.token("Amira Khan"))
    assert followed.request_ref
    assert followed.link_fingerprint
    good = app_context.settings
    gone = app_context.settings.instance_path / "gone"
    app_context.settings = replace(good, seal_passphrase_file=gone)
    sign(app_context, followed.request_ref, followed.link_fingerprint)
    assert seal_outstanding(app_context) == 0
    with app_context.sessions.reading() as session:
        declaration = session.scalars(select(Declaration)).one()
    assert declaration.seal_attempts == 2
    assert "SIGNER_SEAL_PASSPHRASE_FILE" in str(declaration.seal_problem)
    app_context.settings = good
    assert seal_outstanding(app_context) == 1
    assert check_whole(app_context) == 1


@sqlite_alone
def test_sealing_stops_after_some_failures_in_a_row(living: AppContext) -> None:
    """A fault that is everybody's is met a few times a sweep, not once for each."""
    app_context = living
    waiting = list(opened(app_context).items())[: FAILURES_IN_A_ROW + 2]
    gone = app_context.settings.instance_path / "gone"
    app_context.settings = replace(app_context.settings, seal_passphrase_file=gone)
    for ref, mark in waiting:
        sign(app_context, ref, mark)
    tries = select(func.sum(Declaration.seal_attempts))
    with app_context.sessions.reading() as session:
        before = session.scalars(tries).one()
    assert seal_outstanding(app_context) == 0
    with app_context.sessions.reading() as session:
        assert session.scalars(tries).one() == before + FAILURES_IN_A_ROW
