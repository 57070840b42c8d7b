"""Mails made: a kind, its values, and out comes a message ready to send.

Each kind has a folder under ``templates`` with its ``subject.txt``. One to parents has
``body.txt`` and ``body.html`` there, which say the same; one to staff and witnesses has
``content.txt``, the parts of which ``to_staff.txt`` and ``to_staff.html`` set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from jinja2 import TemplateError

from signer.errors import MailError, MailRefused, SettingsError
from signer.i18n import ENGLISH, Language
from signer.mail.environment import wording
from signer.mail.headers import (
    MailPolicy,
    mailbox,
    message_id_header,
    named_mailbox,
    one_header_line,
)
from signer.mail.kinds import MAIL_KINDS, TO_PARENTS, Kind
from signer.mail.letter import Attachment


def compose(  # noqa: PLR0913 - a mail has this many parts, each named by its caller
    kind: Kind,
    *,
    sender: str,
    to_name: str,
    to_email: str,
    message_id: str,
    at: datetime,
    values: Mapping[str, object],
    attachments: Sequence[Attachment] = (),
    language: Language = ENGLISH,
) -> EmailMessage:
    """A mail in text and HTML.

    Args:
        kind: what it is about.
        sender: ``Name <address>``.
        to_name: the person or office, or empty.
        to_email: one address.
        message_id: ``<left@right>``, the same at every attempt to send this mail.
        at: the moment it is dated, with its zone.
        values: what the kind's templates name. ASK and NEW_LINK: school,
            parent_name, policy_title, version, label, summary (list of sentences),
            link, site_url, minutes, link_days, office_email, and, where the parent
            signed an earlier version, signed_before (True), since (version, label),
            releases (list of version, label, summary), compare_url,
            redline_summary, and, where they are short enough for a mail,
            redline_text and redline_html (else empty). RECEIPT and
            ACKNOWLEDGEMENT: school, parent_name, policy_title, version, label,
            declaration_id, typed_name, signed_at_text, children (list of name and
            year_group), verify_url, version_url, office_email. OFFICE_…: school,
            parent_name, parent_email, policy_title, version, at_text, note, command,
            bounced.
            REMIND: as NEW_LINK without summary, and asked_text (a day in words).
            ASK and REMIND: deadline_text (a day in words, or empty); REMIND: overdue.
            HEAD_ALARM: school, problem, what_to_do, every. HEAD_REVIEW: school,
            policy_title, version, label, month_text, overdue, guide_url.
            HEAD_RETENTION: school, deleted and coming (lists of kind and number),
            until_text, notice_days, held, guide_url.
            ANSWER: school, parent_name, policy_title, told_text (a day in words), words
            (paragraphs), office_email.
            ERASURE: school, parent_name, erased_text (a day in words), declarations
            (references), verify_url, office_email.
            YEARLY: what `signer.workflows.yearly.letter` gives.
            RECEIPT also: with_proof. WITNESS: school, origin, size, root (hex),
            signed_at_text, stamped, verifier, log_url, guide_url, office_email.
            STAFF_RELEASE: school, staff_name, policy_title, version, label,
            released_text, in_force_text (a day to come, or empty), summary (list of
            sentences), version_url, office_email, and,
            where there is a version before, previous (its number), redline_summary,
            redline_text, redline_html and compare_url as in ASK.
            STAFF_OVERDUE: school, policy_title, version, label, deadline_text, count,
            groups (list of year_group, count and people), named, office_email.
            DESK_SIGN_IN: school, staff_name, link, minutes, office_email.
            DRAFT_REVIEW: school, staff_name, asked_by, review_url, office_email.
        attachments: files that go with it.
        language: what a mail to a parent is written in; every other is in English.

    Raises:
        MailRefused: the address cannot stand in a mail.
        MailError: a value is missing, or something cannot be written as a mail.
        SettingsError: the sender cannot stand in a mail.
    """
    try:
        from_mailbox = named_mailbox(sender)
    except MailRefused as error:
        raise SettingsError(
            "SIGNER_MAIL_FROM", "must be a name and an address: School <a@b.example>"
        ) from error
    to_mailbox = mailbox(to_name, to_email)
    # Only a name before the @ in other letters needs a server that speaks UTF-8.
    utf8 = not (to_mailbox.username.isascii() and from_mailbox.username.isascii())
    message = EmailMessage(MailPolicy(linesep="\r\n", utf8=utf8))
    message["From"] = from_mailbox
    message["To"] = to_mailbox
    if reply_to := str(values.get(MAIL_KINDS[kind].reply_to, "")):
        answers = mailbox("", reply_to)
        if utf8 or answers.username.isascii():
            message["Reply-To"] = answers
    if kind not in TO_PARENTS:
        language = ENGLISH
    templates = wording(language)

    def rendered(template: str) -> str:
        content = f"{kind.value}/content.txt"
        return templates.get_template(template).render(values, content=content)

    body = f"{kind.value}/body" if kind in TO_PARENTS else "to_staff"

    try:
        message["Subject"] = one_header_line(rendered(f"{kind.value}/subject.txt"))
        message["Date"] = format_datetime(at.astimezone(UTC))
        message["Message-ID"] = message_id_header(message_id)
        # No machine should answer (RFC 3834); the second is Microsoft's word for it.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        text = rendered(f"{body}.txt")
        text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
        html = rendered(f"{body}.html")
        message.set_content(text, cte="quoted-printable")
        message.add_alternative(html, subtype="html", cte="quoted-printable")
        for attachment in attachments:
            message.add_attachment(
                attachment.content,
                maintype=attachment.maintype,
                subtype=attachment.subtype,
                filename=one_header_line(attachment.filename),
                # Without it a text is taken for ASCII, and programs spoil the rest.
                params={"charset": "utf-8"} if attachment.maintype == "text" else None,
            )
        _set_boundaries(message)
        _shield_full_stops(message)
        # Last: what begins with Content- would move into the first part.
        message["Content-Language"] = language.code
    except (TemplateError, ValueError) as error:
        # Named by its kind alone: the library's message may quote a value.
        raise MailError(
            f"a mail of kind {kind.value} cannot be written ({type(error).__name__})"
        ) from error
    return message


def _set_boundaries(message: EmailMessage) -> None:
    """Choose what stands between the parts, rather than have each mail searched for it.

    Each part is quoted-printable or base64, in neither of which ``=_`` can occur
    (RFC 2045 §6.7).
    """
    for level, part in enumerate(one for one in message.walk() if one.is_multipart()):
        part.set_boundary(f"=_part_{level}_=")


def _shield_full_stops(message: EmailMessage) -> None:
    """Let no line of a text begin with a full stop, as it is sent.

    SMTP doubles such a stop on its way (RFC 5321 §4.5.2), and servers that do not halve
    it again, or lose it, break the link that it stands in.
    """
    for part in message.walk():
        if part.get("Content-Transfer-Encoding") == "quoted-printable":
            lines = str(part.get_payload())
            part.set_payload(re.sub(r"^\.", "=2E", lines, flags=re.MULTILINE))
