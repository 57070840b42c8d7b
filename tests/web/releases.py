"""One more release, and everybody asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signer.policy.versions import read_versions
from signer.workflows.ask_parents import ask_parents
from signer.workflows.house import open_house
from tests.workflows.conftest import Post

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.house import House

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


def ask_again(settings: Settings) -> tuple[House, Post]:
    """Release one more version and ask everybody."""
    release(settings.versions_dir)
    house = open_house(settings)
    ask_parents(house)
    post = Post(house)
    post.send()
    return house, post
