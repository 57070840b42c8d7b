"""A parent's browser without scripts, over real HTTP."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from tests.web.browsing import CHECK, GIVEN, NEXT, SIGN, AnyBrowser, Page, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from http.client import HTTPMessage

TIMEOUT = 60.0
DOWNLOAD = "Download your declaration (PDF)"
SIGNED = "You have signed"
"""How the heading of the last page begins."""


class Unanswered(Exception):
    """The connection broke, or nobody was there: what came of it is not known."""


class Refused(AssertionError):
    """The service answered with a page that is none of the journey's.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, page: Page) -> None:
        super().__init__(f"{page.status} {page.heading}: {page.text[:300]}")
        self.status = page.status


@dataclass(frozen=True)
class Answer:
    """What came back, in the form that `Page` reads."""

    status_code: int
    headers: HTTPMessage
    data: bytes

    @property
    def text(self) -> str:
        """What came, as text."""
        return self.data.decode()


class Client:
    """Sends requests, and keeps cookies, as Flask's test client does for `Browser`.

    Attributes:
        waited: how long each POST took until its answer was there, in seconds, by the
            last part of its path.

    Args:
        base_url: the public address, which the Host header names.
        ports: where the service listens on this machine; one of them is taken.
    """

    def __init__(self, base_url: str, ports: Sequence[int]) -> None:
        self._host = urlsplit(base_url).netloc
        self._ports = ports
        self._cookies: dict[str, str] = {}
        self._connection: HTTPConnection | None = None
        self.waited: dict[str, float] = {}

    def get(
        self,
        path: str,
        /,
        *,
        query_string: Mapping[str, object] | None = None,
        **_options: object,
    ) -> Answer:
        """Open a path."""
        if query_string:
            path += "?" + urlencode(query_string, doseq=True)
        return self._send("GET", path)

    def post(
        self, path: str, /, *, data: Mapping[str, object], **_options: object
    ) -> Answer:
        """Send a form."""
        body = urlencode(data, doseq=True)
        began = time.monotonic()
        answer = self._send("POST", path, body)
        self.waited[path.rpartition("/")[2]] = time.monotonic() - began
        return answer

    def _send(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Host": self._host}
        if self._cookies:
            pairs = self._cookies.items()
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in pairs)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        reused = self._connection is not None
        try:
            return self._exchange(method, path, body, headers)
        except (OSError, HTTPException) as error:
            self.close()
            if reused and method == "GET":
                # The server may close what is idle; a browser tries again by itself.
                return self._send(method, path, body)
            raise Unanswered(f"{type(error).__name__}: {error}") from error

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> Answer:
        if self._connection is None:
            port = random.choice(self._ports)
            self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self._connection.request(method, path, body, headers)
        # An answer that breaks off in the middle leaves its socket open otherwise.
        with self._connection.getresponse() as response:
            data = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        if response.will_close or response.headers.get("Connection") == "close":
            self.close()
        return Answer(response.status, response.headers, data)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(frozen=True)
class Signature:
    """What a parent has seen after signing.

    Attributes:
        reference: the declaration's.
        pdf: the sealed PDF; None where the page says that it is still being made.
    """

    reference: str
    pdf: bytes | None


class Visitor(AnyBrowser):
    """One parent's browser.

    Attributes:
        confirmed: whether the last button was ever pressed.
    """

    client: Client

    def __init__(self, base_url: str, ports: Sequence[int]) -> None:
        super().__init__(Client(base_url, ports), base_url)
        self.confirmed = False

    def enter(self, link: str) -> Page:
        """Follow a link, and press the button of its page."""
        page = _well(self.open(urlsplit(link).path))
        (button, *_) = [
            words_of(one)
            for one in page.tree.iter("button")
            if "button" in one.get("class", "")
        ]
        return self.press(page, button)

    def press(self, page: Page, words: str, /, **answers: object) -> Page:
        """Press a button; a page without it is none of the journey's.

        Something was released, or the parent left, since the page before.
        """
        if words not in page.buttons:
            raise Refused(page)
        return super().press(page, words, **answers)

    def fill_in(self, page: Page, name: str) -> Page:
        """From the text to the page on which all is checked."""
        page = _well(self.press(page, NEXT))
        given = {**GIVEN, "typed_name": name, "capacity": "Parent"}
        return _well(self.press(page, CHECK, **given))

    def confirm(self, page: Page) -> Page:
        """Press the button that signs."""
        self.confirmed = True
        return self.press(page, SIGN)

    def sign(self, link: str, name: str) -> Signature:
        """The whole journey; a request that is signed already ends where it should.

        Raises:
            Unanswered: a connection broke on the way.
            Refused: the service answered with a page that is none of the journey's.
        """
        page = _well(self.enter(link))
        if not page.heading.startswith(SIGNED):
            page = self.confirm(self.fill_in(page, name))
        return self.signature(page)

    def signature(self, page: Page) -> Signature:
        """What the last page says, and the PDF that it offers."""
        if not _well(page).heading.startswith(SIGNED):
            raise Refused(page)
        (reference,) = page.tree.find_class("reference")
        # Declarations of earlier versions are offered further down the page.
        path = page.links.get(DOWNLOAD)
        pdf = None
        if path:
            answer = self.client.get(path)
            if answer.status_code != 200:
                raise Refused(Page(path, answer))
            pdf = answer.data
        return Signature(words_of(reference), pdf)

    def close(self) -> None:
        """Close the browser."""
        self.client.close()


def _well(page: Page) -> Page:
    """The same page, where it is one of the journey."""
    if page.status != 200:
        raise Refused(page)
    return page
