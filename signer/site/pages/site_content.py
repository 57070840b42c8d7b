"""What one build of the site is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from signer.config import Settings
from signer.policy.change_log import review_due
from signer.policy.dates import month_in_words
from signer.policy.reviews import Review
from signer.policy.versions import Version, in_force


@dataclass(frozen=True, slots=True)
class SiteContent:
    """What one build of the site is made of.

    Attributes:
        versions: every released version, the oldest first.
        reviews: every review without change, the oldest first.
        month: the month of the build, ``2026-11``; empty where nothing is to be
            called overdue.
        checkpoint: the signed head of the public log that the site shows; None where
            it has none.
        draft: the draft's file, where it is to be seen; None on the public site.
        service: whether the service answers at the site's address, so that pages may
            link to what it makes.
        settings: those that pages state, such as how long data is kept.
        office_known: whether the build was told the office's address, and not only has
            the example's.
    """

    versions: tuple[Version, ...]
    reviews: tuple[Review, ...] = ()
    month: str = ""
    draft: str | None = None
    checkpoint: str | None = None
    service: bool = False
    settings: Settings = field(default_factory=Settings)
    office_known: bool = False

    @property
    def current(self) -> Version:
        """The version in force. Raises VersionFileError when there is none."""
        return in_force(self.versions)

    def after(self, version: Version) -> Version | None:
        """The version that replaced this one; None for the one in force."""
        later = (one for one in self.versions if one.number > version.number)
        return min(later, key=lambda one: one.number, default=None)

    def before(self, version: Version) -> Version | None:
        """The version that this one replaced; None for the first one kept."""
        earlier = (one for one in self.versions if one.number < version.number)
        return max(earlier, key=lambda one: one.number, default=None)

    def version_at(self, page: str) -> Version | None:
        """The version whose text a page shows; None for pages of another kind.

        Args:
            page: its path: ``policy/index.md``, ``versions/2/index.md``.
        """
        if page == "policy/index.md":
            return self.current
        paths = {f"versions/{one.number}/index.md": one for one in self.versions}
        return paths.get(page)

    def last_review(self) -> Review | None:
        """The last review that left the version in force as it was."""
        number = self.current.number
        found = [one for one in self.reviews if one.version == number]
        return found[-1] if found else None

    def due_in_words(self) -> str:
        """By when the next review is due, and whether that month has passed."""
        due = review_due(self.versions, self.reviews)
        words = month_in_words(due)
        if self.month > due:
            return f"{words}. That month has passed: the review is due now."
        return words
