"""The foot of a printed version."""

from __future__ import annotations

from signer.site.pages.print_css import print_sheet
from tests.policy.releases import SECOND


def test_a_printed_page_says_which_text_it_is() -> None:
    """Version, permanent address and SHA-256 stand at the foot of each page."""
    sheet = print_sheet(SECOND, "https://policies.example.org/")
    assert "'Version 2 · https://policies.example.org/versions/2/'" in sheet
    assert f"'{SECOND.sha256}'" in sheet
    assert "counter(page)" in sheet


def test_no_address_breaks_out_of_its_string() -> None:
    """Quotes, backslashes and line ends stay text."""
    sheet = print_sheet(SECOND, "https://a.example/'; } * { x: \\\n")
    assert "https://a.example/\\'; } * { x: \\\\ /versions/2/'" in sheet
