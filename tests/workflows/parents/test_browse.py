"""The register in pages: who is found, by what, and at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from signer.register.rows import read_register
from signer.workflows.parents.browse import LEFT, PAGE, Wanted, browse_register
from signer.workflows.register.identity import correct_parent
from signer.workflows.register.import_register import import_register
from tests.workflows.conftest import sign

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed
    from tests.workflows.conftest import Post

HEADER = "parent_name,parent_email,relationship,child_name,year_group\n"
ODD = """\
Jürgen Müller,jm@example.org,father,Zoë Müller,Year 7
Siân O\u2019Neill-Łapiński,siân@example.org,mother,Caoimhe O\u2019Neill,Year 9
علي حسن,ali@example.org,father,سارة حسن,Year 7
100% Sure_Name,hundred@example.org,carer,Bo,Year 3
"""


@pytest.fixture
def odd(app_context: AppContext) -> AppContext:
    """Parents of odd names beside the others."""
    given = (HEADER + ODD.replace("siân@", "sian@")).encode()
    import_register(app_context, read_register(given))
    return app_context


def names(context: AppContext, words: str = "", **wanted: str) -> list[str]:
    found = browse_register(context, Wanted(words=words, **wanted))
    return [row.name for row in found.rows]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("amira", ["Amira Khan"]),
        ("KHAN am", ["Amira Khan"]),
        ("leila", ["Amira Khan"]),
        ("rien", []),
        ("muller", ["Jürgen Müller"]),
        ("Mueller", ["Jürgen Müller"]),
        ("zoe", ["Jürgen Müller"]),
        ("oneill lapin", ["Siân O\u2019Neill-Łapiński"]),
        ("o'neill", ["Siân O\u2019Neill-Łapiński"]),
        ("小", []),
        ("王", ["王小明"]),
        ("حسن", ["علي حسن"]),
        ("100%", ["100% Sure_Name"]),
        ("%", []),
        ("_", []),
        ("wang@", ["王小明"]),
        ("FAMILY@example", ["Niamh O'Brien", "Tom O'Brien"]),
        ("maeve", ["Niamh O'Brien", "Tom O'Brien"]),
        ("nobody", []),
        ("'", []),
    ],
)
def test_words_find_whom_they_mean(
    odd: AppContext, words: str, found: list[str]
) -> None:
    """By name, child or address; accents, case, order and signs make no difference."""
    assert names(odd, words) == found


def test_what_was_corrected_and_references_find_a_parent(
    app_context: AppContext, amira: Followed
) -> None:
    """The name and address of before, a request and a declaration lead to them."""
    signed = sign(app_context, amira)
    correct_parent(app_context, "amira@example.org", name="Amira Şahin", email="a@b.uk")
    assert amira.request_ref
    for words in ("khan ami", "amira@ex", amira.request_ref, signed.declaration_id):
        assert names(app_context, words) == ["Amira Şahin"]
    assert names(app_context, "SAHIN") == ["Amira Şahin"]


def test_filters_narrow_what_is_shown(
    app_context: AppContext, asked: Post, amira: Followed
) -> None:
    """By year group, by state, and by both with words; who left is apart."""
    sign(app_context, amira)
    assert names(app_context, state="signed") == ["Amira Khan"]
    assert names(app_context, year_group="Year 10") == ["Niamh O'Brien", "Tom O'Brien"]
    assert names(app_context, "tom", state="outstanding") == ["Tom O'Brien"]
    assert names(app_context, "tom", state="signed") == []
    rest = (HEADER + "王小明,wang@example.org,carer,王美,Year 7\n").encode()
    import_register(app_context, read_register(rest), leavers=True)
    assert names(app_context) == ["王小明"]
    assert names(app_context, "amira") == ["Amira Khan"]
    assert len(names(app_context, state=LEFT)) == 3


def test_a_page_is_as_dear_with_many_parents_as_with_few(
    app_context: AppContext,
) -> None:
    """Pages hold fifty, none twice and none missing, by a fixed number of queries."""
    few = queries(app_context)
    rows = "".join(
        f"Parent N{n},n{n}@example.org,mother,Child N{n},Year {n % 6 + 7}\n"
        for n in range(2 * PAGE)
    )
    import_register(app_context, read_register((HEADER + rows).encode()))
    assert queries(app_context) == few
    shown = [
        row.id
        for number in (1, 2, 3)
        for row in browse_register(app_context, Wanted(), page=number).rows
    ]
    last = browse_register(app_context, Wanted(), page=99)
    assert (last.number, last.pages, last.found) == (3, 3, 2 * PAGE + 4)
    assert len(shown) == len(set(shown)) == last.found


def queries(context: AppContext) -> int:
    """How many statements a page of a search with filters takes."""
    counted = []
    engine = context.sessions.engine

    def count(*_: object) -> None:
        counted.append(1)

    event.listen(engine, "before_cursor_execute", count)
    try:
        browse_register(
            context, Wanted("n", year_group="Year 7", state="not asked"), page=1
        )
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(counted)
