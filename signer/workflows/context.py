"""What every verb needs: settings, transactions, versions, tokens, the seal's key."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from hashlib import sha256

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from signer.config import Settings
from signer.config.safe_start import check_secrets
from signer.errors import PolicyError, SignerError, StoreError, VersionTampered
from signer.i18n import offered_languages
from signer.ledger.log_key import LogKey
from signer.link_tokens import LinkTokens
from signer.pki.make_keys import SealKey
from signer.policy.versions import Version, read_version, read_versions
from signer.store import schema
from signer.store.engine import Sessions, connect
from signer.store.tables import PinnedVersion
from signer.store.write_turns import Patience
from signer.workflows.desk.first_accounts import read_first_accounts
from signer.workflows.keys.seal_key import load_seal_key
from signer.workflows.log.cosigning.servers import witness_servers
from signer.workflows.operations.leftovers import sweep_leftovers
from signer.workflows.webhooks.endpoints import endpoints_of


class AppContext:
    """Everything a verb needs, passed as one value.

    Attributes:
        settings: the operator's settings.
        sessions: transactions on the database.
        versions: the released versions, ascending, as last read. Whoever runs for
            long looks again with `reload_versions`.
        tokens: makes and reads the tokens of links.
        language: what the mails to parents are written in.
        stopping: set once the process is about to end: a verb that takes long stops
            between two steps, and the next process goes on where it left off.
        wake_worker: tells the worker to look at the outbox now. Nothing is lost
            when nobody listens: the worker looks by itself every minute.
        beat: called between two steps of what takes long, so that a worker that
            is busy is not taken for a dead one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        sessions: Sessions,
        versions: tuple[Version, ...],
        wake_worker: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings = settings
        self.sessions = sessions
        self.versions = versions
        self.tokens = LinkTokens(settings.secret_keys, days=settings.link_days)
        self.language = offered_languages(settings.languages_dir, settings.language)[0]
        self.wake_worker = wake_worker
        self.stopping = threading.Event()
        self.beat: Callable[[], None] = lambda: None
        self._versions_lock = threading.Lock()
        self._seal_key: SealKey | None = None
        self._log_key: LogKey | None = None
        self._key_lock = threading.Lock()

    def version(self, number: int, sha256: str | None = None) -> Version:
        """The released version of a number that the database knows.

        What is held answers first, so that a file which is changed or lost later
        never changes what parents are shown. A version that was released after this
        process began is read when it is first wanted.

        Args:
            number: the version's number.
            sha256: the SHA-256 (hex) that is pinned for it; None trusts what is held.

        Raises:
            VersionTampered: neither what is held nor the file is the version pinned.
        """
        with self._versions_lock:
            held = {one.number: one for one in self.versions}
            there = held.get(number)
            if there and sha256 in {None, there.sha256}:
                return there
            path = self.settings.versions_dir / f"{number}.md"
            try:
                there = read_version(path)
            except PolicyError as error:
                raise VersionTampered(number, sha256 or "", None) from error
            if sha256 not in {None, there.sha256}:
                raise VersionTampered(number, sha256 or "", there.sha256)
            held[number] = there
            self.versions = tuple(held[one] for one in sorted(held))
            return there

    def reload_versions(self) -> None:
        """Read the folder of released versions again, for what is newly released.

        Afterwards `versions` is what the folder holds. When this raises, what was
        held before goes on being served.

        Raises:
            PolicyError: the files cannot be read, or do not follow.
            VersionTampered: one differs from what parents were asked to sign.
        """
        found = _read_released(self.settings, self.sessions)
        check_pinned(self, found)
        with self._versions_lock:
            self.versions = found

    def seal_key(self) -> SealKey:
        """The seal's key: read once, then held.

        Raises:
            KeyUnusable: it cannot be read, or is not fit for sealing.
        """
        with self._key_lock:
            if self._seal_key is None:
                self._seal_key = load_seal_key(self.settings)
            return self._seal_key

    def log_key(self) -> LogKey:
        """The key of the public log: read once, then held.

        Raises:
            KeyUnusable: it cannot be read. The next call tries again, so that a key
                made meanwhile is found.
        """
        with self._key_lock:
            if self._log_key is None:
                self._log_key = LogKey.load(
                    self.settings.log_key_path, self.settings.passphrase()
                )
            return self._log_key


def open_context(
    settings: Settings,
    *,
    wake_worker: Callable[[], None] = lambda: None,
    patience: Patience | None = None,
) -> AppContext:
    """The context, after checking that everything it rests on is sound.

    What killed processes left half written is taken away first.

    Args:
        settings: the operator's settings.
        wake_worker: tells the worker to look now.
        patience: how long, and how many threads, may wait to write.

    Raises:
        SettingsError: a secret is missing or too short, an account of the desk that
            is named cannot be made, a webhook has no address or secret, or a witness
            no key.
        PolicyError: the released versions cannot be read, or do not follow.
        StoreError: the database cannot be reached, or has another schema.
        VersionTampered: a version differs from what parents were asked to sign.
    """
    check_secrets(settings)
    read_first_accounts(settings.desk_accounts)
    endpoints_of(settings)
    witness_servers(settings)
    sweep_leftovers(settings)
    sessions = connect(settings.database, patience)
    context = AppContext(
        settings, sessions=sessions, versions=(), wake_worker=wake_worker
    )
    try:
        check_ready(context)
        context.versions = _read_released(settings, sessions)
        check_pinned(context)
    except SignerError:
        sessions.close()
        raise
    return context


def check_ready(context: AppContext) -> None:
    """Check that the database answers and has the schema of this release.

    Raises:
        DatabaseReplaced: SQLite's files were replaced; this process must stop.
        StoreError: it does not.
    """
    context.sessions.check_identity()
    try:
        schema.check(context.sessions.engine)
        with context.sessions.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise StoreError(
            f"the database cannot be used: {error.__class__.__name__}; "
            "check SIGNER_DATABASE_URL and that its file can be read and written"
        ) from error


def check_pinned(
    context: AppContext, versions: Sequence[Version] | None = None
) -> None:
    """Compare the files of released versions with what the database pinned.

    Args:
        context: the context.
        versions: the files, read; what the context holds by default.

    Raises:
        VersionTampered: one differs, or is missing.
    """
    found = {
        version.number: version.sha256
        for version in (context.versions if versions is None else versions)
    }
    with context.sessions.reading() as session:
        for pinned in session.scalars(select(PinnedVersion)):
            if found.get(pinned.number) != pinned.sha256:
                raise VersionTampered(
                    pinned.number, pinned.sha256, found.get(pinned.number)
                )


def _read_released(settings: Settings, sessions: Sessions) -> tuple[Version, ...]:
    """The released versions; of files that cannot be read, a pinned one comes first.

    A file that was changed may break the chain, or be no version any more. What helps
    then is to hear which file was changed, and not what follows from it.
    """
    try:
        return read_versions(settings.versions_dir)
    except PolicyError:
        with sessions.reading() as session:
            pins = session.scalars(select(PinnedVersion)).all()
        for pinned in sorted(pins, key=lambda one: one.number):
            path = settings.versions_dir / f"{pinned.number}.md"
            found = sha256(path.read_bytes()).hexdigest() if path.is_file() else None
            if found != pinned.sha256:
                raise VersionTampered(pinned.number, pinned.sha256, found) from None
        raise


def current_number(session: Session) -> int | None:
    """The newest version that parents were asked to sign, or None before any."""
    return session.scalar(select(func.max(PinnedVersion.number)))
