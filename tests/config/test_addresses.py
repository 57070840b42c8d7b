"""Addresses are spelt as browsers and registries spell them."""

from __future__ import annotations

import pytest

from signer.config import load
from tests.config.refusal import refused


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://Policies.School.example", "https://policies.school.example"),
        ("HTTPS://POLICIES.EXAMPLE:8443", "https://policies.example:8443"),
        ("https://policies.example:443", "https://policies.example"),
        ("http://policies.example:80", "http://policies.example"),
        ("http://policies.example:443", "http://policies.example:443"),
        ("https://policies.example.", "https://policies.example"),
        ("https://schüle.example", "https://xn--schle-mva.example"),
        ("https://SCHÜLE.example:8443", "https://xn--schle-mva.example:8443"),
        ("https://xn--schle-mva.example", "https://xn--schle-mva.example"),
        # Not "strasse.example", which may be a stranger's.
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://[2001:DB8:0::1]", "https://[2001:db8::1]"),
        ("http://signer_web:8000", "http://signer_web:8000"),
    ],
)
@pytest.mark.parametrize("key", ["SIGNER_BASE_URL", "SIGNER_ORIGIN"])
def test_a_host_is_spelt_as_browsers_send_it(key: str, written: str, sent: str) -> None:
    """Capital letters and umlauts would otherwise refuse every visitor."""
    settings = load({key: written})
    assert getattr(settings, key.removeprefix("SIGNER_").lower()) == sent


@pytest.mark.parametrize(
    "host", ["-x.example", "a..b", "sch\u202eüle.example", "ü" * 64, "a%2fb", "[::x]"]
)
def test_a_host_that_is_no_name_is_refused_by_its_setting(host: str) -> None:
    """Nothing is served under a name that no browser can send."""
    error = refused(SIGNER_BASE_URL=f"https://{host}")
    assert error.key == "SIGNER_BASE_URL"


def test_the_origin_may_end_in_a_slash() -> None:
    """The site's build takes it like that, and one value serves both."""
    settings = load({"SIGNER_ORIGIN": "https://signer.example/"})
    assert settings.origin == "https://signer.example"


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000", "https://school.example", "https://[::1]:8443"],
)
def test_a_public_address_is_scheme_and_host(address: str) -> None:
    """A port may follow, and nothing else."""
    found = load({"SIGNER_BASE_URL": address})
    assert found.base_url == address
    assert found.https is address.startswith("https")
