"""Pushing what was committed to the remote repository, and merging nothing."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from signer.errors import CheckoutError, PushRefusal, PushRefused
from signer.policy.release.git import Checkout, without_password

PUSH_SECONDS = 30.0
"""How long a push, or the look at what others pushed, may take."""

MOST_COMMITS = 10
"""How many commits of others are named."""

_BEHIND = re.compile(r"\((?:fetch first|non-fast-forward|needs force|stale info)\)")
_NOT_ALLOWED = re.compile(
    "could not read (?:Username|Password)|Authentication failed|Permission denied"
    "|Host key verification failed|access denied|remote rejected"
    "|returned error: 40[13]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Remote:
    """Where the present branch is pushed to.

    Attributes:
        name: of the remote repository, such as ``origin``.
        branch: the present branch.
        there: what that is called there.
    """

    name: str
    branch: str
    there: str

    @property
    def tracking(self) -> str:
        """What is known here of the branch there, as a reference."""
        return f"refs/remotes/{self.name}/{self.there}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that somebody else has pushed.

    Attributes:
        id: its shortened id (hex).
        subject: the first line of its message.
    """

    id: str
    subject: str


def remote_of(checkout: Checkout) -> Remote | None:
    """Where the present branch is pushed to; None where no remote is configured.

    Raises:
        CheckoutError: git cannot tell, or HEAD is on no branch.
    """
    names = checkout.git("remote").decode().split()
    if not names:
        return None
    checkout.check_on_branch()
    branch = checkout.git("symbolic-ref", "--short", "HEAD").decode().strip()
    upstream = checkout.config(f"branch.{branch}.remote")
    wanted = (
        checkout.config(f"branch.{branch}.pushRemote")
        or checkout.config("remote.pushDefault")
        or upstream
        or ("origin" if "origin" in names else names[0])
    )
    if wanted not in names:
        # Another folder, or an address that is named in place of a remote.
        return None
    there = branch
    if wanted == upstream:
        merge = checkout.config(f"branch.{branch}.merge").removeprefix("refs/heads/")
        there = merge or branch
    return Remote(wanted, branch, there)


def is_unpushed(checkout: Checkout, remote: Remote, paths: Sequence[Path]) -> bool:
    """Whether the remote, as it was last seen, lacks a commit of these files.

    Raises:
        CheckoutError: git cannot tell.
    """
    if not checkout.says("rev-parse", "--quiet", "--verify", remote.tracking):
        return True
    named = [str(path.resolve()) for path in paths]
    missing = checkout.git(
        "rev-list", "--max-count=1", f"{remote.tracking}..HEAD", "--", *named
    )
    return bool(missing.strip())


def push(checkout: Checkout, remote: Remote) -> None:
    """Push the present branch, as long as nothing of others is lost by it.

    Where somebody else has pushed, what they pushed is fetched, so that it can be
    looked at; nothing is merged, and no file changes.

    Raises:
        PushRefused: it is not there; with git's own words.
    """
    refs = f"refs/heads/{remote.branch}:refs/heads/{remote.there}"
    try:
        done = checkout.ask_remote(
            "push", "--porcelain", remote.name, refs, seconds=PUSH_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise _refused(checkout, remote, PushRefusal.NO_ANSWER, "") from error
    if not done.returncode:
        return
    lines = without_password(done.stdout).splitlines()
    told = [line.split("\t")[-1] for line in lines if line.startswith("!")]
    said = "\n".join(filter(None, (*told, without_password(done.stderr))))
    if _BEHIND.search("\n".join(told)):
        _fetch(checkout, remote)
        raise _refused(checkout, remote, PushRefusal.AHEAD, told[0])
    kind = PushRefusal.NOT_ALLOWED if _NOT_ALLOWED.search(said) else PushRefusal.OTHER
    raise _refused(checkout, remote, kind, said)


def commits_of_others(checkout: Checkout, remote: Remote) -> tuple[Commit, ...]:
    """What the remote, as it was last seen, has and this branch lacks; newest first.

    Raises:
        CheckoutError: git cannot tell.
    """
    if not checkout.says("rev-parse", "--quiet", "--verify", remote.tracking):
        return ()
    said = checkout.git(
        "log",
        f"--max-count={MOST_COMMITS}",
        "--format=%h%x09%s",
        f"HEAD..{remote.tracking}",
    )
    lines = said.decode(errors="replace").splitlines()
    return tuple(Commit(*line.split("\t", 1)) for line in lines)


def _fetch(checkout: Checkout, remote: Remote) -> None:
    try:
        done = checkout.ask_remote("fetch", remote.name, seconds=PUSH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise _refused(checkout, remote, PushRefusal.NO_ANSWER, "") from error
    if done.returncode:
        said = without_password(done.stderr)
        raise _refused(checkout, remote, PushRefusal.OTHER, said)


def _refused(
    checkout: Checkout, remote: Remote, kind: PushRefusal, said: str
) -> CheckoutError:
    return PushRefused(
        str(checkout.folder), _WORDS[kind].format(remote=remote), kind, said
    )


_WORDS = {
    PushRefusal.AHEAD: (
        "Somebody else has pushed to {remote.name}/{remote.there} in the meantime. "
        "Nothing was merged, and nothing of theirs was overwritten."
    ),
    PushRefusal.NOT_ALLOWED: (
        "The server of {remote.name} did not accept it from this service. No password "
        "can be asked for here: the service needs a key or a token of its own, and "
        "the branch {remote.there} has to be open to it."
    ),
    PushRefusal.NO_ANSWER: (
        f"The server of {{remote.name}} did not answer within {PUSH_SECONDS:.0f} "
        "seconds, and the attempt was ended."
    ),
    PushRefusal.OTHER: "It could not be pushed to {remote.name}.",
}
