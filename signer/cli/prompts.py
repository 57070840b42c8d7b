"""Committing a release to git, as far as the person at the terminal wants it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from signer.errors import CheckoutError
from signer.policy.release.finish import commit_release, is_uncommitted
from signer.policy.release.git import Checkout
from signer.policy.versions import Version

_Done = TypeVar("_Done")


class GitWish:
    """The checkout, if there is one, and whether the person wants a commit.

    Args:
        checkout: what the released versions lie in; None where that is not git.
        folder: the folder of the released versions.
        draft: the draft's file.
        yes: whether everything is agreed to that nothing was said about.
        wanted: what was said about committing; None where nothing was.

    Raises:
        CheckoutError: a commit is wanted where there is no git.
    """

    def __init__(
        self,
        checkout: Checkout | None,
        folder: Path,
        draft: Path,
        *,
        yes: bool,
        wanted: bool | None,
    ) -> None:
        if wanted and checkout is None:
            raise CheckoutError(str(folder), "This folder is not under git.")
        self._checkout = checkout
        self.folder = folder
        self.draft = draft
        self._wanted = True if yes and wanted is None else wanted

    def wants(self, version: Version) -> bool:
        """Whether to commit a version; asks where nothing was said.

        What would keep git from it is found here, before anything is written.
        """
        if self._checkout is None or self._wanted is False:
            return False
        if not (self._wanted or yes_to(f"Commit version {version.number} to git?")):
            return False
        try:
            self._checkout.check_can_commit()
        except CheckoutError as error:
            raise CheckoutError(
                error.folder, f"{error.problem} Or add --no-commit."
            ) from error
        return True

    def is_behind(self, version: Version) -> bool:
        """Whether git lacks a version that was released."""
        return self._checkout is not None and is_uncommitted(
            self._checkout, self.folder, version
        )

    def record(self, version: Version) -> str | None:
        """Commit a version that was released; gives the commit's id (hex)."""
        if self._checkout is None:
            return None
        try:
            return commit_release(self._checkout, self.folder, self.draft, version)
        except CheckoutError as error:
            raise CheckoutError(
                error.folder,
                f"Version {version.number} is released, but not committed to git. "
                f"{error.problem} Then run this again: it finishes what is missing.",
            ) from error


def yes_to(question: str) -> bool:
    """Ask; the answer to leave out is no."""
    return click.confirm(question, default=False, err=True)


def shown_first(  # noqa: PLR0913 - what is asked, each by its name
    do: Callable[..., _Done],
    show: Callable[..., object],
    question: str,
    *,
    refusal: str,
    dry_run: bool,
    yes: bool,
) -> _Done:
    """Do what a command does, once it was shown and agreed to; gives what it did.

    Args:
        do: the workflow; takes ``dry_run``.
        show: prints what it did or would do; takes that, and ``err``.
        question: what is asked then.
        refusal: what is said where the answer is no.
        dry_run: whether only to say what it would do; then nothing is asked.
        yes: whether to do it without asking.

    Raises:
        click.ClickException: the answer is no.
    """
    if not (dry_run or yes):
        show(do(dry_run=True), err=True)
        if not yes_to(question):
            raise click.ClickException(refusal)
    return do(dry_run=dry_run)


def is_at_terminal() -> bool:
    """Whether somebody is there to answer, and this is no script."""
    return sys.stdin.isatty()
