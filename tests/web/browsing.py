"""A browser without scripts: it opens pages, fills in forms and presses buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin, urlsplit

from lxml import html as lxml_html
from lxml.html import FormElement

if TYPE_CHECKING:
    from http.client import HTTPMessage

    from flask import Flask
    from flask.testing import FlaskClient
    from lxml.html import HtmlElement
    from werkzeug.datastructures import Headers
    from werkzeug.test import TestResponse

ADDRESS = "http://127.0.0.1:8000"

NEXT = "Continue to the declaration"
CHECK = "Check your answers"
SIGN = "Sign the code of conduct"
GO_ON = "Continue"
SURE = "yes"

GIVEN = {
    "capacity": "Mother",
    "confirmed": ["0", "1", "2"],
    "typed_name": "Amira Khan",
}
"""The answers of a parent who agrees, for the form."""


class Answered(Protocol):
    """What comes back for a request, as werkzeug's test client has it."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Headers | HTTPMessage:
        """Its head."""
        ...

    @property
    def data(self) -> bytes:
        """Its body."""
        ...

    @property
    def text(self) -> str:
        """Its body as text."""
        ...


class Sender(Protocol):
    """What carries requests, and keeps cookies."""

    def get(self, path: str, /, **options: Any) -> Answered:
        """Open a path."""
        ...

    def post(self, path: str, /, *, data: Any, **options: Any) -> Answered:
        """Send a form."""
        ...


class Page:
    """An answer, as a person sees it.

    Attributes:
        path: the path of the address at which the browser ended.
        tree: the parsed HTML.
    """

    def __init__(self, path: str, answer: Answered) -> None:
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
        fields: list[HtmlElement] = self.tree.xpath(f"//*[@name='{name}']")
        for field in fields:
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


def document_of(answer: TestResponse) -> dict[str, Any]:
    """The JSON of an answer."""
    document = answer.json
    assert isinstance(document, dict)
    return document


class AnyBrowser:
    """One person's browser, whatever carries its requests.

    Args:
        client: what does.
        address: the address of the service.
    """

    def __init__(self, client: Sender, address: str) -> None:
        self.client: Sender = client
        self.address = address

    def open(self, path: str, **options: object) -> Page:
        """Open an address and follow where it leads."""
        return self._follow(path, self.client.get(path, **self._with(options)))

    def post(self, path: str, data: object, **options: object) -> Page:
        """Send fields as a form, whatever the page before was."""
        answer = self.client.post(path, data=data, **self._with(options))
        return self._follow(path, answer)

    def press(self, page: Page, words: str, /, **answers: object) -> Page:
        """Press the button with these words, after filling in the form around it.

        Args:
            page: where the button is.
            words: what stands on it.
            answers: what to type or choose, by the field's name; a list for several,
                None to leave a field out.
        """
        button = next(one for one in page.tree.iter("button") if words_of(one) == words)
        name = button.get("form")
        form = (
            page.tree.get_element_by_id(name)
            if name
            else next(button.iterancestors("form"))
        )
        assert isinstance(form, FormElement)
        fields: dict[str, object] = {}
        for field, value in form.form_values():
            kept = fields.setdefault(field, [])
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

    def tell(self, form: Page, words: str, /, **answers: object) -> Page:
        """Tell the office: fill in a form, and be sure of it on the page after it.

        Args:
            form: where the words are written.
            words: what stands on the last button.
            answers: what to type into the form.
        """
        page = self.press(form, GO_ON, **answers)
        return self.press(page, words, sure=SURE) if words in page.buttons else page

    def _follow(self, path: str, answer: Answered) -> Page:
        while answer.status_code in {301, 302, 303}:
            path = urljoin(path, answer.headers["Location"])
            answer = self.client.get(path, **self._with({}))
        return Page(urlsplit(path).path, answer)

    def _with(self, options: dict[str, object]) -> dict[str, object]:
        return {"base_url": self.address, "buffered": True, **options}


class Browser(AnyBrowser):
    """One person's browser, with cookies of its own, before an app in this process."""

    client: FlaskClient

    def __init__(self, app: Flask, address: str = ADDRESS) -> None:
        super().__init__(app.test_client(), address)

    def cookie(self, name: str = "signer") -> str:
        """The session cookie's value."""
        host = urlsplit(self.address).hostname
        assert host is not None
        found = self.client.get_cookie(name, domain=host)
        assert found is not None
        return found.value


Go = Callable[[str], Page]
"""Goes somewhere as a person of this name; gives the page there."""
