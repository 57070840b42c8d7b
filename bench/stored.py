"""How many bytes a declaration keeps: in the database, and in a backup.

    .venv/bin/python -m bench.stored [DECLARATIONS]

Parents are asked, open their links and sign, through the workflows, on an SQLite file.
What database and backup have more afterwards is divided by the declarations. Prints one
JSON document, in kilobytes (1,000 bytes).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from bench.table.figures import Figure
from signer import clock
from signer.config import Settings
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.link_tokens import fingerprint
from signer.pki.make_keys import make_keys
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.store.sqlite_files import create_private_file
from signer.store.tables import Link, Parent, Request
from signer.workflows.backup.create import back_up
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import AppContext, open_context
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.sign import Answers, sign_declaration
from tests.production.harness.rehearsal import register_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
MANY = 400
LIMIT_KB = 48.0
PASSPHRASE = "of the benchmark"  # noqa: S105 - locks nothing but these keys


def main() -> None:
    """Measure, and print."""
    many = int(sys.argv[1]) if sys.argv[1:] else MANY
    print(json.dumps(measured(many), indent=2))


def figures(*, full: bool = False) -> list[Figure]:
    """Kilobytes of each declaration, of few and of many."""
    many = MANY * (5 if full else 1)
    found = measured(many)
    return [
        Figure(
            f"A declaration {where}",
            found[where][many],
            "KB",
            LIMIT_KB,
            sizes=tuple(found[where].items()),
            of="the declarations",
        )
        for where in found
    ]


def measured(many: int) -> dict[str, dict[int, float]]:
    """Kilobytes a declaration in database and backup, by how many there are."""
    with tempfile.TemporaryDirectory() as folder:
        app_context = _school(Path(folder))
        links = list(_asked(app_context, many))
        empty = _sizes(app_context, Path(folder) / "0.zip")
        kept: dict[str, dict[int, float]] = {where: {} for where in empty}
        done = 0
        for size in (many // 4, many):
            for link in links[done:size]:
                _sign(app_context, *link)
            done = size
            for where, found in _sizes(
                app_context, Path(folder) / f"{size}.zip"
            ).items():
                kept[where][size] = (found - empty[where]) / size / 1000
        app_context.sessions.close()
        return kept


def _school(folder: Path) -> AppContext:
    settings = Settings(
        instance=folder / "instance",
        secret_keys=("a secret of the benchmark and of no use anywhere else",),
        versions_dir=ROOT / "versions",
        seal_passphrase=PASSPHRASE,
    )
    settings.instance_path.mkdir()
    create_private_file(str(settings.instance_path / "signer.sqlite3"))
    schema.upgrade(connect(settings.database).engine)
    make_keys(
        settings.instance_path / "keys",
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=clock.now(),
        extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
    )
    return open_context(settings)


def _asked(app_context: AppContext, many: int) -> Iterator[tuple[str, str]]:
    """A link and a name for each parent, all of them asked."""
    import_register(app_context, read_register(register_of(range(many)).encode()))
    ask_parents(app_context)
    with app_context.sessions.writing() as session:
        for request, name in session.execute(
            select(Request.id, Parent.name).join(Parent)
        ).all():
            token, link_id = app_context.tokens.mint()
            session.add(
                Link(
                    request_id=request,
                    fingerprint=fingerprint(link_id),
                    made_at=clock.now(),
                )
            )
            yield token, name


def _sign(app_context: AppContext, token: str, name: str) -> None:
    version = app_context.versions[-1]
    followed = open_link(app_context, token)
    if not (followed.request_ref and followed.link_fingerprint):
        raise RuntimeError(followed.state)
    sign_declaration(
        app_context,
        followed.request_ref,
        link_fingerprint=followed.link_fingerprint,
        answers=Answers(
            shown_sha256=version.sha256,
            typed_name=name,
            capacity="Parent",
            confirmed=range(len(version.declaration)),
        ),
    )


def _sizes(app_context: AppContext, backup: Path) -> dict[str, int]:
    """Bytes that the database uses, and bytes of a backup."""
    with app_context.sessions.reading() as session:
        pages, free, size = (
            session.scalar(text(f"PRAGMA {name}"))
            for name in ("page_count", "freelist_count", "page_size")
        )
    back_up(app_context.sessions, backup)
    return {
        "in the database": (pages - free) * size,
        "in a backup": backup.stat().st_size,
    }


if __name__ == "__main__":
    main()
