"""What the site's host is told."""

from __future__ import annotations

import base64
import hashlib

import pytest

from signer.errors import PolicyError
from signer.site.host_files import (
    FONTS,
    FONTS_KEPT,
    SERVICE_PATHS,
    content_security_policy,
    headers_file,
    redirects_file,
)


def hash_of(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def test_inline_scripts_are_allowed_by_their_hash() -> None:
    """Each inline script and style sheet of any page, and no other."""
    policy = content_security_policy(
        [
            '<script>a < "é" && b</script><style>p{}</style>',
            '<SCRIPT type="module">two\n</SCRIPT><script src="x.js"></script>',
            '<script type="application/json">{"a": 1}</script>',
        ]
    )
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    assert set(directives["script-src"].split()) == {
        "'self'",
        hash_of('a < "é" && b'),
        hash_of("two\n"),
    }
    assert directives["style-src"] == f"'self' {hash_of('p{}')}"
    assert directives["default-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"


def test_nothing_unsafe_is_allowed() -> None:
    """A page without inline scripts gets no hash, and none gets unsafe-inline."""
    policy = content_security_policy(["<p>a</p>"])
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy


def test_an_unfinished_script_does_not_spill_over() -> None:
    """A page is read by itself."""
    policy = content_security_policy(["<script>a", "<p>b</p></script>"])
    assert "script-src 'self';" in policy


def test_the_headers_stand_for_every_path() -> None:
    """One rule, two spaces before each header."""
    lines = headers_file("default-src 'none'").splitlines()
    assert lines[0] == "/*"
    own = lines[1 : lines.index(FONTS)]
    headers = dict(line.strip().split(": ", 1) for line in own)
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert "camera=()" in headers["Permissions-Policy"]


def test_what_never_changes_is_kept_for_good() -> None:
    """Each such file has a rule; fonts, whose names stay, are looked at again."""
    lines = headers_file(
        "default-src 'none'", ["/stylesheets/site-1a2b3c4d.css"]
    ).splitlines()
    assert lines[-4:] == [
        "/look/fonts/*",
        f"  Cache-Control: {FONTS_KEPT}",
        "/stylesheets/site-1a2b3c4d.css",
        "  Cache-Control: public, max-age=31536000, immutable",
    ]


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_services_paths_are_passed_on(slash: str) -> None:
    """Each path of the service is fetched from it, the address staying as it is."""
    rules = redirects_file(f"https://signer.example.org{slash}").splitlines()
    assert len(rules) == len(SERVICE_PATHS)
    # Nothing of the service is there.
    assert not any(rule.startswith("/staff") for rule in rules)
    assert "/s/* https://signer.example.org/s/:splat 200" in rules
    assert "/link https://signer.example.org/link 200" in rules
    assert "/keys https://signer.example.org/keys 200" in rules
    assert "/keys/* https://signer.example.org/keys/:splat 200" in rules
    assert "/log https://signer.example.org/log 200" in rules
    assert "/log/* https://signer.example.org/log/:splat 200" in rules
    assert "/verify/* https://signer.example.org/verify/:splat 200" in rules


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "signer.example.org",
        "ftp://signer.example.org",
        "https://",
        "https://signer.example.org/path",
        "https://signer.example.org?a",
        "https://me:secret@signer.example.org",
        "https://signer.example.org\n/* https://evil.example 200",
        "https://signer example.org",
    ],
)
def test_an_origin_is_a_scheme_and_a_host_alone(origin: str) -> None:
    """Anything else is refused, and cannot add rules of its own."""
    with pytest.raises(PolicyError):
        redirects_file(origin)
