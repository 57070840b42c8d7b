"""signer languages, as anyone types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.invoking import signer
from tests.locale import pseudo

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_english_is_always_there(settings: Settings) -> None:
    """Without a folder of translations there is one language, and it is complete."""
    done = signer(settings, "languages")
    assert (done.exit_code, done.stdout) == (0, "en-GB  English: complete.\n")


def test_a_translation_is_judged(settings: Settings, tmp_path: Path) -> None:
    """What is complete is said to be; what is not, with each sentence it lacks."""
    path = pseudo.write(tmp_path / "languages")
    folder = {"SIGNER_LANGUAGES_DIR": str(path.parent)}
    done = signer(settings, "languages", **folder)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].startswith("ar-XB")
    text = path.read_text(encoding="utf-8").replace('"Sign on paper"', '"Elsewhere"')
    path.write_text(text, encoding="utf-8")
    done = signer(settings, "languages", **folder)
    assert done.exit_code == 1
    assert "not offered to parents yet" in done.stdout
    assert "    Sign on paper\n" in done.stdout
    found = json.loads(signer(settings, "languages", "--json", **folder).stdout)
    assert [(one["complete"], one["missing"], one["wrong"]) for one in found] == [
        (False, ["Sign on paper"], [])
    ]
