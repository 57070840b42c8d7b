"""What hand-written pages leave to the build: the version in force, a checkpoint."""

from __future__ import annotations

import re
from html import escape

from signer.errors import PolicyError
from signer.policy.dates import date_in_words
from signer.site.checkpoint import PUBLISHED
from signer.site.pages.markup import facts, link, name, notice, plain
from signer.site.pages.policy_pages import in_force_words, newest_label, standing
from signer.site.pages.site_content import SiteContent

_HOLE = re.compile(r"<!-- policy:([a-z-]+) -->")

_PERSON = (
    "Your name and address, and your children's names: as long as anything above is "
    "kept, and at least"
)

NO_CHECKPOINT = (
    "These pages hold no checkpoint of their own yet. The newest one is at "
    '<a href="/log/">/log/</a>.'
)


def fill_placeholders(markdown: str, edition: SiteContent, root: str) -> str:
    """A hand-written page with its holes filled in, such as ``policy:in-force``.

    Args:
        markdown: the page.
        edition: the build that shows it.
        root: the way from the page to the site's root: empty, or ``../`` repeated.

    Raises:
        PolicyError: the page has a hole of another name.
    """

    def filling(hole: re.Match[str]) -> str:
        fill = _FILLINGS.get(hole[1])
        if fill is None:
            raise PolicyError(f"a page asks for policy:{hole[1]}, which is not known")
        return fill(edition, root)

    return _HOLE.sub(filling, markdown)


def _in_force(edition: SiteContent, root: str) -> str:
    current = edition.current
    return facts(
        (newest_label(edition), link(f"{root}policy/", name(current))),
        *standing(edition),
        ("Permanent address", link(root + current.path[1:], current.path)),
        ("Earlier texts", link(f"{root}changes/", "What has changed, and when")),
    )


def _standing(edition: SiteContent, _root: str) -> str:
    current = edition.current
    words = f"since {date_in_words(current.begins)}"
    if current.in_force_from:
        words = in_force_words(edition)
    return plain(f"Version {name(current)}, in force {words}")


def _preview(edition: SiteContent, root: str) -> str:
    """The draft's notice; nothing on the public site."""
    if edition.draft is None:
        return ""
    return notice(
        "draft",
        "This is a preview with the draft in it. It is not in force.",
        link(f"{root}code-of-conduct/", "Read the draft"),
        link(f"{root}code-of-conduct/changes/", "See what the draft would change"),
    ).rstrip("\n")


def _checkpoint(edition: SiteContent, root: str) -> str:
    if edition.checkpoint is None:
        return f"<p>{NO_CHECKPOINT}</p>"
    told = (
        "<p>This was the newest when these pages were built. "
        f"{link(root + PUBLISHED, 'Download it')}, and keep it.</p>"
    )
    text = escape(edition.checkpoint, quote=False)
    return f'{told}\n<pre class="log-checkpoint"><code>{text}</code></pre>'


def _retention(edition: SiteContent, _root: str) -> str:
    settings = edition.settings
    rows = (
        ("Your signed declarations", settings.retention_years),
        ("Requests that you did not sign", settings.retention_unsigned_years),
        ("Notes that you wrote to the office", settings.retention_notes_years),
        ("What mail systems replied to our mail", settings.retention_replies_years),
        (_PERSON, settings.retention_parents_years),
    )
    lines = ["| What | How long we keep it after that |", "|---|---|"]
    lines += [
        f"| {what} | {years} {'year' if years == 1 else 'years'} |"
        for what, years in rows
    ]
    return "\n".join(lines)


def _retention_staff(edition: SiteContent, _root: str) -> str:
    years = edition.settings.retention_staff_years
    return f"{'a year' if years == 1 else f'{years} years'} later"


def _session(edition: SiteContent, _root: str) -> str:
    days, hours = divmod(edition.settings.session_hours, 24)
    if hours:
        return f"{edition.settings.session_hours} hours"
    return "a day" if days == 1 else f"{days} days"


_FILLINGS = {
    "in-force": _in_force,
    "standing": _standing,
    "preview": _preview,
    "log-checkpoint": _checkpoint,
    "retention": _retention,
    "retention-staff": _retention_staff,
    "session": _session,
}
