"""A school year as a PDF: what the page at the desk shows, without its plot."""

from __future__ import annotations

from signer import clock
from signer.declaration.pdf.year_report import YearText, typeset_year
from signer.policy.dates import date_in_words, month_in_words
from signer.school_calendar import school_date
from signer.store.columns import NoteKind
from signer.workflows.context import AppContext
from signer.workflows.record.year import SchoolYear, VersionOfYear

KINDS = {
    NoteKind.QUESTION: "Questions",
    NoteKind.DECLINE: "Do not agree",
    NoteKind.NOT_ME: "Said that the address is wrong",
    NoteKind.PAPER: "Asked for a paper form",
}
"""What parents told the office, in words."""


def year_as_pdf(context: AppContext, year: SchoolYear) -> bytes:
    """Return the PDF of a school year; nothing is kept.

    Args:
        context: the context.
        year: as `look_at_year` gave it.

    Raises:
        TypesetError: the PDF cannot be made.
    """
    unusual = year.exceptions
    groups = year.year_groups or ()
    return typeset_year(
        YearText(
            school=context.settings.school_name,
            year=year.words,
            until=date_in_words(year.until.isoformat()),
            made=school_date(clock.now()),
            months=tuple(
                (
                    date_in_words(one.day.isoformat()),
                    str(one.version or "none"),
                    str(one.parents),
                    str(one.covered),
                    "" if one.share is None else f"{one.share} %",
                )
                for one in year.months
            ),
            year_groups=tuple(
                (one.name, str(one.parents), str(one.covered)) for one in groups
            ),
            versions=tuple(map(_version, year.versions)),
            answers=tuple(
                (
                    str(one.version.number),
                    *map(
                        str,
                        (
                            one.campaign.asked,
                            one.campaign.signed_by_link,
                            one.campaign.signed_on_paper,
                            one.campaign.declined,
                            one.campaign.need_not_sign,
                            one.campaign.disputed,
                            one.campaign.outstanding + one.campaign.superseded,
                            one.campaign.withdrawn,
                        ),
                    ),
                )
                for one in year.versions
                if one.campaign
            ),
            reviews=tuple(
                f"{date_in_words(one.reviewed)}: version {one.version} was reviewed by "
                f"{one.by} and left as it was. Next review by "
                f"{month_in_words(one.next)}."
                for one in year.reviews
            ),
            told=tuple(
                (KINDS[one.kind], *map(str, (one.received, one.answered, one.waiting)))
                for one in year.told
            ),
            exceptions=(
                ("Said to need not sign", str(unusual.exempted)),
                ("To sign again after that", str(unusual.exemptions_ended)),
                ("Need not sign, at the end", str(unusual.exempt)),
                ("Paper forms recorded", str(unusual.papers)),
                ("Records of paper forms undone", str(unusual.papers_undone)),
            ),
        )
    )


def _version(one: VersionOfYear) -> tuple[tuple[str, str], ...]:
    """What is told of a version, each with its label."""
    version = one.version
    asked = school_date(one.asked_at).isoformat() if one.asked_at else ""
    facts = (
        ("Version", f"{version.number}, {version.label}"),
        ("Released", date_in_words(version.released)),
        ("In force from", version.in_force_from and date_in_words(version.begins)),
        ("First asked for", date_in_words(asked) if asked else "Not yet"),
        ("Next review", f"by {month_in_words(version.review_by)}"),
        ("What changed", " ".join(version.summary)),
        (
            "Approved by",
            "; ".join(f"{who.by}, {date_in_words(who.on)}" for who in version.approvals)
            or "No approval was recorded",
        ),
        ("SHA-256", version.sha256),
    )
    return tuple((label, words) for label, words in facts if words)
