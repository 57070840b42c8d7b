"""Make what `schema_0005/` keeps; works with the code of commit 915084b alone.

With that commit checked out elsewhere, and its packages installed:

    PYTHONPATH=CHECKOUT python tests/kept/make_0005.py CHECKOUT/versions/2.md FOLDER

It makes new keys, so that its output differs each time. What is kept is not made again:
it stands for the files of schools.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from signer import clock
from signer.config import Settings
from signer.declaration.keys import make_keys
from signer.errors import MailDeferred, MailRefused
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.mail.transport import transport_for
from signer.policy.sums import list_releases
from signer.policy.versions import read_versions
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.store.tables import SealedPdf
from signer.workflows.ask_parents import ask_parents
from signer.workflows.back_up import back_up
from signer.workflows.follow_link import open_link
from signer.workflows.house import open_house
from signer.workflows.import_register import import_register
from signer.workflows.record_paper import record_paper
from signer.workflows.send_mail import send_mail
from signer.workflows.sign_checkpoint import sign_checkpoint
from signer.workflows.sign_declaration import Answers, sign_declaration

MOMENT = datetime(2026, 11, 22, 14, 10, 13, tzinfo=UTC)
PASSPHRASE = "correct horse battery staple"
SECRET = "a secret of the tests that is long enough to be one"
AMIRA = "Amira Khan <amira@example.org>"
TOM = "Tom O'Brien <tom@example.org>"
PEOPLE = """\
parent_name,parent_email,relationship,child_name,year_group
Amira Khan,amira@example.org,mother,Yusuf Khan,Year 8
Tom O'Brien,tom@example.org,father,Maeve O'Brien,Year 10
王小明,wang@example.org,carer,王美,Year 7
"""


class MailServer:
    """Knows no wang@example.org, and takes nothing while it is closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = transport_for(f"folder:{folder}")
        self.closed = False

    def send(self, message):  # noqa: ANN001, ANN201 - old code's types
        """Refuse, put off or keep."""
        if self.closed:
            raise MailDeferred("450 4.2.1 busy")
        if "wang@" in str(message["To"]):
            raise MailRefused("550 5.1.1 no such mailbox")
        return self._folder.send(message)


def main(version: Path, folder: Path) -> None:
    """Make keys, database, backup and PDF in a folder that is not there yet."""
    folder.mkdir()
    versions = folder / "versions"
    versions.mkdir()
    shutil.copy(version, versions / "2.md")
    list_releases(versions, read_versions(versions))
    with clock.frozen(MOMENT) as advance:
        keys = make_keys(
            folder / "keys",
            school="My Online Schooling",
            passphrase=PASSPHRASE,
            at=MOMENT,
            extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
        )
        settings = Settings(
            instance=folder,
            secret_keys=(SECRET,),
            versions_dir=versions,
            seal_passphrase=PASSPHRASE,
        )
        sessions = connect(settings.database)
        schema.upgrade(sessions.engine)
        sessions.close()
        server = MailServer(folder / "mail")
        house = open_house(settings)
        import_register(house, read_register(PEOPLE.encode()))
        ask_parents(house)
        send_mail(house, server)
        tokens = {
            str(mail["To"]): link[1]
            for path in (folder / "mail").glob("*.eml")
            if (mail := message_from_bytes(path.read_bytes(), policy=policy.default))
            and (link := re.search(r"/s/(\S+)", mail.get_body("plain").get_content()))
        }
        advance(timedelta(minutes=5))
        followed = open_link(house, tokens[AMIRA])
        [current] = house.versions
        sign_declaration(
            house,
            followed.request_ref,
            link_fingerprint=followed.link_fingerprint,
            answers=Answers(
                shown_sha256=current.sha256,
                typed_name="Amira Khan",
                capacity="Parent",
                confirmed=range(len(current.declaration)),
            ),
        )
        advance(timedelta(minutes=5))
        record_paper(house, "wang@example.org", by="Jo Smith")
        advance(timedelta(minutes=5))
        checkpoint = sign_checkpoint(house, whole=True)
        server.closed = True
        send_mail(house, server)
        with house.sessions.reading() as session:
            [pdf] = session.query(SealedPdf).all()
            (folder / "declaration.pdf").write_bytes(pdf.content)
        back_up(house.sessions, folder / "all.backup")
        house.sessions.settle()
        house.sessions.close()
        (folder / "checkpoint").write_text(checkpoint)
        (folder / "link.json").write_text(
            json.dumps({"secret": SECRET, "token": tokens[TOM]}, indent=2) + "\n"
        )
    # The authority's private key is not on a school's server either.
    keys.authority_key.unlink()
    shutil.rmtree(folder / "mail")
    shutil.rmtree(versions)
    for ending in ("-wal", "-shm"):
        assert not (folder / f"signer.sqlite3{ending}").exists()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
