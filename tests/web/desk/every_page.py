"""Every page of the desk, each with something to show, in a school of any size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from signer import clock
from signer.store.desk.roles import DeskRole
from signer.store.desk.tables import DeskAccount, DeskAction
from signer.workflows.desk.accounts import add_account
from signer.workflows.desk.sign_in import make_sign_in_link
from signer.workflows.draft.review import ask_for_review, comment
from signer.workflows.draft.revisions import look_at_draft, save_draft
from signer.workflows.parents.uploads import import_upload, keep_upload
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from flask import Flask

    from signer.workflows.context import AppContext

HEADER = "parent_name,parent_email,relationship,child_name,year_group"
ACTIONS = 120
"""More than one page of what was done."""

FILES = frozenset(
    {
        "desk.account.passkey_options",
        "desk.campaign.csv",
        "desk.campaign.xlsx",
        "desk.paper.by_request",
        "desk.paper.form_to_print",
        "desk.paper.scan",
        "desk.parents.declaration",
        "desk.parents.template",
        "desk.record.covered_csv",
        "desk.record.covered_xlsx",
        "desk.record.year_pdf",
        "desk.text.file",
    }
)
"""What is no page: files, some of them with everybody in them, and what leads on."""


def sign_in_head(app: Flask, app_context: AppContext) -> Browser:
    """The browser of a headteacher, who has an account by this."""
    ref = add_account(app_context, "head@school.example", DeskRole.HEAD)
    link = make_sign_in_link(app_context, ref, lives=timedelta(hours=1))
    browser = Browser(app)
    path = link.removeprefix(app_context.settings.base_url)
    browser.press(browser.open(path), "Sign in")
    return browser


def paths_of_pages(app_context: AppContext, size: int) -> Mapping[str, list[str]]:
    """The pages to open, by their endpoints, once something is there to show.

    Afterwards there is a draft in review, and two register files lie between the steps
    of their import.

    Args:
        app_context: with a school that `fill` has filled, and a headteacher.
        size: how many parents are in its register.
    """
    with app_context.sessions.reading() as session:
        head = session.scalars(select(DeskAccount)).one()
        session.expunge(head)
    _begin_review(app_context, head.id)
    with app_context.sessions.writing() as session:
        session.execute(
            insert(DeskAction),
            [
                {
                    "account_id": head.id,
                    "at": clock.now() - timedelta(hours=one),
                    "action": "parent:correct",
                    "subject": f"parent:{one + 1}",
                    "details": "",
                }
                for one in range(ACTIONS)
            ],
        )
    rows = [f"Parent {one},parent{one}@example.org,mother," for one in range(1, 9)]
    named = "\n".join(
        f"{row}Child {one // 2},Year 7" for one, row in enumerate(rows, 1)
    )
    new = keep_upload(app_context, head.id, f"{HEADER}\n{named}\n".encode())
    done = keep_upload(app_context, head.id, f"{HEADER}\n{named}\n".encode())
    import_upload(app_context, head.id, done)
    return {
        "desk.home.today": ["/desk/"],
        "desk.campaign.listed": [
            "/desk/campaign",
            "/desk/campaign?state=outstanding",
            "/desk/campaign?state=outstanding&year=Year+7",
            "/desk/campaign?state=signed",
            "/desk/campaign?more=overdue",
            "/desk/campaign?more=never-opened",
            "/desk/campaign?more=bounced",
        ],
        "desk.campaign.before_reminding": ["/desk/campaign/remind"],
        "desk.campaign.before_asking": ["/desk/campaign/ask"],
        "desk.campaign.telephone": ["/desk/campaign/telephone"],
        "desk.teachers.listed": ["/desk/campaign/teachers"],
        "desk.inbox.listed": ["/desk/inbox", "/desk/inbox?all=1"],
        "desk.inbox.show": ["/desk/inbox/1"],
        "desk.parents.listed": [
            "/desk/parents",
            f"/desk/parents?page={size // 200}",
            "/desk/parents?state=left",
            "/desk/parents?state=outstanding&year_group=Year+7",
        ],
        "desk.parents.show": ["/desk/parents/17", f"/desk/parents/{size + 1}"],
        "desk.parents.data": ["/desk/parents/17/data"],
        "desk.parents.correct_form": ["/desk/parents/17/correct"],
        "desk.parents.merge_form": ["/desk/parents/17/merge"],
        "desk.parents.leave_form": ["/desk/parents/19/leave"],
        "desk.parents.return_form": [f"/desk/parents/{size + 1}/return"],
        "desk.parents.exempt_form": ["/desk/parents/19/need-not-sign"],
        "desk.parents.add_form": ["/desk/parents/add"],
        "desk.parents.upload_form": ["/desk/parents/upload"],
        "desk.parents.upload": [f"/desk/parents/upload/{new}"],
        "desk.parents.leavers_form": [f"/desk/parents/upload/{done}/leavers"],
        "desk.parents.retention": ["/desk/parents/retention"],
        "desk.paper.show": ["/desk/paper/17"],
        "desk.paper.undo_form": ["/desk/paper/1/undo"],
        "desk.text.show": ["/desk/text"],
        "desk.text.edit": ["/desk/text/edit"],
        "desk.text.history": ["/desk/text/history"],
        "desk.text.revision": ["/desk/text/history/1"],
        "desk.text.review": ["/desk/text/review"],
        "desk.text.choose_file": ["/desk/text/upload"],
        "desk.release.show": ["/desk/release"],
        "desk.release.review": ["/desk/release/review"],
        "desk.release.stages": ["/desk/release/stages"],
        "desk.checklist.show": ["/desk/checklist"],
        "desk.checklist.without_form": ["/desk/checklist/witness/without"],
        "desk.record.show": ["/desk/record"],
        "desk.record.covered": ["/desk/record/covered", "/desk/record/covered?page=9"],
        "desk.record.sample": ["/desk/record/sample"],
        "desk.record.log": ["/desk/record/log"],
        "desk.accounts.listed": ["/desk/staff"],
        "desk.accounts.show": [f"/desk/staff/{head.ref}"],
        "desk.accounts.actions": ["/desk/staff/actions"],
        "desk.webhooks.listed": ["/desk/webhooks"],
        "desk.account.own": ["/desk/account"],
    }


def _begin_review(app_context: AppContext, account_id: int) -> None:
    """Save a draft that could be released, and ask for its review."""
    draft = look_at_draft(app_context)
    year = clock.now().year + 1
    body = draft.text.body.replace("August 2023", f"November {year}")
    text = replace(
        draft.text,
        body=f"{body}\n\nParents may ask for a copy on paper.\n",
        summary=("Parents may ask for a copy.",),
        review_by=f"{year}-11",
    )
    save_draft(app_context, text, account_id=account_id, revision=draft.number)
    saved = look_at_draft(app_context)
    ask_for_review(app_context, account_id=account_id, by="Head", sha256=saved.sha256)
    comment(
        app_context,
        account_id=account_id,
        revision=saved.number,
        passage="",
        words="Is this new?",
    )
