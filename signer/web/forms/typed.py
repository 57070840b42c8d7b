"""A form that wants a word, name or number typed before what cannot be taken back."""

from __future__ import annotations

from wtforms import Field, StringField
from wtforms.validators import StopValidation

from signer.user_text import same_name
from signer.web.forms.plain import PlainForm


class TypedForm(PlainForm):
    """What is typed must be what the page names; case and spacing do not count.

    Args:
        expected: what is to be typed.
        otherwise: what to say where something else is.
    """

    typed = StringField()

    def __init__(
        self, expected: str, otherwise: str = "Type the words that are shown."
    ) -> None:
        super().__init__()
        self.expected = expected
        self.otherwise = otherwise

    def validate_typed(self, field: Field) -> None:
        """Exactly that."""
        if same_name(field.data or "") != same_name(self.expected):
            raise StopValidation(self.otherwise)
