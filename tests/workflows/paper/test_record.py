"""A declaration signed by hand is recorded by the office, once, under its name."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import (
    PaperRefused,
    ParentAmbiguous,
    ParentUnknown,
    RequestClosed,
    ScanRefused,
    TextRefused,
)
from signer.register.rows import read_register
from signer.store.columns import NoteKind, SignedHow, Status
from signer.store.log.tables import Opening
from signer.store.tables import Declaration, Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.paper.record import record_paper
from signer.workflows.paper.scan import read_scan
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.register.history import parent_history
from signer.workflows.register.import_register import import_register
from signer.workflows.register.list import list_register
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import look_up_link
from tests.conftest import MOMENT, PEOPLE
from tests.web.releases import release
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


def request_of(app_context: AppContext, name: str) -> Request:
    with app_context.sessions.reading() as session:
        return session.scalars(
            select(Request).join(Parent).where(Parent.name == name)
        ).one()


def test_paper_closes_the_request_and_says_who_holds_it(
    app_context: AppContext, asked: Post
) -> None:
    """Signed, how, by whom recorded and when; no declaration, and a leaf."""
    done = record_paper(app_context, "amira@example.org", by=" Mrs  Bell ")
    assert (done.name, done.version, done.before) == ("Amira Khan", 2, Status.PENDING)
    found = request_of(app_context, "Amira Khan")
    assert (found.status, found.signed_how) == (Status.SIGNED, SignedHow.PAPER)
    assert (found.recorded_by, found.closed_at) == ("Mrs Bell", MOMENT)
    with app_context.sessions.reading() as session:
        assert session.scalars(select(Declaration)).all() == []
        records = [one.record for one in session.scalars(select(Opening))]
    [leaf] = [one for one in records if b'"event":"declaration:paper"' in one]
    assert found.ref.encode() in leaf
    assert b"Khan" not in leaf
    assert b"Bell" not in leaf


def test_the_link_of_a_parent_who_signed_on_paper_says_so(
    app_context: AppContext, asked: Post
) -> None:
    """Nobody signs twice because the mail is still in the mailbox."""
    record_paper(app_context, "amira@example.org", by="Office")
    token = asked.token("Amira Khan")
    assert look_up_link(app_context, token).state is LinkState.SIGNED
    listed = {one.name: one.signed_how for one in list_register(app_context)}
    assert listed["Amira Khan"] is SignedHow.PAPER


@pytest.mark.parametrize("email", ["AMIRA@Example.org", "  amira@example.org "])
def test_an_address_is_found_however_it_is_typed(
    app_context: AppContext, asked: Post, email: str
) -> None:
    """Capitals and spaces around it do not count."""
    assert record_paper(app_context, email, by="Office").name == "Amira Khan"


def test_two_at_one_address_need_a_name(app_context: AppContext, asked: Post) -> None:
    """Nobody's paper is put down to somebody else."""
    before = snapshot(app_context)
    with pytest.raises(ParentAmbiguous) as caught:
        record_paper(app_context, "family@example.org", by="Office")
    assert caught.value.found == 2
    assert snapshot(app_context) == before
    done = record_paper(
        app_context, "family@example.org", by="Office", name="NIAMH  o'brien"
    )
    assert done.name == "Niamh O'Brien"
    assert request_of(app_context, "Tom O'Brien").status is Status.PENDING


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("nobody@example.org", ""),
        ("", ""),
        ("amira@example.org", "Tom O'Brien"),
        ("%", ""),
    ],
)
def test_nobody_is_known_by_half_of_it(
    app_context: AppContext, asked: Post, email: str, name: str
) -> None:
    """Nobody found, nothing recorded."""
    before = snapshot(app_context)
    with pytest.raises(ParentUnknown):
        record_paper(app_context, email, by="Office", name=name)
    assert snapshot(app_context) == before


def test_before_asking_there_is_nothing_to_record(app_context: AppContext) -> None:
    """A register alone is not a campaign."""
    with pytest.raises(PaperRefused, match="not been asked to sign any version"):
        record_paper(app_context, "amira@example.org", by="Office")


def test_who_has_left_may_have_signed(app_context: AppContext, asked: Post) -> None:
    """It came in the post after they had left; they had been asked."""
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    done = record_paper(app_context, "amira@example.org", by="Office")
    assert done.before is Status.WITHDRAWN
    assert request_of(app_context, "Amira Khan").status is Status.SIGNED


def test_paper_is_recorded_once(app_context: AppContext, asked: Post) -> None:
    """The second time says that it is signed, and keeps the first one's name."""
    record_paper(app_context, "amira@example.org", by="First")
    before = snapshot(app_context)
    with pytest.raises(RequestClosed) as caught:
        record_paper(app_context, "amira@example.org", by="Second")
    assert caught.value.status == "signed"
    assert snapshot(app_context) == before


def test_what_was_signed_by_link_is_not_recorded_as_paper(
    app_context: AppContext, amira: Followed
) -> None:
    """The two ways are never mixed."""
    sign(app_context, amira)
    with pytest.raises(RequestClosed):
        record_paper(app_context, "amira@example.org", by="Office")
    assert request_of(app_context, "Amira Khan").signed_how is SignedHow.LINK


def test_who_declined_may_sign_on_paper(
    app_context: AppContext, amira: Followed
) -> None:
    """Declining closes nothing for good."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.DECLINE,
        link_fingerprint=amira.link_fingerprint,
        words="Not on a screen.",
    )
    record_paper(app_context, "amira@example.org", by="Office")
    assert request_of(app_context, "Amira Khan").signed_how is SignedHow.PAPER


@pytest.mark.parametrize("by", ["", "  ", "a\x00b", "x" * 201])
def test_a_record_names_who_made_it(
    app_context: AppContext, asked: Post, by: str
) -> None:
    """A paper that nobody holds is none."""
    before = snapshot(app_context)
    with pytest.raises(TextRefused):
        record_paper(app_context, "amira@example.org", by=by)
    assert snapshot(app_context) == before


@pytest.fixture
def two(app_context: AppContext, asked: Post) -> AppContext:
    """Version 3 was released after everybody was asked for 2; all are asked again."""
    release(app_context.settings.versions_dir)
    ask_parents(app_context)
    return app_context


def requests(app_context: AppContext, name: str) -> dict[int, Status]:
    with app_context.sessions.reading() as session:
        rows = session.execute(
            select(Request.version_number, Request.status)
            .join(Parent)
            .where(Parent.name == name)
        )
        return {number: status for number, status in rows}  # noqa: C416 - rows


def test_a_paper_of_an_older_version_is_recorded_for_that_one(two: AppContext) -> None:
    """The newest is still to be signed, and that is said."""
    dated = date(2026, 11, 20)
    done = record_paper(
        two, "amira@example.org", by="Office", version=2, signed_on=dated
    )
    assert (done.before, done.owes) == (Status.SUPERSEDED, 3)
    expected = {2: Status.SIGNED, 3: Status.PENDING}
    assert requests(two, "Amira Khan") == expected
    [told] = parent_history(two, "amira@example.org")
    [kept] = told.requests[0].papers
    assert (kept.signed_on, kept.recorded_by) == ("2026-11-20", "Office")


def test_a_paper_is_recorded_for_who_was_never_asked(two: AppContext) -> None:
    """Somebody new hands in what was in force when they came; no mail goes out."""
    row = "Ann Lee,ann@example.org,mother,Bo Lee,Year 1\n"
    import_register(two, read_register((PEOPLE + row).encode()))
    assert record_paper(two, "ann@example.org", by="Office").before is None
    assert requests(two, "Ann Lee") == {3: Status.SIGNED}
    assert ask_parents(two).newly == 0
    [told] = parent_history(two, "ann@example.org")
    assert not told.requests[0].was_asked
    with pytest.raises(PaperRefused, match="They may have signed: 3"):
        record_paper(two, "ann@example.org", by="Office", version=2)


@pytest.mark.parametrize(
    ("version", "day", "why"),
    [
        (2, date(2022, 7, 31), "before version 2 was released"),
        (3, date(2026, 10, 31), "before version 3 was released"),
        (3, date(2026, 11, 23), "still to come"),
        (4, date(2026, 11, 22), "They may have signed: 2, 3"),
    ],
)
def test_what_nobody_can_have_signed_is_refused(
    two: AppContext, version: int, day: date, why: str
) -> None:
    """A slip of the pen is no record."""
    before = snapshot(two)
    with pytest.raises(PaperRefused, match=why):
        record_paper(
            two, "amira@example.org", by="Office", version=version, signed_on=day
        )
    assert snapshot(two) == before


def test_looking_first_changes_nothing(two: AppContext) -> None:
    """What is shown is what will be done."""
    before = snapshot(two)
    planned = record_paper(two, "amira@example.org", by="Office", dry_run=True)
    assert snapshot(two) == before
    assert replace(planned, dry_run=False) == record_paper(
        two, "amira@example.org", by="Office"
    )


def test_a_scan_is_kept_and_goes_with_its_parent(
    app_context: AppContext, asked: Post
) -> None:
    """In the parent's copy, with its hash in the log; nothing is left of it erased."""
    scan = read_scan(b"%PDF-1.7 a page")
    record_paper(app_context, "amira@example.org", by="Office", scan=scan)
    archive = zipfile.ZipFile(
        io.BytesIO(export_parent(app_context, "amira@example.org"))
    )
    [path] = [one for one in archive.namelist() if one.startswith("papers/")]
    assert archive.read(path) == scan.content
    assert f'href="{path}"' in archive.read("index.html").decode()
    with app_context.sessions.reading() as session:
        records = [one.record for one in session.scalars(select(Opening))]
    assert any(scan.sha256.encode() in record for record in records)
    rest = [line for line in PEOPLE.splitlines() if not line.startswith("Amira")]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)
    erase_parent(app_context, "amira@example.org")
    after = snapshot(app_context)
    assert (after["paper"], after["paper_scan"]) == ([], [])


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"MZ", b"%PDF-" + bytes(10**7)])
def test_what_is_no_scan_is_refused(content: bytes) -> None:
    """A PDF, JPEG or PNG of ten megabytes at most."""
    with pytest.raises(ScanRefused):
        read_scan(content)


@pytest.mark.parametrize("beginning", ["ffd8ffe0", "89504e470d0a1a0a"])
def test_photographs_are_scans(beginning: str) -> None:
    """As telephones and scanners make them."""
    assert read_scan(bytes.fromhex(beginning)).media_type.startswith("image/")
