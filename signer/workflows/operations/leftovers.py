"""What killed processes left unfinished, taken away when another one starts."""

from __future__ import annotations

from pathlib import Path

from signer import files
from signer.config import Settings


def sweep_leftovers(settings: Settings) -> None:
    """Take away half-written files and temporary folders that nobody holds.

    They may hold names and addresses. What a living process writes stays. It never
    fails: whoever reads passes leftovers over.

    Args:
        settings: those that name the folders the service writes in.
    """
    folders = {
        settings.instance_path,
        settings.checkpoint_path.parent,
        settings.seal_path.parent,
        settings.log_key_path.parent,
        settings.crl_path.parent,
        settings.versions_dir,
    }
    kind, _, mail_folder = settings.mail_address.partition(":")
    if kind == "folder":
        folders.add(Path(mail_folder))
    for folder in folders:
        files.sweep(folder)
    for prefix in (files.TYPESET_PREFIX, files.VERIFY_PREFIX):
        files.sweep_temporary(prefix)
