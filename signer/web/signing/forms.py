"""The forms, and what is said when something in them cannot be taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import request
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import (
    EmailField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import StopValidation

from signer.errors import TextRefused
from signer.register.addresses import fault_of
from signer.register.spelling import same_signature
from signer.user_text import (
    NAME_CHARACTERS,
    NOTE_CHARACTERS,
    paragraphs,
    same_name,
    signature,
)
from signer.web.csrf import SAFE_METHODS, csrf_ok
from signer.web.language import gettext
from signer.workflows.requests.view_request import RequestView

CAPACITIES = ("Parent", "Carer", "Legal guardian")
"""In what capacity people sign, besides what the register says of them."""

EMAIL_CHARACTERS = 254

_NO_NAME = lazy_gettext("Type your full name. It is your signature.")


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


class SureForm(PlainForm):
    """A form that may ask for a word to be typed, where an act must be a person's own.

    Programs that try out a mail's links press every button, tick every box and type
    whatever comes to them: a word that is read on the page they do not.
    """

    sure = StringField()

    @property
    def word(self) -> str:
        """The word to type, in the language of the page."""
        return gettext("yes")

    @property
    def is_sure(self) -> bool:
        """Whether that was typed, or its English on a page that changed languages."""
        return _letters(self.sure.data or "") in {_letters(self.word), "yes"}


class DeclarationForm(SureForm):
    """What a parent declares."""

    text = HiddenField()
    record = HiddenField()
    capacity = RadioField(validate_choice=False)
    confirmed = SelectMultipleField(validate_choice=False)
    typed_name = StringField(validators=[Words(signature, _NO_NAME)])

    def __init__(self, view: RequestView) -> None:
        super().__init__()
        self.capacities = capacities(view)
        self.statements = view.version.declaration
        self.sha256 = view.version.sha256
        self.present_record = view.record
        self.registered_name = view.parent_name

    @property
    def same_text(self) -> bool:
        """Whether the page that was read showed the text that is to be signed."""
        return self.text.data == self.sha256

    @property
    def same_record(self) -> bool:
        """Whether the form showed what the register says of the parent now."""
        return self.record.data == self.present_record

    @property
    def is_registered_name(self) -> bool:
        """Whether the typed name is the one in the register."""
        return same_signature(self.typed_name.data or "", self.registered_name)

    @property
    def another_way(self) -> bool:
        """Whether the parent said that they write their name another way."""
        return self.is_sure and not self.is_registered_name

    def validate_sure(self, field: Field) -> None:
        """The word, or nothing."""
        typed = (field.data or "").strip()
        if typed and not (self.is_sure or self.is_registered_name):
            raise StopValidation(
                gettext(
                    "Type the word “%(word)s”, or leave this box empty and type your "
                    "name as the school has it.",
                    word=self.word,
                )
            )

    @property
    def ticked(self) -> set[int]:
        """The places of the statements that are ticked."""
        given = set(self.confirmed.data or [])
        return {place for place in range(len(self.statements)) if str(place) in given}

    @property
    def unconfirmed(self) -> list[int]:
        """The places of the statements that are not ticked."""
        return sorted(set(range(len(self.statements))) - self.ticked)

    def validate_capacity(self, field: Field) -> None:
        """One of those offered."""
        if field.data not in self.capacities:
            raise StopValidation(gettext("Choose in what role you sign."))

    def validate_confirmed(self, field: Field) -> None:
        """Every statement."""
        del field
        if self.unconfirmed:
            raise StopValidation(
                gettext(
                    "Tick each statement to confirm it. If you cannot, choose another "
                    "way to answer at the end of this page."
                )
            )

    @property
    def problems(self) -> list[tuple[str, str]]:
        """As of any form; the statements' points to the first that is not ticked."""
        first = self.unconfirmed[0] if self.unconfirmed else 0
        return [
            ("confirmed-" + str(first) if anchor == "confirmed-0" else anchor, message)
            for anchor, message in super().problems
        ]


class LinkForm(PlainForm):
    """Where to send a new link."""

    email = EmailField()

    def validate_email(self, field: Field) -> None:
        """Looks like an address; whether anybody is there is never told."""
        address = (field.data or "").strip()
        if not address:
            raise StopValidation(gettext("Enter your email address."))
        if len(address) > EMAIL_CHARACTERS:
            most = EMAIL_CHARACTERS
            raise StopValidation(
                gettext("Use %(most)s characters or fewer.", most=most)
            )
        if fault_of(address):
            # By the rule of the register: nobody is there whom no mail can reach.
            raise StopValidation(
                gettext("Enter an email address, like name@example.com.")
            )


class NoteForm(SureForm):
    """Words for the school office.

    Args:
        empty: what to say when there are none; None where they may be left out.
        last: whether they are sent by this, and have been read once more before.
    """

    words = TextAreaField()

    def __init__(self, empty: str | None, *, last: bool = False) -> None:
        super().__init__()
        self.words.validators = [Words(paragraphs, empty)]
        self.last = last

    def validate_sure(self, field: Field) -> None:
        """The word, before anything is sent."""
        del field
        if self.last and not self.is_sure:
            raise StopValidation(
                gettext("Type the word “%(word)s” to send this.", word=self.word)
            )


def capacities(view: RequestView) -> list[str]:
    """What a parent may sign as: what the register says first, then the usual."""
    registered = (words[:1].upper() + words[1:] for _, _, words in view.children)
    return _distinct([*registered, *CAPACITIES])


def _letters(words: str) -> str:
    """What is typed, whatever stands around it."""
    return "".join(filter(str.isalpha, same_name(words)))


def _distinct(words: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for word in words:
        seen.setdefault(word.casefold(), word)
    return list(seen.values())


LIMITS = {"name": NAME_CHARACTERS, "note": NOTE_CHARACTERS}
"""For the hints beside the fields, in characters."""
