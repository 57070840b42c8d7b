"""The one rendering."""

from __future__ import annotations

from pathlib import Path

from mkdocs.config import load_config

from signer.markdown.rendering import EXTENSIONS, to_html

REPOSITORY = Path(__file__).parent.parent.parent


def test_the_site_renders_with_the_same_extensions() -> None:
    """mkdocs.yml names the extensions, and their settings, of the rendering."""
    config = load_config(str(REPOSITORY / "mkdocs.yml"))
    assert sorted(config.markdown_extensions) == sorted(EXTENSIONS)
    settings = {name: value for name, value in EXTENSIONS.items() if value}
    given = {name: value for name, value in config.mdx_configs.items() if value}
    assert given == settings


def test_quotes_and_dashes_stay_as_they_are() -> None:
    """No character is made prettier on the way."""
    text = "'a' “b” -- person\u2019s ..."
    assert to_html(text) == f"<p>{text}</p>"


def test_a_table_needs_no_style_attribute() -> None:
    """Alignment stands in an attribute that the content security policy lets pass."""
    assert "style=" not in to_html("| a |\n|:-:|\n| b |")


def test_rendering_is_repeatable() -> None:
    """Nothing is kept from one text to the next."""
    assert to_html("## A\n\n## A") == to_html("## A\n\n## A")
