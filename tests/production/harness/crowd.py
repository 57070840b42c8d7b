"""Parents who sign whatever they are asked to, however often they are interrupted."""

from __future__ import annotations

import queue
import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.production.harness.launching import PATIENCE
from tests.production.harness.rehearsal import name_of
from tests.production.harness.visitor import SIGNED, Refused, Unanswered

if TYPE_CHECKING:
    from tests.production.harness.rehearsal import Rehearsal

AGAIN = 0.1
"""How many of those who have signed follow their link once more."""

EXPECTED = {
    200: "a page of the journey without the button: a text was released meanwhile",
    409: "the form was for the text before, or for the children before",
    410: "the request was closed between two pages",
    503: "the database had no turn for it; Retry-After says when to come again",
}
"""What a parent may be answered that is not the next page, and why.

Nothing stands between them and the service, so that no 502 or 504 can come of a kill: a
connection that breaks or is refused does. A 500 is never right: the service did not
foresee what it met. 403 and 404 say that a link or a cookie is not good, and those of
all who stay are.
"""

EXPECTED_OF_LEAVERS = {**EXPECTED, 403: "the visit is closed", 404: "they are erased"}
"""The same, for whoever has left and may be erased at any moment."""


@dataclass
class Seen:
    """What parents were shown, kept where nothing is killed.

    Attributes:
        signed: references of declarations, by parent.
        pdfs: the PDF that was offered, by reference.
        leaving: parents who leave the school, and may be refused.
        returns: what was signed, and what the same link led to later, by parent.
        problems: what no parent should ever see.
        interrupted: how many answers never came.
        refused: how many answers were an error's page, by HTTP status.
    """

    signed: dict[int, set[str]] = field(default_factory=dict)
    pdfs: dict[str, bytes] = field(default_factory=dict)
    leaving: set[int] = field(default_factory=set)
    returns: list[tuple[int, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    interrupted: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def references(self) -> list[str]:
        """Every declaration that must be there; whoever leaves may be erased."""
        with self.lock:
            return [
                reference
                for number, references in self.signed.items()
                if number not in self.leaving
                for reference in references
            ]

    def problem(self, words: str) -> None:
        """Note what should never be."""
        with self.lock:
            self.problems.append(words)

    def refusal(self, number: int, refused: Refused) -> None:
        """Note an answer that is not the next page; most statuses are a problem."""
        status = refused.status
        with self.lock:
            self.refused[status] = self.refused.get(status, 0) + 1
            leaves = number in self.leaving
            if status not in (EXPECTED_OF_LEAVERS if leaves else EXPECTED):
                self.problems.append(f"parent {number} was answered {refused}")


class Crowd:
    """Parents at work: each link that arrives by mail is followed to its end.

    Args:
        school: what they are asked by.
        parents: how many sign at the same time.
    """

    def __init__(self, school: Rehearsal, parents: int) -> None:
        self.school = school
        self.seen = Seen()
        self._links: queue.Queue[tuple[int, str] | None] = queue.Queue()
        self._known: set[str] = set()
        self._busy = 0
        self._ending = threading.Event()
        self._undisturbed_since: float | None = None
        self._threads = [
            threading.Thread(target=self._sign, daemon=True) for _ in range(parents)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def look_at_mail(self) -> int:
        """Hand out every link that has arrived; gives how many wait to be followed."""
        for mail in self.school.mail.kept():
            if mail.link and mail.link not in self._known:
                self._known.add(mail.link)
                number = int(mail.to.partition("@")[0].removeprefix("parent-"))
                self._links.put((number, mail.link))
        return self._links.qsize() + self._busy

    def undisturbed(self) -> None:
        """Count from now on how long each of them takes: nothing more is killed."""
        self._undisturbed_since = time.monotonic()

    def stop(self) -> None:
        """Let everybody finish what they are at."""
        self._ending.set()
        for _ in self._threads:
            self._links.put(None)
        for thread in self._threads:
            thread.join(PATIENCE)
        self._check_returns()

    def _check_returns(self) -> None:
        """Whatever a link led to later is what the same parent signed.

        Only at the end: a new text may just have been signed by another thread, which
        has not seen its answer yet, and may have to ask for it again.
        """
        with self.seen.lock:
            self.seen.problems += [
                f"{reference} became {later}"
                for number, reference, later in self.seen.returns
                if later not in self.seen.signed[number]
                and number not in self.seen.leaving
            ]
            self.seen.returns.clear()

    def _sign(self) -> None:
        while not self._ending.is_set():
            task = self._links.get()
            if task is None:
                return
            with self.seen.lock:
                self._busy += 1
            try:
                self._insist(*task)
            except Exception as error:  # noqa: BLE001 - a parent's thread must not end
                self.seen.problem(f"parent {task[0]}: {type(error).__name__}: {error}")
            finally:
                with self.seen.lock:
                    self._busy -= 1

    def _insist(self, number: int, link: str) -> None:
        """Sign, and begin again wherever the journey is interrupted."""
        began = time.monotonic()
        while True:
            visitor = self.school.visitor()
            try:
                signature = visitor.sign(link, name_of(number))
                break
            except Unanswered:
                with self.seen.lock:
                    self.seen.interrupted += 1
            except Refused as refused:
                self.seen.refusal(number, refused)
                if number in self.seen.leaving:
                    return
                if self._is_late(began):
                    raise
            finally:
                visitor.close()
            if self._ending.is_set() or self._is_late(began):
                self.seen.problem(f"parent {number} never got through")
                return
            time.sleep(0.1)
        with self.seen.lock:
            self.seen.signed.setdefault(number, set()).add(signature.reference)
            if signature.pdf:
                before = self.seen.pdfs.setdefault(signature.reference, signature.pdf)
                if before != signature.pdf:
                    self.seen.problems.append(f"{signature.reference} has two PDFs")
        if random.random() < AGAIN:
            self._return(number, link, signature.reference)

    def _is_late(self, began: float) -> bool:
        """Whether somebody takes too long who is not interrupted again and again."""
        since = self._undisturbed_since
        return since is not None and time.monotonic() > max(began, since) + PATIENCE

    def _return(self, number: int, link: str, reference: str) -> None:
        """Follow the link again: it leads to the same declaration, or to a new text."""
        visitor = self.school.visitor()
        try:
            page = visitor.enter(link)
            if page.status == 200 and page.heading.startswith(SIGNED):
                again = visitor.signature(page).reference
                with self.seen.lock:
                    self.seen.returns.append((number, reference, again))
        except Refused as refused:
            self.seen.refusal(number, refused)
        except Unanswered:
            return
        finally:
            visitor.close()
