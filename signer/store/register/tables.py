"""The table of what headings of register files mean at this school."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from signer.register.file.headings import HEADING_CHARACTERS
from signer.store.tables import Base


class RegisterColumn(Base):
    """What the school said that a heading of its register files means."""

    __tablename__ = "register_column"

    heading: Mapped[str] = mapped_column(String(HEADING_CHARACTERS), primary_key=True)
    """In small letters, with single spaces."""
    meaning: Mapped[str] = mapped_column(String(60))
    """The column's name, or ``ignore``."""
