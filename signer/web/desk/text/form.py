"""The form that the draft is written in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from wtforms import Field, IntegerField, StringField, TextAreaField
from wtforms.validators import StopValidation

from signer.errors import TextRefused
from signer.policy.front_matter_fields import LINE_CHARACTERS
from signer.policy.release.source import DraftText, tidy_body, write_draft
from signer.user_text import one_line
from signer.web.forms.plain import PlainForm, sentence
from signer.workflows.draft.revisions import DRAFT_BYTES, DraftAsSaved

SPARE = 2
"""Empty boxes below those of a list, to write further ones in."""


class Lines(Field):
    """Several lines of text, each in a box of its own."""

    data: tuple[str, ...]

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Take the boxes that hold anything."""
        self.data = tuple(" ".join(one.split()) for one in valuelist if one.strip())

    @property
    def boxes(self) -> tuple[str, ...]:
        """What stands in each box, the empty ones included."""
        return (*(self.data or ()), *[""] * SPARE)


class DraftForm(PlainForm):
    """The draft, field by field, and the revision that it began from."""

    title = StringField()
    school = StringField()
    motto = StringField()
    body = TextAreaField()
    declaration = Lines()
    summary = Lines()
    review_by = StringField()
    revision = IntegerField()

    @classmethod
    def of(cls, text: DraftText, revision: int) -> DraftForm:
        """The form with a draft in it, whatever was sent."""
        form = cls(formdata=None)
        form.put(text, revision)
        return form

    def put(self, text: DraftText, revision: int) -> None:
        """Put a draft into it."""
        for name in ("title", "school", "motto", "body", "review_by"):
            self[name].data = getattr(text, name)
        self.declaration.data, self.summary.data = text.declaration, text.summary
        self.revision.data = revision

    @property
    def text(self) -> DraftText:
        """What the form says."""
        return DraftText(
            title=_tidy(self.title.data),
            declaration=tuple(map(_tidy, self.declaration.data or ())),
            body=tidy_body(self.body.data or ""),
            summary=tuple(map(_tidy, self.summary.data or ())),
            review_by=_tidy(self.review_by.data),
            school=_tidy(self.school.data),
            motto=_tidy(self.motto.data),
        )

    @property
    def began_from(self) -> int:
        """The number of the revision that it began from."""
        return self.revision.data or 0

    def validate_title(self, field: Field) -> None:
        """As each line of the front matter."""
        _check_line(field.data)

    validate_school = validate_motto = validate_review_by = validate_title

    def validate_declaration(self, field: Field) -> None:
        """Each of them likewise."""
        for one in field.data or ():
            _check_line(one)

    validate_summary = validate_declaration

    def validate_body(self, field: Field) -> None:
        """No longer than is kept."""
        del field
        if len(write_draft(self.text).encode()) > DRAFT_BYTES:
            raise StopValidation(
                f"The draft is longer than {DRAFT_BYTES // 1024} KB, which is more "
                "than is kept. Make it shorter."
            )


def form_of(draft: DraftAsSaved) -> DraftForm:
    """The form with the draft as it is."""
    return DraftForm.of(draft.text, draft.number)


def _tidy(value: str | None) -> str:
    return unicodedata.normalize("NFC", " ".join((value or "").split()))


def _check_line(value: str | None) -> None:
    """Refuse what no line of the front matter may hold; nothing at all is fine here."""
    try:
        one_line("", value or "", limit=LINE_CHARACTERS)
    except TextRefused as refused:
        if refused.reason != "empty":
            raise StopValidation(sentence(refused)) from refused
