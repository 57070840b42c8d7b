"""The days and the hour of a release, as they are typed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from wtforms import Field, RadioField, StringField
from wtforms.validators import StopValidation

from signer import clock
from signer.policy.dates import date_in_words
from signer.school_calendar import school_day_from, why_no_school
from signer.web.forms.plain import PlainForm
from signer.web.session import settings

LATER = "later"
NOW = "now"

OPTIONS = (
    (LATER, "On a day, at an hour", "By the time in the UK."),
    (NOW, "As soon as the public site shows the version", ""),
)
"""When parents are asked: the value, the words, and a hint."""


class MailForm(PlainForm):
    """When parents are asked: as soon as it is public, or at an hour."""

    when = RadioField(validate_choice=False)
    day = StringField()
    hour = StringField()

    def validate_when(self, field: Field) -> None:
        """One of the two."""
        if field.data not in {NOW, LATER}:
            raise StopValidation("Choose when parents are to be asked.")

    def validate_day(self, field: Field) -> None:
        """A day on which somebody is at school to answer."""
        if self.when.data != LATER:
            return
        day = day_in(field.data)
        if day is None:
            raise StopValidation("Enter the day of the email, such as 2027-01-05.")
        holidays = settings().holidays
        if reason := why_no_school(day, holidays):
            after = date_in_words(school_day_from(day, holidays).isoformat())
            raise StopValidation(
                f"That day is not a school day: it is {reason}. "
                f"The next school day is {after}."
            )

    def validate_hour(self, field: Field) -> None:
        """An hour that is still to come."""
        day = day_in(self.day.data)
        if self.when.data != LATER or day is None:
            return
        moment = _moment(day, field.data or "")
        if moment is None:
            raise StopValidation("Enter the time of the email, such as 08:00.")
        if moment <= clock.now():
            raise StopValidation("Choose a day and a time that are still to come.")

    @property
    def send_at(self) -> datetime:
        """From when parents are asked; now, where no hour was chosen."""
        day = day_in(self.day.data)
        if self.when.data != LATER or day is None:
            return clock.now()
        return _moment(day, self.hour.data or "") or clock.now()


class ReleaseForm(MailForm):
    """The days and the hour of a release."""

    sha256 = StringField()
    sign_by = StringField()

    def validate_sign_by(self, field: Field) -> None:
        """A day after the email, or none."""
        field.data = (field.data or "").strip()
        if not field.data:
            return
        day = day_in(field.data)
        if day is None:
            raise StopValidation("Enter the deadline as a day, such as 2027-01-29.")
        sent = day_in(self.day.data) if self.when.data == LATER else None
        today = clock.now().astimezone(clock.SCHOOL_ZONE).date()
        if day <= (sent or today):
            raise StopValidation("The deadline must be after the day of the email.")


def day_in(text: str | None) -> date | None:
    """A day of the calendar, such as ``2027-01-05``; None for anything else."""
    try:
        return date.fromisoformat((text or "").strip())
    except ValueError:
        return None


def _moment(day: date, text: str) -> datetime | None:
    """An hour of a day by the school's time; None where the clock never shows it."""
    try:
        hour = time.fromisoformat(text.strip())
        local = datetime.combine(day, hour)
        moment = local.replace(tzinfo=clock.SCHOOL_ZONE).astimezone(UTC)
        shown = moment.astimezone(clock.SCHOOL_ZONE).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return moment if shown == local else None
