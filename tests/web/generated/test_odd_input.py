"""Input that once was a fault of ours, or led somewhere it should not."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.browsing import Browser, Page


@pytest.mark.parametrize("named", ["http://[", "http://]", "http://[::1", "http://a:b"])
@pytest.mark.parametrize("header", ["Origin", "Referer"])
def test_an_address_that_is_none_is_another_sites(
    visitor: Browser, header: str, named: str
) -> None:
    """The form comes back as one that is not proven to be ours."""
    token = visitor.open("/link").value("csrf_token")
    fields = {"csrf_token": token, "email": "amira@example.org"}
    page = visitor.post("/link", fields, headers={header: named})
    assert (page.status, page.value("email")) == (400, "amira@example.org")


def test_a_file_in_place_of_words_is_no_words(visitor: Browser) -> None:
    """The field is empty, as it is for whoever sees the page."""
    token = visitor.open("/link").value("csrf_token")
    file = (BytesIO(b"amira@example.org"), "a.txt")
    page = visitor.post("/link", {"csrf_token": token, "email": file})
    assert (page.status, page.problems) == (422, ["Enter your email address."])


def test_a_file_in_place_of_an_answer_is_no_answer(
    visitor: Browser, declare: Callable[[str], Page]
) -> None:
    """The same for each field of the declaration."""
    page = declare("Amira Khan")
    sent: dict[str, object] = {
        name: (BytesIO(b"x"), "a.txt") for name in ("typed_name", "capacity")
    }
    page = visitor.post(
        page.path.replace("declare", "check"),
        {name: page.value(name) for name in ("csrf_token", "text", "record")}
        | {"confirmed": ["0", "1", "2"]}
        | sent,
    )
    assert page.status == 422
    assert len(page.problems) == 2


@pytest.mark.parametrize("value", [5, ["a"], {"a": 1}, None])
def test_a_form_is_not_read_from_json(visitor: Browser, value: object) -> None:
    """Even with a good token in the head of the request."""
    token = visitor.open("/link").value("csrf_token")
    answer = visitor.client.post(
        "/link",
        json={"email": value},
        headers={"X-CSRFToken": token or ""},
        base_url=visitor.address,
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/sign/%00/question", "/sign/a%00/read", "/s/%00"])
def test_no_address_of_ours_holds_a_nul(
    visitor: Browser, declare: Callable[[str], Page], path: str
) -> None:
    """PostgreSQL cannot even look for one; there is no such page on any database."""
    declare("Amira Khan")
    assert visitor.open(path).status == 404
    assert visitor.post(path, {}).status == 404
