"""What hand-written pages leave to the released versions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from signer.errors import PolicyError
from signer.policy.pages.markup import facts, link, name, notice, page
from signer.policy.pages.text import standing

if TYPE_CHECKING:
    from signer.policy.pages.edition import Edition

_HOLE = re.compile(r"<!-- policy:([a-z-]+) -->")


def fill_holes(markdown: str, edition: Edition, root: str) -> str:
    """A hand-written page with ``<!-- policy:in-force -->`` filled in.

    Args:
        markdown: the page.
        edition: the build that shows it.
        root: the way from the page to the site's root: empty, or ``../`` repeated.

    Raises:
        PolicyError: the page has a hole of another name.
    """

    def filling(hole: re.Match[str]) -> str:
        if hole[1] != "in-force":
            raise PolicyError(f"a page asks for policy:{hole[1]}, which is not known")
        return _in_force(edition, root)

    return _HOLE.sub(filling, markdown)


def _in_force(edition: Edition, root: str) -> str:
    current = edition.current
    box = facts(
        ("Version in force", link(f"{root}policy/", name(current))),
        *standing(edition),
        ("Permanent address", link(root + current.path[1:], current.path)),
        ("Earlier texts", link(f"{root}changes/", "What has changed, and when")),
    )
    if edition.draft is None:
        return box
    told = notice(
        "draft",
        "This is a preview with the draft in it.",
        link(f"{root}code-of-conduct/", "Read the draft"),
        link(f"{root}code-of-conduct/changes/", "See what the draft would change"),
    )
    return page(told, box).rstrip("\n")
