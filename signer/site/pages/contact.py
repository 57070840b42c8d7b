"""Whom to ask, and where the source is: for the foot of every page."""

from __future__ import annotations

from dataclasses import dataclass

from signer.site.pages.markup import link
from signer.site.pages.site_content import SiteContent


@dataclass(frozen=True, slots=True)
class Contact:
    """What the foot of every page says.

    Attributes:
        ways: how the office can be reached, each a link in HTML; none where the build
            was told of none.
        source: the address of the project's source; empty where it is not told.
    """

    ways: tuple[str, ...]
    source: str


def contact_of(edition: SiteContent) -> Contact:
    """The contact of a build."""
    settings = edition.settings
    ways = []
    if edition.office_known:
        email = settings.office_email
        ways.append(link(f"mailto:{email}", email))
    if phone := settings.office_phone:
        ways.append(link(settings.office_tel, phone))
    return Contact(ways=tuple(ways), source=settings.source_url)
