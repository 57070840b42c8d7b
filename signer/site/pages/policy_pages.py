"""The policy in force, and each version at its permanent address."""

from __future__ import annotations

from html import escape

from lxml import html as lxml_html

from signer.markdown.blocks import reading_minutes
from signer.markdown.rendering import to_html
from signer.policy.comparison import compare
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
        front("The version of the code of conduct that is in force now, in full."),
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
        f"<summary>Contents: {len(headings)} sections</summary>\n"
        f'<nav aria-label="Sections of the text">\n<ol>\n{listed}\n</ol>\n</nav>\n'
        "</details>"
    )


def standing(edition: SiteContent) -> tuple[tuple[str, str], ...]:
    """Since when the version in force is, and when it is to be reviewed."""
    since = ("In force since", date_in_words(edition.current.released))
    due = ("Review due by", edition.due_in_words())
    last = edition.last_review()
    if not last:
        return since, due
    words = f"{date_in_words(last.reviewed)}, and left as it was"
    return since, ("Last reviewed", words), due


def _old(version: Version, edition: SiteContent) -> str:
    """The notice that keeps an older text from being taken for the one in force."""
    current = edition.current
    return notice(
        "old",
        "This version is no longer in force.",
        f"{link('../../policy/', f'Version {name(current)}')} is in force.",
        link("changes/", f"See what has changed since version {version.number}"),
    )


def _time_in_force(
    version: Version, edition: SiteContent
) -> tuple[tuple[str, str], tuple[str, str]]:
    newer = edition.after(version) or edition.current
    replaced = (
        f"{date_in_words(newer.released)}, by "
        f"{link(f'../{newer.number}/', f'version {newer.number}')}"
    )
    return ("In force from", date_in_words(version.released)), ("Replaced", replaced)


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
    if not older or not compare(older, version).redline.changed:
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
