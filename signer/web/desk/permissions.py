"""Who may do what at the desk: every page and button, and the roles that have it.

What is not in this table is open to nobody. A test compares it with the routes.
"""

from __future__ import annotations

from collections.abc import Mapping

from signer.store.desk.roles import DeskRole

HEAD, REVIEWER, OFFICE, AUDITOR = DeskRole
EVERYBODY = frozenset(DeskRole)
DECIDES = frozenset({HEAD})
REVIEWS = frozenset({HEAD, REVIEWER})
"""Those who comment on the draft and approve it."""
LOOKS_AFTER = frozenset({HEAD, OFFICE})
"""Those who work with parents."""
SEES_PARENTS = frozenset({HEAD, OFFICE, AUDITOR})
"""Those who may see who a parent is."""
AUDITS = frozenset({HEAD, AUDITOR})
"""Those who check the record."""

WITHOUT_ACCOUNT = frozenset(
    {
        "desk.style",
        "desk.script",
        "desk.entrance.ask",
        "desk.entrance.send",
        "desk.entrance.sent",
        "desk.entrance.land",
        "desk.entrance.enter",
        "desk.entrance.to_provider",
        "desk.entrance.from_provider",
        "desk.entrance.passkey_options",
        "desk.entrance.enter_by_passkey",
        "desk.calendar.feed",
    }
)
"""What answers to whoever is not signed in: the way in."""

PERMITTED: Mapping[str, frozenset[DeskRole]] = {
    "desk.entrance.leave": EVERYBODY,
    "desk.home.today": EVERYBODY,
    "desk.checklist.show": EVERYBODY,
    "desk.checklist.look": LOOKS_AFTER,
    "desk.checklist.write_office": LOOKS_AFTER,
    "desk.checklist.confirm_office_code": LOOKS_AFTER,
    "desk.checklist.send_sample": LOOKS_AFTER,
    "desk.checklist.confirm_own_sample": LOOKS_AFTER,
    "desk.checklist.without_form": DECIDES,
    "desk.checklist.without": DECIDES,
    "desk.checklist.again": DECIDES,
    "desk.account.own": EVERYBODY,
    "desk.webhooks.listed": AUDITS,
    "desk.webhooks.again": DECIDES,
    "desk.account.rename": EVERYBODY,
    "desk.account.choose": LOOKS_AFTER,
    "desk.calendar.make": EVERYBODY,
    "desk.calendar.revoke": EVERYBODY,
    "desk.account.end_own_sessions": EVERYBODY,
    "desk.account.passkey_options": EVERYBODY,
    "desk.account.add_passkey": EVERYBODY,
    "desk.account.remove_passkey": EVERYBODY,
    "desk.parents.listed": SEES_PARENTS,
    "desk.parents.search": SEES_PARENTS,
    "desk.parents.show": SEES_PARENTS,
    "desk.parents.declaration": SEES_PARENTS,
    "desk.parents.note": LOOKS_AFTER,
    "desk.parents.send_link": LOOKS_AFTER,
    "desk.parents.try_address": LOOKS_AFTER,
    "desk.text.show": EVERYBODY,
    "desk.text.file": EVERYBODY,
    "desk.text.history": EVERYBODY,
    "desk.text.revision": EVERYBODY,
    "desk.text.restore": DECIDES,
    "desk.text.edit": DECIDES,
    "desk.text.save": DECIDES,
    "desk.text.check": DECIDES,
    "desk.text.discard": DECIDES,
    "desk.campaign.listed": SEES_PARENTS,
    "desk.campaign.csv": SEES_PARENTS,
    "desk.campaign.xlsx": SEES_PARENTS,
    "desk.campaign.telephone": SEES_PARENTS,
    "desk.campaign.before_reminding": LOOKS_AFTER,
    "desk.campaign.remind": LOOKS_AFTER,
    "desk.campaign.before_asking": LOOKS_AFTER,
    "desk.campaign.ask": LOOKS_AFTER,
    "desk.teachers.listed": SEES_PARENTS,
    "desk.teachers.add": LOOKS_AFTER,
    "desk.teachers.remove": LOOKS_AFTER,
    "desk.teachers.tell": LOOKS_AFTER,
    "desk.paper.show": SEES_PARENTS,
    "desk.paper.by_request": SEES_PARENTS,
    "desk.paper.check": LOOKS_AFTER,
    "desk.paper.record": LOOKS_AFTER,
    "desk.paper.form_to_print": SEES_PARENTS,
    "desk.paper.scan": SEES_PARENTS,
    "desk.paper.undo_form": LOOKS_AFTER,
    "desk.paper.undo": LOOKS_AFTER,
    "desk.inbox.listed": SEES_PARENTS,
    "desk.inbox.show": SEES_PARENTS,
    "desk.inbox.answer": LOOKS_AFTER,
    "desk.inbox.close": LOOKS_AFTER,
    "desk.inbox.close_one": LOOKS_AFTER,
    "desk.inbox.reopen": LOOKS_AFTER,
    "desk.inbox.settle": LOOKS_AFTER,
    "desk.text.keep": DECIDES,
    "desk.text.found": DECIDES,
    "desk.text.paste": DECIDES,
    "desk.text.choose_file": DECIDES,
    "desk.text.upload": DECIDES,
    "desk.text.replace": DECIDES,
    "desk.text.ask": DECIDES,
    "desk.release.show": DECIDES,
    "desk.release.check": DECIDES,
    "desk.release.search": DECIDES,
    "desk.release.sample": DECIDES,
    "desk.release.confirm": DECIDES,
    "desk.release.stages": DECIDES,
    "desk.release.finish": DECIDES,
    "desk.release.hook": DECIDES,
    "desk.release.review": DECIDES,
    "desk.release.record_review": DECIDES,
    "desk.release.finish_review": DECIDES,
    "desk.release.hook_of_review": DECIDES,
    "desk.release.look": DECIDES,
    "desk.release.call_off": DECIDES,
    "desk.release.plan": DECIDES,
    "desk.text.review": REVIEWS,
    "desk.text.say": REVIEWS,
    "desk.text.settle": REVIEWS,
    "desk.text.give_approval": REVIEWS,
    "desk.text.ask_for_changes": REVIEWS,
    "desk.parents.correct_form": LOOKS_AFTER,
    "desk.parents.correct": LOOKS_AFTER,
    "desk.parents.merge_form": LOOKS_AFTER,
    "desk.parents.merge": LOOKS_AFTER,
    "desk.parents.leave_form": LOOKS_AFTER,
    "desk.parents.leave": LOOKS_AFTER,
    "desk.parents.add_form": LOOKS_AFTER,
    "desk.parents.add": LOOKS_AFTER,
    "desk.parents.return_form": LOOKS_AFTER,
    "desk.parents.return_": LOOKS_AFTER,
    "desk.parents.exempt_form": LOOKS_AFTER,
    "desk.parents.exempt": LOOKS_AFTER,
    "desk.parents.upload_form": LOOKS_AFTER,
    "desk.parents.keep_upload": LOOKS_AFTER,
    "desk.parents.template": LOOKS_AFTER,
    "desk.parents.upload": LOOKS_AFTER,
    "desk.parents.columns": LOOKS_AFTER,
    "desk.parents.answers": LOOKS_AFTER,
    "desk.parents.apply": LOOKS_AFTER,
    "desk.parents.leavers_form": LOOKS_AFTER,
    "desk.parents.leavers": LOOKS_AFTER,
    "desk.parents.data": LOOKS_AFTER,
    "desk.parents.export": LOOKS_AFTER,
    "desk.parents.hold": LOOKS_AFTER,
    "desk.parents.end_hold": DECIDES,
    "desk.parents.erase": DECIDES,
    "desk.parents.retention": SEES_PARENTS,
    "desk.record.show": EVERYBODY,
    "desk.record.year_pdf": EVERYBODY,
    "desk.record.covered": SEES_PARENTS,
    "desk.record.sample": AUDITS,
    "desk.record.draw": AUDITS,
    "desk.record.log": AUDITS,
    "desk.record.search": SEES_PARENTS,
    "desk.record.covered_csv": SEES_PARENTS,
    "desk.record.covered_xlsx": SEES_PARENTS,
    "desk.accounts.listed": DECIDES,
    "desk.accounts.add": DECIDES,
    "desk.accounts.show": DECIDES,
    "desk.accounts.change": DECIDES,
    "desk.accounts.remove": DECIDES,
    "desk.accounts.end_all_sessions": DECIDES,
    "desk.accounts.actions": frozenset({HEAD, AUDITOR}),
}
"""The roles that may use an endpoint."""


def may(role: DeskRole, endpoint: str) -> bool:
    """Whether a role may use an endpoint."""
    return role in PERMITTED.get(endpoint, frozenset())
