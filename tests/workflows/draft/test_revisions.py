"""Saving the draft: nobody's words are lost, whoever else saves at that moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.errors import DraftMoved, RevisionUnknown
from signer.policy.release.prepare import prepare_release, write_release
from signer.store.desk.roles import DeskRole
from signer.workflows.desk.accounts import account_at, add_account
from signer.workflows.draft.check import check_text, look_for_releases
from signer.workflows.draft.revisions import (
    draft_bytes,
    list_revisions,
    look_at_draft,
    look_at_revision,
    look_at_unsaved,
    save_draft,
)

if TYPE_CHECKING:
    from signer.policy.release.source import DraftText
    from signer.workflows.context import AppContext

WRITERS = 6


def account(app_context: AppContext, name: str) -> int:
    """The id of a new account."""
    email = f"{name}@school.example"
    add_account(app_context, email, DeskRole.HEAD, name=name)
    with app_context.sessions.reading() as session:
        return account_at(session, email).id


def with_words(app_context: AppContext, words: str) -> DraftText:
    """The draft with a paragraph more."""
    text = look_at_draft(app_context).text
    return replace(text, body=f"{text.body}\n{words}\n")


def test_of_many_who_save_at_once_one_does(app_context: AppContext) -> None:
    """The others are told, and the words of each are kept beside the draft."""
    accounts = [account(app_context, f"writer{n}") for n in range(WRITERS)]
    texts = [with_words(app_context, f"Words of {n}.") for n in range(WRITERS)]

    def save(n: int) -> bool:
        try:
            save_draft(app_context, texts[n], account_id=accounts[n], revision=0)
        except DraftMoved:
            return False
        return True

    with ThreadPoolExecutor(WRITERS) as pool:
        done = list(pool.map(save, range(WRITERS)))
    assert done.count(True) == 1
    assert look_at_draft(app_context).text == texts[done.index(True)]
    for n in range(WRITERS):
        unsaved = look_at_unsaved(app_context, accounts[n])
        assert (unsaved and unsaved.text) == (None if done[n] else texts[n])


def test_the_history_is_read_page_by_page(app_context: AppContext) -> None:
    """The newest first; a number that was never given is unknown."""
    who = account(app_context, "ann")
    for n in range(3):
        text = with_words(app_context, f"Words {n}.")
        assert save_draft(app_context, text, account_id=who, revision=n) == n + 1
    assert [one.number for one in list_revisions(app_context)] == [3, 2, 1]
    assert [one.number for one in list_revisions(app_context, before=2)] == [1]
    with pytest.raises(RevisionUnknown):
        look_at_revision(app_context, 9)


def test_after_its_release_the_next_draft_begins(app_context: AppContext) -> None:
    """The summary of a release is not that of the next one; the history goes on."""
    who = account(app_context, "ann")
    text = replace(
        with_words(app_context, "One more sentence."),
        summary=("One more sentence.",),
        review_by="2099-01",
    )
    save_draft(app_context, text, account_id=who, revision=0)
    prepared = prepare_release(
        draft_bytes(app_context).decode(),
        app_context.versions,
        summary=text.summary,
        label="A label",
        released="2022-12",
        review_by="2023-08",
    )
    write_release(app_context.settings.versions_dir, prepared)
    look_for_releases(app_context)
    draft = look_at_draft(app_context)
    assert (draft.number, draft.based_on, draft.saved_at) == (1, 3, None)
    assert (draft.text.body, draft.text.summary) == (text.body, ())
    assert check_text(app_context, draft.text).unchanged == 3
    further = with_words(app_context, "Another.")
    assert save_draft(app_context, further, account_id=who, revision=1) == 2
    assert look_at_draft(app_context).based_on == 3
