"""A school's year from when a person was a name with an address, and goes on as ours.

Whom `FAMILIES` of `make_0013.py` names had signed, on paper too, declined, asked, left,
come back, and said that they are not the parent; two versions had been asked for.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from signer.store.row_export import TRANSIENT
from signer.store.tables import Base
from signer.workflows.requests.follow_link import open_link
from tests.cli.invoking import signer
from tests.kept.opening import DATABASE, agree, as_sqlite_holds_it, rows_of
from tests.workflows.conftest import Post, sign

if TYPE_CHECKING:
    from signer.config import Settings
    from signer.workflows.context import AppContext

KEPT = Path(__file__).parent / "schema_0013"
TOLD = json.loads((KEPT / "told.json").read_text())

# As the management system writes them in spring: its rows turned, and its spelling.
EXPORT = """\
Year,Pupil,Relationship,Parent 1 name,Parent 1 Email
8,Yusuf Khan,mother,Ms Amira Khan,AMIRA@families.example
10,Maeve O\u2019Brien,father,Tom O\u2019Brien,home@families.example
10,Maeve O\u2019Brien,mother,Niamh O\u2019Brien,home@families.example
7,王美,carer,王小明,wang@families.example
7,Oscar Bell,mother,Anna Bell,anna@families.example
7,Oscar Bell,father,Ben Bell,ben@families.example
7,OSCAR BELL,mother,Cara Bell,cara@families.example
9,Finn Fox,mother,Eve Fox,eve@families.example
9,Isla Gray,father,Finlay Gray,finlay@families.example
Reception,Ida Hart,carer,Gil Hart,gil@families.example
"""


@pytest.fixture
def kept() -> Path:
    """The school's folder."""
    return KEPT


@pytest.fixture
def opened_at() -> datetime:
    """A day later."""
    return datetime.fromisoformat(TOLD["moment"]) + timedelta(days=1)


def holds(now: Any, before: Any) -> bool:
    """Whether all that was said is said still; more may be said besides."""
    if isinstance(before, dict):
        return all(key in now and holds(now[key], before[key]) for key in before)
    if isinstance(before, list):
        return len(now) == len(before) and all(map(holds, now, before))
    return bool(now == before)


def as_json(settings: Settings, *arguments: str) -> Any:
    done = signer(settings, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_nothing_is_lost(app_context: AppContext, how: str) -> None:
    """Each row of each table; children who were shared are each parent's own."""
    before = rows_of(KEPT / DATABASE)
    if how != "upgraded":
        for name in TRANSIENT & set(before):
            del before[name]
    assert sum(map(len, before.values())) > 100
    children = {row["id"]: row["name_key"] for row in before["child"]}
    of_parents = {
        (row["parent_id"], children[row["child_id"]], row["relationship"])
        for row in before.pop("relationship")
    }
    del before["child"]
    tables = Base.metadata.tables
    with app_context.sessions.reading() as session:
        for name, rows in before.items():
            after = [
                {key: as_sqlite_holds_it(row[key]) for key in rows[0]} if rows else {}
                for row in session.execute(select(tables[name])).mappings()
            ]
            assert sorted(after, key=repr) == sorted(rows, key=repr), name
        child, relationship = tables["child"], tables["relationship"]
        now = session.execute(
            select(relationship, child.c.name_key).join(
                child, child.c.id == relationship.c.child_id
            )
        ).all()
    assert {(it.parent_id, it.name_key, it.relationship) for it in now} == of_parents
    assert len({it.child_id for it in now}) == len(of_parents)


def test_each_history_is_what_it_was(app_context: AppContext) -> None:
    """Of who left, came back, signed on paper, declined or is not the parent too."""
    settings = app_context.settings
    assert holds(as_json(settings, "status"), TOLD["status"])
    for email, told in TOLD["parents"].items():
        now = as_json(settings, "status", "--parent", email)
        assert holds(now, told), email
    agree(settings, "log", "check", "--held", str(KEPT / "checkpoint"))
    agree(settings, "check", "--verify")


def test_the_next_export_asks_nobody_twice_and_takes_nobody_for_another(
    app_context: AppContext, tmp_path: Path
) -> None:
    """Everybody is who they were; each child is spelled as its own parent spells it."""
    settings = app_context.settings
    export = tmp_path / "spring.csv"
    export.write_text(EXPORT, encoding="utf-8")
    imported = as_json(settings, "register", "import", str(export))
    assert (imported["added"], imported["missing"]) == ([], []), imported
    asked = as_json(settings, "ask", "--dry-run")
    assert (asked["asked"], asked["asked_before"]) == (0, 10)
    children = {
        parent["name"]: [child["name"] for child in parent["children"]]
        for parent in as_json(settings, "register", "list")
    }
    assert children["Anna Bell"] == children["Ben Bell"] == ["Oscar Bell"]
    assert children["Cara Bell"] == ["OSCAR BELL"]
    assert "Dia Roy" not in children
    [dia] = as_json(settings, "parent", "find", "ravi")
    assert (dia["name"], dia["active"]) == ("Dia Roy", False)
    for email, told in TOLD["parents"].items():
        now = as_json(settings, "status", "--parent", email)
        assert len(now) == len(told), email
        for parent, before in zip(now, told, strict=True):
            assert holds(parent["requests"], before["requests"]), email


def test_a_link_of_then_still_leads_to_a_signature(app_context: AppContext) -> None:
    """What was mailed before the upgrade is signed after it."""
    followed = open_link(app_context, TOLD["token"])
    sign(app_context, followed)
    assert Post(app_context).send() == 1
    [version, _] = as_json(app_context.settings, "status")["versions"]
    assert version["signed_by_link"] == 2
    agree(app_context.settings, "check", "--verify")
