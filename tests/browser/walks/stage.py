"""A school in every state that a parent may meet, served on this machine.

It runs in the test's own process, so that it is there at once and its record can be
looked at directly.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes, policy
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from signer import clock
from signer.config import Settings
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.web import create_app
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import AppContext, open_context
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.reissue_link import reissue_links
from tests.conftest import PASSPHRASE
from tests.policy.releasing import folder_of_2
from tests.ports import free_port
from tests.web.browsing import CHECK, NEXT, SIGN, Browser
from tests.web.releases import release_edit
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

SIGNERS = [f"Signer {letter}" for letter in "ABCDEFGHIJKLMNOP"]
"""People who have yet to answer; each test takes some of its own."""

EXPIRED, REVOKED, LOYAL, FAITHFUL, LATE = (
    *("Edith Expired", "Rosa Revoked", "Lola Loyal", "Fay Faithful", "Lars Late"),
)
"""Whose only link is too old; whose link was replaced; who signed version 2 and not 3;
who signed both; who still has the link of version 2."""

ALL = [*SIGNERS, EXPIRED, REVOKED, LOYAL, FAITHFUL, LATE]
LONG_NAME = "Maximiliana-Theodora Featherstonehaugh-Cholmondeley"


def address_of(name: str) -> str:
    return name.lower().replace(" ", ".") + "@families.example"


def register_of(names: list[str]) -> bytes:
    lines = ["parent_name,parent_email,relationship,child_name,year_group"]
    for name in names:
        children = (LONG_NAME, f"Zoë {name.split()[-1]}")
        start = f"{name},{address_of(name)},mother"
        lines += [f"{start},{child},Year 8" for child in children]
    return "\n".join(lines).encode()


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


@dataclass(frozen=True)
class Stage:
    """The school.

    Attributes:
        url: where it is served, without a final slash.
        context: its record.
    """

    url: str
    context: AppContext

    def links(self, name: str) -> list[str]:
        """Every link that was mailed to a person, oldest first."""
        found = []
        for path in sorted(
            (self.context.settings.instance_path / "mail").glob("*.eml")
        ):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            link = body and re.search(
                re.escape(self.url) + r"/s/\S+", body.get_content()
            )
            if link and name in str(mail["To"]):
                found.append(str(link[0]))
        return found


@contextmanager
def stage(
    folder: Path, key_files: KeyFiles, languages_dir: Path | None = None
) -> Iterator[Stage]:
    """The school, from its first mail to the end of the tests."""
    port = free_port()
    settings = Settings(
        instance=folder,
        base_url=f"http://127.0.0.1:{port}",
        secret_keys=("a secret of the tests that is long enough to be one",),
        versions_dir=folder_of_2(folder / "versions"),
        seal_file=key_files.seal_key,
        seal_passphrase=PASSPHRASE,
        trust_file=key_files.authority_certificate,
        languages_dir=languages_dir,
        demo=True,
    )
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    sessions.close()
    _let_things_happen(settings)
    app_context = open_context(settings)
    with served(app_context):
        yield Stage(settings.base_url, app_context)
    app_context.sessions.close()


@contextmanager
def served(app_context: AppContext) -> Iterator[None]:
    """The service of a context, at the address and port of its settings."""
    settings = app_context.settings
    address = urlsplit(settings.base_url)
    server = make_server(
        str(address.hostname),
        address.port or 0,
        create_app(settings, app_context),
        threaded=True,
        request_handler=_Quiet,
    )
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _let_things_happen(settings: Settings) -> None:
    """Two campaigns, the first of them long ago for one person."""
    app_context = open_context(settings)
    long_ago = clock.now() - timedelta(days=settings.link_days + 10)
    with clock.frozen(long_ago):
        import_register(app_context, read_register(register_of([EXPIRED])))
        ask_parents(app_context)
        Post(app_context).send()
    import_register(app_context, read_register(register_of(ALL)))
    ask_parents(app_context)
    Post(app_context).send()
    for name in (LOYAL, FAITHFUL):
        _sign(app_context, name)
    text = "respond to communications within 2 working days"
    summary = "Replies may take a day longer."
    release_edit(settings.versions_dir, text, text.replace("2", "3"), summary)
    app_context.sessions.close()
    app_context = open_context(settings)
    ask_parents(app_context)
    Post(app_context).send()
    _sign(app_context, FAITHFUL)
    reissue_links(app_context, address_of(REVOKED))
    Post(app_context).send()
    app_context.sessions.close()


def _sign(app_context: AppContext, name: str) -> None:
    """Sign what a person was asked to sign last, without a browser."""
    link = Stage(app_context.settings.base_url, app_context).links(name)[-1]
    visitor = Browser(
        create_app(app_context.settings, app_context), app_context.settings.base_url
    )
    page = visitor.open(link.removeprefix(app_context.settings.base_url))
    page = visitor.press(visitor.press(page, page.buttons[-1]), NEXT)
    given = {"capacity": "Mother", "confirmed": ["0", "1", "2"], "typed_name": name}
    visitor.press(visitor.press(page, CHECK, **given), SIGN)
    Post(app_context).send()
