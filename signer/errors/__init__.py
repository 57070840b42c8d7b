"""Every error this package raises on purpose.

    SignerError
    ├── SettingsError            a setting is unknown, missing or unusable
    ├── FileNotWritten           a file could not be written; none was changed
    │   └── FileExists           one that was to be new is there already
    ├── PolicyError
    │   ├── VersionFileError     a released file cannot be read as a version
    │   ├── VersionChainError    released files do not follow from one another
    │   ├── MarkdownError        text outside the allowed Markdown
    │   ├── ReleaseRefused       a value given for a release or review is not fit
    │   │   └── DraftUnchanged   the draft says what the version in force says
    │   ├── DocumentRefused      a document of another program cannot be read
    │   ├── ReviewRecorded       somebody has recorded a review meanwhile
    │   ├── DraftRefused         the draft holds what cannot be released
    │   ├── ApprovalRefused      approval cannot be asked for or given so
    │   ├── ApprovalsMissing     a release needs more approvals of its draft
    │   ├── ReleaseExists        a version of this number is there already
    │   ├── ReleaseRewritten     a released file is not what was released
    │   ├── CheckoutError        git cannot tell, or cannot keep, what was released
    │   │   └── PushRefused      what was committed is not in the remote repository
    │   ├── HookRefused          the host's build hook did not say yes
    │   └── SiteNotBuilt         the site that the service serves is as it was
    ├── LinkError
    │   ├── LinkMalformed        not a link of ours
    │   └── LinkExpired          ours, but too old
    ├── RequestError
    │   ├── CampaignUnopened     a part is to be asked, where nobody was asked yet
    │   ├── FirstAskHeld         the check-list has open lines
    │   ├── NoticeUnconfirmed    the privacy notice has parts to confirm
    │   ├── RequestClosed        the request can no longer be answered this way
    │   ├── PaperRefused         a paper cannot be recorded, or not be undone
    │   ├── ScanRefused          a file is no scan that can be kept
    │   ├── TooManyNotes         the office was told too much within an hour
    │   ├── RequestUnknown       no request answers to this
    │   ├── DisputeUnknown       nothing is in dispute at this address
    │   ├── NameDiffers          the typed name is not the one in the register
    │   ├── TooManyAsks          new links were asked for too often
    │   ├── RecordChanged        the register says something else by now
    │   ├── StatementsUnconfirmed   not every statement was confirmed
    │   └── VersionChanged       the text shown is not the text to be signed
    ├── AuditError
    │   ├── BundleRefused        a bundle, or a file in it, cannot be read
    │   └── NothingToAudit       no head of the log was ever signed
    ├── LedgerError
    │   ├── LogBroken            the log is not what it was; nothing more is signed
    │   ├── NoteRefused          not a note, or not signed by a known key
    │   ├── ProofRefused         a proof that proves nothing
    │   ├── ReopeningRefused     the log is not reopened
    │   └── WitnessRefused       a witness did not cosign a head of the log
    ├── PlanRefused              a mail to parents cannot be planned so
    ├── TextRefused              words from outside that cannot be kept as they are
    ├── ParentUnknown            nobody has ever had this address
    ├── ParentAmbiguous          several parents answer to what was given
    ├── IdentityTaken            another parent has this name and address
    ├── MergeRefused             two records of parents contradict each other
    ├── ParentActive             the parent is still in the register
    ├── ExemptionRefused         a parent need not sign as it is, or is to sign
    ├── ParentHeld               nothing of the parent may be deleted
    ├── RegisterError            a register file that cannot be imported
    ├── RegisterUnsure           a file's person may be one of the register's
    ├── UploadUnknown            no such register file, or its time is over
    ├── LeaversUncounted         another number would leave than was said
    ├── StaffUnknown             no teacher has this address
    ├── StaffLeaversUncounted    another number of teachers would leave than was said
    ├── DeskError
    │   ├── PasskeyUnproven      an answer that no passkey gave to what was asked
    │   ├── PasskeyRefused       a passkey cannot be kept
    │   ├── AccountRefused       an account cannot be made so
    │   ├── AccountUnknown       no account has this address or reference
    │   ├── LastHead             nobody would be left who manages the accounts
    │   ├── SignInRefused        a way in is used, too old or not ours
    │   ├── RevisionUnknown      the draft has no such revision
    │   ├── DraftMoved           somebody else has saved the draft meanwhile
    │   ├── ChecklistRefused     a line of the check-list is not done by this
    │   ├── WebhookFailed        another system was not told of an event
    │   ├── NoteUnknown          no message of a parent is this one
    │   └── ReviewRefused        a draft cannot be reviewed so
    ├── StoreError
    │   ├── PdfUnreadable        a sealed PDF is not what was kept
    │   ├── VersionTampered      a pinned version differs from its file
    │   ├── BackupRefused        a file is not a backup that can be restored
    │   │   └── BackupDamaged    it is not what was written
    │   ├── RecipientRefused     what a backup is to be encrypted to is no public key
    │   ├── IdentityRefused      a file holds no private key that opens backups
    │   ├── DatabaseNotEmpty     a backup is only put where no records are
    │   └── DatabaseUnusable     it cannot be read or written now
    │       ├── DatabaseBusy     others write for too long
    │       ├── DatabaseMissing  SQLite's file is not there
    │       └── DatabaseReplaced    its files are no longer those that are open
    │           └── ForeignLogOfWrites  what stands beside it is another file's
    ├── PublicationError         a version does not stand at its public address
    │   ├── NotPublished         nothing answers there yet
    │   └── PublishedDifferently    something else does
    ├── MailError
    │   ├── MailDeferred         not accepted now; try again later
    │   │   └── MailServerTrouble    the server's or the operator's to mend
    │   ├── MailRefused          refused for good
    │   └── MailboxUnreadable    bounces cannot be read now; try again later
    ├── MailUnknown              no mail of this number can be sent again
    └── DeclarationError
        ├── StatementError       not a canonical statement
        ├── TypesetError         the PDF could not be typeset
        ├── KeyUnusable          a key or certificate is missing or unreadable
        │   ├── KeysExist        there are keys already; none was touched
        │   └── PinRefused       a token refuses the PIN
        ├── SealError            the PDF could not be sealed
        │   └── AuthorityChanged  a timestamp is not like the one measured
        ├── CheckFailed          a step of a verification says no
        │   └── LogContradicted  a proof shows that the log is another one
        └── NotChecked           a step of a verification cannot be made
            ├── InDoubt          and there is reason to doubt the file
            │   └── SealedInDoubt    in the part that was sealed
            └── EntryLost        a restarted log no longer has a proof's entry

They carry their evidence in fields. Only ``cli/`` and ``web/`` word them for
people; the message here is for logs and developers.
"""

from __future__ import annotations

from signer.errors.audit import *
from signer.errors.database import *
from signer.errors.declaration import *
from signer.errors.desk import *
from signer.errors.ledger import *
from signer.errors.mail import *
from signer.errors.policy import *
from signer.errors.records import *
from signer.errors.requests import *
from signer.errors.root import *
