"""The table of what was done to publish a release or a review, and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from signer.store.columns import kind_column
from signer.store.tables import Base


class StepName(StrEnum):
    """What follows a release, in this order."""

    WRITTEN = "written"
    COMMITTED = "committed"
    PUSHED = "pushed"
    HOOK = "hook"
    """The host's build hook was called."""
    SITE = "site"
    """The site that the service itself serves was built."""
    SHOWN = "shown"
    """The public site shows it."""


class ReleaseStep(Base):
    """What came of the last attempt at one step."""

    __tablename__ = "release_step"

    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Such as ``version:3``, or ``review:4`` of the fourth one without change."""
    name: Mapped[StepName] = mapped_column(kind_column(StepName), primary_key=True)
    at: Mapped[datetime]
    done: Mapped[bool]
    answer: Mapped[str] = mapped_column(Text)
    """In words, without a password; empty while nothing came of it yet."""
