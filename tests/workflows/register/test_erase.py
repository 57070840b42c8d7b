"""Erasing a parent: nothing of them is left, and the log still adds up."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from signer.errors import ParentActive, ParentAmbiguous, ParentUnknown
from signer.ledger.commitments import commit
from signer.ledger.hashing import leaf_hash
from signer.ledger.proofs import check_inclusion
from signer.ledger.tree import inclusion_proof, root
from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.store.log.append import StoredNodes
from signer.store.log.tables import Leaf, LogHead, Opening
from signer.store.tables import SealedPdf
from signer.workflows.register.deletion import ERASED
from signer.workflows.register.erase import erase_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed

AMIRA = "amira@example.org"
TRACES = ("amira", "khan", "yusuf", "leila", "why are we asked")


@pytest.fixture
def gone(app_context: AppContext, amira: Followed, asked: Post) -> AppContext:
    """Amira wrote to the office and signed, got her receipt, and has left."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.QUESTION,
        link_fingerprint=amira.link_fingerprint,
        words="Why are we asked?",
    )
    sign(app_context, amira)
    asked.send()
    leave(app_context, "Amira")
    return app_context


def leave(app_context: AppContext, name: str) -> None:
    rest = [line for line in PEOPLE.splitlines() if not line.startswith(name)]
    import_register(app_context, read_register("\n".join(rest).encode()), leavers=True)


def told(app_context: AppContext) -> str:
    return repr(snapshot(app_context)).casefold()


def test_nothing_of_the_parent_is_left(gone: AppContext) -> None:
    """No table holds a name, an address, a note or a PDF any more."""
    assert all(trace in told(gone) for trace in TRACES)
    erased = erase_parent(gone, AMIRA)
    assert (erased.name, erased.requests) == ("Amira Khan", 1)
    assert len(erased.declarations) == 1
    assert not any(trace in told(gone) for trace in TRACES)
    with gone.sessions.reading() as session:
        assert session.scalars(select(SealedPdf)).all() == []
    assert "niamh" in told(gone)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_file_holds_no_trace_either(gone: AppContext, tmp_path: Path) -> None:
    """What SQLite frees it overwrites, and its log of writes is emptied."""

    def traces() -> list[str]:
        files = tmp_path.glob("signer.sqlite3*")
        # In another process: to close the file here would drop this one's locks.
        held = subprocess.run(["cat", *files], check=True, capture_output=True).stdout
        held = held.lower()
        return [trace for trace in TRACES if trace.encode() in held]

    assert set(traces()) == set(TRACES)
    erase_parent(gone, AMIRA)
    assert traces() == []


def test_the_log_stays_as_it_was(gone: AppContext) -> None:
    """Every leaf is proven still; the last one says which can be opened no more."""
    with gone.sessions.reading() as session:
        before = session.scalars(select(Leaf.commitment).order_by(Leaf.position)).all()
    erased = erase_parent(gone, AMIRA)
    with gone.sessions.reading() as session:
        after = session.scalars(select(Leaf.commitment).order_by(Leaf.position)).all()
        size = session.scalars(select(LogHead.size)).one()
        nodes = StoredNodes(session)
        top = root(nodes, size)
        for position, one in enumerate(after):
            path = inclusion_proof(nodes, position, size)
            check_inclusion(leaf_hash(one), position, size, path, top)
        openings = {one.position: one for one in session.scalars(select(Opening))}
    assert after[: len(before)] == before
    assert len(erased.entries) == 2  # signed and sealed
    assert set(openings) == set(range(size)) - set(erased.entries)
    last = openings[size - 1]
    assert commit(last.salt, last.record) == after[-1]
    assert json.loads(last.record) == {
        "event": ERASED,
        "entries": ",".join(map(str, erased.entries)),
    }


def test_a_dry_run_says_the_same_and_changes_nothing(gone: AppContext) -> None:
    """What would go is named beforehand."""
    before = snapshot(gone)
    would = erase_parent(gone, AMIRA, dry_run=True)
    assert snapshot(gone) == before
    erased = erase_parent(gone, AMIRA)
    assert (would.declarations, would.entries) == (erased.declarations, erased.entries)


def test_who_is_in_the_register_is_not_erased(
    app_context: AppContext, asked: Post
) -> None:
    """The next import would bring them back, and nobody would know why."""
    before = snapshot(app_context)
    with pytest.raises(ParentActive):
        erase_parent(app_context, AMIRA)
    assert snapshot(app_context) == before


def test_two_of_one_address_are_told_apart(
    app_context: AppContext, asked: Post
) -> None:
    """Without a name nobody is erased; with it, the other one stays."""
    leave(app_context, "Tom")
    with pytest.raises(ParentAmbiguous):
        erase_parent(app_context, "family@example.org")
    erase_parent(app_context, "family@example.org", name="Tom O'Brien")
    assert "niamh" in told(app_context)
    assert "tom o" not in told(app_context)
    assert "maeve" in told(app_context)
    with pytest.raises(ParentUnknown):
        erase_parent(app_context, "family@example.org", name="Tom O'Brien")


def test_who_was_erased_may_come_back_as_somebody_new(gone: AppContext) -> None:
    """Nothing of the time before is in the way."""
    erase_parent(gone, AMIRA)
    result = import_register(gone, read_register(PEOPLE.encode()))
    assert result.added == [("Amira Khan", AMIRA)]
