"""The languages of the pages and of the mails to parents.

British English stands in the templates themselves and is complete. A school may add a
language as one file of gettext's, such as ``cy.po``, in a folder of its own. A file is
read as it is, and its language is offered only when every sentence is translated: half
a form in a parent's language is worse than a whole one in English.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_name
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations as BabelNullTranslations
from babel.support import Translations
from markupsafe import Markup, escape

from signer import clock
from signer.errors import SettingsError
from signer.school_calendar import school_date

SOURCE = Path(__file__).parent / "locale" / "messages.pot"
"""Every sentence of the interface, in English: what a translation is made from."""

# What a translation must hold as often as the English: values, tags, their links.
_FIXED = re.compile(r"%\(\w+\)[sd]|<[^>]+>")


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """A language that a parent may read.

    Attributes:
        code: its tag (BCP 47), such as ``en-GB``.
        name: what it calls itself.
        direction: ``ltr`` or ``rtl``.
        translations: its sentences.
        locale: how it writes dates.
    """

    code: str
    name: str
    direction: str
    translations: NullTranslations = field(repr=False)
    locale: Locale

    @property
    def is_english(self) -> bool:
        """Whether the policy's own language is this one."""
        return self.code.partition("-")[0] == "en"

    def english(self, words: object) -> Markup:
        """Words that stay English, such as the policy's, for HTML in this language."""
        if self.is_english:
            return escape(words)
        return Markup('<span lang="en-GB" dir="ltr">{}</span>').format(words)

    def moment(self, at: datetime) -> str:
        """A moment in the school's time, such as ``22 November 2026, 14:10 GMT``."""
        if self.is_english:
            return clock.in_school_time(at)
        local = at.astimezone(clock.SCHOOL_ZONE)
        time = format_time(local, "short", clock.SCHOOL_ZONE, self.locale)
        zone = get_timezone_name(local, locale=self.locale)
        return f"{self.day(at)}, {time} ({zone})"

    def day(self, at: datetime) -> str:
        """The school's day of a moment, such as ``22 November 2026``."""
        day = school_date(at)
        if self.is_english:
            return f"{day.day} {day:%B %Y}"
        return format_date(day, "long", locale=self.locale)


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun in English, such as ``1 entry`` and ``3 entries``.

    Args:
        number: how many.
        one: the noun, or any words, for exactly one.
        many: the same for any other number; by default, with an s.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


ENGLISH = Language(
    "en-GB", "English", "ltr", BabelNullTranslations(), Locale("en", "GB")
)
"""The language of the source."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A file of a translation.

    Attributes:
        language: what it gives.
        missing: the English of each sentence without a translation.
        wrong: the English of each sentence whose translation lacks, or adds, a
            value such as ``%(name)s`` or a mark such as ``<strong>``.
    """

    language: Language
    missing: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether it may be shown to parents."""
        return not self.missing and not self.wrong


def read_translations(folder: Path | None) -> tuple[Translation, ...]:
    """The translations in a folder, complete or not, by their codes.

    Args:
        folder: of ``.po`` files, each named by its language; None for none.

    Raises:
        SettingsError: the folder or a file in it cannot be read.
    """
    if folder is None:
        return ()
    if not folder.is_dir():
        raise SettingsError("SIGNER_LANGUAGES_DIR", "names a folder that is not there")
    return tuple(_read(path) for path in sorted(folder.glob("*.po")))


def offered_languages(folder: Path | None, default: str) -> tuple[Language, ...]:
    """The languages that are complete, the default one first.

    Args:
        folder: as for `read_translations`.
        default: the code of the language of the mails, and of the pages at first.

    Raises:
        SettingsError: as from `read_translations`, or the default is not complete.
    """
    found = read_translations(folder)
    languages = (ENGLISH, *(one.language for one in found if one.complete))
    chosen = [one for one in languages if one.code == default]
    if not chosen:
        raise SettingsError(
            "SIGNER_LANGUAGE",
            f"names {default}, which is not a complete translation in "
            "SIGNER_LANGUAGES_DIR; `signer languages` says what it lacks",
        )
    return (*chosen, *(one for one in languages if one.code != default))


@cache
def sentences() -> Catalog:
    """Every sentence of the interface, from `SOURCE`."""
    with SOURCE.open("rb") as file:
        return read_po(file)


def _read(path: Path) -> Translation:
    code = path.stem.replace("_", "-")
    locale = _locale(path.stem)
    try:
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale, abort_invalid=True)
    except (OSError, UnicodeDecodeError, PoFileError) as error:
        raise SettingsError(
            "SIGNER_LANGUAGES_DIR", f"holds {path.name}, which cannot be read: {error}"
        ) from error
    missing, wrong = [], []
    for source in sentences():
        if not source.id:
            continue
        english = source.id if isinstance(source.id, str) else source.id[0]
        there = catalog.get(source.id, source.context)
        if there is None or there.fuzzy or not all(_strings(there)):
            missing.append(english)
        elif not _keeps(source, there):
            wrong.append(english)
    language = Language(
        code,
        (locale.get_language_name() or code).capitalize(),
        locale.text_direction,
        _translations(catalog),
        locale,
    )
    return Translation(language, tuple(missing), tuple(wrong))


def _locale(stem: str) -> Locale:
    parts = stem.replace("-", "_").split("_")
    for code in ("_".join(parts), parts[0]):
        try:
            return Locale.parse(code)
        except (UnknownLocaleError, ValueError):
            continue
    raise SettingsError(
        "SIGNER_LANGUAGES_DIR",
        f"holds {stem}.po: name it by its language, such as cy.po or pt_BR.po",
    )


def _strings(message: Message) -> tuple[str, ...]:
    given = message.string
    return (given,) if isinstance(given, str) else tuple(given or ("",))


def _keeps(source: Message, there: Message) -> bool:
    """Whether a translation has the values and marks of the English."""
    forms = (source.id,) if isinstance(source.id, str) else tuple(source.id)
    wanted = [sorted(_FIXED.findall(form)) for form in forms]
    return all(sorted(_FIXED.findall(one)) in wanted for one in _strings(there))


def _translations(catalog: Catalog) -> NullTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
