"""Makes schema_0010/ from schema_0005/: run with the code of commit 03673ac.

    python make_0010.py FOLDER

The school of schema_0005 is upgraded; what waited is sent, one more parent signs, the
log's head is signed, and an audit bundle and a backup are written.
"""

from __future__ import annotations

import json
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from signer import clock
from signer.config import Settings
from signer.ledger.log_key import LOG_KEY
from signer.policy.sums import list_releases
from signer.policy.versions import read_versions
from signer.store import schema
from signer.store.engine import connect
from signer.mail.transport import transport_for
from signer.workflows.back_up import back_up
from signer.workflows.export_audit import export_audit
from signer.workflows.follow_link import open_link
from signer.workflows.house import open_house
from signer.workflows.send_mail import send_mail
from signer.workflows.sign_checkpoint import sign_checkpoint
from signer.workflows.sign_declaration import Answers, sign_declaration
from tests.conftest import MOMENT, PASSPHRASE

HERE = Path("tests/kept/schema_0005")


def main(folder: Path) -> None:
    """Make bundle, backup and checkpoint in a folder that is not there yet."""
    folder.mkdir()
    work = folder / "work"
    work.mkdir()
    versions = work / "versions"
    versions.mkdir()
    shutil.copy(Path("versions/2.md"), versions)
    list_releases(versions, read_versions(versions))
    shutil.copy(HERE / "signer.sqlite3", work)
    keys = shutil.copytree(HERE / "keys", work / "keys")
    link = json.loads((HERE / "link.json").read_text())
    settings = Settings(
        instance=work,
        secret_keys=(link["secret"],),
        versions_dir=versions,
        seal_file=keys / "seal.p12",
        seal_passphrase=PASSPHRASE,
        log_key_file=keys / LOG_KEY,
        trust_file=keys / "ca.pem",
    )
    with clock.frozen(MOMENT + timedelta(days=1)) as advance:
        sessions = connect(settings.database)
        schema.upgrade(sessions.engine)
        sessions.close()
        house = open_house(settings)
        send_mail(house, transport_for(f"folder:{work / 'mail'}"))
        advance(timedelta(minutes=5))
        followed = open_link(house, link["token"])
        [current] = house.versions
        sign_declaration(
            house,
            followed.request_ref,
            link_fingerprint=followed.link_fingerprint,
            answers=Answers(
                shown_sha256=current.sha256,
                typed_name="Tom O'Brien",
                capacity="Parent",
                confirmed=range(len(current.declaration)),
            ),
        )
        advance(timedelta(minutes=5))
        (folder / "checkpoint").write_text(sign_checkpoint(house, whole=True))
        export_audit(house, folder / "audit.zip")
        back_up(house.sessions, folder / "all.backup")
        house.sessions.close()
    shutil.rmtree(work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
