"""What staff note about a parent, and where it goes with them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer import clock
from signer.errors import ParentUnknown, TextRefused
from signer.register.rows import read_register
from signer.store.register.tables import ParentNote
from signer.store.tables import Parent
from signer.workflows.parents.notes import note_about_parent
from signer.workflows.parents.person import look_up_person
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.export import PAGE, export_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.register.merge_parents import merge_parents
from signer.workflows.retention.due import expiries
from signer.workflows.retention.rules import DataKind

if TYPE_CHECKING:
    from signer.workflows.context import AppContext

AMIRA = "amira@example.org"
WORDS = "Prefers calls after four.\n王 ne ţi."


def id_of(context: AppContext, name: str) -> int:
    with context.sessions.reading() as session:
        return session.scalars(select(Parent.id).where(Parent.name == name)).one()


def kept(context: AppContext) -> list[tuple[int, str, str]]:
    with context.sessions.reading() as session:
        return [
            (one.parent_id, one.words, one.written_by)
            for one in session.scalars(select(ParentNote).order_by(ParentNote.id))
        ]


def test_a_note_is_kept_once_with_who_wrote_it(app_context: AppContext) -> None:
    """The same words twice in a row are one note; others are another."""
    parent_id = id_of(app_context, "Amira Khan")
    for words in (WORDS, WORDS, "Called."):
        note_about_parent(app_context, parent_id, words, by="Sam Carter")
    assert kept(app_context) == [
        (parent_id, WORDS, "Sam Carter"),
        (parent_id, "Called.", "Sam Carter"),
    ]
    shown = look_up_person(app_context, parent_id).notes
    assert [one.words for one in shown] == ["Called.", WORDS]


def test_an_empty_note_and_one_about_nobody_are_refused(
    app_context: AppContext,
) -> None:
    """Nothing is kept."""
    with pytest.raises(TextRefused):
        note_about_parent(app_context, AMIRA, " \n ", by="Sam")
    with pytest.raises(ParentUnknown):
        note_about_parent(app_context, 4711, "Words", by="Sam")
    assert kept(app_context) == []


def test_a_parent_gets_the_notes_about_them(app_context: AppContext) -> None:
    """They are in the export, for people and for programs."""
    note_about_parent(app_context, AMIRA, WORDS, by="Sam Carter")
    archive = zipfile.ZipFile(io.BytesIO(export_parent(app_context, AMIRA)))
    (note,) = json.loads(archive.read("data.json"))["staff_notes"]
    assert (note["words"], note["by"]) == (WORDS, "Sam Carter")
    assert "Prefers calls after four." in archive.read(PAGE).decode()


def test_a_merge_keeps_the_notes_of_both(app_context: AppContext) -> None:
    """They are the one parent's afterwards."""
    header = "parent_name,parent_email,relationship,child_name,year_group\n"
    row = "Amira Khaan,other@example.org,mother,Ines Kaya,Year 8\n"
    import_register(app_context, read_register((header + row).encode()))
    note_about_parent(app_context, AMIRA, "One", by="Sam")
    note_about_parent(app_context, "other@example.org", "Two", by="Sam")
    keeper = id_of(app_context, "Amira Khan")
    merge_parents(app_context, keeper, "other@example.org")
    assert kept(app_context) == [(keeper, "One", "Sam"), (keeper, "Two", "Sam")]


def test_erasure_and_retention_know_notes(app_context: AppContext) -> None:
    """They count among what is deleted after its time, and go with the parent."""
    note_about_parent(app_context, AMIRA, WORDS, by="Sam Carter")
    with clock.frozen(clock.now()) as advance:
        advance(timedelta(days=1))
        header = "parent_name,parent_email,relationship,child_name,year_group\n"
        row = "王小明,wang@example.org,carer,王美,Year 7\n"
        reading = read_register((header + row).encode())
        import_register(app_context, reading, leavers=True)
        with app_context.sessions.reading() as session:
            due = {
                it.kind: it.records
                for it in expiries(session, app_context.settings)
                if it.email == AMIRA
            }
        assert due[DataKind.NOTES] == 1
        erase_parent(app_context, AMIRA)
    assert kept(app_context) == []
