"""What every verb needs: settings, transactions, versions, tokens, the seal's key."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from signer.declaration.keys import SealKey
from signer.errors import StoreError, VersionTampered
from signer.links import LinkTokens
from signer.policy.versions import Version, read_versions
from signer.store import schema
from signer.store.engine import Sessions, connect
from signer.store.tables import PinnedVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from signer.config import Settings


class House:
    """Everything a verb needs, passed as one value.

    Attributes:
        settings: the operator's settings.
        sessions: transactions on the database.
        versions: the released versions, ascending.
        tokens: makes and reads the tokens of links.
        wake_worker: tells the worker to look at the outbox now. Nothing is lost
            when nobody listens: the worker looks by itself every minute.
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
        self.wake_worker = wake_worker
        self._seal_key: SealKey | None = None
        self._seal_key_lock = threading.Lock()

    def version(self, number: int) -> Version:
        """The released version of a number that the database knows."""
        return next(one for one in self.versions if one.number == number)

    def seal_key(self) -> SealKey:
        """The seal's key: read once, then held.

        Raises:
            KeyUnusable: it cannot be read, or is not fit for sealing.
        """
        with self._seal_key_lock:
            if self._seal_key is None:
                self._seal_key = SealKey.load(
                    self.settings.seal_path, self.settings.passphrase()
                )
            return self._seal_key


def open_house(
    settings: Settings, *, wake_worker: Callable[[], None] = lambda: None
) -> House:
    """The house, after checking that it may be lived in.

    Raises:
        SettingsError: a secret is missing or too short.
        PolicyError: the released versions cannot be read, or do not follow.
        StoreError: the database cannot be reached, or has another schema.
        VersionTampered: a version differs from what parents were asked to sign.
    """
    settings.require_secrets()
    house = House(
        settings,
        sessions=connect(settings.database),
        versions=read_versions(settings.versions_dir),
        wake_worker=wake_worker,
    )
    check_ready(house)
    check_pinned(house)
    return house


def check_ready(house: House) -> None:
    """Check that the database answers and has the schema of this release.

    Raises:
        StoreError: it does not.
    """
    try:
        schema.check(house.sessions.engine)
        with house.sessions.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        raise StoreError(
            f"the database cannot be used: {error.__class__.__name__}; "
            "check SIGNER_DATABASE_URL and that its file can be read and written"
        ) from error


def check_pinned(house: House) -> None:
    """Compare the files of released versions with what the database pinned.

    Raises:
        VersionTampered: one differs, or is missing.
    """
    found = {version.number: version.sha256 for version in house.versions}
    with house.sessions.reading() as session:
        for pinned in session.scalars(select(PinnedVersion)):
            if found.get(pinned.number) != pinned.sha256:
                raise VersionTampered(
                    pinned.number, pinned.sha256, found.get(pinned.number)
                )


def current_number(session: Session) -> int | None:
    """The newest version that parents were asked to sign, or None before any."""
    return session.scalar(select(func.max(PinnedVersion.number)))
