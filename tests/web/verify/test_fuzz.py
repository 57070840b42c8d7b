"""Whatever is sent to the page that checks, it answers in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signer.ledger.proof_files import HEADER
from tests.web.browsing import ADDRESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient

FORM = "multipart/form-data; boundary=edge"
ANSWERS = {200, 400, 413, 422}

fields = st.sampled_from(["pdf", "proof", "words", "", "pdf\0", "ä", "x" * 3000])
names = st.one_of(
    st.none(), st.text(max_size=300), st.sampled_from(["../../a.pdf", ""])
)
contents = st.one_of(
    st.binary(max_size=2000),
    st.binary(max_size=2000).map(lambda more: b"%PDF-1.7\n" + more),
    st.text(max_size=500).map(lambda more: f"{HEADER}\nindex 1\n\n{more}".encode()),
    st.integers(0, 300_000).map(bytes),
)


@st.composite
def parts(draw: st.DrawFn) -> bytes:
    """One part of a form, as some program might write it."""
    field, name = draw(fields), draw(names)
    told = f'Content-Disposition: form-data; name="{field}"'
    told += f'; filename="{name}"\r\n' if name else "\r\n"
    head = draw(
        st.sampled_from(
            [
                told,
                f"{told}Content-Type: text/plain; charset=x\r\n",
                f"{told}Content-Length: -5\r\n",
                "Content-Disposition: attachment\r\n",
                "",
            ]
        )
    )
    return b"--edge\r\n" + head.encode("utf-8", "replace") + b"\r\n" + draw(contents)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A form that is whole, cut off, or has something thrown in."""
    body = b"\r\n".join([*draw(st.lists(parts(), max_size=5)), b"--edge--\r\n"])
    cut = draw(st.integers(0, len(body)))
    flaw = draw(st.sampled_from(["none", "cut", "thrown in"]))
    if flaw == "cut":
        return body[:cut]
    thrown = draw(st.binary(max_size=50)) if flaw == "thrown in" else b""
    return body[:cut] + thrown + body[cut:]


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A client whose service closes what it opened."""
    yield app.test_client()
    app.extensions["verification_pool"].close()


quietly = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(body=bodies())
@quietly
def test_any_form_gets_an_answer(body: bytes, client: FlaskClient) -> None:
    """Parts, names and sizes of any kind: a page, never a fault of ours."""
    answer = client.post("/verify", data=body, content_type=FORM, base_url=ADDRESS)
    assert answer.status_code in ANSWERS
    assert "<h1>" in answer.text
    assert "This declaration is genuine" not in answer.text


@given(
    body=st.binary(max_size=500),
    kind=st.one_of(
        st.sampled_from(
            [
                "multipart/form-data",
                "multipart/form-data; boundary=",
                "multipart/form-data; boundary=\xe4",
                f"multipart/form-data; boundary={'x' * 500}",
                "application/x-www-form-urlencoded",
                "application/json",
                "",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
    ),
)
@quietly
def test_any_kind_of_body_gets_an_answer(
    body: bytes, kind: str, client: FlaskClient
) -> None:
    """Whatever it says it is."""
    answer = client.post("/verify", data=body, content_type=kind, base_url=ADDRESS)
    assert answer.status_code in ANSWERS
    assert "<h1>" in answer.text


@given(length=st.sampled_from(["-1", "0", "5", "99999999999999999999", "x", ""]))
@quietly
def test_a_wrong_length_gets_an_answer(length: str, client: FlaskClient) -> None:
    """Longer, shorter, none, no number."""
    answer = client.post(
        "/verify",
        data=b"--edge\r\n\r\n\r\n--edge--\r\n",
        content_type=FORM,
        environ_overrides={"CONTENT_LENGTH": length},
        base_url=ADDRESS,
    )
    assert answer.status_code in ANSWERS
