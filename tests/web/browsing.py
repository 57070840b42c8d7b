"""A browser without scripts: it opens pages, fills in forms and presses buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import html as lxml_html

if TYPE_CHECKING:
    from flask import Flask
    from lxml.html import HtmlElement
    from werkzeug.test import TestResponse

ADDRESS = "http://127.0.0.1:8000"

NEXT = "Continue to the declaration"
CHECK = "Check your answers"
SIGN = "Sign the code of conduct"

GIVEN = {
    "capacity": "Mother",
    "confirmed": ["0", "1", "2"],
    "typed_name": "Amira Khan",
}
"""The answers of a parent who agrees, for the form."""


class Page:
    """An answer, as a person sees it.

    Attributes:
        path: the path of the address at which the browser ended.
        tree: the parsed HTML.
    """

    def __init__(self, path: str, answer: TestResponse) -> None:
        self.path = path
        self.answer = answer
        self.status = answer.status_code
        self.headers = answer.headers
        text = answer.data.decode(errors="replace")
        self.tree: HtmlElement = lxml_html.document_fromstring(text or "<p></p>")

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return words_of(self.tree.find(".//title"))

    @property
    def heading(self) -> str:
        """The page's one first heading."""
        return words_of(self.tree.find(".//h1"))

    @property
    def text(self) -> str:
        """The words of the page's main part, single-spaced."""
        return words_of(self.tree.find(".//main"))

    @property
    def buttons(self) -> list[str]:
        """What stands on each button."""
        return [words_of(one) for one in self.tree.iterfind(".//button")]

    @property
    def links(self) -> dict[str, str]:
        """Where each link leads, by its words."""
        return {words_of(one): one.get("href", "") for one in self.tree.iter("a")}

    @property
    def problems(self) -> list[str]:
        """What the summary of problems says, after checking where it points."""
        found = self.tree.xpath("//*[contains(@class, 'summary')]//li/a")
        for link in found:
            assert self.tree.xpath("//*[@id=$id]", id=link.get("href")[1:])
        return [words_of(link) for link in found]

    def value(self, name: str) -> str | None:
        """The value of a field, the chosen one of several."""
        for field in self.tree.xpath(f"//*[@name='{name}']"):
            if field.tag == "textarea":
                return str(field.text or "").removeprefix("\n")
            if field.get("type") not in {"radio", "checkbox"}:
                return field.get("value")
            if field.get("checked") is not None:
                return field.get("value")
        return None


def words_of(element: HtmlElement | None) -> str:
    """The text of an element, single-spaced; nothing of none."""
    return "" if element is None else " ".join(element.text_content().split())


class Browser:
    """One person's browser, with cookies of its own."""

    def __init__(self, app: Flask, address: str = ADDRESS) -> None:
        self.client = app.test_client()
        self.address = address

    def open(self, path: str, **options: object) -> Page:
        """Open an address and follow where it leads."""
        return self._follow(path, self.client.get(path, **self._with(options)))

    def post(self, path: str, data: object, **options: object) -> Page:
        """Send fields as a form, whatever the page before was."""
        options = {"data": data, **self._with(options)}
        return self._follow(path, self.client.post(path, **options))

    def press(self, page: Page, words: str, /, **answers: object) -> Page:
        """Press the button with these words, after filling in the form around it.

        Args:
            page: where the button is.
            words: what stands on it.
            answers: what to type or choose, by the field's name; a list for several,
                None to leave a field out.
        """
        button = next(one for one in page.tree.iter("button") if words_of(one) == words)
        form = (
            page.tree.get_element_by_id(button.get("form"))
            if button.get("form")
            else next(button.iterancestors("form"))
        )
        fields: dict[str, object] = {}
        for name, value in form.form_values():
            kept = fields.setdefault(name, [])
            assert isinstance(kept, list)
            kept.append(value)
        fields = {**fields, **answers}
        fields = {name: value for name, value in fields.items() if value is not None}
        target = button.get("formaction") or form.get("action") or page.path
        path = urlsplit(urljoin(page.path, target)).path
        if form.get("method") == "get":
            answer = self.client.get(path, query_string=fields, **self._with({}))
            return self._follow(path, answer)
        return self.post(path, fields)

    def cookie(self, name: str = "signer") -> str:
        """The session cookie's value."""
        found = self.client.get_cookie(name, domain=urlsplit(self.address).hostname)
        assert found is not None
        return found.value

    def _follow(self, path: str, answer: TestResponse) -> Page:
        while answer.status_code in {301, 302, 303}:
            path = urljoin(path, answer.headers["Location"])
            answer = self.client.get(path, **self._with({}))
        return Page(urlsplit(path).path, answer)

    def _with(self, options: dict[str, object]) -> dict[str, object]:
        return {"base_url": self.address, "buffered": True, **options}


Go = Callable[[str], Page]
"""Goes somewhere as a person of this name; gives the page there."""
