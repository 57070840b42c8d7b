"""Every error this package raises on purpose.

    SignerError
    ├── SettingsError            a setting is unknown, missing or unusable
    ├── PolicyError
    │   ├── VersionFileError     a released file cannot be read as a version
    │   ├── VersionChainError    released files do not follow from one another
    │   ├── MarkdownError        text outside the allowed Markdown
    │   ├── ReleaseRefused       a value given for a release or review is not fit
    │   │   └── DraftUnchanged   the draft says what the version in force says
    │   ├── DraftRefused         the draft holds what cannot be released
    │   ├── ReleaseExists        a version of this number is there already
    │   ├── FileNotWritten       a file could not be written; none was changed
    │   ├── ReleaseRewritten     a released file is not what was released
    │   └── CheckoutError        git cannot tell, or cannot keep, what was released
    ├── LinkError
    │   ├── LinkMalformed        not a link of ours
    │   └── LinkExpired          ours, but too old
    ├── RequestError
    │   ├── RequestClosed        the request can no longer be answered this way
    │   ├── RequestUnknown       no request answers to this
    │   ├── RecordChanged        the register says something else by now
    │   ├── StatementsUnconfirmed   not every statement was confirmed
    │   └── VersionChanged       the text shown is not the text to be signed
    ├── LedgerError
    │   ├── NoteRefused          not a note, or not signed by a known key
    │   └── ProofRefused         a proof that proves nothing
    ├── TextRefused              words from outside that cannot be kept as they are
    ├── ParentUnknown            nobody has ever had this address
    ├── RegisterError            a register file that cannot be imported
    ├── StoreError
    │   └── VersionTampered      a pinned version differs from its file
    ├── PublicationError         a version does not stand at its public address
    │   ├── NotPublished         nothing answers there yet
    │   └── PublishedDifferently    something else does
    ├── MailError
    │   ├── MailDeferred         not accepted now; try again later
    │   └── MailRefused          refused for good
    └── DeclarationError
        ├── StatementError       not a canonical statement
        ├── TypesetError         the PDF could not be typeset
        ├── KeyUnusable          a key or certificate is missing or unreadable
        │   └── KeysExist        there are keys already; none was touched
        ├── SealError            the PDF could not be sealed
        └── CheckFailed          a step of a verification says no

They carry their evidence in fields. Only ``cli/`` and ``web/`` word them for
people; the message here is for logs and developers.
"""

from __future__ import annotations


class SignerError(Exception):
    """The root of them all."""


class SettingsError(SignerError):
    """A setting is unknown, missing or unusable.

    Attributes:
        key: the name of the setting, such as ``SIGNER_BASE_URL``.
        problem: what is wrong with it and what to do, as a clause.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key} {problem}")
        self.key = key
        self.problem = problem


class PolicyError(SignerError):
    """The policy's files are not as they must be."""


class VersionFileError(PolicyError):
    """A released file cannot be read as a version.

    Attributes:
        path: the file.
        line: its line, counted from 1, or None where no single line is at fault.
        problem: what is wrong, as a clause.
    """

    def __init__(self, path: str, problem: str, line: int | None = None) -> None:
        at = f"{path}:{line}" if line else path
        super().__init__(f"{at}: {problem}")
        self.path = path
        self.line = line
        self.problem = problem


class VersionChainError(PolicyError):
    """A released file does not follow from the one before it.

    Attributes:
        number: the version whose predecessor is wrong.
        stated: the SHA-256 (hex) that it states, or None where it states none.
        found: the SHA-256 (hex) of the file before it, or None where there is none.
    """

    def __init__(self, number: int, stated: str | None, found: str | None) -> None:
        super().__init__(
            f"version {number} follows {stated}, but the version before is {found}"
        )
        self.number = number
        self.stated = stated
        self.found = found


class MarkdownError(PolicyError):
    """The text holds something that the policy may not.

    Attributes:
        line: the line, counted from 1 in the text given.
        what: the thing found, such as ``raw HTML``.
        remedy: what to write instead.
    """

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(f"line {line}: {what}; {remedy}")
        self.line = line
        self.what = what
        self.remedy = remedy


class ReleaseRefused(PolicyError):
    """A value given for a release or a review is not fit for it.

    Attributes:
        field: which one, such as ``review_by``.
        problem: what is wrong with it and what to do, as a clause.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} {problem}")
        self.field = field
        self.problem = problem


class DraftUnchanged(ReleaseRefused):
    """The draft says what the version in force says.

    Attributes:
        number: the version in force.
    """

    def __init__(self, number: int) -> None:
        super().__init__("draft", f"says what version {number} says")
        self.number = number


class DraftRefused(PolicyError):
    """The draft holds what cannot be released.

    Attributes:
        path: the draft.
        problems: everything found, by line of the draft.
    """

    def __init__(self, path: str, problems: tuple[MarkdownError, ...]) -> None:
        super().__init__(f"{path}: {len(problems)} problems, first: {problems[0]}")
        self.path = path
        self.problems = problems


class ReleaseExists(PolicyError):
    """A version of this number is there already; nothing was changed.

    Attributes:
        path: its file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} is there already")
        self.path = path


class FileNotWritten(PolicyError):
    """A file could not be written; none was changed.

    Attributes:
        path: the file.
        reason: what the system said.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} could not be written: {reason}")
        self.path = path
        self.reason = reason


class ReleaseRewritten(PolicyError):
    """A released file, or its line in the list of releases, is not what it was.

    Attributes:
        name: the file, such as ``2.md``.
        released: the SHA-256 (hex) that it was released with.
        found: the SHA-256 (hex) found; None where the file, or its line, is missing.
        where: the commit it was found at, or None for the files as they are now.
        listed: whether it is the line in the list that differs, not the file.
    """

    def __init__(
        self,
        name: str,
        released: str,
        found: str | None,
        *,
        where: str | None = None,
        listed: bool = False,
    ) -> None:
        what = f"the line of {name}" if listed else name
        super().__init__(
            f"{what} at {where or 'present'}: released {released}, found {found}"
        )
        self.name = name
        self.released = released
        self.found = found
        self.where = where
        self.listed = listed


class CheckoutError(PolicyError):
    """Git cannot tell what was released, or cannot keep what was.

    Attributes:
        folder: where git was asked.
        problem: what is wrong and what to do, in sentences.
    """

    def __init__(self, folder: str, problem: str) -> None:
        super().__init__(f"{folder}: {problem}")
        self.folder = folder
        self.problem = problem


class LinkError(SignerError):
    """A link cannot be followed."""


class LinkMalformed(LinkError):
    """The token is not one of ours: truncated, altered or made up."""


class LinkExpired(LinkError):
    """The token is ours and too old.

    Attributes:
        link_id: the random id (16 bytes) inside, for finding the request it led to.
    """

    def __init__(self, link_id: bytes) -> None:
        super().__init__("the link has expired")
        self.link_id = link_id


class RequestError(SignerError):
    """A request cannot be answered."""


class RequestClosed(RequestError):
    """The request can no longer be answered this way.

    Attributes:
        status: what it is now, such as ``signed`` or ``superseded``.
    """

    def __init__(self, status: str) -> None:
        super().__init__(f"the request is {status}")
        self.status = status


class RequestUnknown(RequestError):
    """No request answers to what was given, or more than one does.

    Attributes:
        found: how many there are.
    """

    def __init__(self, found: int = 0) -> None:
        super().__init__(f"{found} requests found, one is needed")
        self.found = found


class RecordChanged(RequestError):
    """The register's name, address or children are not those that were shown."""


class StatementsUnconfirmed(RequestError):
    """Not every statement was confirmed.

    Attributes:
        missing: their places in the version's list, counted from 0.
    """

    def __init__(self, missing: tuple[int, ...]) -> None:
        super().__init__(f"statements not confirmed: {missing}")
        self.missing = missing


class VersionChanged(RequestError):
    """The parent answered another text than the one to be signed.

    Attributes:
        shown: SHA-256 (hex) of the text that was shown.
        current: SHA-256 (hex) of the text that the request is for.
    """

    def __init__(self, shown: str, current: str) -> None:
        super().__init__(f"shown {shown}, asked for {current}")
        self.shown = shown
        self.current = current


class LedgerError(SignerError):
    """Something that claims to be of the log is not."""


class NoteRefused(LedgerError):
    """Not a signed note or checkpoint, or not signed by a known key."""


class ProofRefused(LedgerError):
    """A proof that does not show what it should."""


class TextRefused(SignerError):
    """Words from outside hold something that cannot be kept, shown or printed.

    Attributes:
        field: which of the things given, such as ``name``.
        reason: ``empty``, ``too long``, ``control character``,
            ``direction override`` or ``too many marks``.
        detail: the offending character as ``U+202E``, or the limit in characters.
    """

    def __init__(self, field: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{field}: {reason} {detail}".rstrip())
        self.field = field
        self.reason = reason
        self.detail = detail


class ParentUnknown(SignerError):
    """Nobody in the register has, or ever had, the address given."""

    def __init__(self) -> None:
        super().__init__("no parent has this address")


class RegisterError(SignerError):
    """A register file cannot be imported.

    Attributes:
        problems: one sentence each, with line and column.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(f"{len(problems)} problems in the register file")
        self.problems = problems


class StoreError(SignerError):
    """The database is not as it must be."""


class VersionTampered(StoreError):
    """A version pinned in the database differs from its file.

    Attributes:
        number: the version.
        pinned: SHA-256 (hex) pinned when parents were first asked.
        found: SHA-256 (hex) of the file now, or None where it is missing.
    """

    def __init__(self, number: int, pinned: str, found: str | None) -> None:
        super().__init__(f"version {number}: pinned {pinned}, found {found}")
        self.number = number
        self.pinned = pinned
        self.found = found


class PublicationError(SignerError):
    """A released version does not stand at its public address.

    Attributes:
        number: the version.
        address: where it was looked for: an address, or a file.
    """

    def __init__(self, number: int, address: str, problem: str) -> None:
        super().__init__(f"version {number} at {address}: {problem}")
        self.number = number
        self.address = address


class NotPublished(PublicationError):
    """Nothing answers there yet.

    Attributes:
        problem: what came instead, as a clause.
    """

    def __init__(self, number: int, address: str, problem: str) -> None:
        super().__init__(number, address, problem)
        self.problem = problem


class PublishedDifferently(PublicationError):
    """Something else stands there.

    Attributes:
        released: SHA-256 (hex) of the released file.
        found: SHA-256 (hex) of what stands there, or None where it is too long.
    """

    def __init__(
        self, number: int, address: str, *, released: str, found: str | None
    ) -> None:
        super().__init__(number, address, f"released {released}, found {found}")
        self.released = released
        self.found = found


class MailError(SignerError):
    """A mail was not accepted.

    Attributes:
        reply: what the server said, without addresses.
    """

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class MailDeferred(MailError):
    """Not accepted now; worth another try."""


class MailRefused(MailError):
    """Refused for good; another try would be refused as well."""


class DeclarationError(SignerError):
    """A declaration could not be made."""


class StatementError(DeclarationError):
    """The bytes are not a canonical statement."""


class TypesetError(DeclarationError):
    """The PDF could not be typeset."""


class KeyUnusable(DeclarationError):
    """A key or certificate is missing, unreadable or not fit for its use.

    Attributes:
        path: the file.
        problem: what is wrong and what to do, as a clause.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class KeysExist(KeyUnusable):
    """There are keys already, perhaps made a moment ago; none was touched.

    Attributes:
        path: the folder.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, "holds keys already; name another folder")


class SealError(DeclarationError):
    """The PDF could not be sealed."""


class CheckFailed(DeclarationError):
    """A step of a verification says no.

    Attributes:
        sentence: what was found, in plain words.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
