"""How long the pages of the desk take with 20,000 parents and five versions.

    .venv/bin/python -m bench.desk [PARENTS]

The register is filled row by row of the tables: four of five parents signed each
version of before, three of five the one in force, one in fifty declined, and 500
questions came. The headteacher then opens each page, again and again, through the whole
application on SQLite. Prints one JSON document with, of each page, the median of the
answers in milliseconds and the number of queries, and that number in a school of 200.
Ends with an exit code other than 0 where a page takes longer than the limit, or asks
the database more often in the larger school.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert

from bench.site_versions import write_versions
from signer import clock
from signer.config import Settings
from signer.store import schema
from signer.store.columns import Delivery, NoteKind, SignedHow, Status
from signer.store.desk.roles import DeskRole
from signer.store.engine import connect
from signer.store.tables import (
    Child,
    Declaration,
    Membership,
    Note,
    Outbox,
    Parent,
    PinnedVersion,
    Relationship,
    Request,
    SealedPdf,
)
from signer.web import create_app
from signer.workflows.context import AppContext, open_context
from signer.workflows.desk.accounts import add_account
from signer.workflows.desk.sign_in import make_sign_in_link
from tests.web.browsing import ADDRESS, Browser

if TYPE_CHECKING:
    from signer.policy.versions import Version

LARGE, SMALL = 20_000, 200
VERSIONS = 5
LIMIT_MS = 200.0
ROUNDS = 5
QUESTIONS = 500
DECLINES = 4
PIECE = 1_000

PAGES = (
    "/desk/",
    "/desk/campaign",
    "/desk/campaign?state=outstanding",
    "/desk/campaign?state=outstanding&year=Year+7",
    "/desk/campaign/remind",
    "/desk/campaign/teachers",
    "/desk/inbox",
    "/desk/parents",
    "/desk/parents?page=100",
    "/desk/parents/77",
    "/desk/parents/77/data",
    "/desk/parents/retention",
    "/desk/paper/77",
    "/desk/text",
    "/desk/text/edit",
    "/desk/release",
    "/desk/release/stages",
    "/desk/record",
    "/desk/record/covered",
    "/desk/record/sample",
    "/desk/record/log",
    "/desk/staff",
    "/desk/staff/actions",
    "/desk/account",
)


def main() -> None:
    """Measure the larger school, count the queries of both, and judge."""
    large = int(sys.argv[1]) if sys.argv[1:] else LARGE
    found = {size: measured(size) for size in (SMALL, large)}
    pages = {
        path: {**found[large][path], "queries_of_200": found[SMALL][path]["queries"]}
        for path in PAGES
    }
    slow = [path for path, one in pages.items() if one["median_ms"] > LIMIT_MS]
    growing = [
        path for path, one in pages.items() if one["queries"] > one["queries_of_200"]
    ]
    told = {"parents": large, "pages": pages, "too_slow": slow, "growing": growing}
    print(json.dumps(told, indent=2))
    sys.exit(1 if slow or growing else 0)


def measured(size: int) -> dict[str, dict[str, float]]:
    """The time and the queries of each page in a school of a size."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            instance=Path(folder),
            base_url=ADDRESS,
            secret_keys=("a secret of the benchmark, of no use anywhere else",),
            versions_dir=Path(folder) / "versions",
        )
        write_versions(settings.versions_dir, VERSIONS)
        schema.upgrade(connect(settings.database).engine)
        app_context = open_context(settings)
        fill(app_context, size)
        return dict(_looked_at(app_context))


def _looked_at(app_context: AppContext) -> list[tuple[str, dict[str, float]]]:
    ref = add_account(app_context, "head@school.example", DeskRole.HEAD)
    link = make_sign_in_link(app_context, ref, lives=timedelta(hours=1))
    browser = Browser(create_app(app_context.settings, app_context))
    browser.press(browser.open(link.removeprefix(ADDRESS)), "Sign in")
    asked: list[str] = []
    event.listen(
        app_context.sessions.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: asked.append(statement),
    )
    found = []
    for path in PAGES:
        took = []
        for _ in range(ROUNDS):
            asked.clear()
            started = time.perf_counter()
            answer = browser.client.get(path, base_url=ADDRESS)
            took.append(time.perf_counter() - started)
            if answer.status_code != HTTPStatus.OK:
                sys.exit(f"{path}: {answer.status}")
        median = round(statistics.median(took) * 1000, 1)
        found.append((path, {"median_ms": median, "queries": len(asked)}))
    return found


def fill(app_context: AppContext, size: int) -> None:
    """Fill a register, and let five campaigns have been."""
    began = clock.now() - timedelta(days=365 * VERSIONS)
    with app_context.sessions.writing() as session:
        session.execute(insert(SealedPdf).values(sha256="0" * 64, content=b"%PDF"))
        for place, version in enumerate(app_context.versions):
            session.add(
                PinnedVersion(
                    number=version.number,
                    sha256=version.sha256,
                    title=version.title,
                    label=version.label,
                    pinned_at=began + timedelta(days=365 * place),
                )
            )
    for start in range(1, size + 1, PIECE):
        numbers = range(start, min(start + PIECE, size + 1))
        with app_context.sessions.writing() as session:
            for table, rows in _people(numbers, began).items():
                session.execute(insert(table), rows)
            for place, version in enumerate(app_context.versions):
                asked_at = began + timedelta(days=365 * place)
                current = version is app_context.versions[-1]
                for table, rows in _answers(
                    numbers, version, asked_at, current=current
                ).items():
                    session.execute(insert(table), rows)


def _people(numbers: range, began: datetime) -> dict[type, list[dict[str, Any]]]:
    return {
        Parent: [
            {
                "id": one,
                "name": f"Parent {one}",
                "name_key": f"parent {one}",
                "email": f"parent{one}@example.org",
                "email_key": f"parent{one}@example.org",
                "added_at": began,
            }
            for one in numbers
        ],
        Membership: [{"parent_id": one, "joined_at": began} for one in numbers],
        Child: [
            {
                "id": one,
                "name": f"Child {one}",
                "name_key": f"child {one}",
                "year_group": f"Year {one % 11 + 1}",
            }
            for one in numbers
        ],
        Relationship: [
            {"parent_id": one, "child_id": one, "words": "mother"} for one in numbers
        ],
    }


def _answers(
    numbers: range, version: Version, asked_at: datetime, *, current: bool
) -> dict[type, list[dict[str, Any]]]:
    """What parents answered to one version, and the mails that asked them."""
    rest = Status.PENDING if current else Status.SUPERSEDED
    rows: dict[type, list[dict[str, Any]]] = {
        one: [] for one in (Request, Declaration, Outbox, Note)
    }
    for number in numbers:
        request_id = version.number * 1_000_000 + number
        signs = number % 5 < (3 if current else 4)
        declines = current and number % 50 == DECLINES
        status = Status.SIGNED if signs else Status.DECLINED if declines else rest
        answered = asked_at + timedelta(days=number % 30, hours=number % 24)
        open_still = status in {Status.PENDING, Status.SUPERSEDED}
        rows[Request].append(
            {
                "id": request_id,
                "ref": f"{request_id:018x}",
                "parent_id": number,
                "version_number": version.number,
                "version_sha256": version.sha256,
                "status": status,
                "signed_how": SignedHow.LINK if signs else None,
                "asked_at": asked_at,
                "opened_at": None if open_still else answered,
                "closed_at": None if status is Status.PENDING else answered,
            }
        )
        rows[Outbox].append(
            {
                "occasion": f"ask:request:{request_id}",
                "kind": "ask",
                "request_id": request_id,
                "message_ref": f"{request_id:018x}",
                "delivery": Delivery.SENT,
                "queued_at": asked_at,
                "due_at": asked_at,
                "sent_at": asked_at,
            }
        )
        if signs:
            rows[Declaration].append(
                {
                    "id": f"D-{request_id:012d}",
                    "request_id": request_id,
                    "statement": b"{}",
                    "statement_sha256": "0" * 64,
                    "signed_at": answered,
                    "pdf_sha256": "0" * 64,
                    "sealed_at": answered,
                    "level": "B-B",
                    "sealed_position": number,
                }
            )
        if current and number <= QUESTIONS:
            rows[Note].append(
                {
                    "request_id": request_id,
                    "kind": NoteKind.QUESTION,
                    "words": "May I share the prospectus?",
                    "written_at": answered,
                }
            )
    return {table: found for table, found in rows.items() if found}


if __name__ == "__main__":
    main()
