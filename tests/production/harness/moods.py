"""A mail server that has its moods; why mails arrive twice, for them or a kill."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from tests.production.harness.mail_server import Kept, MailServer

_log = logging.getLogger(__name__)

MOODS = (
    ("reply greeting 421 4.3.2 Closing",),
    ("reply mail 452 4.3.1 Out of storage",),
    ("reply rcpt 451 4.7.1 Try again later",),
    ("reply end 452 4.3.1 Out of storage",),
    ("drop mail", "well ALL"),
    ("drop data", "well ALL"),
    ("drop end", "well ALL"),
    ("silent rcpt", "well ALL"),
    ("silent data", "well ALL"),
    ("silent end", "well ALL"),
    ("dribble mail", "well ALL"),
    ("dribble end", "well ALL"),
    ("untrusted TLS",),
)
"""What the mail server does to the connections that come one after the other."""

MOOD_SECONDS = 10.0
WELL_SECONDS = 6.0


class Moods:
    """Troubles a mail server, and lets it be well again, until told to stop.

    Args:
        mail: the server.
        chance: decides which trouble is next.
        mended: is called whenever it is well again.
    """

    def __init__(
        self, mail: MailServer, chance: random.Random, mended: Callable[[], None]
    ) -> None:
        self._mail = mail
        self._chance = chance
        self._mended = mended
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._change, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the server well."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _change(self) -> None:
        while not self._over.wait(WELL_SECONDS):
            mood = self._chance.choice(MOODS)
            _log.info("the mail server: %s", ", ".join(mood))
            self._mail.behave(*mood)
            self._over.wait(MOOD_SECONDS)
            self._mail.behave()
            self._mended()


@dataclass
class Copies:
    """Why mails arrived more than once.

    Attributes:
        killed: how many copies were sent again because their sender was killed before
            it could note that they were accepted.
        unanswered: how many because the server took them and told nobody.
        problems: those that nothing excuses.
    """

    killed: int = 0
    unanswered: int = 0
    problems: list[str] = field(default_factory=list)


def copies(mails: Iterable[Kept], killed: AbstractSet[str]) -> Copies:
    """Find out why each mail that came again did so.

    A worker notes what became of a mail before it sends the next one. So a copy is
    excused by a kill only where it is the last that its sender, which was killed, ever
    had accepted: at most one copy for each kill.

    Args:
        mails: all that were accepted, in order.
        killed: the senders that were killed.
    """
    found = Copies()
    by_id: dict[str, list[Kept]] = {}
    last: dict[str, Kept] = {}
    for mail in mails:
        by_id.setdefault(mail.id, []).append(mail)
        last[mail.sender] = mail
    for message_id, same in by_id.items():
        for mail in same[:-1]:
            if mail.sender in killed and last[mail.sender] is mail:
                found.killed += 1
            elif not mail.answered:
                found.unanswered += 1
            else:
                found.problems.append(
                    f"{message_id} came {len(same)} times, although {mail.sender} had "
                    "the answer, and was not killed with the mail in hand"
                )
    return found
