"""A process that signs one request after another, until it is done or killed.

Its arguments name a file of requests and the links that open them, one pair a line.
It writes each reference before and after signing it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import select

from signer.config import load
from signer.store.tables import Parent, Request
from signer.workflows.context import open_context
from signer.workflows.requests.sign import Answers, sign_declaration

app_context = open_context(load())
app_context.seal_key()
version = app_context.versions[-1]
for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    ref, mark = line.split()
    sys.stdout.write(f"begun {ref}\n")
    sys.stdout.flush()
    with app_context.sessions.reading() as session:
        query = select(Parent.name).join(Request).where(Request.ref == ref)
        name = session.scalars(query).one()
    sign_declaration(
        app_context,
        ref,
        link_fingerprint=mark,
        answers=Answers(
            shown_sha256=version.sha256,
            typed_name=name,
            capacity="Parent",
            confirmed=range(len(version.declaration)),
        ),
    )
    sys.stdout.write(f"done {ref}\n")
    sys.stdout.flush()
