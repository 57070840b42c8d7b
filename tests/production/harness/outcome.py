"""What came of killing a school."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field

from tests.production.harness.moods import Copies


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        kills: how many processes were killed, by what they were.
        signed: how many declarations parents saw confirmed.
        interrupted: how many requests got no answer.
        refused: how many requests got an error's page, by status.
        receipts: how many receipts went out.
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
    mails: int = 0
    copies: Copies = field(default_factory=Copies)
    troubles: Counter[str] = field(default_factory=Counter)
    commands: dict[str, int] = field(default_factory=dict)
    checks: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def tell(name: str, outcome: Outcome) -> None:
    """Print what came of a run."""
    kills = ", ".join(f"{count} {kind}" for kind, count in outcome.kills.most_common())
    sys.stdout.write(
        f"{name}: {outcome.kills.total()} kills ({kills}) in {outcome.seconds:.0f} s\n"
        f"  {outcome.signed} signatures seen, {outcome.receipts} receipts, "
        f"{outcome.mails} mails\n"
        f"  of them sent again: {outcome.copies.killed} whose sender was killed with "
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
