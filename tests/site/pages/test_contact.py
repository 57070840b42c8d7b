"""Whom to ask and where the source is, at the foot of every page."""

from __future__ import annotations

from signer.config import Settings
from signer.site.pages.contact import Contact, contact_of
from signer.site.pages.site_content import SiteContent


def test_a_build_that_was_told_nothing_names_nobody() -> None:
    """The address of the examples is nobody's."""
    assert contact_of(SiteContent(())) == Contact(ways=(), source="")


def test_what_the_build_was_told_can_be_pressed() -> None:
    """An address that mails, and a number that a telephone dials."""
    settings = Settings(
        office_email="office@school.example",
        office_phone="+44 (20) 7946-0000",
        source_url="https://code.example/school",
    )
    contact = contact_of(SiteContent((), settings=settings, office_known=True))
    assert contact.ways == (
        '<a href="mailto:office@school.example">office@school.example</a>',
        '<a href="tel:+442079460000">+44 (20) 7946-0000</a>',
    )
    assert contact.source == "https://code.example/school"
