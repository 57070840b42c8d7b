"""The forms, and what is said when something in them cannot be taken."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import StopValidation

from signer.register.spelling import same_signature
from signer.user_text import (
    NAME_CHARACTERS,
    NOTE_CHARACTERS,
    paragraphs,
    same_name,
    signature,
)
from signer.web.forms.plain import PlainForm, Words, check_address
from signer.web.language import gettext
from signer.workflows.requests.view_request import RequestView

CAPACITIES = ("Parent", "Carer", "Legal guardian")
"""In what capacity people sign, besides what the register says of them."""

_NO_NAME = lazy_gettext("Type your full name. It is your signature.")


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

    email = EmailField(validators=[check_address])


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
