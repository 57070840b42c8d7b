"""The policy in force, and each version at its permanent address."""

from __future__ import annotations

from html import escape

from lxml import html as lxml_html

from signer.markdown.blocks import reading_minutes
from signer.markdown.rendering import to_html
from signer.policy.comparison import redline_of
from signer.policy.dates import date_in_words
from signer.policy.versions import Version
from signer.site.pages.markup import (
    as_pdf,
    facts,
    fingerprint,
    front,
    link,
    name,
    notice,
    page,
    plain,
    section,
    statements,
)
from signer.site.pages.site_content import SiteContent


def policy_page(edition: SiteContent) -> str:
    """The version in force, at ``/policy/``."""
    version = edition.current
    return page(
        front(
            "The newest version of the code of conduct, in full."
            if version.in_force_from
            else "The version of the code of conduct that is in force now, in full."
        ),
        f"# {plain(version.title)}",
        facts(
            ("Version", link(f"../versions/{version.number}/", name(version))),
            *standing(edition),
            _reading(version),
            *as_pdf(version, service=edition.service),
            ("Earlier texts", link("../changes/", "What has changed, and when")),
        ),
        _legend(version, edition, "../"),
        contents(version),
        version.body.rstrip("\n"),
        statements(version.declaration),
    )


def version_page(version: Version, edition: SiteContent) -> str:
    """A version at its permanent address, ``/versions/2/``."""
    current = version == edition.current
    file = f'<a href="../{version.filename}" download>{version.filename}</a>'
    heading = "What changed" if edition.before(version) else "About this version"
    return page(
        front(f"Version {version.number} of the code of conduct, as it was released."),
        f"# {plain(version.title)}",
        "" if current else _old(version, edition),
        facts(
            ("Version", escape(name(version), quote=False)),
            *(standing(edition) if current else _time_in_force(version, edition)),
            *approved(version),
            _reading(version),
            *as_pdf(version, service=edition.service),
            ("File", f"{file}, the text as it was released"),
            ("SHA-256 of the file", fingerprint(version)),
            *_redlines(version, edition),
        ),
        section(heading, "ul", version.summary),
        _legend(version, edition, "../../"),
        contents(version),
        version.body.rstrip("\n"),
        statements(version.declaration),
    )


def contents(version: Version) -> str:
    """The sections of a version, to go to, for screens with no room for a margin."""
    body = lxml_html.fragment_fromstring(to_html(version.body), create_parent="div")
    headings = body.findall("h2")
    links = [link(f"#{one.get('id')}", one.text_content()) for one in headings]
    listed = "\n".join(f"<li>{one}</li>" for one in links)
    if not headings:
        return ""
    return (
        '<details class="policy-contents">\n'
        f"<summary>Contents: {len(headings)} "
        f"section{'' if len(headings) == 1 else 's'}</summary>\n"
        f'<nav aria-label="Sections of the text">\n<ol>\n{listed}\n</ol>\n</nav>\n'
        "</details>"
    )


def standing(edition: SiteContent) -> tuple[tuple[str, str], ...]:
    """Since when the newest version is in force, and when it is to be reviewed.

    One that is in force from a day to come says so in words that stay true: nobody
    builds these pages again on that day.
    """
    current = edition.current
    rows = [("In force since", date_in_words(current.released))]
    if current.in_force_from:
        rows = [
            ("Released", date_in_words(current.released)),
            ("In force", in_force_words(edition)),
        ]
    if last := edition.last_review():
        words = f"{date_in_words(last.reviewed)}, and left as it was"
        rows.append(("Last reviewed", words))
    return (*rows, ("Review due by", edition.due_in_words()))


def newest_label(edition: SiteContent) -> str:
    """What the newest version is called in a box of facts."""
    return "Newest version" if edition.current.in_force_from else "Version in force"


def in_force_words(edition: SiteContent) -> str:
    """From when the newest version is in force, and what is until then."""
    current = edition.current
    words = f"from {date_in_words(current.begins)}"
    older = edition.before(current)
    return f"{words}; until then version {older.number} is" if older else words


def in_force_sentence(address: str, edition: SiteContent) -> str:
    """That the newest version is in force, or from when, as HTML.

    Args:
        address: of that version, from the page that says it.
        edition: the build.
    """
    current = edition.current
    named = link(address, f"Version {name(current)}")
    since = f" from {date_in_words(current.begins)}" if current.in_force_from else ""
    return f"{named} is in force{since}."


def approved(version: Version) -> tuple[tuple[str, str], ...]:
    """Who approved a version before it was released, as a row of facts."""
    if not version.approvals:
        return ()
    words = "; ".join(f"{one.by}, {date_in_words(one.on)}" for one in version.approvals)
    return (("Approved by", escape(words, quote=False)),)


def _old(version: Version, edition: SiteContent) -> str:
    """The notice that keeps an older text from being taken for the one in force."""
    current = edition.current
    first = "This version is no longer in force."
    if current.in_force_from and version == edition.before(current):
        first = "This version is being replaced."
    return notice(
        "old",
        first,
        in_force_sentence("../../policy/", edition),
        link("changes/", f"See what has changed since version {version.number}"),
    )


def _time_in_force(
    version: Version, edition: SiteContent
) -> tuple[tuple[str, str], tuple[str, str]]:
    newer = edition.after(version) or edition.current
    replaced = (
        f"{date_in_words(newer.begins)}, by "
        f"{link(f'../{newer.number}/', f'version {newer.number}')}"
    )
    return ("In force from", date_in_words(version.begins)), ("Replaced", replaced)


def _redlines(version: Version, edition: SiteContent) -> tuple[tuple[str, str], ...]:
    older = edition.before(version)
    if not older:
        return ()
    address = f"../../redlines/{older.number}-{version.number}/"
    words = f"From version {older.number}, word by word"
    return (("What changed", link(address, words)),)


def _legend(version: Version, edition: SiteContent, root: str) -> str:
    """What the bars in the margin mean; nothing where there are none."""
    older = edition.before(version)
    if not older or not redline_of(older, version).changed:
        return ""
    numbers = f"{older.number}-{version.number}"
    words = link(f"{root}redlines/{numbers}/", "See the changes word by word")
    return (
        '<p class="policy-legend">A bar in the margin marks each part that is new or '
        f"changed since version {older.number}. {words}.</p>"
    )


def _reading(version: Version) -> tuple[str, str]:
    minutes = reading_minutes(to_html(version.body))
    return "Reading time", f"about {minutes} minute{'' if minutes == 1 else 's'}"
