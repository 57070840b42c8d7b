"""A mail before it is composed: its kind, to whom it goes, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from signer.mail.kinds import Kind


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail.

    Attributes:
        filename: without personal data.
        content: the whole file.
        subtype: such as ``pdf``.
        maintype: what comes before it, such as ``application``.
    """

    filename: str
    content: bytes
    subtype: str = "pdf"
    maintype: str = "application"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is composed."""

    kind: Kind
    to_name: str
    to_email: str
    values: Mapping[str, object]
    attachments: tuple[Attachment, ...] = ()
