"""Which transport a setting names."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signer.errors import SettingsError
from signer.mail.transport import FolderTransport, SmtpTransport, transport_for


def test_a_folder_is_named_by_its_path() -> None:
    """``folder:PATH`` keeps mail there, spaces and all."""
    transport = transport_for("folder:/srv/school mail")
    assert isinstance(transport, FolderTransport)
    assert transport.folder == Path("/srv/school mail")


@pytest.mark.parametrize(
    ("url", "transport"),
    [
        ("smtp://mail.example", SmtpTransport(host="mail.example", port=25)),
        ("smtp://[::1]:2525/", SmtpTransport(host="::1", port=2525)),
        (
            "smtp://school%40x.example:p%40ss%3A%2F%20@mail.example",
            SmtpTransport(
                host="mail.example",
                port=587,
                user="school@x.example",
                password="p@ss:/ ",
            ),
        ),
        (
            "smtp://mail.example:26?tls=require",
            SmtpTransport(host="mail.example", port=26, tls="require"),
        ),
        (
            "SMTPS://u:p@mail.example",
            SmtpTransport(
                host="mail.example", port=465, user="u", password="p", tls="always"
            ),
        ),
    ],
)
def test_a_server_is_named_by_its_address(url: str, transport: SmtpTransport) -> None:
    """Host, port, login and encryption come from the address."""
    assert transport_for(url) == transport


@pytest.mark.parametrize(
    "url",
    [
        "",
        "folder:",
        "mail.example",
        "http://u:secret@mail.example",
        "smtp://",
        "smtp://u:secret@",
        "smtp://u:sec/ret@mail.example",
        "smtp://u:secret@mail.example:port",
        "smtp://u:secret@mail.example:99999",
        "smtp://u:secret@mail.example/path",
        "smtp://u:secret@mail.example?tls=maybe",
        "smtp://u:secret@mail.example?tls=require&x=1",
        "smtp://u:secret@mail.example#part",
        "smtps://u:secret@mail.example?tls=require",
        "smtp://secret@mail.example",
        "smtp://:secret@mail.example",
        "smtp://u:secr%C3%A9t@mail.example",
        "smtp://[::1",
    ],
)
def test_an_address_that_cannot_be_used_names_the_setting(url: str) -> None:
    """The error names SIGNER_MAIL_URL and repeats nothing of a password."""
    with pytest.raises(SettingsError) as refused:
        transport_for(url)
    assert refused.value.key == "SIGNER_MAIL_URL"
    assert "secr" not in str(refused.value)


@given(st.text(max_size=30))
def test_no_setting_crashes(text: str) -> None:
    """Anything else is a transport or a settings error."""
    for url in (text, f"smtp://{text}", f"smtp://{text}@mail.example"):
        with suppress(SettingsError):
            transport_for(url)


def test_a_transport_shown_hides_its_login() -> None:
    """What a log might print of it holds neither user nor password."""
    shown = repr(transport_for("smtp://someuser:hunter2@mail.example"))
    assert "someuser" not in shown
    assert "hunter2" not in shown
    assert "mail.example" in shown
