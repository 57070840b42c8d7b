"""The site's generated pages, as Markdown: released versions in, text out.

Nothing here knows the site generator: another one could show the same pages.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from signer.errors import PolicyError
from signer.policy.blocks import reading_minutes
from signer.policy.months import date_in_words, month_in_words
from signer.policy.rendering import to_html
from signer.policy.versions import in_force

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signer.policy.versions import Version

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|])")
_HOLE = re.compile(r"<!-- policy:([a-z-]+) -->")


def pages(versions: Sequence[Version]) -> dict[str, str]:
    """The generated pages, as Markdown by their path.

    ``policy/index.md`` is the version in force, ``versions/index.md`` the list of
    all, and ``versions/2/index.md`` the permanent page of version 2. Links between
    them are relative, for a site whose every page is a folder.

    Raises:
        VersionFileError: there is no version.
    """
    current = in_force(versions)
    return {
        "policy/index.md": _policy_page(current),
        "versions/index.md": _list_page(versions),
    } | {
        f"versions/{version.number}/index.md": _version_page(version, current)
        for version in versions
    }


def raw_files(versions: Sequence[Version]) -> dict[str, bytes]:
    """The released files as they are, by their path: ``versions/2.md``."""
    return {f"versions/{version.filename}": version.source for version in versions}


def fill_holes(markdown: str, versions: Sequence[Version], root: str) -> str:
    """A hand-written page with ``<!-- policy:in-force -->`` filled in.

    Args:
        markdown: the page.
        versions: all released versions.
        root: the way from the page to the site's root: empty, or ``../`` repeated.

    Raises:
        PolicyError: the page has a hole of another name.
    """
    current = in_force(versions)

    def filling(hole: re.Match[str]) -> str:
        if hole[1] != "in-force":
            raise PolicyError(f"a page asks for policy:{hole[1]}, which is not known")
        return _facts(
            ("Version in force", _link(f"{root}policy/", _name(current))),
            *_dates(current),
            ("Permanent address", _link(root + current.path[1:], current.path)),
        )

    return _HOLE.sub(filling, markdown)


def _policy_page(version: Version) -> str:
    permanent = f"../versions/{version.number}/"
    facts = _facts(
        ("Version", _link(permanent, _name(version))),
        *_dates(version),
        _reading(version),
    )
    statements = _statements(version)
    return f"# {_plain(version.title)}\n\n{facts}\n\n{version.body}\n\n{statements}\n"


def _version_page(version: Version, current: Version) -> str:
    if version == current:
        standing = f"in force since {date_in_words(version.released)}"
    else:
        newer = _link(f"../{current.number}/", f"version {current.number}")
        standing = f"no longer in force: {newer} has replaced it"
    file = f'<a href="../{version.filename}" download>{version.filename}</a>'
    facts = _facts(
        ("Version", f"{escape(_name(version))}, {standing}"),
        ("Review due by", month_in_words(version.review_by)),
        _reading(version),
        ("File", f"{file}, the text as it was released"),
        ("SHA-256 of the file", f"<code>{version.sha256}</code>"),
    )
    summary = _section("What changed", "ul", version.summary)
    # The newest text alone is to be found; the older ones are reached by their list.
    front = "---\nsearch:\n  exclude: true\n---\n\n"
    title = f"# {_plain(version.title)}"
    return "\n\n".join(
        (front + title, facts, summary, version.body, _statements(version) + "\n")
    )


def _list_page(versions: Sequence[Version]) -> str:
    entries = "\n\n".join(_entry(version) for version in reversed(versions))
    return f"""# Every version

Each released version keeps its address and its text for good. The SHA-256 is the
fingerprint of its file: one changed letter would give another one. The newest version
is the one in force.

{entries}
"""


def _entry(version: Version) -> str:
    facts = _facts(
        *_dates(version),
        ("Permanent address", _link(f"{version.number}/", version.path)),
        ("SHA-256 of the file", f"<code>{version.sha256}</code>"),
    )
    changes = "\n".join(f"- {_plain(sentence)}" for sentence in version.summary)
    return f"## Version {_plain(_name(version))}\n\n{facts}\n\n{changes}"


def _dates(version: Version) -> tuple[tuple[str, str], tuple[str, str]]:
    return (
        ("In force since", date_in_words(version.released)),
        ("Review due by", month_in_words(version.review_by)),
    )


def _reading(version: Version) -> tuple[str, str]:
    minutes = reading_minutes(to_html(version.body))
    return "Reading time", f"about {minutes} minute{'' if minutes == 1 else 's'}"


def _statements(version: Version) -> str:
    return _section("What parents and carers confirm", "ol", version.declaration)


def _section(heading: str, kind: str, items: Sequence[str]) -> str:
    listed = "\n".join(f"<li>{escape(item, quote=False)}</li>" for item in items)
    return (
        f'<section class="policy-section">\n<h2>{heading}</h2>\n'
        f"<{kind}>\n{listed}\n</{kind}>\n</section>"
    )


def _facts(*rows: tuple[str, str]) -> str:
    """A box of facts; the values are HTML."""
    listed = "\n".join(
        f"<div><dt>{name}</dt> <dd>{value}</dd></div>" for name, value in rows
    )
    return f'<div class="policy-facts">\n<dl>\n{listed}\n</dl>\n</div>'


def _name(version: Version) -> str:
    return f"{version.number} ({version.label})"


def _link(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words, quote=False)}</a>'


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return _SPECIAL.sub(r"\\\1", escape(text, quote=False))
