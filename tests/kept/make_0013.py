"""Makes schema_0013/: a school's year before a person was more than a name and address.

With commit ba57a79 checked out elsewhere, and its packages installed:

    PYTHONPATH=CHECKOUT python tests/kept/make_0013.py FOLDER

It makes new keys, so that its output differs each time. What is kept is not made again.
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from signer import clock
from signer.config import Settings
from signer.errors import MailRefused
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.mail.transport import transport_for
from signer.pki.make_keys import make_keys
from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from signer.register.rows import read_register
from signer.store import schema
from signer.store.columns import NoteKind
from signer.store.engine import connect
from signer.workflows.backup.create import back_up
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.context import open_context
from signer.workflows.log.sign_checkpoint import sign_checkpoint
from signer.workflows.mailing.send import send_mail
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.requests.follow_link import open_link
from signer.workflows.requests.record_paper import record_paper
from tests.cli.invoking import signer
from tests.conftest import MOMENT, PASSPHRASE
from tests.policy.releasing import folder_of_2, release_3
from tests.workflows.conftest import Post, sign

SECRET = "a secret of the tests that is long enough to be one"
HEADER = "parent_name,parent_email,relationship,child_name,year_group"
FAMILIES = {
    "khan": ["Amira Khan,amira@families.example,mother,Yusuf Khan,Year 8"],
    "o'brien": [
        "Tom O'Brien,home@families.example,father,Maeve O'Brien,Year 10",
        "Niamh O'Brien,home@families.example,mother,Maeve O'Brien,Year 10",
    ],
    "wang": ["王小明,wang@families.example,carer,王美,Year 7"],
    # They live apart, and share a child.
    "bell": [
        "Anna Bell,anna@families.example,mother,Oscar Bell,Year 7",
        "Ben Bell,ben@families.example,father,Oscar Bell,Year 7",
    ],
    # Another family, whose child has the same name; it is written otherwise.
    "bell of cardiff": ["Cara Bell,cara@families.example,mother,OSCAR BELL,Year 7"],
    "roy": ["Dia Roy,dia@families.example,mother,Ravi Roy,Year 11"],
    "fox": ["Eve Fox,eve@families.example,mother,Finn Fox,Year 9"],
    "gray": ["Finlay Gray,finlay@families.example,father,Isla Gray,Year 9"],
    "hart": ["Gil Hart,gil@families.example,carer,Ida Hart,Reception"],
}
EMAILS = sorted({row.split(",")[1] for rows in FAMILIES.values() for row in rows})


class MailServer:
    """Knows no wang@families.example."""

    def __init__(self, settings: Settings) -> None:
        self._folder = transport_for(settings.mail_address)

    def send(self, message):  # noqa: ANN001, ANN201 - old code's types
        """Refuse or keep."""
        if "wang@" in str(message["To"]):
            raise MailRefused("550 5.1.1 <wang@families.example>: no such mailbox")
        return self._folder.send(message)


class School:
    """What the office, the worker and the parents do."""

    def __init__(self, settings: Settings, advance) -> None:  # noqa: ANN001
        self.settings = settings
        self.advance = advance
        self.context = open_context(settings)
        self.post = Post(self.context)

    def take_in(self, *families: str, leavers: bool = False) -> None:
        """Import a file of these families."""
        rows = [row for family in families for row in FAMILIES[family]]
        import_register(
            self.context,
            read_register("\n".join([HEADER, *rows]).encode()),
            leavers=leavers,
        )

    def deliver(self) -> None:
        """Send what waits, and let an hour pass."""
        send_mail(self.context, MailServer(self.settings))
        self.advance(timedelta(hours=1))

    def follow(self, name: str):  # noqa: ANN201
        """Open the newest link mailed to a parent."""
        self.advance(timedelta(minutes=5))
        return open_link(self.context, self.post.token(name))

    def tell(self, name: str, kind: NoteKind, words: str = "") -> None:
        """Tell the office something from a parent's page."""
        followed = self.follow(name)
        tell_office(
            self.context,
            followed.request_ref,
            kind,
            link_fingerprint=followed.link_fingerprint,
            words=words,
        )

    def sign(self, name: str) -> None:
        """Sign as a parent who agrees."""
        sign(self.context, self.follow(name))

    def live(self) -> None:
        """From September's list to what waits in December."""
        everybody = set(FAMILIES)
        self.take_in(*everybody - {"bell of cardiff"})
        ask_parents(self.context)
        self.deliver()
        self.sign("Amira Khan")
        self.sign("Dia Roy")
        self.sign("Niamh O'Brien")
        record_paper(
            self.context,
            "home@families.example",
            by="Jo in the office",
            name="Tom O'Brien",
        )
        self.tell("Ben Bell", NoteKind.DECLINE, "I want to talk about it first.")
        self.tell("Gil Hart", NoteKind.QUESTION, "Does it count for grandparents?")
        self.follow("Anna Bell")
        self.deliver()

        # October: two families leave, one of them unanswered.
        self.advance(timedelta(days=3))
        self.take_in(*everybody - {"roy", "fox", "bell of cardiff"}, leavers=True)
        self.deliver()
        self.advance(timedelta(days=5))
        remind_parents(self.context)
        self.deliver()

        # January: one comes back, and a family is new.
        self.advance(timedelta(days=60))
        self.take_in(*everybody - {"roy"})
        ask_parents(self.context)
        self.deliver()
        self.sign("Cara Bell")

        # Version 3, which not everybody has answered.
        release_3(self.settings.versions_dir)
        list_releases(
            self.settings.versions_dir, read_versions(self.settings.versions_dir)
        )
        self.context.sessions.close()
        self.context = open_context(self.settings)
        self.post = Post(self.context)
        self.advance(timedelta(days=1))
        ask_parents(self.context)
        self.deliver()
        self.sign("Amira Khan")
        self.tell("Finlay Gray", NoteKind.NOT_ME)
        self.deliver()


def main(folder: Path) -> None:
    """Make keys, database, backup and what was told of each address."""
    folder.mkdir()
    work = folder / "work"
    work.mkdir()
    versions = folder_of_2(work / "versions")
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
            instance=work,
            base_url="http://127.0.0.1:8000",
            secret_keys=(SECRET,),
            versions_dir=versions,
            seal_file=keys.seal_key,
            seal_passphrase=PASSPHRASE,
            log_key_file=keys.seal_key.with_name(LOG_KEY),
            trust_file=keys.authority_certificate,
        )
        sessions = connect(settings.database)
        schema.upgrade(sessions.engine)
        sessions.close()
        school = School(settings, advance)
        school.live()
        (folder / "checkpoint").write_text(sign_checkpoint(school.context, whole=True))
        told = {
            email: json.loads(
                signer(settings, "status", "--json", "--parent", email).stdout
            )
            for email in EMAILS
        }
        kept = {
            "secret": SECRET,
            "token": school.post.token("Gil Hart"),
            "moment": clock.now().isoformat(),
            "status": json.loads(signer(settings, "status", "--json").stdout),
            "parents": told,
        }
        (folder / "told.json").write_text(
            json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
        )
        back_up(school.context.sessions, folder / "all.backup")
        school.context.sessions.close()
    shutil.copy(versions / "3.md", folder)
    shutil.copy(work / "signer.sqlite3", folder)
    shutil.rmtree(work)
    (folder / "keys" / "ca.key.p12").unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
