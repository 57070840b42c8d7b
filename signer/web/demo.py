"""The mail that went out, for anyone to read: only where everything is an example."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from signer.web.security import CONTENT_SECURITY_POLICY
from signer.web.session import settings

blueprint = Blueprint("demo", __name__, url_prefix="/demo")

FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)
"""For a mail's HTML: it may look as it likes and do nothing but be clicked."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that went out.

    Attributes:
        name: the file's name without its ending.
        subject: its subject.
        to: name and address of whom it went to.
        at: when.
        text: its text part.
        html: its HTML part, or an empty string.
        attachments: name and length in bytes of each attached file.
    """

    name: str
    subject: str
    to: tuple[str, str]
    at: datetime
    text: str
    html: str
    attachments: tuple[tuple[str, int], ...]


@blueprint.get("/")
def mails() -> ResponseReturnValue:
    """Every mail, the newest first."""
    found = [_mail(path) for path in _paths()]
    return render_template("demo/mails.html", mails=found)


@blueprint.get("/<name>/")
def mail(name: str) -> ResponseReturnValue:
    """One mail, as text and as HTML."""
    page = render_template("demo/mail.html", mail=_mail(_path(name)))
    answer = Response(page, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = (
        CONTENT_SECURITY_POLICY + "; frame-src 'self'"
    )
    return answer


@blueprint.get("/<name>/html")
def html(name: str) -> ResponseReturnValue:
    """The HTML of a mail, for the frame on its page."""
    text = _mail(_path(name)).html
    # A link in a mail opens in the whole window, as from a mail program.
    text = text.replace("<head>", '<head><base target="_top">', 1)
    answer = Response(text, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer


@blueprint.get("/<name>/file")
def raw(name: str) -> ResponseReturnValue:
    """The whole mail, as a mail program opens it."""
    answer = Response(_path(name).read_bytes(), content_type="message/rfc822")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.eml")
    return answer


@blueprint.get("/<name>/attachment/<int:place>")
def attachment(name: str, place: int) -> ResponseReturnValue:
    """An attached file."""
    parts = list(_message(_path(name)).iter_attachments())
    if place >= len(parts):
        raise NotFound
    part = parts[place]
    answer = Response(part.get_content(), content_type=part.get_content_type())
    filename = part.get_filename() or "attachment"
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer


def _paths() -> list[Path]:
    kind, _, folder = settings().mail_address.partition(":")
    if kind != "folder":
        return []
    found = Path(folder).glob("*.eml")
    return sorted(found, key=lambda one: (one.stat().st_mtime_ns, one.name))[::-1]


def _path(name: str) -> Path:
    """The file of a name; only one that is listed."""
    for path in _paths():
        if path.stem == name:
            return path
    raise NotFound


def _message(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)


def _mail(path: Path) -> Mail:
    message = _message(path)
    text = message.get_body(("plain",))
    html_part = message.get_body(("html",))
    return Mail(
        name=path.stem,
        subject=str(message["Subject"]),
        to=_recipient(message),
        at=message["Date"].datetime,
        text=str(text.get_content()) if text else "",
        html=str(html_part.get_content()) if html_part else "",
        attachments=tuple(
            (
                part.get_filename() or "attachment",
                len(cast("bytes", part.get_payload(decode=True) or b"")),
            )
            for part in message.iter_attachments()
        ),
    )


def _recipient(message: EmailMessage) -> tuple[str, str]:
    address = message["To"].addresses[0]
    return address.display_name, address.addr_spec
