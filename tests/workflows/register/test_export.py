"""A parent's own copy of all that is kept of them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest
import rfc8785

from signer.errors import ParentUnknown
from signer.ledger.commitments import commit
from signer.register.rows import read_register
from signer.store.columns import NoteKind
from signer.workflows.register.export import export_parent
from signer.workflows.register.import_register import import_register
from signer.workflows.requests.contact_office import tell_office
from signer.workflows.retention.hold import hold_data
from tests.conftest import PEOPLE
from tests.workflows.conftest import Post, sign, snapshot

if TYPE_CHECKING:
    from signer.workflows.context import AppContext
    from signer.workflows.requests.follow_link import Followed


def exported(app_context: AppContext, email: str, name: str = "") -> dict[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(export_parent(app_context, email, name=name)))
    return {one: archive.read(one) for one in archive.namelist()}


def test_a_copy_holds_all_that_is_kept(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """Person, children, request, mails, statement, and the very PDF."""
    signed = sign(app_context, amira)
    before = snapshot(app_context)
    files = exported(app_context, " Amira@Example.org ")
    assert snapshot(app_context) == before
    data = json.loads(files["data.json"])
    assert (data["name"], data["email"]) == ("Amira Khan", "amira@example.org")
    assert data["in_the_register"] == [{"from": "2026-11-22T14:10:13Z", "until": None}]
    assert sorted(child["name"] for child in data["children"]) == [
        "Leila Khan",
        "Yusuf Khan",
    ]
    [request] = data["requests"]
    assert (request["version"], request["status"]) == (2, "signed")
    assert [mail["kind"] for mail in request["mails"]] == ["ask", "receipt"]
    declaration = request["declaration"]
    assert declaration["statement"]["typed_name"] == "Amira Khan"
    pdf = files[f"declarations/{signed.declaration_id}.pdf"]
    assert declaration["pdf_sha256"] == hashlib.sha256(pdf).hexdigest()
    assert "Links that were mailed to you are not here" in files["README.txt"].decode()


def test_a_copy_has_a_page_to_read_with_the_log_s_entries(
    app_context: AppContext, amira: Followed, asked: Post
) -> None:
    """It says in words what the JSON holds; each entry can be checked with its salt."""
    assert amira.request_ref
    assert amira.link_fingerprint
    tell_office(
        app_context,
        amira.request_ref,
        NoteKind.QUESTION,
        link_fingerprint=amira.link_fingerprint,
        words="Why <b>this</b>?",
    )
    signed = sign(app_context, amira)
    hold_data(app_context, "amira@example.org", reason="A complaint of May")
    files = exported(app_context, "amira@example.org")
    page = files["index.html"].decode()
    for words in (
        "Amira Khan",
        "Yusuf Khan",
        "22 November 2026, 14:10 GMT",
        "Why &lt;b&gt;this&lt;/b&gt;?",
        f'href="declarations/{signed.declaration_id}.pdf"',
        "A complaint of May",
        "your declaration was sealed",
    ):
        assert words in page, words
    entries = json.loads(files["data.json"])["log_entries"]
    assert [one["record"]["event"] for one in entries] == [
        "declaration:signed",
        "declaration:sealed",
    ]
    for one in entries:
        record = rfc8785.dumps(one["record"])
        commitment = commit(bytes.fromhex(one["salt"]), record)
        assert commitment.hex() == one["commitment"]


def test_a_copy_holds_nothing_of_anybody_else(
    app_context: AppContext, asked: Post
) -> None:
    """Two who share an address and a child each get their own."""
    files = exported(app_context, "family@example.org", "Tom O'Brien")
    everything = b"".join(files.values()).decode()
    assert "Maeve" in everything
    assert "Niamh" not in everything
    assert "amira" not in everything.lower()


def test_a_copy_holds_no_link(app_context: AppContext, asked: Post) -> None:
    """Neither a token nor the fingerprint of one."""
    rows = snapshot(app_context)["link"]
    everything = b"".join(exported(app_context, "amira@example.org").values()).decode()
    assert asked.token("Amira Khan") not in everything
    assert not any(str(row[2]) in everything for row in rows)


def test_a_copy_holds_the_name_and_address_of_before(app_context: AppContext) -> None:
    """With the days, on the page and in the data."""
    corrected = PEOPLE.replace("Amira Khan,amira", "Mrs Amira Khan,bell")
    import_register(app_context, read_register(corrected.encode()))
    files = exported(app_context, "bell@example.org")
    [before] = json.loads(files["data.json"])["before"]
    assert (before["name"], before["email"]) == ("Amira Khan", "amira@example.org")
    assert b"amira@example.org" in files["index.html"]


def test_nobody_gets_a_copy_of_nothing(app_context: AppContext) -> None:
    """An address that never was in the register is told as such."""
    with pytest.raises(ParentUnknown):
        exported(app_context, "nobody@example.org")
