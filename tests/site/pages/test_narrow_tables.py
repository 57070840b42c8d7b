"""Tables on a phone."""

from __future__ import annotations

from signer.markdown.rendering import to_html
from signer.site.pages.narrow_tables import with_labels
from tests.html_trees import first
from tests.site.pages.test_policy_pages import html_of

TABLE = '| Who & `what` | "When" |\n|---|:--:|\n| the office | today |\n| you | |\n'


def test_each_cell_says_what_its_column_is_called() -> None:
    """In the words of the head, their marks left out; cells that are empty too."""
    root = html_of(with_labels(to_html(TABLE)))
    assert [
        (cell.text, cell.get("data-label"), cell.get("role"))
        for cell in root.iter("td")
    ] == [
        ("the office", "Who & what", "cell"),
        ("today", '"When"', "cell"),
        ("you", "Who & what", "cell"),
        (None, '"When"', "cell"),
    ]


def test_a_table_stays_one_for_those_who_listen() -> None:
    """Whatever a style makes of it: each part has its role."""
    root = html_of(with_labels(to_html(TABLE)))
    assert first(root, ".//table").get("role") == "table"
    assert {row.get("role") for row in root.iter("tr")} == {"row"}
    assert {head.get("role") for head in root.iter("th")} == {"columnheader"}
    assert first(root, ".//tbody").get("role") == "rowgroup"


def test_what_is_no_table_of_a_page_stays() -> None:
    """Text about tables, and one that scrolls in a redline."""
    for html in (
        "<p>&lt;table&gt; and &lt;td&gt;</p>",
        '<div class="redline-table">\n<table><tr><td>a</td></tr></table>\n</div>',
    ):
        assert with_labels(html) == html
