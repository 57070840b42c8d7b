"""Words from outside are kept as they were meant, or refused with the reason."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from signer.errors import TextRefused
from signer.user_text import (
    NAME_CHARACTERS,
    NOTE_CHARACTERS,
    one_line,
    paragraphs,
    same_name,
    signature,
    unseen,
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=250)
NAMES = st.text(
    st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), min_size=1, max_size=60
)


WITH_NON_JOINER = "می‌خواهم"


def refusal(value: str, **limits: int) -> tuple[str, str]:
    with pytest.raises(TextRefused) as caught:
        one_line("name", value, **limits)
    assert caught.value.field == "name"
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize(
    "name",
    [
        "X",
        "O'Brien",
        "D\u2019Arcy-Smith",
        "ليلى حداد",
        "王小明",
        "अनिता शर्मा",
        "क्‍ष",  # with a joiner
        WITH_NON_JOINER,
        "👩‍👩‍👧‍👦",
        "❤️ Ann",
        "<b>#panic() *x*</b>",
        "n" * NAME_CHARACTERS,
    ],
)
def test_every_script_passes_as_it_is(name: str) -> None:
    """Names are not what a programmer thinks they are."""
    assert one_line("name", name) == unicodedata.normalize("NFC", name)


def test_white_space_around_and_between_is_put_right() -> None:
    """What a telephone's keyboard adds is taken away again."""
    assert one_line("name", "  Amira \t Khan\u00a0\n") == "Amira Khan"


def test_composition_is_the_same_whatever_the_keyboard() -> None:
    """NFC: a letter and its accent are one."""
    assert one_line("name", "Zoe\u0308") == "Zoë"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "\u00a0",
        "\u200b",
        "\u200d\u200c",
        "\ufeff\u2060",
        "\u00ad",
        "\ufe0f",
        "\u0301",
        "\u034f",
        "\u115f",
        "\u3164",
        "\uffa0",
        "\u2800",
        "\U000e0100",
    ],
)
def test_what_prints_nothing_is_empty(value: str) -> None:
    """Spaces, joiners, marks without a letter, and blanks that pass for letters."""
    assert refusal(value) == ("empty", "")
    with pytest.raises(TextRefused, match="empty"):
        paragraphs("reason", f"\n{value}\n")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("Amira\x00", ("control character", "U+0000")),
        ("Amira\x1b[31m", ("control character", "U+001B")),
        ("Amira\x7f", ("control character", "U+007F")),
        ("Amira\ud800", ("control character", "U+D800")),
        ("Amira\ue000", ("control character", "U+E000")),
        ("Amira\uffff", ("control character", "U+FFFF")),
        ("Amira\u202eKhan", ("direction override", "U+202E")),
        ("Z" + "\u0300" * 7, ("too many marks", "U+0300")),
        ("Amira \U000e0041", ("control character", "U+E0041")),
        ("Amira \ufffd", ("control character", "U+FFFD")),
        (". - ,", ("empty", "")),
        ("\u0301", ("empty", "")),
        ("Amira\u2066Khan", ("direction override", "U+2066")),
        ("Amira\u200fKhan", ("direction override", "U+200F")),
        ("n" * (NAME_CHARACTERS + 1), ("too long", str(NAME_CHARACTERS))),
    ],
)
def test_what_cannot_be_printed_is_refused(value: str, reason: tuple[str, str]) -> None:
    """The reason, and the character by its number or the limit."""
    assert refusal(value) == reason


def test_a_limit_counts_what_is_kept() -> None:
    """Spaces that are dropped and accents that are composed do not count."""
    assert one_line("name", "  e\u0301  ", limit=1) == "é"
    assert refusal("ab", limit=1) == ("too long", "1")


def test_notes_keep_their_lines() -> None:
    """Line ends of every system become one; blank lines at the ends go."""
    given_note = "\r\n\r\n  One  two \r\nthree\n\nfour\u2028five\r\n \n"
    assert paragraphs("reason", given_note) == "One two\nthree\n\nfour\nfive"


def test_a_note_has_a_limit_of_its_own() -> None:
    """Longer than a name, and not endless."""
    assert paragraphs("reason", "n" * NOTE_CHARACTERS)
    with pytest.raises(TextRefused, match="too long 2000"):
        paragraphs("reason", "n" * (NOTE_CHARACTERS + 1))


@pytest.mark.parametrize("keep", [one_line, paragraphs])
@given(value=ANY_TEXT)
def test_whatever_comes_is_kept_clean_or_refused(keep: object, value: str) -> None:
    """What is kept is composed, prints, is within the limit, and stays as it is."""
    assert callable(keep)
    try:
        kept = keep("name", value)
    except TextRefused as error:
        reasons = {
            "empty",
            "too long",
            "control character",
            "direction override",
            "too many marks",
        }
        assert error.reason in reasons  # noqa: PT017 - both outcomes are right
        return
    assert unicodedata.is_normalized("NFC", kept)
    assert kept == kept.strip()
    assert not any(unicodedata.category(c) == "Cc" for c in kept.replace("\n", ""))
    assert keep("name", kept) == kept


@given(name=NAMES)
def test_names_are_the_same_in_every_composition(name: str) -> None:
    """Composed or not, spaced or not: one person; and the key is its own."""
    assume(name.strip())
    key = same_name(name)
    for form in ("NFC", "NFD"):
        assert same_name(unicodedata.normalize(form, name)) == key
    assert same_name(f"  {name}\t") == key
    assert same_name(key) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Amira Khan", "AMIRA  KHAN"),
        ("Zoë", "ZOE\u0308"),
        ("Weiß", "WEISS"),
        ("ΐ", "ΐ".upper()),
    ],
)
def test_case_does_not_tell_people_apart(one: str, other: str) -> None:
    """The register's capitals are one parent's, not another's."""
    assert same_name(one) == same_name(other)


def test_accents_tell_people_apart() -> None:
    """Zoe and Zoë may be two."""
    assert same_name("Zoe") != same_name("Zoë")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Am\u00adira\u200b Khan\ufeff", "Amira Khan"),
        ("A\u200dmira\u2060", "Amira"),
        ("Khan \u200c", "Khan"),
        ("क्\u200dष", "क्\u200dष"),
        (WITH_NON_JOINER, WITH_NON_JOINER),
        ("👩\u200d👧 Ann", "👩\u200d👧 Ann"),
    ],
)
def test_a_signature_holds_nothing_that_is_not_seen(typed: str, kept: str) -> None:
    """But for what shapes the letters beside it."""
    assert signature("name", typed) == kept


@pytest.mark.parametrize(
    ("typed", "mark"),
    [
        ("\u0410mira Khan", "U+0410"),
        ("Amira K\u03bfhan", "U+03BF"),
        ("Amira Smith-\u0408ones", "U+0408"),
    ],
)
def test_letters_that_look_alike_are_refused_within_a_word(
    typed: str, mark: str
) -> None:
    """The letter that is not Latin is named."""
    with pytest.raises(TextRefused) as caught:
        signature("name", typed)
    assert (caught.value.reason, caught.value.detail) == ("mixed alphabets", mark)


@pytest.mark.parametrize(
    "name", ["Ольга Smith", "王A明", "Ελένη (Helen) Παππά", "Li-Жан"]
)
def test_each_word_may_have_an_alphabet_of_its_own(name: str) -> None:
    """People are called so."""
    assert signature("name", name) == name


@pytest.mark.parametrize("name", ["Amira Khan", "محمد", WITH_NON_JOINER, "👩‍🏫 Ada"])
def test_names_as_people_write_them_hold_nothing_unseen(name: str) -> None:
    """Joiners shape what is beside them in the scripts that need them."""
    assert not unseen(name)


@pytest.mark.parametrize(
    "name",
    [
        "Amira\u200bKhan",
        "\u202eKhan",
        "Kh\u00adan",
        "A\u200dB",
        "K\u2066an",
        "a\U000e0041",
    ],
)
def test_what_nobody_sees_in_a_name_is_found(name: str) -> None:
    """Whether it turns the reading direction or shows nothing at all."""
    assert unseen(name)


def test_a_direction_mark_in_a_signature_is_still_refused() -> None:
    """It is not dropped unseen: it changes how the name reads."""
    with pytest.raises(TextRefused, match="direction override"):
        signature("name", "Amira \u202eKhan")
