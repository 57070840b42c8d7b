"""The site's generated pages, as Markdown: released versions in, text out.

Nothing here knows the site generator: another one could show the same pages.

    edition       what the site is made of: versions, reviews, the month, the draft
    markup        the pieces that pages are put together from
    text          the policy in force, and each version at its permanent address
    change_log    every version, and the reviews
    redlines      what changed, word by word
    draft         what is not released yet, for previews alone
    holes         what hand-written pages leave to be filled in
"""

from __future__ import annotations

from collections.abc import Sequence

from signer.policy.versions import Version
from signer.site.pages.change_log import change_log_page, moved_page
from signer.site.pages.draft import draft_pages
from signer.site.pages.policy_pages import policy_page, version_page
from signer.site.pages.redlines import redline_pages
from signer.site.pages.site_content import SiteContent


def pages(edition: SiteContent) -> dict[str, str]:
    """The generated pages, as Markdown by their path.

    These addresses are permanent:

    - ``policy/index.md``: the version in force;
    - ``versions/index.md``: was a list of all, and leads to the change log;
    - ``versions/2/index.md``: version 2;
    - ``versions/2/changes/index.md``: from version 2 to the one in force, whichever
      that is when the site is built;
    - ``redlines/2-3/index.md``: from version 2 to the one that followed it;
    - ``changes/index.md``: the change log, with every version.

    So a release adds three pages, however many there are. Links between pages are
    relative, for a site whose every page is a folder.

    Raises:
        VersionFileError: there is no version.
    """
    made = {
        "policy/index.md": policy_page(edition),
        "versions/index.md": moved_page(),
        "changes/index.md": change_log_page(edition),
    }
    for version in edition.versions:
        made[f"versions/{version.number}/index.md"] = version_page(version, edition)
    return made | redline_pages(edition) | draft_pages(edition)


def raw_files(versions: Sequence[Version]) -> dict[str, bytes]:
    """The released files as they are, by their path: ``versions/2.md``."""
    return {f"versions/{version.filename}": version.source for version in versions}
