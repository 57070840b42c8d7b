"""What the school itself judges a declaration by: its certificate, its texts."""

from __future__ import annotations

from sqlalchemy import select

from signer.declaration.verify.inputs import VerificationInputs
from signer.pki.certificates import read_certificates
from signer.pki.revocation import read_revocation_lists
from signer.policy.versions import Version
from signer.store.tables import PinnedVersion
from signer.workflows.context import AppContext


def released_here(context: AppContext) -> tuple[Version, ...]:
    """Every released version, those that came after this process began included.

    Raises:
        VersionTampered: a file is not what parents were asked to sign.
    """
    with context.sessions.reading() as session:
        pinned = session.execute(
            select(PinnedVersion.number, PinnedVersion.sha256)
        ).all()
    for number, sha256 in pinned:
        context.version(number, sha256)
    return context.versions


def own_trust(context: AppContext) -> VerificationInputs:
    """What the settings name, and every released version.

    Read anew each time: a list of what is revoked is replaced while this runs.

    Raises:
        KeyUnusable: the school's certificate, or one of the other files, cannot be
            read. Without it every declaration would seem to be a stranger's.
        VersionTampered: a released file is not what parents were asked to sign.
    """
    settings = context.settings
    stamps, lists = settings.tsa_trust_file, settings.crl_path
    return VerificationInputs(
        trust_roots=read_certificates(settings.trust_path),
        tsa_roots=read_certificates(stamps) if stamps else (),
        revocation_lists=read_revocation_lists(lists) if lists.exists() else (),
        released={one.number: one.source for one in released_here(context)},
    )
