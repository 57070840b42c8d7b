"""The law of the redline, on the real text: accept for the new, reject for the old."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.policy.versions import read_version
from signer.redline.changes import ChangeKind, Note, changes
from signer.redline.html import redline_html
from signer.redline.lines import CELL, LINE, lines, tree
from signer.redline.model import Counts, Redline, redline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signer.redline.lines import Line

REPOSITORY = Path(__file__).parent.parent.parent
BODY = read_version(REPOSITORY / "versions" / "2.md").body
MORE = """## Rules

> Parents **must not** post, and [must ask](https://example.org/ask) *first*.
>
> - One
> - Two

3. Third rule of the school
4. Fourth rule

    It has a second paragraph.

    - and a point within
5. Fifth

| Place | Rule |
|-------|------|
| Home | Ask **first** |
| School | Do not |
"""
REAL = blocks(to_html(BODY))
ALL = blocks(to_html(BODY + "\n\n" + MORE))

Tree = list[dict[str, Any]]


def between(old: Tree, new: Tree) -> Redline:
    return Redline(changes(lines(old), lines(new)))


def words(some: Iterable[Line]) -> str:
    return "".join(piece.text for line in some for piece in line.pieces)


def read_html(html: str, leave_out: str) -> str:
    """The policy's own words in a redline's HTML, without those in some elements."""
    root = lxml_html.fragment_fromstring(html)
    said = "contains(concat(' ', @class, ' '), ' redline-said ')"
    for gone in root.xpath(f"//*[{said}] | //{leave_out}"):
        gone.drop_tree()
    # Between the elements of blocks there are ends of lines, and only there.
    return str(root.text_content()).replace("\n", "")


def hold(old: Tree, new: Tree) -> Redline:
    """The law, for one pair of texts."""
    found = between(old, new)
    assert found.accepted() == new
    assert found.rejected() == old
    assert found.changed is (old != new)
    html = redline_html(found)
    assert read_html(html, "del") == words(lines(new))
    assert read_html(html, "ins") == words(lines(old))
    marks = [
        f'class="redline-{kind}"' in html
        for kind in ChangeKind
        if kind is not ChangeKind.SAME
    ]
    assert any(marks) is found.changed
    root = lxml_html.fragment_fromstring(html)
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    return found


# Random edits of the tree, block by block and word by word.


def flows(some: Tree) -> list[Tree]:
    """Every list of blocks in a tree."""
    found = [some]
    for block in some:
        if block["kind"] == "list":
            for item in block["items"]:
                found += flows(item)
        elif block["kind"] == "quote":
            found += flows(block["blocks"])
    return found


def leaves(some: Tree) -> list[dict[str, Any]]:
    return [one for flow in flows(some) for one in flow if "spans" in one]


def tidy(some: Tree) -> Tree:
    """The tree as `blocks` would give it: like spans joined, none of them empty."""
    return tree(
        line._replace(pieces=tuple(piece for piece in line.pieces if piece.text))
        if not line.place.cells
        else line
        for line in lines(some)
    )


def halved(block: dict[str, Any], at: int) -> tuple[dict[str, Any], dict[str, Any]]:
    first, second = copy.deepcopy(block), copy.deepcopy(block)
    span = block["spans"][0]
    parts = span["text"].split(" ")
    cut = at % len(parts)
    first["spans"] = [{**span, "text": " ".join(parts[:cut])}]
    second["spans"] = [{**span, "text": " ".join(parts[cut:])}, *block["spans"][1:]]
    return first, second


def one_flow(some: Tree, chance: random.Random) -> Tree:
    """Some list of blocks that has any."""
    full = [flow for flow in flows(some) if flow]
    return chance.choice(full or [[{}]])


def delete(some: Tree, chance: random.Random) -> None:
    flow = one_flow(some, chance)
    flow.pop(chance.randrange(len(flow)))


def insert(some: Tree, chance: random.Random) -> None:
    flow = chance.choice(flows(some))
    flow.insert(chance.randint(0, len(flow)), copy.deepcopy(chance.choice(ALL)))


def move(some: Tree, chance: random.Random) -> None:
    flow = one_flow(some, chance)
    block = flow.pop(chance.randrange(len(flow)))
    target = chance.choice(flows(some))
    target.insert(chance.randint(0, len(target)), block)


def split(some: Tree, chance: random.Random) -> None:
    for flow in chance.sample(flows(some), len(flows(some))):
        places = [at for at, one in enumerate(flow) if one.get("spans")]
        if places:
            at = chance.choice(places)
            flow[at : at + 1] = halved(flow[at], chance.randrange(50))
            return


def join(some: Tree, chance: random.Random) -> None:
    for flow in chance.sample(flows(some), len(flows(some))):
        for at in range(len(flow) - 1):
            if "spans" in flow[at] and "spans" in flow[at + 1]:
                flow[at]["spans"] += [{"text": " "}, *flow.pop(at + 1)["spans"]]
                return


def reshape(some: Tree, chance: random.Random) -> None:
    flow = one_flow(some, chance)
    at = chance.randrange(len(flow))
    block = flow[at]
    if block.get("kind") == "list":
        block["ordered"] = not block["ordered"]
        block.pop("start", None)
        if block["ordered"]:
            block["start"] = chance.randint(1, 9)
    elif block.get("kind") == "heading":
        block["level"] = chance.randint(2, 6)
    elif chance.random() < 0.5:
        flow[at] = {"kind": "quote", "blocks": [block]}
    else:
        flow[at] = {"kind": "list", "ordered": False, "items": [[block]]}


def restyle(some: Tree, chance: random.Random) -> None:
    block = chance.choice(leaves(some) or [{"spans": []}])
    if not block["spans"]:
        return
    at = chance.randrange(len(block["spans"]))
    span = block["spans"][at]
    start, end = sorted(chance.choices(range(len(span["text"]) + 1), k=2))
    inner = {**span, "text": span["text"][start:end]}
    mark = chance.choice(["strong", "emphasis", "href"])
    if mark in inner:
        inner.pop(mark)
    else:
        inner[mark] = "https://example.org/" if mark == "href" else True
    before = {**span, "text": span["text"][:start]}
    after = {**span, "text": span["text"][end:]}
    block["spans"][at : at + 1] = [before, inner, after]


def reword(some: Tree, chance: random.Random) -> None:
    block = chance.choice(leaves(some) or [{"spans": []}])
    if not block["spans"]:
        return
    span = chance.choice(block["spans"])
    parts = span["text"].split(" ")
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(parts) + 1)
        parts[at : at + chance.randint(0, 2)] = chance.choices(
            ["must", "not", "the", "2 days,", "<ins>", "school", "\u00a0", "“so”"],
            k=chance.randint(0, 3),
        )
    span["text"] = " ".join(parts)


def retable(some: Tree, chance: random.Random) -> None:
    tables = [one for flow in flows(some) for one in flow if one.get("kind") == "table"]
    if not tables:
        return
    rows = chance.choice(tables)["rows"]
    turn = chance.randrange(3)
    if turn == 0 and rows:
        rows.pop(chance.randrange(len(rows)))
    elif turn == 1:
        rows.insert(0, [[{"text": "A new"}], [{"text": "row"}]])
    elif rows:
        row = chance.choice(rows)
        row[chance.randrange(len(row))] = [{"text": "Ask last", "strong": True}]


EDITS = (delete, insert, move, split, join, reshape, restyle, reword, retable)


@given(
    seed=st.integers(min_value=0), edits=st.lists(st.sampled_from(EDITS), max_size=12)
)
@settings(deadline=None, max_examples=150)
def test_accepting_gives_the_new_text_and_rejecting_the_old(
    seed: int, edits: list[Any]
) -> None:
    """The law holds in blocks, in words, in marks and in HTML, whatever was edited."""
    chance = random.Random(seed)
    new = copy.deepcopy(ALL)
    for edit in edits:
        edit(new, chance)
    hold(ALL, tidy(new))


@given(seeds=st.tuples(st.integers(min_value=0), st.integers(min_value=0)))
@settings(deadline=None, max_examples=50)
def test_texts_that_share_little_keep_the_law(seeds: tuple[int, int]) -> None:
    """Two heavily edited pieces of the text are compared as exactly as two versions."""
    made = []
    for seed in seeds:
        chance = random.Random(seed)
        some = copy.deepcopy(chance.sample(ALL, chance.randint(0, 8)))
        for edit in chance.choices(EDITS, k=20):
            if some:
                edit(some, chance)
        made.append(tidy(some))
    hold(*made)


@pytest.mark.parametrize("at", range(len(REAL)))
def test_each_block_of_the_real_text_is_shown_as_removed(at: int) -> None:
    """A block that is gone is shown as gone, and nothing else is shown as changed."""
    found = hold(REAL, REAL[:at] + REAL[at + 1 :])
    marked = [one for one in found.changes if one.kind is not ChangeKind.SAME]
    assert {one.kind for one in marked} == {ChangeKind.REMOVED}
    gone = "".join(words(one.old_lines()) for one in marked)
    assert gone == words(lines([REAL[at]]))


@pytest.mark.parametrize("at", range(len(REAL)))
def test_each_block_of_the_real_text_is_shown_as_added(at: int) -> None:
    """The other way round, each block is shown as added."""
    found = hold(REAL[:at] + REAL[at + 1 :], REAL)
    marked = [one for one in found.changes if one.kind is not ChangeKind.SAME]
    assert {one.kind for one in marked} == {ChangeKind.ADDED}
    assert "".join(words(one.new_lines()) for one in marked) == words(lines([REAL[at]]))


def test_each_item_of_the_real_text_is_shown_as_removed() -> None:
    """An item of a list that is gone is one line_change, and none else is touched."""
    for at, block in enumerate(REAL):
        for number in range(len(block.get("items", []))):
            new = copy.deepcopy(REAL)
            gone = new[at]["items"].pop(number)
            found = hold(REAL, new)
            marked = [one for one in found.changes if one.kind is not ChangeKind.SAME]
            assert found.counts == Counts(changed=0, added=0, removed=1, moved=0)
            assert words(marked[0].old_lines()) == words(lines(gone))


def test_the_same_text_has_no_redline() -> None:
    """Nothing is marked where nothing changed."""
    found = redline(to_html(BODY), to_html(BODY))
    assert not found.changed
    assert found.counts == Counts(0, 0, 0, 0)
    assert "<ins" not in redline_html(found)
    assert "<del" not in redline_html(found)


def test_lines_are_taken_apart_and_put_together() -> None:
    """The lines of a tree hold all that the tree holds."""
    assert tree(lines(ALL)) == ALL
    odd: Tree = [
        {"kind": "list", "ordered": True, "start": 4, "items": []},
        {"kind": "list", "ordered": False, "items": [[], [], [{"kind": "quote"}]]},
        {"kind": "table", "header": [], "rows": [[], [[]], [[], []]]},
        {"kind": "heading", "level": 2, "spans": []},
    ]
    odd[1]["items"][2][0]["blocks"] = []
    assert tree(lines(odd)) == odd


def test_no_text_is_taken_for_the_end_of_a_line() -> None:
    """Words that name the marks of the machinery stay words."""
    old = f"<p>{LINE} {CELL} ={LINE}</p>"
    new = f"<p>={LINE} {LINE} {CELL}</p>"
    hold(blocks(old), blocks(new))


def test_a_paragraph_of_like_words_does_not_take_for_ever() -> None:
    """Ten thousand words, all of them alike, are compared within the time of a test."""
    old, new = "<p>" + "a b " * 5000 + "</p>", "<p>" + "b c a " * 3000 + "</p>"
    found = redline(old, new)
    assert found.accepted() == blocks(new)


def test_moved_lines_are_counted_once() -> None:
    """What stands elsewhere word for word is neither added nor removed."""
    new = [*REAL[1:8], REAL[0], *REAL[8:]]
    new[7] = {"kind": "paragraph", "spans": [{"text": "These five words have moved"}]}
    old = [new[7], *new[:7], *new[8:]]
    found = hold(old, new)
    assert found.counts == Counts(changed=0, added=0, removed=0, moved=1)
    assert [one.kind for one in found.changes if Note.MOVED in one.notes] == [
        ChangeKind.REMOVED,
        ChangeKind.ADDED,
    ]
