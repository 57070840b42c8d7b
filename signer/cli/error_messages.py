"""Errors in the words of whoever sits at the terminal: what is wrong, what to do."""

from __future__ import annotations

from functools import singledispatch

from signer.errors import (
    BackupRefused,
    BundleRefused,
    CheckoutError,
    DatabaseBusy,
    DatabaseMissing,
    DatabaseNotEmpty,
    DatabaseReplaced,
    DraftRefused,
    DraftUnchanged,
    FileExists,
    FileNotWritten,
    ForeignLogOfWrites,
    IdentityRefused,
    KeyUnusable,
    LogBroken,
    MailboxUnreadable,
    MailUnknown,
    MarkdownError,
    NothingToAudit,
    NotPublished,
    ParentActive,
    ParentAmbiguous,
    ParentHeld,
    ParentUnknown,
    PublishedDifferently,
    RecipientRefused,
    RegisterError,
    ReleaseExists,
    ReleaseRefused,
    ReleaseRewritten,
    RequestClosed,
    RequestUnknown,
    SettingsError,
    SignerError,
    TextRefused,
    VersionChainError,
    VersionFileError,
    VersionTampered,
)

_OPTIONS = {
    "summary": "--summary",
    "label": "--label",
    "review_by": "--review-by",
    "next": "--next",
    "by": "--by",
    "released": "the day of release",
    "reviewed": "the day of review",
}
_STATES = {
    "signed": "has been signed already",
    "superseded": "is for an older version",
    "withdrawn": "was withdrawn, because the parent left",
}

_FIELDS = {"by": "name given with --by"}


@singledispatch
def sentence(error: SignerError) -> str:
    """What happened, for people."""
    return str(error)


@sentence.register
def _(error: SettingsError) -> str:
    return f"The setting {error.key} {error.problem}."


@sentence.register
def _(error: MailUnknown) -> str:
    return (
        f"No mail has the number {error.number}, or it was accepted. Nothing was "
        "changed. See the numbers with `signer mail list`."
    )


@sentence.register
def _(error: KeyUnusable) -> str:
    return f"The key file {error.path} {error.problem}."


@sentence.register
def _(_error: DatabaseBusy) -> str:
    return (
        "Another program has been writing to the database for too long. Nothing was "
        "changed. Find out what it is, then try again."
    )


@sentence.register
def _(error: DatabaseReplaced) -> str:
    what = "is gone" if error.missing else "is no longer the one that was opened"
    return (
        f"The database at {error.path} {what}, or its log of writes beside it. "
        "Nothing more is written. Stop the service and every worker, put the files "
        "back as they were (or restore a backup), then start them again: see “When "
        "something goes wrong” in the operator's guide."
    )


@sentence.register
def _(error: ForeignLogOfWrites) -> str:
    return (
        f"The log of writes at {error.path}-wal belongs to another file than the "
        f"database at {error.path}. It holds what was signed last, and SQLite would "
        "spoil both by putting them together. Put back the database that stood there. "
        "If you moved the two together, such as to another disk, remove "
        f"{error.path}.inode, then start again. To go on with this database alone, "
        "move that log elsewhere and keep it: see “When something goes wrong” in the "
        "operator's guide."
    )


@sentence.register
def _(error: DatabaseMissing) -> str:
    return (
        f"There is no database at {error.path}. Check SIGNER_INSTANCE and "
        "SIGNER_DATABASE_URL. If this is a new installation, make the database with "
        "`signer db upgrade`; if there was a database, put it back there, with the "
        "files beside it whose names begin with its name."
    )


@sentence.register
def _(error: LogBroken) -> str:
    return (
        f"The public log is not what it was. {error.problem} Nothing was signed. See "
        "all that is wrong with `signer log check`, and read “The public log” in the "
        "operator's guide before you change anything."
    )


@sentence.register
def _(error: BundleRefused) -> str:
    return f"{error.where} {error.problem}."


@sentence.register
def _(_error: NothingToAudit) -> str:
    return (
        "There is nothing to export yet: nobody has been asked, so that no head of "
        "the log was ever signed."
    )


@sentence.register
def _(error: VersionFileError) -> str:
    at = f", line {error.line}," if error.line else ""
    return f"The released version {error.path}{at} {error.problem}."


@sentence.register
def _(error: VersionChainError) -> str:
    if error.found is None:
        return (
            f"Version {error.number} names a version before it that is not in the "
            "folder. Put the missing file back from the school's records."
        )
    return (
        f"Version {error.number} does not follow from the version before it: it was "
        f"released after a file with SHA-256 {error.stated}, and {error.number - 1}.md "
        f"now has {error.found}. A released file has been changed. Put back the file "
        "that was released; a change of text is a new version."
    )


@sentence.register
def _(error: VersionTampered) -> str:
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
        "Every declaration names that fingerprint, so nothing goes on until the file "
        f"is as it was. What parents signed is safe. Put back {name} as it was "
        "released, such as from git. To change the text, release a new version."
    )


@sentence.register
def _(error: BackupRefused) -> str:
    return f"This backup cannot be restored: {error.problem}. Nothing was changed."


@sentence.register
def _(_error: RecipientRefused) -> str:
    return (
        "What was given with --recipient is no public key. It begins with age1, "
        "ssh-ed25519 or ssh-rsa, as age-keygen and ssh-keygen print it. Nothing was "
        "written."
    )


@sentence.register
def _(error: IdentityRefused) -> str:
    return (
        f"The file {error.path} {error.problem}. It is the one that age-keygen or "
        "ssh-keygen wrote, without a passphrase. Nothing was changed."
    )


@sentence.register
def _(_error: DatabaseNotEmpty) -> str:
    return (
        "The database of the settings holds records already, and a backup is never "
        "mixed with others. Name an empty one with SIGNER_DATABASE_URL."
    )


@sentence.register
def _(error: NotPublished) -> str:
    return (
        f"Version {error.number} is not published yet, so nobody was asked. It was "
        f"looked for at {error.address}: {error.problem}. Publish the site, then try "
        "again; the worker does so by itself, every minute."
    )


@sentence.register
def _(error: PublishedDifferently) -> str:
    found = error.found or "something longer"
    return (
        f"ALARM: {error.address} does not hold the text that was released, so nobody "
        f"was asked. Version {error.number} as released has SHA-256 {error.released}; "
        f"published is {found}. Find out who changed the site, and publish it anew "
        "from the released file."
    )


@sentence.register
def _(error: MarkdownError) -> str:
    return f"Line {error.line}: {error.what}. {error.remedy}."


@sentence.register
def _(error: DraftRefused) -> str:
    listed = [
        f"  Line {one.line}: {one.what}. To mend it: {one.remedy}."
        for one in error.problems
    ]
    return "\n".join(
        [f"Nothing was released. Mend these in {error.path}, and try again:", *listed]
    )


@sentence.register
def _(error: DraftUnchanged) -> str:
    return (
        f"Nothing was released: the draft says exactly what version {error.number} "
        "says. To record that the text was looked at and stays as it is, use "
        "`signer review`."
    )


@sentence.register
def _(error: ReleaseRefused) -> str:
    option = _OPTIONS.get(error.field, error.field)
    return f"Nothing was written: {option} {error.problem}."


@sentence.register
def _(error: ReleaseExists) -> str:
    return (
        f"Nothing was released: {error.path} is there already. Somebody released it "
        "just now. Look at it with `signer versions` before you try again."
    )


@sentence.register
def _(error: FileNotWritten) -> str:
    return (
        f"The file {error.path} could not be written: {error.reason}. No file was "
        "changed or left half written. Put that right, or name another place, and try "
        "again."
    )


@sentence.register
def _(error: FileExists) -> str:
    return f"{error.path} is there already, and was not touched. Name another file."


@sentence.register
def _(error: ReleaseRewritten) -> str:
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
        "version was tampered with, even if it was put right later. Find out who "
        "made that commit, and why."
    )


@sentence.register
def _(error: CheckoutError) -> str:
    return error.problem


@sentence.register
def _(error: RegisterError) -> str:
    return "\n".join(
        ["Nothing was imported. Mend these and import again:", *error.problems]
    )


@sentence.register
def _(error: ParentAmbiguous) -> str:
    return (
        f"{error.found} parents share this address. Add --name to say which one is "
        "meant."
    )


@sentence.register
def _(_error: ParentActive) -> str:
    return (
        "This parent is in the register, and the next import would bring them back. "
        "Take them out first: signer register import --leavers, with a file that "
        "does not name them."
    )


@sentence.register
def _(_error: ParentHeld) -> str:
    return (
        "The data of this parent is held, so nothing of it is deleted. Ask whoever "
        "held it, and end that first: signer retention release."
    )


@sentence.register
def _(error: MailboxUnreadable) -> str:
    return (
        f"The mailbox of bounces cannot be read: {error.reply}. Check "
        "SIGNER_BOUNCE_URL; the worker tries again each minute."
    )


@sentence.register
def _(_error: ParentUnknown) -> str:
    return (
        "No parent in the register has this address, and none who has left had it. "
        "Check it with `signer register list`."
    )


@sentence.register
def _(error: RequestUnknown) -> str:
    if error.found:
        return (
            f"{error.found} parents at this address have been asked. Say which one "
            "with --name."
        )
    return (
        "No parent in the register has been asked at this address. Check it with "
        "`signer register list`, and ask with `signer ask`."
    )


@sentence.register
def _(error: RequestClosed) -> str:
    return f"This request {_STATES.get(error.status, error.status)}."


@sentence.register
def _(error: TextRefused) -> str:
    what = {
        "empty": "is empty",
        "too long": f"is longer than {error.detail} characters",
        "control character": f"holds a character that does not print, {error.detail}",
        "direction override": f"holds a mark that turns text around, {error.detail}",
        "too many marks": "has more marks on one letter than can be printed",
        "mixed alphabets": f"mixes letters that look alike in a word, {error.detail}",
    }[error.reason]
    field = _FIELDS.get(error.field, error.field.replace("_", " "))
    return f"The {field} {what}."
