"""A site without the service: what would lead to the service leads nowhere."""

from __future__ import annotations

import re

from signer.site.host_files import SERVICE_PATHS

NOT_HERE = "not on this copy of the site"
_LINK = re.compile(r'<a\b[^>]*\bhref="(/[^"?#]*)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def is_the_services(path: str) -> bool:
    """Whether the service answers at a path, not the site."""
    return any(
        path.startswith(one[:-1]) if one.endswith("*") else path == one
        for one in SERVICE_PATHS
    )


def without_service(html: str) -> str:
    """A page whose links to the service are words that say that it is not here."""
    return _LINK.sub(
        lambda link: f"{link[2]} ({NOT_HERE})" if is_the_services(link[1]) else link[0],
        html,
    )
