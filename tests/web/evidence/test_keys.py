"""Certificates, revocation list and log key, for anybody who checks."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
)

from signer import clock
from signer.pki.certificates import fingerprint, read_certificates
from signer.pki.rotation import AuthorityKey, publish_list, rotate
from signer.web import create_app
from tests.conftest import PASSPHRASE, run
from tests.web.browsing import Browser
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.pki.make_keys import KeyFiles
    from signer.workflows.context import AppContext

DAY = timedelta(days=1)
FILES = ("ca.pem", "ca.crl", "seal.pem")


@pytest.fixture
def settings(settings: Settings, key_files: KeyFiles, tmp_path: Path) -> Settings:
    """A school with a copy of the keys where the demo has them, to spoil."""
    shutil.copytree(key_files.seal_key.parent, tmp_path / "keys", dirs_exist_ok=True)
    return replace(settings, seal_file=None, trust_file=None)


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.seal_path.parent


def fetched(visitor: Browser, name: str) -> bytes:
    answer = visitor.client.get(f"/keys/{name}", base_url=visitor.address)
    assert answer.status_code == 200, name
    data: bytes = answer.data
    return data


def rotated(folder: Path) -> x509.Certificate:
    """Another seal in place of the first; gives the first one's certificate."""
    authority = AuthorityKey.load(folder / "ca.key.p12", PASSPHRASE, at=clock.now())
    done = rotate(
        folder / "seal.p12",
        authority,
        school="My Online Schooling",
        passphrase=PASSPHRASE,
        at=clock.now(),
    )
    return done.before


def test_each_file_is_what_its_name_says(visitor: Browser, key_files: KeyFiles) -> None:
    """In the form and under the type that programs expect."""
    assert x509.load_pem_x509_certificates(fetched(visitor, "ca.pem")) == [
        key_files.authority
    ]
    assert x509.load_pem_x509_certificates(fetched(visitor, "seal.pem")) == [
        key_files.seal
    ]
    listed = x509.load_der_x509_crl(fetched(visitor, "ca.crl"))
    authority = key_files.authority.public_key()
    assert isinstance(authority, RSAPublicKey)
    assert listed.is_signature_valid(authority)
    types = [visitor.open(f"/keys/{name}").headers["Content-Type"] for name in FILES]
    assert types == [
        "application/pem-certificate-chain",
        "application/pkix-crl",
        "application/pem-certificate-chain",
    ]


@pytest.mark.tool("openssl")
def test_openssl_takes_the_files_as_they_are(visitor: Browser, tmp_path: Path) -> None:
    """The seal leads to the authority, and the list does not name it."""
    for name in FILES:
        (tmp_path / name).write_bytes(fetched(visitor, name))
    run("openssl", "crl", "-inform", "DER", "-in", "ca.crl", "-out", "l", cwd=tmp_path)
    told = run(
        *("openssl", "verify", "-CAfile", "ca.pem", "-CRLfile", "l", "-crl_check"),
        *("-attime", str(int(clock.now().timestamp())), "seal.pem"),
        cwd=tmp_path,
    )
    assert "seal.pem: OK" in told


def test_the_page_shows_each_fingerprint_in_groups(
    visitor: Browser, key_files: KeyFiles
) -> None:
    """Groups of four pairs; together they are what openssl prints."""
    page = visitor.open("/keys/")
    assert (page.status, page.heading) == (200, "Keys and certificates")
    shown = page.tree.xpath("//*[@class='fingerprint']")
    assert [one.text_content() for one in shown][:2] == [
        fingerprint(key_files.authority),
        fingerprint(key_files.seal),
    ]
    for one in shown:
        assert [len(group.text_content()) for group in one] == [12] * 7 + [11]
    assert "22 November 2026" in page.text
    assert "none so far" in page.text


def test_every_file_is_linked_from_the_page(visitor: Browser) -> None:
    """And the links lead to it."""
    links = visitor.open("/keys/").links
    for name in FILES:
        assert links[name] == f"/keys/{name}"
        assert visitor.open(links[name]).status == 200


def test_without_a_slash_the_page_is_found_too(visitor: Browser) -> None:
    """As people type it."""
    answer = visitor.client.get("/keys", base_url=visitor.address)
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith("/keys/")


def test_a_renewed_list_shows_at_once(visitor: Browser, folder: Path) -> None:
    """Without a restart, and with another mark."""
    before = visitor.open("/keys/ca.crl").headers
    assert before["Cache-Control"] == "public, no-cache"
    authority = AuthorityKey.load(folder / "ca.key.p12", PASSPHRASE, at=clock.now())
    seal = read_certificates(_written(visitor, folder))[0]
    made = publish_list(folder / "ca.crl", authority, at=clock.now(), revoke=[seal])
    assert fetched(visitor, "ca.crl") == made.public_bytes(Encoding.DER)
    assert visitor.open("/keys/ca.crl").headers["ETag"] != before["ETag"]
    page = visitor.open("/keys/")
    assert "Revoked1" in page.text.replace(" ", "")


def _written(visitor: Browser, folder: Path) -> Path:
    path = folder / "seal.pem"
    path.write_bytes(fetched(visitor, "seal.pem"))
    return path


@pytest.mark.parametrize("name", FILES)
def test_what_has_not_changed_is_not_sent_again(visitor: Browser, name: str) -> None:
    """A program names what it has."""
    mark = visitor.open(f"/keys/{name}").headers["ETag"]
    answer = visitor.client.get(
        f"/keys/{name}", base_url=visitor.address, headers={"If-None-Match": mark}
    )
    assert (answer.status_code, answer.data) == (304, b"")


def test_of_several_lists_the_one_about_the_seal_is_given(
    visitor: Browser, folder: Path, key_files: KeyFiles
) -> None:
    """A bought certificate comes with the lists of everyone above it."""
    from signer.pki.certificates import authority_certificate, new_key
    from signer.pki.revocation import revocation_list

    key = new_key()
    above = authority_certificate(key, school="Above", at=clock.now())
    other = revocation_list(authority=above, authority_key=key, at=clock.now() + DAY)
    path = folder / "ca.crl"
    own = x509.load_der_x509_crl(path.read_bytes())
    path.write_bytes(other.public_bytes(Encoding.PEM) + own.public_bytes(Encoding.PEM))
    found = x509.load_der_x509_crl(fetched(visitor, "ca.crl"))
    assert found.issuer == key_files.authority.subject


def test_a_former_seal_stays_published(
    settings: Settings, app_context: AppContext, folder: Path, key_files: KeyFiles
) -> None:
    """After the restart that a new seal needs, the page shows both."""
    before = rotated(folder)
    visitor = Browser(create_app(settings, app_context))
    page = visitor.open("/keys/")
    (address,) = [one for one in page.links.values() if "/former/" in one]
    found = x509.load_pem_x509_certificates(
        fetched(visitor, address.removeprefix("/keys/"))
    )
    assert found == [before] == [key_files.seal]
    shown = [one.text_content() for one in page.tree.find_class("fingerprint")]
    assert len(set(shown)) == len(shown) >= 3
    assert fingerprint(before) in shown


def test_until_the_restart_the_seal_in_use_is_the_one_shown(
    visitor: Browser, app_context: AppContext, folder: Path, key_files: KeyFiles
) -> None:
    """It seals still, so it is not called a former one."""
    app_context.seal_key()
    rotated(folder)
    page = visitor.open("/keys/")
    assert not [one for one in page.links.values() if "/former/" in one]
    assert x509.load_pem_x509_certificates(fetched(visitor, "seal.pem")) == [
        key_files.seal
    ]


@pytest.mark.parametrize("name", ["ca.pem", "ca.crl"])
@pytest.mark.parametrize("spoiled", ["gone", "letter"])
def test_a_file_that_is_missing_has_a_plain_page(
    visitor: Browser, folder: Path, name: str, spoiled: str
) -> None:
    """And the page of all the files says so and still opens."""
    (folder / name).unlink()
    if spoiled == "letter":
        (folder / name).write_text("Dear parents,")
    page = visitor.open(f"/keys/{name}")
    assert (page.status, page.heading) == (404, "This file is not here")
    assert page.links["See which files there are"] == "/keys/"
    assert "not here at the moment" in visitor.open("/keys/").text


def test_a_private_key_beside_the_certificate_is_not_published(
    visitor: Browser, folder: Path
) -> None:
    """Only what was understood as a certificate is written out again."""
    path = folder / "ca.pem"
    key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    path.write_text("A note of ours\n" + path.read_text() + key)
    given = fetched(visitor, "ca.pem")
    assert b"PRIVATE" not in given
    assert b"note" not in given
    assert given.count(b"BEGIN CERTIFICATE") == 1


@pytest.mark.parametrize(
    "path",
    [
        *("seal.p12", "log.p12", "ca.key.p12", "ca.key", "former", "former/"),
        *("former/../seal.p12", "former/..%2fseal.p12", "../keys/seal.p12"),
        *("former/%2e%2e/seal.p12", "former/../../secret", "former/ca.pem"),
        *("%2e%2e/%2e%2e/signer.sqlite3", "former/*.pem", "former/.pem"),
        *("former/seal.pem%00", "ca.pem/", "ca.pem%00.p12", "CA.PEM"),
        *("former/log.vkey", "//keys/seal.p12", "..\\keys\\seal.p12"),
    ],
)
def test_no_address_gives_a_private_key(
    settings: Settings, app_context: AppContext, folder: Path, path: str
) -> None:
    """Whatever is tried: what is not on the page is not there."""
    rotated(folder)
    (folder / "former" / "wild.p12").write_bytes(b"a private key")
    visitor = Browser(create_app(settings, app_context))
    answer = visitor.client.get(f"/keys/{path}", base_url=visitor.address)
    assert answer.status_code in {301, 308, 404}
    secrets = [one.read_bytes() for one in folder.rglob("*.p12")]
    assert len(secrets) >= 4
    for secret in secrets:
        assert secret not in answer.data
        assert secret[:16] not in answer.data


def test_everything_that_is_published_is_public(
    settings: Settings, app_context: AppContext, folder: Path
) -> None:
    """Every address that there is gives no byte of a private key's file."""
    rotated(folder)
    app = create_app(settings, app_context)
    visitor = Browser(app)
    links = {
        one for one in visitor.open("/keys/").links.values() if one.startswith("/keys/")
    }
    assert len(links) >= 4
    for path in (*links, "/keys/"):
        answer = visitor.client.get(path, base_url=visitor.address)
        assert answer.status_code == 200, path
        for file in folder.rglob("*.p12"):
            assert file.read_bytes()[:16] not in answer.data
        assert b"PRIVATE" not in answer.data


def test_anybody_may_keep_it(app: Flask, app_context: AppContext) -> None:
    """The page is public, changes nothing, sets no cookie, and holds no names."""
    before = snapshot(app_context)
    page = Browser(app).open("/keys/")
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "Set-Cookie" not in page.headers
    assert page.headers["ETag"]
    assert snapshot(app_context) == before
    for personal in ("Khan", "O'Brien", "example.org"):
        assert personal not in page.answer.text


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_can_be_sent_here(visitor: Browser, method: str) -> None:
    """These addresses are for reading."""
    ask = getattr(visitor.client, method)
    for path in ("", "ca.pem", "former/x.pem"):
        assert ask(f"/keys/{path}", base_url=visitor.address).status_code in {400, 405}


def test_before_the_log_is_signed_there_is_no_key_of_it(visitor: Browser) -> None:
    """The page says so, and the files are not there yet."""
    assert "has not been signed yet" in visitor.open("/keys/").text
    assert visitor.open("/keys/log.vkey").status == 404
    assert visitor.open("/keys/log.pem").status == 404
