"""What came of killing a school."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.production.harness.moods import Copies

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.production.harness.mail_server import Kept


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        kills: how many processes were killed, by what they were.
        signed: how many declarations parents saw confirmed.
        interrupted: how many requests got no answer.
        refused: how many requests got an error's page, by status.
        receipts: how many receipts went out.
        ends: how many requests of those who stay ended, by how; "signed" is with one
            declaration and one receipt.
        unseen: how many declarations of theirs nobody saw confirmed: the answer was
            lost, and a new text released before the parent came back.
        mails: how many mails arrived, each counted once.
        copies: why some arrived more than once.
        troubles: how often each trouble of the mail server was met.
        commands: how many commands came to their end, by name.
        checks: how often all invariants were looked at.
        seconds: how long it took.
        problems: everything that should not be; empty where all is well.
    """

    kills: Counter[str] = field(default_factory=Counter)
    signed: int = 0
    interrupted: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    receipts: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    unseen: int = 0
    mails: int = 0
    copies: Copies = field(default_factory=Copies)
    troubles: Counter[str] = field(default_factory=Counter)
    commands: dict[str, int] = field(default_factory=dict)
    checks: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def account(
        self,
        requests: Iterable[tuple[str, str | None]],
        seen: Sequence[str],
        mails: Iterable[Kept],
    ) -> None:
        """Account for each request of those who stay, exactly once.

        A request that was signed has one declaration and one receipt, copies of the
        same mail apart. Any other was replaced by that of a newer text, and has none.
        Each declaration that a parent saw is one of these.

        Args:
            requests: status and declaration of each, from the records.
            seen: the declarations that these parents saw confirmed.
            mails: all that were accepted.
        """
        receipts = Counter(one for _, one in {(m.id, m.declaration) for m in mails})
        declared = set()
        for status, declaration in requests:
            self.ends[status] += 1
            if status == "signed" and declaration and declaration not in declared:
                declared.add(declaration)
                if receipts[declaration] != 1:
                    count = receipts[declaration]
                    self.problems.append(f"{declaration} has {count} receipts")
            elif status != "superseded" or declaration:
                self.problems.append(f"a request is {status}, with {declaration}")
        for reference, times in Counter(seen).items():
            if times > 1 or reference not in declared:
                self.problems.append(f"{reference}, seen by {times}, is no one request")
        self.unseen = len(declared - set(seen))


def tell(name: str, outcome: Outcome) -> None:
    """Print what came of a run."""
    kills = ", ".join(f"{count} {kind}" for kind, count in outcome.kills.most_common())
    sys.stdout.write(
        f"{name}: {outcome.kills.total()} kills ({kills}) in {outcome.seconds:.0f} s\n"
        f"  {outcome.signed} signatures seen, {outcome.receipts} receipts, "
        f"{outcome.mails} mails\n"
        f"  requests of those who stay: {dict(outcome.ends)}; of those signed "
        f"{outcome.unseen} whose confirmation nobody saw\n"
        f"  mails sent again: {outcome.copies.killed} whose sender was killed with "
        f"them in hand, {outcome.copies.unanswered} that the server took without a word"
        "\n"
        f"  troubles of the mail server that were met: {outcome.troubles.total()}, of "
        f"{len(outcome.troubles)} kinds\n"
        f"  {outcome.interrupted} requests without an answer, error pages by status: "
        f"{outcome.refused or 'none'}\n"
        f"  commands that came to their end: {outcome.commands}\n"
        f"  {outcome.checks} checks of everything, {len(outcome.problems)} problems\n"
    )
    for problem in outcome.problems:
        sys.stdout.write(f"  PROBLEM {problem}\n")
    sys.stdout.flush()
