"""Mail into a folder, one file each: for trying out, and for tests."""

from __future__ import annotations

import hashlib
import time
from email.message import EmailMessage
from pathlib import Path

from signer import clock, files
from signer.errors import FileNotWritten, MailDeferred


class FolderTransport:
    """Writes each mail into a folder as an ``.eml`` file; the newest sorts last.

    Args:
        folder: made when the first mail comes, readable by its owner alone, since
            mails hold links that sign.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __repr__(self) -> str:
        return f"FolderTransport({str(self.folder)!r})"

    def send(self, message: EmailMessage) -> str:
        """Write a mail, whole or not at all; gives the file's name.

        Raises:
            MailServerTrouble: the file cannot be written now.
        """
        raw = message.as_bytes()
        digest = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:12]
        # The counter puts mails of one second in the order of their sending.
        name = f"{clock.now():%Y%m%dT%H%M%SZ}-{time.monotonic_ns():020d}-{digest}.eml"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            files.create(self.folder / name, raw, private=True)
        except (OSError, FileNotWritten) as error:
            reason = error.strerror if isinstance(error, OSError) else error.reason
            raise MailDeferred(
                f"the mail folder cannot be written ({reason})"
            ) from error
        return f"kept as {name}"
