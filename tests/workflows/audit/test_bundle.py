"""Exporting an audit bundle, on both databases."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from signer import clock
from signer.audit.bundle import CHECKPOINT, INDEX, OPENINGS
from signer.audit.check import check_bundle
from signer.audit.findings import Severity
from signer.errors import FileExists, FileNotWritten, NothingToAudit
from signer.store.log.tables import Leaf, Opening, TreeNode
from signer.store.tables import Declaration, Parent
from signer.workflows.audit.bundle import export_audit
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal_version import seal_versions
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.register.erase import erase_parent
from tests.audit.making import a_year, contents, sign
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from pathlib import Path

    from signer.audit.findings import Audit
    from signer.workflows.context import AppContext
    from tests.sharing.states import Memory


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the bundle is to be."""
    return tmp_path / "out" / "audit.zip"


@pytest.fixture(autouse=True)
def out(path: Path) -> None:
    path.parent.mkdir()


@pytest.fixture
def year(app_context: AppContext, memory: Memory) -> list[str]:
    """Let a school year go by; gives its declarations in the order of their seals."""
    memory.bring_about(app_context, a_year)
    with app_context.sessions.reading() as session:
        query = select(Declaration.id).order_by(Declaration.sealed_position)
        return list(session.scalars(query))


def gaps(audit: Audit) -> list[str]:
    return [
        f"{one.where}: {one.sentence}"
        for one in audit.findings
        if one.severity is Severity.GAP
    ]


def test_what_is_exported_is_whole(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """The check finds every declaration, each proved, and no gap."""
    told: list[tuple[int, int]] = []
    done = export_audit(app_context, path, progress=lambda *pair: told.append(pair))
    found = check_bundle(path)

    assert gaps(found) == []
    assert (done.declarations, done.entries, done.problem) == (2, 8, None)
    assert (found.counts.unknown_signer, found.counts.proofs) == (2, 2)
    assert found.origin == done.origin == "127.0.0.1:8000/log"
    assert told == [(1, 2), (2, 2)]
    assert {f"declarations/{one}.pdf" for one in year} <= contents(path).keys()
    assert done.size == path.stat().st_size


def test_the_file_is_for_its_owner_alone(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """It holds names and addresses; and nothing else is left in the folder."""
    export_audit(app_context, path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_no_name_stands_outside_the_declarations(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """Neither in the index nor in the log's records nor in the file names."""
    export_audit(app_context, path)

    for name, content in contents(path).items():
        if not name.startswith("declarations/"):
            for word in ("Amira", "example.org", "王小明", "Yusuf", "O'Brien"):
                assert word not in name
                assert word.encode() not in content, name


def test_the_head_of_the_log_is_signed_before(
    app_context: AppContext, path: Path
) -> None:
    """So that what was signed a moment ago is in the bundle."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    one = sign(app_context, post, "Amira Khan")
    export_audit(app_context, path)

    assert gaps(check_bundle(path)) == []
    assert f"proofs/{one}.tlog-proof" in contents(path)


def test_what_came_after_the_head_is_not_in_the_bundle(
    app_context: AppContext, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody signs, and the text is sealed, between the head and the reading."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    covered = sign(app_context, post, "Amira Khan")
    late = []

    def sign_and_go_on(context: AppContext, *, whole: bool) -> None:
        sign_checkpoint(context, whole=whole)
        late.append(sign(context, post, "王小明"))
        seal_versions(context)

    monkeypatch.setattr("signer.workflows.audit.bundle.sign_checkpoint", sign_and_go_on)
    done = export_audit(app_context, path)
    files = contents(path)

    assert gaps(check_bundle(path)) == []
    assert done.declarations == 1
    assert not [name for name in files if late[0] in name]
    assert [name for name in files if name.endswith(".pdf")] == [
        f"declarations/{covered}.pdf"
    ]
    assert late[0].encode() not in files[INDEX]
    opened = [json.loads(line) for line in files[OPENINGS].splitlines()]
    assert [one["position"] for one in opened] == list(range(done.entries))
    assert int(files[CHECKPOINT].split(b"\n")[1]) == done.entries


def test_a_file_that_is_there_stays_as_it_is(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """An export never takes the place of an earlier one."""
    path.write_text("kept")

    with pytest.raises(FileExists):
        export_audit(app_context, path)
    assert path.read_text() == "kept"
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_missing_is_named(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """Nothing is made on the way there."""
    missing = path.parent / "none" / "audit.zip"

    with pytest.raises(FileNotWritten, match="No such file"):
        export_audit(app_context, missing)


def test_what_fails_in_the_middle_leaves_no_file(
    app_context: AppContext,
    year: list[str],
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bundle is there as a whole or not at all."""
    beside = app_context.settings.versions_dir / "SHA256SUMS"
    monkeypatch.setattr(
        "signer.workflows.audit.bundle.stand_alone",
        lambda: beside.with_name("missing").read_bytes(),
    )
    with pytest.raises(FileNotWritten):
        export_audit(app_context, path)
    assert list(path.parent.iterdir()) == []


def test_before_anything_happened_there_is_nothing_to_export(
    app_context: AppContext, path: Path
) -> None:
    """The log is empty: no head, no bundle."""
    with pytest.raises(NothingToAudit):
        export_audit(app_context, path)
    assert not path.exists()


def test_what_is_signed_and_not_sealed_yet_is_named(
    app_context: AppContext, path: Path, tmp_path: Path
) -> None:
    """The seal waits for its key; the audit says which declaration has no PDF."""
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    app_context.settings = replace(
        app_context.settings, seal_file=tmp_path / "none.p12"
    )
    one = sign(app_context, post, "Amira Khan")
    export_audit(app_context, path)

    [found] = gaps(check_bundle(path))
    assert found.startswith(f"{one}: It was signed (entry 1), and the log does not say")


def test_a_log_that_was_changed_is_exported_as_it_stands(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """The export says so, and the audit names where."""
    with app_context.sessions.writing() as session:
        session.execute(
            update(Leaf).where(Leaf.position == 3).values(commitment=bytes(32))
        )
    done = export_audit(app_context, path)

    assert done.problem == "Entry 3 is not the one that was logged."
    found = "\n".join(gaps(check_bundle(path)))
    assert "entry 3: It does not commit to what is kept of it." in found
    assert "log/tile/0/000.p/8: It does not hold the hashes" in found
    assert "the log was rewritten" in found


def test_a_log_that_lost_entries_is_exported_as_it_stands(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """Also where nothing is left to make a proof from."""
    first, second = year
    with app_context.sessions.writing() as session:
        session.execute(delete(Opening).where(Opening.position == 4))
        session.execute(delete(Leaf).where(Leaf.position == 4))
        session.execute(delete(TreeNode).where(TreeNode.level == 1))
    done = export_audit(app_context, path)
    found = "\n".join(gaps(check_bundle(path)))

    assert done.problem
    assert f"proofs/{first}.tlog-proof: It is missing." in found
    assert f"declarations/{second}.pdf: The log does not know it" in found
    assert "log/tile/entries/000.p/8: It does not hold 8 entries" in found


def test_what_was_taken_out_of_the_database_is_named(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """A declaration whose row and PDF somebody deleted; the log knows it still."""
    first, _ = year
    with app_context.sessions.writing() as session:
        session.execute(delete(Declaration).where(Declaration.id == first))
        session.execute(delete(Opening).where(Opening.position == 6))
    export_audit(app_context, path)
    found = gaps(check_bundle(path))

    assert any(
        one.startswith(f"declarations/{first}.pdf: The log says that it was sealed")
        for one in found
    )
    assert any(one.startswith("entry 6: Nothing says") for one in found)


def test_a_parent_who_was_erased_leaves_no_gap(
    app_context: AppContext, year: list[str], path: Path
) -> None:
    """Their entries stay shut, and the log says which ones they are."""
    first, second = year
    with clock.frozen(clock.now() + timedelta(days=1)):
        with app_context.sessions.writing() as session:
            session.execute(
                update(Parent)
                .where(Parent.name == "Amira Khan")
                .values(left_at=clock.now())
            )
        erase_parent(app_context, "amira@example.org")
        export_audit(app_context, path)
        found = check_bundle(path)

    assert gaps(found) == []
    assert (found.counts.parents_erased, found.counts.erased) == (1, 2)
    files = contents(path)
    assert f"declarations/{first}.pdf" not in files
    assert f"declarations/{second}.pdf" in files
    opened = [json.loads(line) for line in files["log/openings.jsonl"].splitlines()]
    assert [one["position"] for one in opened] == [0, 3, 4, 5, 6, 7, 8]
