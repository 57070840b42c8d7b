"""A site without the service."""

from __future__ import annotations

import pytest

from signer.site.pages.without_service import without_service


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'Go to <a href="/link">Send me a <em>new</em> link</a>.',
            "Go to Send me a <em>new</em> link (not on this copy of the site).",
        ),
        (
            '<a class="x" href="/keys/#seal">Keys</a>',
            "Keys (not on this copy of the site)",
        ),
        ('<a href="/s/abc">Yours</a>', "Yours (not on this copy of the site)"),
    ],
)
def test_links_to_the_service_become_words(before: str, after: str) -> None:
    """They say that the page is not here."""
    assert without_service(before) == after


@pytest.mark.parametrize("address", ["/linked/", "../log/", "https://x.example/log/"])
def test_every_other_link_stays(address: str) -> None:
    """The site's own, and those to other sites."""
    link = f'<a href="{address}">Words</a>'
    assert without_service(link) == link
