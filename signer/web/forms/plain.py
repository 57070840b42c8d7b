"""What every form shares: its fields are text, and it is ours or does not validate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import Field, Form
from wtforms.validators import StopValidation

from signer.errors import TextRefused
from signer.register.addresses import fault_of
from signer.web.csrf import SAFE_METHODS, csrf_ok
from signer.web.language import gettext

EMAIL_CHARACTERS = 254


def sentence(refused: TextRefused) -> str:
    """What to say about words that cannot be taken.

    Empty ones need a sentence of the field's own.
    """
    if refused.reason == "too long":
        return gettext("Use %(most)s characters or fewer.", most=refused.detail)
    if refused.reason == "direction override":
        return gettext(
            "There is a hidden mark in here (%(mark)s) that changes the order of the "
            "letters. Clear the box and type the words again.",
            mark=refused.detail,
        )
    if refused.reason == "mixed alphabets":
        return gettext(
            "One of the words mixes letters of two alphabets that look alike "
            "(%(mark)s). Clear the box and type each word in one alphabet.",
            mark=refused.detail,
        )
    if refused.reason == "too many marks":
        return gettext(
            "There are more marks on one letter than can be printed. Take some out."
        )
    return gettext(
        "There is a hidden character in here (%(mark)s) that cannot be printed. Clear "
        "the box and type the words again.",
        mark=refused.detail,
    )


class Words:
    """Takes what `signer.user_text` takes, and keeps it in the form it gives.

    Args:
        read: `signature` or `paragraphs`.
        empty: what to say when there is nothing; None where nothing is fine too.
    """

    def __init__(self, read: Callable[[str, str], str], empty: str | None) -> None:
        self.read = read
        self.empty = empty

    def __call__(self, form: Form, field: Field) -> None:
        """Check one field. Raises StopValidation with the sentence to show."""
        del form
        try:
            field.data = self.read(field.name, field.data or "")
        except TextRefused as refused:
            if refused.reason != "empty":
                raise StopValidation(sentence(refused)) from refused
            if self.empty is not None:
                raise StopValidation(str(self.empty)) from refused
            field.data = ""


class PlainForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A form that only validates when this service made it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # as above
        """What of a request is read into a form."""

        def wrap_formdata(
            self, form: Form, formdata: object
        ) -> ImmutableMultiDict[str, str] | None:
            """Return the fields as text: Flask-WTF takes files and JSON for them too.

            A field whose value is a file or a number is one that no page has sent.
            """
            del form, formdata
            return request.form or None

    def validate(
        self, extra_validators: Mapping[str, Sequence[Any]] | None = None
    ) -> bool:
        """Whether every field is well and the form is our own."""
        return bool(super().validate(extra_validators)) and csrf_ok()

    def refuse(self, name: str, reason: str) -> None:
        """Say at a field why what it holds is not taken."""
        field = self[name]
        field.errors = [*field.errors, reason]

    @property
    def unproven(self) -> bool:
        """Whether it was sent, but cannot be told from a stranger's form."""
        return request.method not in SAFE_METHODS and not csrf_ok()

    @property
    def status(self) -> int:
        """The HTTP status to show the form with."""
        if self.unproven:
            return 400
        return 422 if self.problems else 200

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The id of each field at fault, and what to do about it."""
        if self.unproven:
            return []
        return [
            (self.anchor(field), message)
            for field in self
            for message in field.errors
            if field.name != "csrf_token"
        ]

    @staticmethod
    def anchor(field: Field) -> str:
        """The id that a summary of problems links to."""
        return f"{field.id}-0" if hasattr(field, "choices") else str(field.id)


def check_address(form: Form, field: Field) -> None:
    """Check that a field may hold an address; whether anybody is there is never told.

    Raises:
        StopValidation: it cannot, with the sentence to show.
    """
    del form
    address = (field.data or "").strip()
    if not address:
        raise StopValidation(gettext("Enter your email address."))
    if len(address) > EMAIL_CHARACTERS:
        most = EMAIL_CHARACTERS
        raise StopValidation(gettext("Use %(most)s characters or fewer.", most=most))
    if fault_of(address):
        # By the rule of the register: nobody is there whom no mail can reach.
        raise StopValidation(gettext("Enter an email address, like name@example.com."))
