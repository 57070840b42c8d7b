"""Mail scanners that open links, fill in forms and press buttons do nothing by it."""

from __future__ import annotations

import random
import string
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy import func, select

from signer.register.rows import read_register
from signer.store.columns import Status
from signer.store.tables import Declaration, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.reissue_link import answer_link_asks
from tests.sharing.long_form import rounds
from tests.web.browsing import CHECK, GIVEN, NEXT, SIGN, Browser, words_of
from tests.workflows.conftest import Post, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flask import Flask
    from lxml.html import HtmlElement

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page

LINKS = rounds(18, long=50)
MOST_PRESSES = 14
"""For each link; together they come by everything that there is to press."""

LETTERS = string.ascii_lowercase
NAMES = [f"Parent {LETTERS[at // 26]}{LETTERS[at % 26]}" for at in range(LINKS)]
REGISTER = "parent_name,parent_email,relationship,child_name,year_group\n" + "".join(
    f"{name},parent{at}@example.org,mother,Child {at},Year 4\n"
    for at, name in enumerate(NAMES)
)
_RANDOM = random.Random(1)

ANSWERS: dict[str, Callable[[], str]] = {
    "empty": str,
    "random": lambda: "".join(_RANDOM.choices(string.ascii_letters + " ", k=12)),
    "lorem": lambda: "Lorem ipsum",
}

WAYS = list(product(ANSWERS, (True, False))) * LINKS
"""What each link's program types, and whether it presses the main button first."""

SENDING = {
    CHECK,
    "Send your question",
    "Tell the school I do not agree",
    "Tell the school this isn\N{RIGHT SINGLE QUOTATION MARK}t me",
    "Ask for a paper form",
}
"""The last button of each way."""


class Sandbox:
    """A program that tries out a link: every link, every box, every button.

    Args:
        visitor: its browser.
        answer: what it types.
        main_first: whether it presses a page's main button before the others, or last.
        turn: decides the order of those others.
    """

    def __init__(
        self,
        visitor: Browser,
        answer: Callable[[], str],
        turn: int,
        *,
        main_first: bool,
    ) -> None:
        self.visitor = visitor
        self.answer = answer
        self.main_first = main_first
        self.order = random.Random(turn)
        self.seen: set[tuple[str, str]] = set()
        self.pressed: set[str] = set()
        self.presses = 0

    def explore(self, page: Page) -> None:
        """Press all that can be pressed on a page, and on each that it leads to."""
        assert page.status < 500
        targets: list[HtmlElement] = page.tree.xpath("//main//button | //main//a")
        self.order.shuffle(targets)
        targets.sort(
            key=lambda it: (it.get("class") == "button") is not self.main_first
        )
        for target in targets:
            words, path = words_of(target), urlsplit(target.get("href", "")).path
            if target.tag == "a" and not path.startswith(("/sign/", "/link")):
                continue
            if not self._is_new(page, words):
                continue
            if target.tag == "a":
                self.explore(self.visitor.open(path))
            else:
                filled = dict(self._fill(page, target))
                self.explore(self.visitor.press(page, words, **filled))

    def _is_new(self, page: Page, words: str) -> bool:
        key = (page.heading, words)
        new = key not in self.seen and self.presses < MOST_PRESSES
        if new:
            self.pressed.add(words)
        self.seen.add(key)
        self.presses += new
        return new

    def _fill(self, page: Page, button: HtmlElement) -> Iterator[tuple[str, object]]:
        name = button.get("form")
        form = (
            page.tree.get_element_by_id(name)
            if name
            else next(button.iterancestors("form"))
        )
        for field in form.xpath(".//input | .//textarea"):
            kind = field.get("type", "text")
            if kind in {"hidden", "submit"} or field.get("hidden") is not None:
                continue
            same = form.xpath(".//*[@name=$name]", name=field.get("name"))
            values = [one.get("value") for one in same]
            if kind == "checkbox":
                yield field.get("name"), values
            elif kind == "radio":
                yield field.get("name"), values[0]
            else:
                yield field.get("name"), self.answer()


def ask_many(app_context: AppContext) -> list[str]:
    """Ask a parent more for each link; gives the token that was mailed to each."""
    import_register(app_context, read_register(REGISTER.encode()))
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    return [post.token(name) for name in NAMES]


def assert_untouched(
    app_context: AppContext, before: Mapping[str, list[tuple[object, ...]]]
) -> None:
    """Nothing is signed, declined, disputed or told, and no mail is to go out."""
    answer_link_asks(app_context)
    after = snapshot(app_context)
    for table in ("declaration", "note", "outbox", "link", "leaf", "link_ask"):
        assert after[table] == before[table], table
    with app_context.sessions.reading() as session:
        statuses = set(session.scalars(select(Request.status)))
    assert statuses == {Status.PENDING}


def test_a_program_that_presses_everything_answers_nothing(
    app: Flask, app_context: AppContext
) -> None:
    """Many links: nothing is signed, declined or disputed, and nobody gets a mail."""
    tokens = ask_many(app_context)
    before = snapshot(app_context)
    pressed: set[str] = set()
    for turn, (token, (how, main_first)) in enumerate(zip(tokens, WAYS, strict=False)):
        sandbox = Sandbox(Browser(app), ANSWERS[how], turn, main_first=main_first)
        sandbox.explore(sandbox.visitor.open(f"/s/{token}"))
        pressed |= sandbox.pressed
    # It came as far as there is anything to press.
    assert pressed >= SENDING
    assert_untouched(app_context, before)


def test_in_a_shared_mailbox_each_link_signs_for_its_parent_alone(
    app: Flask, app_context: AppContext
) -> None:
    """The other parent's name is refused on it, and each own name signs one request."""
    both = (
        "parent_name,parent_email,relationship,child_name,year_group\n"
        "Amira Khan,khan@example.org,mother,Leila Khan,Year 5\n"
        "Rashid Khan,khan@example.org,father,Leila Khan,Year 5\n"
    )
    import_register(app_context, read_register(both.encode()))
    ask_parents(app_context)
    post = Post(app_context)
    post.send()
    people = {
        "Amira Khan": ("Mother", "Rashid Khan"),
        "Rashid Khan": ("Father", "Amira Khan"),
    }
    for signed, (name, (role, other)) in enumerate(people.items(), 1):
        visitor = Browser(app)
        assert "<khan@example.org>" in str(post.to(name)[-1]["To"])
        page = visitor.open(f"/s/{post.token(name)}")
        form = visitor.press(visitor.press(page, page.buttons[0]), NEXT)
        given = {**GIVEN, "capacity": role}
        page = visitor.press(form, CHECK, **{**given, "typed_name": other})
        assert page.heading == "Is this your name?"
        page = visitor.press(page, CHECK, typed_name=name)
        assert visitor.press(page, SIGN).path.endswith("/signed")
        with app_context.sessions.reading() as session:
            count = session.scalar(select(func.count()).select_from(Declaration))
        assert count == signed
