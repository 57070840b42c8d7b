"""The blueprint that the pages about parents share, and how they find one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, abort

from signer.errors import ParentUnknown, TextRefused
from signer.web.forms.plain import sentence
from signer.web.session import context
from signer.workflows.parents.person import Person, look_up_person

blueprint = Blueprint("parents", __name__, url_prefix="/parents")


def parent_or_404(parent_id: int) -> Person:
    """A parent by the id in an address; no page for one whom nobody knows."""
    with known():
        return look_up_person(context(), parent_id)


@contextmanager
def known() -> Iterator[None]:
    """Answer that there is no page where somebody is erased or merged meanwhile."""
    try:
        yield
    except ParentUnknown:
        abort(404)


def words_about(refused: TextRefused) -> str:
    """What to say of words that cannot be kept."""
    if refused.reason == "empty":
        return "Enter it."
    if refused.reason == "formula":
        return f"A name cannot begin with {refused.detail}."
    return sentence(refused)
