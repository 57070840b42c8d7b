"""Languages besides English: which are offered, and that nothing stays unsaid."""

from __future__ import annotations

import shlex
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

from signer.errors import SettingsError
from signer.i18n import (
    ENGLISH,
    SOURCE,
    offered_languages,
    read_translations,
    sentences,
)
from tests.conftest import REPOSITORY
from tests.locale import pseudo

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


def test_the_catalogue_holds_every_sentence_of_today(tmp_path: Path) -> None:
    """`make messages` would find nothing new and nothing gone."""
    fresh = tmp_path / "messages.pot"
    shown = subprocess.run(
        ["make", "--dry-run", "messages"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    (command,) = (one for one in shown.stdout.splitlines() if "pybabel" in one)
    there = str(SOURCE.relative_to(REPOSITORY))
    words = shlex.split(command.replace(there, str(fresh)))
    subprocess.run(words, cwd=REPOSITORY, check=True)
    with fresh.open("rb") as file:
        found = {(one.context, one.id) for one in read_po(file)}
    held = {(one.context, one.id) for one in sentences()}
    assert held == found, "run `make messages`, and commit what it wrote"


def test_only_english_ships() -> None:
    """No translation of a legal act comes with the software."""
    assert list(SOURCE.parent.iterdir()) == [SOURCE]
    assert offered_languages(None, "en-GB") == (ENGLISH,)


def test_a_complete_translation_is_offered(tmp_path: Path) -> None:
    """It brings its name, its direction and its sentences."""
    pseudo.write(tmp_path)
    english, other = offered_languages(tmp_path, "en-GB")
    assert english is ENGLISH
    assert (other.code, other.direction) == ("ar-XB", "rtl")
    said = other.translations.gettext("Check your answers")
    assert said == pseudo.pseudo("Check your answers")
    plural = other.translations.ngettext("Child", "Children", 3)
    assert plural == pseudo.pseudo("Children")


def test_the_default_language_comes_first(tmp_path: Path) -> None:
    """Mails, and pages at first, are in the language that the school has set."""
    pseudo.write(tmp_path)
    codes = [one.code for one in offered_languages(tmp_path, "ar-XB")]
    assert codes == ["ar-XB", "en-GB"]


@pytest.mark.parametrize(
    ("was", "becomes", "lacking"),
    [
        ("msgstr", "#, fuzzy\nmsgstr", "missing"),
        ('msgid "Check your answers"', 'msgid "Look at them"', "missing"),
        ("%(school)s", "", "wrong"),
        ("</strong>", "", "wrong"),
    ],
)
def test_a_translation_with_gaps_is_not_offered(
    tmp_path: Path, was: str, becomes: str, lacking: str
) -> None:
    """Half a form in a language is worse than a whole one in English."""
    path = pseudo.write(tmp_path)
    text = path.read_text(encoding="utf-8")
    before, found, after = text.rpartition(f"\n{was}" if was[0] == "m" else was)
    assert found
    if "fuzzy" in becomes:
        # The flag stands before the sentence.
        place = before.rindex("\nmsgid")
        text = before[:place] + "\n#, fuzzy" + before[place:] + found + after
    else:
        text = before + found.replace(was, becomes) + after
    path.write_text(text, encoding="utf-8")
    (translation,) = read_translations(tmp_path)
    assert getattr(translation, lacking)
    assert not translation.complete
    assert offered_languages(tmp_path, "en-GB") == (ENGLISH,)


@pytest.mark.parametrize(
    ("name", "content"),
    [("cy.po", b"msgid no quotes\n"), ("cy.po", b'msgid "\xff"\n'), ("qqq1.po", b"")],
)
def test_a_file_that_is_no_translation_is_named(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """The service does not start, and says which file and setting it is."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=name) as refused:
        offered_languages(tmp_path, "en-GB")
    assert refused.value.key == "SIGNER_LANGUAGES_DIR"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A slip of the pen in the setting does not pass for a lack of languages."""
    with pytest.raises(SettingsError, match="not there"):
        offered_languages(tmp_path / "nowhere", "en-GB")


def test_a_default_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Mails never go out in half a language."""
    with pytest.raises(SettingsError, match="signer languages") as refused:
        offered_languages(tmp_path, "cy")
    assert refused.value.key == "SIGNER_LANGUAGE"


def test_english_is_marked_where_it_stands_in_another_language(tmp_path: Path) -> None:
    """A screen reader changes its voice for it, and it runs from left to right."""
    pseudo.write(tmp_path)
    _, other = offered_languages(tmp_path, "en-GB")
    marked = '<span lang="en-GB" dir="ltr">A &amp; B</span>'
    assert other.english("A & B") == marked
    assert ENGLISH.english("A & B") == "A &amp; B"


def test_times_are_the_schools_in_every_language(tmp_path: Path) -> None:
    """An hour before midnight in summer is tomorrow in London."""
    pseudo.write(tmp_path)
    _, other = offered_languages(tmp_path, "en-GB")
    assert ENGLISH.moment(AT) == "2 July 2026, 00:30 BST"
    assert ENGLISH.day(AT) == "2 July 2026"
    assert "يوليو" in other.moment(AT)
    assert other.day(AT).startswith("2")
