"""Changes that no eye finds: spaces, and letters and signs that look alike."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from signer.mail.redline_styles import dressed
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.redline.html import redline_html
from signer.redline.model import redline
from signer.redline.text import redline_summary, redline_text
from tests.redline.test_model import hold

ONLY = "only in spaces, or in letters and signs that look alike"
SPACES = [
    (
        "Reply within 2 working days.",
        "Reply within 2\u00a0working days.",
        "Reply within 2[changed: only the spacing]working days.",
    ),
    (
        "Be kind\u2003always",
        "Be kind always",
        "Be kind[changed: only the spacing]always",
    ),
    ("Be kind !", "Be kind!", "Be kind[removed: a space]!"),
    ("Be kind! Be safe.", "Be kind!Be safe.", "Be kind![removed: a space]Be safe."),
    ("the class room", "the classroom", "the class[removed: a space]room"),
    ("on line rules", "online rules", "on[removed: a space]line rules"),
    ("On line", "Online", "On[removed: a space]line"),
    ("a/b c", "a / b c", "a[added: a space]/[added: a space]b c"),
    ("9 - 5", "9-5", "9[removed: a space]-[removed: a space]5"),
    ("(see below)", "( see below)", "([added: a space]see below)"),
    ("\u201c quote\u201d", "\u201cquote\u201d", "\u201c[removed: a space]quote\u201d"),
    ("10 000 pounds", "10000 pounds", "10[removed: a space]000 pounds"),
    ("The end.", "The end.\u00a0", "The end.[added: a space]"),
    ("*a* *b* c", "*a b* c", "a[changed: only the spacing]b c"),
]
ALIKE = [
    ("the expulsion of", "the \u0435\u0445pulsion of"),  # Cyrillic ie and ha
    ("Purpose", "\u0420urpose"),  # Cyrillic er
    ("an e-mail", "an e\u2011mail"),
    ("don't", "don\u2019t"),
    ("Be fine", "Be \ufb01ne"),
]


@pytest.mark.parametrize(("old", "new", "told"), SPACES)
def test_a_space_that_changed_is_told_in_words(old: str, new: str, told: str) -> None:
    """Mail and terminal say where it is, and the law of the redline holds."""
    compared = redline(to_html(old), to_html(new))
    assert redline_text(compared) == f"Changed: {told}"
    assert redline_summary(compared) == f"1 paragraph changed, {ONLY}"
    assert compared.looks_the_same
    hold(blocks(to_html(old)), blocks(to_html(new)))


@pytest.mark.parametrize(("old", "new"), ALIKE)
def test_letters_that_look_alike_are_told_in_words(old: str, new: str) -> None:
    """Both are shown, and that they are not the same."""
    compared = redline(to_html(old), to_html(new))
    assert "[changed: only letters or signs that look alike]" in redline_text(compared)
    assert redline_summary(compared) == f"1 paragraph changed, {ONLY}"
    assert compared.looks_the_same
    hold(blocks(to_html(old)), blocks(to_html(new)))


def test_the_page_and_the_mail_say_it_for_eyes_and_ears() -> None:
    """Nothing is only a mark without words, or words that only some can see."""
    old, new, _ = SPACES[0]
    html = redline_html(redline(to_html(old), to_html(new)), only_changes=True)
    for shown in (html, dressed(html)):
        (note,) = lxml_html.fragment_fromstring(shown).find_class("redline-note")
        assert note.text_content() == " [changed: only the spacing] "
        assert "redline-unseen" not in note.get("class", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Be kind.", "Be very kind."),
        ("Be kind, always.", "Be kind always."),
        ("resume", "r\u00e9sum\u00e9"),
        ("**Be** kind", "Be kind"),
        ("[Here](https://a.example/)", "[Here](https://b.example/)"),
        ("one two three. four five six.", "one two three.\n\nfour five six."),
        ("one two three.\n\nfour five six.", "one two three. four five six."),
        ("| ab | c |\n|---|---|\n| a | b |", "| a | bc |\n|---|---|\n| a | b |"),
    ],
)
def test_a_change_that_is_seen_is_told_as_before(old: str, new: str) -> None:
    """A word, a mark, a split or a cell is no matter of spaces."""
    compared = redline(to_html(old), to_html(new))
    assert not compared.looks_the_same
    told = redline_text(compared)
    assert "a space" not in told
    assert "look alike" not in told
    assert "the space here" not in told


def test_the_same_text_does_not_only_look_the_same() -> None:
    """Where nothing changed there is nothing to say."""
    assert not redline(to_html("Be kind."), to_html("Be kind.")).looks_the_same
