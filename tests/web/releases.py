"""One more release, and everybody asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.policy.versions import read_versions
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import open_context
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext

ONE_MORE = """\
---
version: 3
title: Social Media Code of Conduct for Parents and Carers
label: November 2026
released: 2026-11
review_by: 2027-11
previous_sha256: {previous}
summary:
  - One section was added.
declaration:
  - I have read and understood the code of conduct, version 3.
  - I agree to follow it.
---

## Purpose

A text of its own.
"""


def release(versions_dir: Path) -> None:
    """One more version, after those that are there."""
    previous = read_versions(versions_dir)[-1].sha256
    text = ONE_MORE.format(previous=previous)
    (versions_dir / "3.md").write_text(text, encoding="utf-8")


def release_edit(versions_dir: Path, old: str, new: str, summary: str) -> int:
    """The newest version with some words changed, as the next one; gives its number."""
    newest = read_versions(versions_dir)[-1]
    assert old in newest.body
    number = newest.number + 1
    declaration = "\n".join(f"  - {one}" for one in newest.declaration)
    front = f"""\
---
version: {number}
title: {newest.title}
label: November {2024 + number - 1}
released: {2024 + number - 1}-11
review_by: {2024 + number}-11
previous_sha256: {newest.sha256}
summary:
  - {summary}
declaration:
{declaration}
---
"""
    text = front + newest.body.replace(old, new)
    (versions_dir / f"{number}.md").write_text(text, encoding="utf-8")
    return number


def ask_for_newest(settings: Settings) -> Post:
    """Ask everybody for the newest version, from another process as it were."""
    worker = open_context(settings)
    ask_parents(worker)
    post = Post(worker)
    post.send()
    return post


def ask_again(settings: Settings) -> tuple[AppContext, Post]:
    """Release one more version and ask everybody."""
    release(settings.versions_dir)
    app_context = open_context(settings)
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    return app_context, post
