"""What stands at the foot of each printed page of a version."""

from __future__ import annotations

from signer.policy.versions import Version


def print_sheet(version: Version, site_url: str = "") -> str:
    """A style sheet for paper: the version's address, its SHA-256, the page's number.

    Browsers that know no margin boxes (CSS Paged Media 3 §5) leave the foot out; the
    same facts stand at the head of the text.

    Args:
        version: whose page is printed.
        site_url: the site's public address; the path alone stands there without it.
    """
    address = f"{site_url.rstrip('/')}{version.path}"
    words = f"Version {version.number} · {address}"
    return (
        "@page {\n"
        f"  @bottom-left {{ content: {_string(words)} '\\A SHA-256 ' "
        f"{_string(version.sha256)};\n"
        "    width: 100%; text-align: left; white-space: pre; vertical-align: top;\n"
        "    padding-top: 4mm; font: 7.5pt/1.5 sans-serif; color: #4c5968 }\n"
        "  @bottom-right { content: counter(page) ' / ' counter(pages);\n"
        "    white-space: pre; vertical-align: top; padding-top: 4mm;\n"
        "    font: 7.5pt/1.5 sans-serif; color: #4c5968 }\n"
        "}\n"
    )


def print_sheet_path(version: Version) -> str:
    """Where it stands on the site."""
    return f"versions/{version.number}/print.css"


def _string(text: str) -> str:
    """Text as a CSS string (CSS Syntax 3 §4.3.5)."""
    safe = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ")
    return f"'{safe}'"
