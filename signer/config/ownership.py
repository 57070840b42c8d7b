"""Files that decide whom to believe, and who else on the machine may change them."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from signer.errors import SettingsError

ROOT = 0


def check_nobody_else_writes(key: str, path: Path) -> None:
    """Refuse a file or folder that another user may change; a missing one is none.

    Root may change everything anyway. A group does not count in which there is
    nobody else, as each user of many systems has one.

    Args:
        key: the setting that names it.
        path: the file or folder; a link counts as what it leads to.

    Raises:
        SettingsError: another user owns it or may write it, or it cannot be looked at.
    """
    if sys.platform == "win32":
        # Its rights are of another kind, which Python does not tell.
        return
    try:
        status = path.stat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise SettingsError(
            key, f"names {path}, which cannot be looked at ({error.strerror})"
        ) from error
    if status.st_uid not in {ROOT, os.geteuid()}:
        owner = _user(status.st_uid)
        raise SettingsError(
            key,
            f"names {path}, which belongs to another user: run the command as {owner}, "
            "or make it your own with chown",
        )
    if status.st_mode & stat.S_IWOTH or (
        status.st_mode & stat.S_IWGRP and _others_in(status.st_gid)
    ):
        raise SettingsError(
            key,
            f"names {path}, which other users may write: take that right away with "
            "chmod go-w",
        )


if sys.platform != "win32":
    import grp
    import pwd

    def _user(uid: int) -> str:
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return f"the user with the number {uid}"

    def _others_in(gid: int) -> set[str]:
        """Return who is in a group besides root and whoever runs this."""
        try:
            named = set(grp.getgrgid(gid).gr_mem)
        except KeyError:
            named = set()
        everybody = pwd.getpwall()
        mine = {one.pw_name for one in everybody if one.pw_uid in {ROOT, os.geteuid()}}
        return (named | {one.pw_name for one in everybody if one.pw_gid == gid}) - mine
