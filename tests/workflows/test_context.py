"""A context that cannot be used: released files that were changed or lost."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from signer.cli.error_messages import sentence
from signer.errors import VersionFileError, VersionTampered
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import AppContext, open_context
from tests.policy.releasing import RELEASED, SOURCE

if TYPE_CHECKING:
    from signer.config import Settings

SHA256 = RELEASED[0].sha256


@pytest.fixture
def pinned(app_context: AppContext) -> Settings:
    """Parents were asked to sign version 2."""
    ask_parents(app_context)
    return app_context.settings


def written(settings: Settings, name: str, text: str) -> str:
    content = text.encode()
    (settings.versions_dir / name).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("civilised", "civilized"),
        ("version: 2\n", "version: 5\n"),
        ("---\nversion", "--\nversion"),
        ("## Purpose", "## Purpose\r"),
    ],
)
def test_one_changed_byte_stops_the_house(pinned: Settings, old: str, new: str) -> None:
    """Whatever the byte does to the file, both hashes are told: pinned and found."""
    found = written(pinned, "2.md", SOURCE.replace(old, new, 1))
    with pytest.raises(VersionTampered) as stopped:
        open_context(pinned)
    error = stopped.value
    assert (error.number, error.pinned, error.found) == (2, SHA256, found)


def test_a_changed_file_is_named_and_not_the_one_that_follows(pinned: Settings) -> None:
    """A broken chain shows at the next version; the one that was changed is told."""
    third = SOURCE.replace(
        "version: 2\n", f"version: 3\nprevious_sha256: {SHA256}\n", 1
    )
    written(pinned, "3.md", third)
    found = written(pinned, "2.md", SOURCE + "\nMore.\n")
    with pytest.raises(VersionTampered) as stopped:
        open_context(pinned)
    assert (stopped.value.number, stopped.value.found) == (2, found)


def test_a_missing_file_stops_the_house(pinned: Settings) -> None:
    """What parents signed must be there to be shown."""
    (pinned.versions_dir / "2.md").unlink()
    with pytest.raises(VersionTampered) as stopped:
        open_context(pinned)
    assert (stopped.value.pinned, stopped.value.found) == (SHA256, None)


def test_a_broken_file_that_nobody_was_asked_for_is_told_as_such(
    pinned: Settings,
) -> None:
    """Where every pinned file is as it was, the fault is where it stands."""
    written(pinned, "3.md", "Half a vers")
    with pytest.raises(VersionFileError) as stopped:
        open_context(pinned)
    assert stopped.value.path.endswith("3.md")


def test_the_message_is_for_a_headteacher() -> None:
    """The file, both fingerprints, what it means and what to do stand in it."""
    told = sentence(VersionTampered(2, "a" * 64, "b" * 64))
    assert told == (
        "The file 2.md among the released versions is not the text that parents were "
        "asked to sign: it was changed.\n"
        f"  Fingerprint (SHA-256) when they were asked: {'a' * 64}\n"
        f"  Fingerprint of the file as it is now:       {'b' * 64}\n"
        "Every declaration names that fingerprint, so nothing can continue until the "
        "file is as it was. What parents signed is safe. Put back 2.md as it was "
        "released, such as from git. To change the text, release a new version."
    )
    assert "is missing" in sentence(VersionTampered(2, "a" * 64, None))
