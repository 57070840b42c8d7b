"""All pages of the room, on its one blueprint."""

from signer.web.desk.record import covered, sample, year
from signer.web.desk.record.room import blueprint

__all__ = ["blueprint", "covered", "sample", "year"]
