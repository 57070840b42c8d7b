"""Settings that contradict each other, or that were left as in the example."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import urlsplit

from signer.config import Settings
from signer.workflows.operations.doctor.outcomes import Check, ok, problem, warning

ABOUT = "settings"
_EXAMPLE = ".example"
"""A domain for examples (RFC 2606), to which no mail ever goes."""


def check_settings(settings: Settings) -> tuple[Check, ...]:
    """Return what in the settings cannot be meant; one `ok` where nothing is wrong."""
    found = (
        *_public_address(settings),
        *_ways_in(settings),
        *check_mail_settings(settings),
        *_demo(settings),
    )
    return found or (ok(ABOUT, "The settings fit together."),)


def is_loopback(settings: Settings) -> bool:
    """Return whether parents could not reach the public address from elsewhere."""
    host = urlsplit(settings.base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _public_address(settings: Settings) -> Iterator[Check]:
    if is_loopback(settings):
        yield problem(
            ABOUT,
            f"SIGNER_BASE_URL is {settings.base_url}, which leads each parent to their "
            "own machine.",
            "Set it to the address that parents see.",
        )
    elif not settings.https:
        yield problem(
            ABOUT,
            "SIGNER_BASE_URL is not https: links and cookies go over the network in "
            "the clear.",
            "Put a proxy with a certificate in front, and set SIGNER_BASE_URL to its "
            "https address.",
        )


def _ways_in(settings: Settings) -> Iterator[Check]:
    if settings.https and not settings.proxy_hops and not settings.origin:
        yield warning(
            ABOUT,
            "SIGNER_BASE_URL is https, and neither SIGNER_PROXY_HOPS nor SIGNER_ORIGIN "
            "explains the proxy that must be in front.",
            "Set SIGNER_PROXY_HOPS to 1 where the proxy sends X-Forwarded-Host, and "
            "SIGNER_ORIGIN where it names the service's own host. Neither is needed "
            "where it passes Host on as it came.",
        )
    if settings.origin and settings.origin == settings.base_url:
        yield warning(
            ABOUT,
            "SIGNER_ORIGIN is SIGNER_BASE_URL: a host that passes requests on to it "
            "passes them to itself.",
            "Set SIGNER_ORIGIN to the service's own address, or leave it out.",
        )
    if settings.origin and settings.site_dir:
        yield warning(
            ABOUT,
            "SIGNER_ORIGIN and SIGNER_SITE_DIR are both set: two hosts would serve "
            "the site, and a release is compared with the folder alone.",
            "Leave out SIGNER_SITE_DIR where another host serves the site.",
        )
    if settings.proxy_secret and not settings.origin:
        yield warning(
            ABOUT,
            "SIGNER_PROXY_SECRET is set without SIGNER_ORIGIN: what Netlify passes on "
            "may name a host that is refused.",
            "Set SIGNER_ORIGIN to the address in the site's _redirects.",
        )


def check_mail_settings(settings: Settings) -> Iterator[Check]:
    """Find mail that reaches nobody, and senders whom nobody reads."""
    url = settings.mail_url.lower()
    if (not url or url.startswith("folder:")) and not settings.demo:
        yield problem(
            ABOUT,
            "Mail is written into a folder, and reaches nobody.",
            "Set SIGNER_MAIL_URL to the outgoing mail server.",
        )
    addresses = {
        "SIGNER_MAIL_FROM": parseaddr(settings.mail_from)[1],
        "SIGNER_OFFICE_EMAIL": settings.office_email,
        "SIGNER_HEAD_EMAIL": settings.head_email,
    }
    for key, address in addresses.items():
        domain = address.rpartition("@")[2].lower()
        if f".{domain}".endswith(_EXAMPLE) and not settings.demo:
            yield problem(
                ABOUT,
                f"{key} is an address of the example, which nobody reads.",
                f"Set {key} to an address of the school.",
            )


def _demo(settings: Settings) -> Iterator[Check]:
    if settings.demo:
        yield problem(
            ABOUT,
            "SIGNER_DEMO is on: anybody reads every mail, links included, at /demo/.",
            "Leave SIGNER_DEMO out where real parents are.",
        )
