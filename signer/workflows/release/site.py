"""Building the site that the service itself serves, after a release.

The desk says that it is wanted, and the worker builds it: that takes longer than a
browser should wait.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from signer import clock
from signer.config import PREFIX, Settings, environment
from signer.errors import SiteNotBuilt
from signer.store.campaigns.release_steps import ReleaseStep, StepName
from signer.store.log.append import lock_log
from signer.workflows.context import AppContext

log = logging.getLogger(__name__)

BUILD_SECONDS = 600.0
"""How long a build may take."""

BUILDING = "It is being built now."
TAKEN_OVER = timedelta(seconds=2 * BUILD_SECONDS)
"""After this time a build that nothing was heard of has ended with its process."""

_LEFT_SECONDS = 3 * BUILD_SECONDS
"""How old a folder is that a build of before has left."""

_EXCHANGED_SECONDS = 5.0
"""How long two renames may take at most."""

_BUILT = ".built"


def build_wanted_site(context: AppContext) -> bool:
    """Build the site where the desk has asked for it; gives whether it did.

    Afterwards the served folder is what the project's files say now, or as it was, and
    what came of it is noted. One worker builds it.
    """
    site = context.settings.site_dir
    if site is not None and not site.exists():
        _put_back(site)
    subject = _claim(context)
    if subject is None:
        return False
    done, answer = True, ""
    try:
        build_site(context.settings)
    except SiteNotBuilt as error:
        log.warning("the site was not built: %s", error)
        done, answer = False, error.problem
    with context.sessions.writing() as session:
        lock_log(session)
        row = session.get_one(ReleaseStep, (subject, StepName.SITE))
        row.at, row.done, row.answer = clock.now(), done, answer
    return done


def is_being_built(row: ReleaseStep) -> bool:
    """Whether a worker builds the site, as far as its row tells."""
    return row.answer == BUILDING and row.at > clock.now() - TAKEN_OVER


def build_site(settings: Settings, *, strict: bool = False) -> None:
    """Build the site from the project's files, in place of the one before.

    Whoever reads meanwhile finds the one or the other whole.

    Args:
        settings: name the folder, and that of the versions.
        strict: whether a warning of MkDocs is a reason not to.

    Raises:
        SiteNotBuilt: it cannot be; the one before stays.
    """
    site = settings.site_dir
    pages = settings.versions_dir.resolve().parent / "mkdocs.yml"
    if site is None or not pages.exists():
        raise SiteNotBuilt(f"There is no {pages.name} beside the folder of versions.")
    try:
        _put_back(site)
        _sweep(site)
        folder = Path(tempfile.mkdtemp(_BUILT, f".{site.name}.", site.parent))
    except OSError as error:
        raise SiteNotBuilt(
            f"{site.parent} cannot be written: {error.strerror}."
        ) from error
    try:
        new, old = folder / "new", folder / "old"
        _build(settings, pages, new, ["--strict"] if strict else [])
        _exchange(new, old, site)
    except OSError as error:
        raise SiteNotBuilt(f"{site} cannot be replaced: {error.strerror}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _claim(context: AppContext) -> str | None:
    """What a build was asked for, and is now begun for; None for nothing."""
    wanted = (
        select(ReleaseStep)
        .where(ReleaseStep.name == StepName.SITE, ReleaseStep.done.is_(False))
        .where(ReleaseStep.answer == "")
        .limit(1)
    )
    with context.sessions.reading() as session:
        if session.scalar(wanted) is None:
            return None
    with context.sessions.writing() as session:
        lock_log(session)
        row = session.scalar(wanted)
        if row is None:
            return None
        row.at, row.answer = clock.now(), BUILDING
        return row.subject


def _build(settings: Settings, pages: Path, new: Path, options: list[str]) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", *options]
    secret = {PREFIX + one.name.upper(): "" for one in fields(Settings) if not one.repr}
    # mkdocs-material announces its successor at each build, as if that were a fault.
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    given = {**os.environ, **environment(settings), **secret, **quiet}
    try:
        built = subprocess.run(  # noqa: S603 - our own interpreter, our own arguments
            [*command, "--config-file", str(pages), "--site-dir", str(new)],
            env=given,
            check=False,
            capture_output=True,
            timeout=BUILD_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise SiteNotBuilt(
            f"It was not done within {BUILD_SECONDS / 60:.0f} minutes."
        ) from error
    if built.returncode:
        said = built.stderr.decode(errors="replace").strip().splitlines()
        raise SiteNotBuilt(f"MkDocs says: {said[-1] if said else 'nothing'}")


def _exchange(new: Path, old: Path, site: Path) -> None:
    """Put a site in the place of the one before, which stays if that fails."""
    if site.exists():
        site.rename(old)
    try:
        new.rename(site)
    finally:
        if old.exists() and not site.exists():
            old.rename(site)


def _put_back(site: Path) -> None:
    """Put a site back that a build took away before it was ended by force."""
    for left in site.parent.glob(f".{site.name}.*{_BUILT}/old"):
        # Another worker may be between its two renames.
        age = time.time() - left.parent.stat().st_mtime
        if age > _EXCHANGED_SECONDS and not site.exists():
            log.warning("%s was taken away by a build that ended: put back", site)
            left.rename(site)


def _sweep(site: Path) -> None:
    """Take away what a build of before has left that was ended in the middle."""
    for left in site.parent.glob(f".{site.name}.*{_BUILT}"):
        if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
