"""Errors in the words of whoever sits at the terminal: what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signer import errors
from signer.i18n import counted

_OPTIONS = {
    "summary": "--summary",
    "label": "--label",
    "review_by": "--review-by",
    "sign_by": "--sign-by",
    "next": "--next",
    "by": "--by",
    "released": "the day of release",
    "in_force_from": "--in-force-from",
    "reviewed": "the day of review",
}
_STATES = {
    "signed": "has been signed already",
    "superseded": "is for an older version",
    "withdrawn": "was withdrawn, because the parent left",
}

_FIELDS = {"by": "name given with --by"}


def _database_replaced(error: errors.DatabaseReplaced) -> str:
    what = "is gone" if error.missing else "is no longer the one that was opened"
    return (
        f"The database at {error.path} {what}, or its log of writes beside it. "
        "Nothing more is written. Stop the service and every worker, put the files "
        "back as they were (or restore a backup), then start them again: see “When "
        "something goes wrong” in the operator's guide."
    )


def _version_file_error(error: errors.VersionFileError) -> str:
    at = f", line {error.line}," if error.line else ""
    return f"The released version {error.path}{at} {error.problem}."


def _version_chain_error(error: errors.VersionChainError) -> str:
    if error.found is None:
        return (
            f"Version {error.number} names a version before it that is not in the "
            "folder. Restore the missing file from the school's records."
        )
    return (
        f"Version {error.number} does not follow from the version before it: it was "
        f"released after a file with SHA-256 {error.stated}, and {error.number - 1}.md "
        f"now has {error.found}. A released file has been changed. Put back the file "
        "that was released; a change of text is a new version."
    )


def _version_tampered(error: errors.VersionTampered) -> str:
    name = f"{error.number}.md"
    what = (
        f"The file {name} among the released versions is not the text that parents "
        "were asked to sign: it was changed."
        if error.found
        else f"The file {name}, which parents were asked to sign, is missing among "
        "the released versions."
    )
    return (
        f"{what}\n"
        f"  Fingerprint (SHA-256) when they were asked: {error.pinned}\n"
        f"  Fingerprint of the file as it is now:       {error.found or '(no file)'}\n"
        "Every declaration names that fingerprint, so nothing can continue until the "
        f"file is as it was. What parents signed is safe. Put back {name} as it was "
        "released, such as from git. To change the text, release a new version."
    )


def _published_differently(error: errors.PublishedDifferently) -> str:
    found = error.found or "something longer"
    return (
        f"ALARM: {error.address} does not have the text that was released, so no one "
        f"was asked. Version {error.number} as released has SHA-256 {error.released}; "
        f"published is {found}. Find out who changed the site, and publish it again "
        "from the released file."
    )


def _draft_refused(error: errors.DraftRefused) -> str:
    listed = [
        f"  Line {one.line}: {one.what}. To correct it: {one.remedy}."
        for one in error.problems
    ]
    if error.doubts:
        listed.append("A release would ask about these as well:")
        listed += [f"  {one.sentence}" for one in error.doubts]
    return "\n".join(
        [
            f"Nothing was released. Correct these in {error.path}, and try again:",
            *listed,
        ]
    )


def _release_refused(error: errors.ReleaseRefused) -> str:
    option = _OPTIONS.get(error.field, error.field)
    return f"Nothing was written: {option} {error.problem}."


def _release_rewritten(error: errors.ReleaseRewritten) -> str:
    what = f"The line of {error.name} in SHA256SUMS" if error.listed else error.name
    found = error.found or "nothing: it is missing"
    told = (
        f"{what} is not what was released. SHA-256 when it was released: "
        f"{error.released}. Found"
    )
    if error.where is None:
        return (
            f"{told} now: {found}. Put it back as it was released, such as with git; "
            "a change of text is a new version."
        )
    return (
        f"{told} in commit {error.where}: {found}. History shows that a released "
        "version was tampered with, even if it was corrected later. Find out who "
        "made that commit, and why."
    )


def _register_error(error: errors.RegisterError) -> str:
    return "\n".join(
        ["Nothing was imported. Correct these and import again:", *error.problems]
    )


def _merge_refused(error: errors.MergeRefused) -> str:
    return "\n".join(["Nothing was changed:", *error.reasons])


def _register_unsure(error: errors.RegisterUnsure) -> str:
    count = error.questions
    are = counted(count, "question is", "questions are")
    return (
        f"Nothing was imported: {are} open about who is who. Answer each one with "
        "--same CODE or --new CODE, and import again."
    )


def _approvals_missing(error: errors.ApprovalsMissing) -> str:
    needed = counted(error.needed, "approval")
    sentences = [f"Nothing was released: a release needs {needed} of the draft."]
    if error.approved:
        sentences.append(f"Approved by: {', '.join(error.approved)}.")
    if error.may_approve:
        sentences.append(f"Not yet approved by: {', '.join(error.may_approve)}.")
    if error.voided:
        sentences.append(
            f"{', '.join(error.voided)} approved an earlier draft, which has been "
            "changed since: that does not count."
        )
    sentences.append(
        "They approve it with `signer review approve --by NAME`."
        if error.requested
        else "Ask for approval of the draft as it is now with `signer review request`."
    )
    return " ".join(sentences)


def _staff_leavers_uncounted(error: errors.StaffLeaversUncounted) -> str:
    said = "" if error.given is None else f", not {error.given}"
    return (
        f"Nothing was imported: {error.leaving} would leave the list{said}. Make sure "
        "that the file is complete. If it is, import again with --leavers --leaving "
        f"{error.leaving}."
    )


def _leavers_uncounted(error: errors.LeaversUncounted) -> str:
    said = "" if error.given is None else f", not {error.given}"
    return (
        f"Nothing was imported: {error.leaving} parents and children would "
        f"leave{said}. Make sure that the file is complete. If it is, import again "
        f"with --leavers --leaving {error.leaving}."
    )


def _notice_unconfirmed(error: errors.NoticeUnconfirmed) -> str:
    parts = counted(error.parts, "part")
    return (
        f"The privacy notice still has {parts} marked “School to confirm”, so no one "
        f"was asked. Parents read it at {error.address}. Complete it (docs/privacy.md) "
        "and publish the site, or add --although-notice-unconfirmed."
    )


def _parent_ambiguous(error: errors.ParentAmbiguous) -> str:
    if len(set(error.names)) == 1:
        return (
            f"{error.found} parents without an address are called {error.names[0]}. "
            "Give the parent_id of the one who is meant in place of the name."
        )
    return (
        f"{error.found} parents share this address. Add --name to say which one is "
        "meant (--known-as where --name is the right name, or --other-known-as). They "
        f"are {' and '.join(error.names)}."
    )


def _parent_unknown(error: errors.ParentUnknown) -> str:
    if error.others:
        return (
            "Nobody of this name is at the address. There are "
            f"{' and '.join(error.others)}."
            if len(error.others) > 1
            else "Nobody of this name is at the address, which is that of "
            f"{error.others[0]}."
        )
    return (
        "No parent in the register has this address, and none who has left had it. "
        "Check it with `signer register list`, or look for the parent with "
        "`signer parent find`."
    )


def _request_unknown(error: errors.RequestUnknown) -> str:
    if error.found:
        return (
            f"{error.found} parents at this address have been asked. Say which one "
            "with --name."
        )
    return (
        "No parent in the register has been asked at this address. Check it with "
        "`signer register list`, and ask with `signer ask`."
    )


def _request_closed(error: errors.RequestClosed) -> str:
    return f"This request {_STATES.get(error.status, error.status)}."


def _text_refused(error: errors.TextRefused) -> str:
    what = {
        "empty": "is empty",
        "formula": f"begins with {error.detail}, like a formula of a spreadsheet",
        "too long": f"is longer than {error.detail} characters",
        "control character": f"has a character that cannot be printed, {error.detail}",
        "direction override": f"has a mark that reverses the text, {error.detail}",
        "too many marks": "has more marks on one letter than can be printed",
        "mixed alphabets": f"mixes letters that look alike in a word, {error.detail}",
    }[error.reason]
    field = _FIELDS.get(error.field, error.field.replace("_", " "))
    return f"The {field} {what}."


_SENTENCES: dict[type[errors.SignerError], str | Callable[[Any], str]] = {
    errors.SettingsError: "The setting {error.key} {error.problem}.",
    errors.MailUnknown: (
        "No mail has the number {error.number}, or it was accepted. Nothing was "
        "changed. See the numbers with `signer mail list`."
    ),
    errors.KeyUnusable: "The key file {error.path} {error.problem}.",
    errors.DatabaseBusy: (
        "Another program has been writing to the database for too long. Nothing was "
        "changed. Find out what it is, then try again."
    ),
    errors.DatabaseReplaced: _database_replaced,
    errors.ForeignLogOfWrites: (
        "The log of writes at {error.path}-wal does not belong to the "
        "database at {error.path}. It contains the latest signatures, and SQLite would "
        "damage both by combining them. Put back the database that was there. "
        "If you moved the two together, such as to another disk, remove "
        "{error.path}.inode, then start again. To continue with only this database, "
        "move that log elsewhere and keep it: see “When something goes wrong” in the "
        "operator's guide."
    ),
    errors.DatabaseMissing: (
        "There is no database at {error.path}. Check SIGNER_INSTANCE and "
        "SIGNER_DATABASE_URL. If this is a new installation, make the database with "
        "`signer db upgrade`; if there was a database, put it back there, with the "
        "files beside it whose names begin with its name."
    ),
    errors.LogBroken: (
        "The public log is not what it was. {error.problem} Nothing was signed. See "
        "everything that is wrong with `signer log check`, and read “The public log” "
        "in the operator's guide before you change anything."
    ),
    errors.BundleRefused: "{error.where} {error.problem}.",
    errors.NothingToAudit: (
        "There is nothing to export yet: no one has been asked, so that no head of "
        "the log was ever signed."
    ),
    errors.VersionFileError: _version_file_error,
    errors.VersionChainError: _version_chain_error,
    errors.VersionTampered: _version_tampered,
    errors.BackupRefused: (
        "This backup cannot be restored: {error.problem}. Nothing was changed."
    ),
    errors.RecipientRefused: (
        "What was given with --recipient is no public key. It begins with age1, "
        "ssh-ed25519 or ssh-rsa, as age-keygen and ssh-keygen print it. Nothing was "
        "written."
    ),
    errors.IdentityRefused: (
        "The file {error.path} {error.problem}. It is the one that age-keygen or "
        "ssh-keygen wrote, without a passphrase. Nothing was changed."
    ),
    errors.DatabaseNotEmpty: (
        "The database in the settings already has records, and a backup is never "
        "mixed with others. Name an empty one with SIGNER_DATABASE_URL."
    ),
    errors.NotPublished: (
        "Version {error.number} is not published yet, so no one was asked. It was "
        "looked for at {error.address}: {error.problem}. Publish the site, then try "
        "again; the worker does so automatically, every minute."
    ),
    errors.PublishedDifferently: _published_differently,
    errors.CampaignUnopened: (
        "No one has been asked to sign version {error.number} yet. The first time "
        "everyone is asked: leave out the options that choose parents."
    ),
    errors.FirstAskHeld: (
        "No one was asked. Before the first parent, these must be so, or set aside by "
        "the headteacher, with a reason, on the check-list at {error.address}:"
        "{error.listed}"
    ),
    errors.NoticeUnconfirmed: _notice_unconfirmed,
    errors.MarkdownError: "Line {error.line}: {error.what}. {error.remedy}.",
    errors.DraftRefused: _draft_refused,
    errors.DraftUnchanged: (
        "Nothing was released: the draft says exactly what version {error.number} "
        "says. To record that the text was reviewed and has not changed, use "
        "`signer review`."
    ),
    errors.ApprovalRefused: "Nothing was recorded: {error.problem}.",
    errors.ApprovalsMissing: _approvals_missing,
    errors.ReleaseRefused: _release_refused,
    errors.ReleaseExists: (
        "Nothing was released: {error.path} already exists. Someone has just "
        "released it. Look at it with `signer versions` before you try again."
    ),
    errors.FileNotWritten: (
        "The file {error.path} could not be written: {error.reason}. No file was "
        "changed or left half written. Correct that, or name another place, and try "
        "again."
    ),
    errors.FileExists: (
        "{error.path} already exists, and was not changed. Name another file."
    ),
    errors.ReleaseRewritten: _release_rewritten,
    errors.CheckoutError: "{error.problem}",
    errors.RegisterError: _register_error,
    errors.RegisterUnsure: _register_unsure,
    errors.LeaversUncounted: _leavers_uncounted,
    errors.ParentAmbiguous: _parent_ambiguous,
    errors.IdentityTaken: (
        "Nothing was changed: someone else, now or before, has this name and "
        "address. See both with `signer parent find`."
    ),
    errors.MergeRefused: _merge_refused,
    errors.ParentActive: (
        "This parent is in the register, and the next import would bring them back. "
        "Take them out first: signer register import --leavers, with a file that "
        "does not name them."
    ),
    errors.ExemptionRefused: "Nothing was changed: {error.problem}.",
    errors.ParentHeld: (
        "The data of this parent is on hold, so none of it is deleted. Ask the person "
        "who put it on hold, and end that first: signer retention release."
    ),
    errors.MailboxUnreadable: (
        "The mailbox of bounces cannot be read: {error.reply}. Check "
        "SIGNER_BOUNCE_URL; the worker tries again each minute."
    ),
    errors.PlanRefused: "Nothing was planned: {error.problem}.",
    errors.StaffUnknown: (
        "No teacher has this address. Look for it with `signer staff list`."
    ),
    errors.StaffLeaversUncounted: _staff_leavers_uncounted,
    errors.AccountUnknown: (
        "Nobody who may sign in has this address. Look for it with `signer desk list`."
    ),
    errors.AccountRefused: "Nothing was changed: {error.reason}.",
    errors.LastHead: (
        "This is the only headteacher. Give somebody else that role first."
    ),
    errors.ParentUnknown: _parent_unknown,
    errors.RequestUnknown: _request_unknown,
    errors.RequestClosed: _request_closed,
    errors.PaperRefused: "This cannot be done: {error.problem}.",
    errors.ScanRefused: "Nothing was recorded: the scan {error.problem}.",
    errors.TextRefused: _text_refused,
}


def sentence(error: errors.SignerError) -> str:
    """What happened, for people."""
    words = next(
        (_SENTENCES[kind] for kind in type(error).__mro__ if kind in _SENTENCES),
        "{error}",
    )
    return words.format(error=error) if isinstance(words, str) else words(error)
