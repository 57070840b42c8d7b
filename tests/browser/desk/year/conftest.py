"""A school in production whose versions are in git, and whose staff have accounts."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.desk.year.people import Family, Staff
from tests.production.harness.launching import in_another_time
from tests.production.harness.rehearsal import HEAD, Rehearsal, rehearsal
from tests.sharing.long_form import rounds
from tests.web.desk.entrance.openid_provider import openid_provider
from tests.year.families import FAMILIES, School

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from signer.pki.make_keys import KeyFiles

OFFICE = "pat@school.example"
REVIEWERS = ("ines@school.example", "omar@school.example")
AUDITOR = "wei@audit.example"


def git(folder: Path, *arguments: str) -> str:
    """What git prints of a folder."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


class SchoolYear:
    """The school, its staff and its families, and the time of its processes.

    Attributes:
        school: the processes, the mail and the files.
        remote: the git repository that the site is built from.
        families: who is at the school.
        first_day: when parents are first asked, a minute past the hour.
    """

    def __init__(self, school: Rehearsal, remote: Path, browser: Browser) -> None:
        self.school = school
        self.remote = remote
        self.families = School(rounds(60, long=FAMILIES))
        self.first_day = next_tuesday(datetime.now(UTC))
        self._browser = browser
        self.head = Staff(school, browser, HEAD)
        self.reviewers = [Staff(school, browser, one) for one in REVIEWERS]
        self.office = Staff(school, browser, OFFICE)
        self.auditor = Staff(school, browser, AUDITOR)

    @property
    def staff(self) -> list[Staff]:
        """Everybody who works at the desk."""
        return [self.head, *self.reviewers, self.office, self.auditor]

    def family(self, email: str) -> Family:
        """A parent's browser."""
        return Family(self.school, self._browser, email)

    def now_is(self, moment: datetime) -> None:
        """Let another time be: the processes are started anew in it."""
        self.school.close()
        ahead = int((moment - datetime.now(UTC)).total_seconds())
        self.school.variables = in_another_time(f"+{ahead}")
        self.school.open(workers=1, processes=1)

    def close(self) -> None:
        """Close every browser."""
        for one in self.staff:
            one.close()


def next_tuesday(after: datetime) -> datetime:
    """The next Tuesday, a little past eight o'clock or nine by the school's time."""
    days = (1 - after.weekday()) % 7 or 7
    return (after + timedelta(days=days)).replace(hour=8, minute=1, second=0)


@pytest.fixture
def year(
    tmp_path: Path, browser: Browser, key_files_of_today: KeyFiles
) -> Iterator[SchoolYear]:
    """The school before anybody is in its register."""
    people = {"pat": {"email": OFFICE}}
    with (
        openid_provider(tmp_path, people) as issuer,
        rehearsal(
            tmp_path / "school",
            host="localhost",
            desk_accounts=(f"head:{HEAD}",),
            desk_openid=issuer,
            desk_openid_client="signer",
            desk_openid_secret="a secret of the client",
            approvals_needed=2,
            office_phone="0300 000 0000",
            # The office reminds, before anything does so automatically.
            remind_days=(300,),
        ) as school,
    ):
        school.furnish(key_files_of_today.seal_key.parent)
        remote = tmp_path / "remote.git"
        git(tmp_path, "init", "--bare", "--initial-branch=main", str(remote))
        versions = school.settings.versions_dir
        git(versions, "init", "--initial-branch=main")
        git(versions, "config", "user.name", "The school")
        git(versions, "config", "user.email", HEAD)
        git(versions, "add", ".")
        git(versions, "commit", "--message", "Version 2")
        git(versions, "remote", "add", "origin", str(remote))
        git(versions, "push", "--set-upstream", "origin", "main")
        lived = SchoolYear(school, remote, browser)
        yield lived
        lived.close()
