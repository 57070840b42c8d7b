"""Files that decide whom to believe, and who else on the machine may change them."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from signer.errors import SettingsError

ROOT = 0

FIRST_OF_PEOPLE = 1000
"""The lowest number of a group of people; those below are the system's, in which
people are members by name alone."""


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
    status = _looked_at(key, path)
    if status is None:
        return
    if status.st_uid not in {ROOT, os.geteuid()}:
        owner = _user(status.st_uid)
        raise SettingsError(
            key,
            f"names {path}, which belongs to another user: run the command as {owner}, "
            "or make it your own with chown",
        )
    check_only_its_owner_writes(key, path)


def check_only_its_owner_writes(key: str, path: Path) -> None:
    """Refuse a file or folder that others than its owner may change.

    Args:
        key: the setting that names it.
        path: the file or folder; a link counts as what it leads to.

    Raises:
        SettingsError: others may write it, or it cannot be looked at.
    """
    status = _looked_at(key, path)
    if status is None:
        return
    if _others_write(status):
        raise SettingsError(
            key,
            f"names {path}, which other users may write: take that right away with "
            "chmod go-w",
        )


def check_nobody_exchanges(key: str, path: Path) -> None:
    """Refuse a file or folder in whose place another user can put another one.

    Whoever may write a folder above it can; in a sticky folder, such as ``/tmp``, only
    with what is their own. OpenSSH's StrictModes looks at the same.

    Args:
        key: the setting that names it.
        path: the file or folder; a link counts as what it leads to.

    Raises:
        SettingsError: others may write a folder above it, or one cannot be looked at.
    """
    for folder in dict.fromkeys((*path.absolute().parents, *path.resolve().parents)):
        above = _looked_at(key, folder)
        if above and not above.st_mode & stat.S_ISVTX and _others_write(above):
            raise SettingsError(
                key,
                f"names {path}, which lies in {folder}, which other users may write: "
                "take that right away with chmod go-w, or move it elsewhere",
            )


def _looked_at(key: str, path: Path) -> os.stat_result | None:
    """Return what is known of a path; None where there is nothing to know."""
    if sys.platform == "win32":
        # Its rights are of another kind, which Python does not tell.
        return None
    try:
        return path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(
            key, f"names {path}, which cannot be looked at ({error.strerror})"
        ) from error


def _others_write(status: os.stat_result) -> bool:
    return bool(
        status.st_mode & stat.S_IWOTH
        or (status.st_mode & stat.S_IWGRP and _is_shared(status.st_gid))
    )


if sys.platform != "win32":
    import grp
    import pwd

    def _user(uid: int) -> str:
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return f"the user with the number {uid}"

    def _is_shared(gid: int) -> bool:
        """Whether somebody is in a group besides root and whoever runs this.

        A directory such as LDAP need not list its people, so that nobody can tell
        whose first group it is. One of people's is taken for shared, unless it bears
        its user's name.
        """
        mine = {_user(ROOT), _user(os.geteuid())}
        try:
            group = grp.getgrgid(gid)
        except KeyError:
            named, own = set(), True
        else:
            named, own = set(group.gr_mem), group.gr_name in mine
        listed = {one.pw_name for one in pwd.getpwall() if one.pw_gid == gid}
        return bool((named | listed) - mine) or (not own and gid >= FIRST_OF_PEOPLE)
