"""Showing what something would do, and doing it once somebody is sure of just that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from signer.web.forms.typed import TypedForm

SURE = "sure"
"""The field that holds the mark of what was shown above the button."""

_MARK = 16


@dataclass(frozen=True, slots=True)
class Offer:
    """What would be done, as it is shown.

    Attributes:
        heading: of the page.
        facts: what is to be known first: what it is about, and the lines that tell it.
        button: what stands on the button.
        action: where the form goes.
        back: where one goes who is not sure.
        kept: the fields that travel with the form.
        typed: where something is to be typed first, the form and the label.
        warnings: what to look at before.
    """

    heading: str
    facts: Sequence[tuple[str, Sequence[str]]]
    button: str
    action: str
    back: str
    kept: Iterable[tuple[str, str]] = ()
    typed: tuple[TypedForm, str] | None = None
    warnings: Sequence[str] = ()


def mark_of(outcome: object) -> str:
    """What tells one outcome from any other."""
    return hashlib.sha256(repr(outcome).encode()).hexdigest()[:_MARK]


def is_sure(outcome: object) -> bool:
    """Whether the button was pressed below this very outcome."""
    return request.form.get(SURE) == mark_of(outcome)


def offer_page(offer: Offer, outcome: object, **values: object) -> ResponseReturnValue:
    """Show what would be done; where something else was shown before, say so."""
    form = offer.typed[0] if offer.typed else None
    page = render_template(
        "desk/parents/confirm.html",
        offer=offer,
        form=form,
        mark=mark_of(outcome),
        changed=request.form.get(SURE) not in {None, mark_of(outcome)},
        **values,
    )
    return page, form.status if form is not None and request.form.get(SURE) else 200
