"""A process that keeps two connections to a database, and writes when it is told to.

Its argument is the database's address. It says ``ready`` once both connections have
read, then writes one row for each line of its input, and says ``written`` after each.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from sqlalchemy import func, select

from signer.store.engine import connect
from signer.store.tables import Parent

sessions = connect(sys.argv[1])
with sessions.reading() as first, sessions.reading() as second:
    for session in (first, second):
        session.execute(select(func.count()).select_from(Parent)).scalar()
sys.stdout.write("ready\n")
sys.stdout.flush()
for line in sys.stdin:
    name = line.strip()
    with sessions.writing() as session:
        session.add(
            Parent(
                name=name,
                name_key=name,
                email=f"{name}@example.org",
                email_key=f"{name}@example.org",
                added_at=datetime.now(UTC),
            )
        )
    sys.stdout.write("written\n")
    sys.stdout.flush()
