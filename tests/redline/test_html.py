"""The redline as HTML: what a reader, with eyes or ears, is told of each change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from lxml import html as lxml_html

from signer.markdown.rendering import to_html
from signer.policy.versions import read_version
from signer.redline.html import redline_html, redline_key
from signer.redline.model import redline
from tests.html_trees import first

if TYPE_CHECKING:
    from lxml.html import HtmlElement

REPOSITORY = Path(__file__).parent.parent.parent
BODY = read_version(REPOSITORY / "versions" / "2.md").body
CSS = (REPOSITORY / "signer" / "theme" / "redline.css").read_text(encoding="utf-8")
TOKENS = (REPOSITORY / "signer" / "theme" / "tokens.css").read_text(encoding="utf-8")
ALLOWED = {
    *("div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote"),
    *("table", "tbody", "tr", "th", "td", "ins", "del", "span", "a", "strong", "em"),
}
ATTRIBUTES = {"class", "id", "href", "value", "scope", "role", "aria-label"}
ATTRIBUTES |= {"aria-hidden", "tabindex"}


def shown(old: str, new: str, *, only_changes: bool = False) -> str:
    """The redline of two Markdown texts."""
    compared = redline(to_html(old), to_html(new))
    html = redline_html(compared, only_changes=only_changes)
    return re.sub(r"\n", "", html).removeprefix('<div class="redline">')[:-6]


def tree(html: str) -> HtmlElement:
    return lxml_html.fragment_fromstring(html, create_parent="div")


def heard(html: str) -> str:
    """What a screen reader says: all text, the unseen included."""
    root = tree(html)
    for quiet in root.xpath("//*[@aria-hidden='true']"):
        quiet.drop_tree()
    return " ".join(root.text_content().split())


def test_three_changed_words_are_one_changed_paragraph() -> None:
    """A paragraph that was edited is shown once, its changed words within."""
    root = tree(
        shown(
            "The school will reply to all parents within 2 working days of a message.",
            "The academy will reply to all parents within 3 school days of a message.",
        )
    )
    assert [one.get("class") for one in root.iter("p")] == ["redline-changed"]
    assert [heard_of(one) for one in root.iter("del")] == ["school", "2 working"]
    assert [heard_of(one) for one in root.iter("ins")] == ["academy", "3 school"]


def heard_of(element: HtmlElement) -> str:
    inner = element.xpath("text() | *[not(contains(@class, 'redline-said'))]//text()")
    return "".join(inner)


def test_each_change_is_told_in_words() -> None:
    """A screen reader says what was removed and added, and where that ends."""
    said = heard(shown("You must ask first.", "You should ask first."))
    assert said == (
        "Changed: You Removed: must, end removed. Added: should, end added. ask first."
    )


def test_a_removed_bold_on_not_is_visible() -> None:
    """Taking the bold off one word is told in visible words; the word stands once."""
    html = shown("You must **not** post.", "You must not post.")
    assert heard(html) == "Changed: You must Changed: not [no longer bold] post."
    assert "redline-note" in html
    assert "<ins" not in html
    assert "<del" not in html


def test_a_mark_on_half_a_word_is_visible() -> None:
    """Emphasis may begin inside a word; the word is not shown as replaced."""
    html = shown("That is *un*wanted.", "That is *unwanted*.")
    assert heard(html) == "Changed: That is un Changed: wanted [now italic]."


def test_a_changed_link_target_is_visible() -> None:
    """Both addresses are told where the words of a link stayed."""
    html = shown("See [it](https://a.example/).", "See [it](https://b.example/).")
    assert "[link changed, from https://a.example/ to https://b.example/]" in heard(
        html
    )
    assert tree(html).xpath("//a/@href") == ["https://b.example/"]


def test_a_link_of_several_words_is_told_of_once() -> None:
    """Words of a link that are marked differently share one note."""
    html = shown("[a **b** c](https://a.example/)", "[a **b** c](https://b.example/)")
    assert html.count("link changed") == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "A first long sentence. A second long sentence.",
            "A first long sentence.\n\nA second long sentence.",
            (
                "Changed: [split into 2 parts] A first long sentence. "
                "Changed: [split off from the part before] A second long sentence."
            ),
        ),
        (
            "A first long sentence.\n\nA second long sentence.",
            "A first long sentence. A second long sentence.",
            (
                "Changed: [joined from 2 parts] A first long sentence. "
                "[joined with the part before] A second long sentence."
            ),
        ),
        (
            "Never post photos.",
            "- Never post photos.",
            (
                "Changed: [was a paragraph, is now a point with a bullet] "
                "Never post photos."
            ),
        ),
        (
            "## Photos of pupils",
            "### Photos of pupils",
            (
                "Changed: [was a heading of level 2, is now a heading of level 3] "
                "Photos of pupils"
            ),
        ),
        (
            "- One rule",
            "1. One rule",
            "Changed: [was a point with a bullet, is now a numbered point] One rule",
        ),
        (
            "Ask first.",
            "> Ask first.",
            "Changed: [was a paragraph, is now a quotation] Ask first.",
        ),
        (
            "3. One rule",
            "4. One rule",
            "Changed: [was number 3, is now number 4] One rule",
        ),
        (
            "- One rule\n- More rules",
            "- One rule\n    - More rules",
            "One rule Changed: [now further in] More rules",
        ),
        (
            "- One rule\n\n    More of it\n\n- End",
            "- One rule\n\n- More of it\n\n- End",
            "One rule Changed: [grouped differently] More of it End",
        ),
    ],
)
def test_what_happens_besides_words_is_told(old: str, new: str, said: str) -> None:
    """Splits, joins, kinds of block, numbers and grouping are changes of their own."""
    html = redline_html(redline(to_html(old), to_html(new)))
    assert heard(html) == said
    assert "<ins>" not in html
    assert "<del>" not in html


def test_a_paragraph_made_into_a_list_keeps_its_words() -> None:
    """The words of a sentence that became a list are not shown as removed."""
    html = shown(
        "The rules are these: never post photos, never share messages, ask first.",
        "The rules are these:\n\n- never post photos\n- never share messages\n"
        "- ask first",
    )
    root = tree(html)
    assert [heard_of(one) for one in root.xpath("//del[.//text()!=' ']")] == [
        *(",", ",", "."),
    ]
    assert len(root.findall(".//li")) == 3


def test_tables_are_compared_by_cell() -> None:
    """A changed cell, and a row that came, stand in the table where they belong."""
    head = "| Law | Year |\n|---|---|\n"
    root = tree(
        shown(
            head + "| Data Protection Act | 2018 |",
            head + "| Data Protection Act | 2019 |\n| Online Safety Act | 2023 |",
        )
    )
    rows = root.findall(".//tr")
    assert [row.get("class") for row in rows] == [
        *(None, "redline-changed", "redline-added"),
    ]
    assert [len(row) for row in rows] == [2, 2, 2]
    assert heard_of(first(rows[1][1], "del")) == "2018"
    assert heard_of(first(rows[1][1], "ins")) == "2019"


def test_a_table_that_lost_a_column_says_so() -> None:
    """Cells that are gone are told of, and the rows keep the new number of cells."""
    root = tree(
        shown(
            "| Law | Year |\n|---|---|\n| Act | 2018 |",
            "| Law |\n|---|\n| Act |",
        )
    )
    assert [len(row) for row in root.findall(".//tr")] == [1, 1]
    assert "[joined with the cell before]" in heard(lxml_html.tostring(root).decode())


def test_removed_rows_keep_their_cells() -> None:
    """A row that is gone is a whole row still."""
    head = "| Law | Year |\n|---|---|\n"
    rows = "| Act | 2018 |\n| Bill | 2019 |"
    root = tree(shown(head + rows, head + "| Act | 2018 |"))
    gone = root.find(".//tr[@class='redline-removed']")
    assert gone is not None
    assert [heard_of(one) for one in gone.iter("del")] == ["Bill", "2019"]


def test_numbers_of_items_are_those_of_their_own_text() -> None:
    """A removed item has its old number; those after it have their new ones."""
    root = tree(shown("1. Alpha\n2. Beta\n3. Gamma", "1. Alpha\n2. Gamma"))
    assert [
        (one.get("value"), heard(lxml_html.tostring(one).decode()))
        for one in root.iter("li")
    ] == [
        *(("1", "Alpha"), ("2", "Removed: Beta"), ("2", "Gamma")),
    ]


def test_lists_stay_whole() -> None:
    """Items that came and went stand in the one list, not in lists of their own."""
    old = "- Alpha one\n- Beta two\n- Gamma three"
    new = "- Alpha one\n- Delta four\n- Gamma three\n- Epsilon five"
    root = tree(shown(old, new))
    assert len(root.findall(".//ul")) == 1
    assert len(root.findall(".//li")) == 5
    assert {one.tag for one in root.xpath(".//li/..")} == {"ul"}


def test_only_the_changes_come_with_what_explains_them() -> None:
    """The heading, and the words that lead to a list, stand with a changed item."""
    new = BODY.replace(
        "- Posting defamatory content about parents/carers, pupils,",
        "- Posting defamatory or hateful content about parents/carers, pupils,",
    )
    root = tree(shown(BODY, new, only_changes=True))
    assert [one.text for one in root.iter("h2")] == [
        "Online Safety and Social Media Conduct"
    ]
    assert len(root.findall(".//li")) == 1
    said = heard(lxml_html.tostring(root, encoding="unicode"))
    assert "will not tolerate any of the following online behaviour:" in said
    assert "Data Protection Act" not in said
    assert said.startswith("Unchanged parts are left out here.")


def test_all_of_the_text_stands_around_the_changes() -> None:
    """Unless asked for the changes alone, the whole text can be read."""
    said = heard(shown(BODY, BODY.replace("2 working days", "3 working days")))
    assert "Unchanged parts" not in said
    assert len(said) > len(BODY) * 0.9


def test_ids_are_the_redline_s_own() -> None:
    """Each heading has an id that no page has, none twice, removed ones none."""
    old = "## Purpose\n\ntext\n\n## Gone with all its words\n\n## Purpose\n\n## !!!"
    new = "## Purpose\n\ntext\n\n## Purpose\n\n## !!!\n\n## ???"
    html = redline_html(redline(to_html(old), to_html(new)))
    assert tree(html).xpath("//@id") == [
        *("redline-purpose", "redline-purpose-2", "redline-part", "redline-part-2"),
    ]
    other = redline_html(redline(to_html(old), to_html(new)), prefix="r23-")
    assert tree(other).xpath("//@id")[0] == "r23-purpose"


def test_hostile_words_stay_words() -> None:
    """Nothing in a text becomes markup, a script, or a link that runs one."""
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/ins&gt; &amp;lt; \" ' &lt;!--"
    link = '<a href="javascript:alert(1)">x</a> <a href="https://a.example/&quot;&gt;&lt;b&gt;">y</a>'
    old = f"<h2>{evil}</h2><p>{link} {evil} one</p><ul><li>{evil}</li></ul>"
    new = f"<h2>{evil} more</h2><p><strong>{link}</strong> {evil}</p><p>{evil}</p>"
    for only in (False, True):
        html = redline_html(redline(old, new), only_changes=only)
        root = tree(html)
        assert {one.tag for one in root.iterdescendants()} <= ALLOWED
        assert {name for one in root.iter() for name in one.attrib} <= ATTRIBUTES
        assert all(str(to).startswith("https://") for to in root.xpath("//@href"))
        assert "<script" not in html


def test_the_html_has_no_empty_lines() -> None:
    """A page written in Markdown may hold it, since no empty line ends it."""
    for only in (False, True):
        html = redline_html(
            redline(to_html(BODY), to_html(BODY.replace("school", "academy"))),
            only_changes=only,
        )
        assert "\n\n" not in html
        assert html in to_html(f"Before\n\n{html}\n\nAfter")


def test_the_key_shows_both_marks() -> None:
    """The key is told in words, with a sample of each mark."""
    assert heard(redline_key()).startswith("Words that were added are underlined")
    assert [one.tag for one in tree(redline_key())[0]] == ["ins", "del"]


def test_changes_are_not_shown_by_colour_alone() -> None:
    """Lines under and through words, and bars of three kinds, need no colour."""
    for needed in ("underline", "line-through", "solid", "dashed", "double"):
        assert needed in CSS


def test_the_style_has_only_colours_of_the_look() -> None:
    """Each colour is one of the look's, on paper its light one, and so has contrast."""
    light = TOKENS[: TOKENS.index("@media")]
    printed = CSS[CSS.index("@media print") :]
    for name, value in re.findall(r"(--[a-z-]+): (#[0-9a-f]{6});", printed):
        assert f"{name}: {value};" in light
    assert "#" not in CSS[: CSS.index("@media print")]
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", CSS))
    assert {name for name in used if f"{name}:" not in light + CSS} == set()
